/** The meters of shared limits on the server: the protocol of counters/meter.ts as a script, by the server's clock. */
import {
  aheadShare,
  edgeShare,
  leaseTime,
  type MeterMessage,
  type MeterReply,
  windowSeconds,
} from '../counters/meter.ts';
import { type Reply, scriptOf, type Valkey } from './connection.ts';

/**
 * A meter is a hash: `b<second>` units of a window, `u` units of a total, `h<replica>` "held:until:seq", `c<replica>` counted use.
 * Numbers are written out in full: Lua's own text of one has 14 digits.
 */
const script = scriptOf(`
local key = KEYS[1]
local kind, replica, seed = ARGV[1], ARGV[2], ARGV[11]
local most, seq, own, counted = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local held, least, wanted, ahead = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local keep = tonumber(ARGV[12])
local time = redis.call('TIME')
local second = tonumber(time[1])
local now = second * 1000 + math.floor(tonumber(time[2]) / 1000)
local function text(number) return string.format('%.0f', number) end

local all = redis.call('HGETALL', key)
local seconds, gone, total, others, replicas, known = {}, {}, 0, 0, 1, nil
for at = 1, #all, 2 do
  local field, value = all[at], all[at + 1]
  local sort, name = string.sub(field, 1, 1), string.sub(field, 2)
  if sort == 'b' then
    local of = tonumber(name)
    if of < second - ${windowSeconds} then gone[#gone + 1] = field else seconds[of] = tonumber(value) end
  elseif sort == 'u' then
    total = tonumber(value)
  elseif sort == 'c' then
    if name == replica then known = tonumber(value) end
  elseif sort == 'h' then
    local has, till, last = string.match(value, '^(%d+):(%d+):(%d+)$')
    if name == replica then
      if tonumber(last) >= seq then return {2} end
    elseif tonumber(till) <= now then
      gone[#gone + 1] = field
    else
      others = others + tonumber(has)
      replicas = replicas + 1
    end
  end
end
if known == nil and counted > 0 and seed == '' and kind ~= 'slots' then return {1} end
if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end

local function add(of, units)
  if units <= 0 then return end
  seconds[of] = (seconds[of] or 0) + units
  redis.call('HSET', key, 'b' .. text(of), text(seconds[of]))
end
if seed ~= '' and kind == 'total' then
  total = math.max(total, tonumber(seed))
elseif seed ~= '' and known == nil then
  for age, units in string.gmatch(seed, '(%d+),(%d+)') do add(second - tonumber(age), tonumber(units)) end
end
local fresh = math.max(0, own - (known or counted))
if kind == 'window' then add(second, fresh) end
if kind == 'total' then
  total = total + fresh
  redis.call('HSET', key, 'u', text(total))
end

local used = 0
if kind == 'total' then used = total end
if kind == 'window' then for _, units in pairs(seconds) do used = used + units end end
local rest = math.max(0, most - used - others - held)
local granted = 0
if rest >= least then
  local plenty = rest - wanted
  local more = 0
  if plenty >= most * ${edgeShare} then more = math.min(ahead, math.floor(plenty * ${aheadShare} / replicas)) end
  granted = math.min(rest, wanted) + math.max(0, more)
end
redis.call('HSET', key, 'h' .. replica, text(held + granted) .. ':' .. text(now + ${leaseTime}) .. ':' .. text(seq),
  'c' .. replica, text(math.max(own, known or 0)))
redis.call('PEXPIRE', key, keep)

local free = -1
local lacking = least - rest
if lacking <= 0 then
  free = 0
elseif kind == 'window' then
  local order = {}
  for of in pairs(seconds) do order[#order + 1] = of end
  table.sort(order)
  local freed = 0
  for _, of in ipairs(order) do
    freed = freed + seconds[of]
    if freed >= lacking then
      free = (of + ${windowSeconds + 1}) * 1000 - now
      break
    end
  end
end
return {0, text(granted), text(used), text(others + held + granted), text(free), replicas}
`);

/** Where the meters of a cluster are. */
export interface Meters {
  /** `keep`: ms that the meter is kept without a message. Rejects like a command. */
  say(name: string, message: MeterMessage, keep: number): Promise<MeterReply>;
}

export function valkeyMeters(valkey: Valkey): Meters {
  return {
    async say(name, message, keep) {
      const { kind, replica, most, seq, used, counted, held, least, wanted, ahead, seed } = message;
      const numbers = [most, seq, used, counted, held, least, wanted, ahead];
      const words = [kind, replica, ...numbers, seedText(seed, kind), Math.ceil(keep)];
      return replyOf(await valkey.run(script, [valkey.key(name)], words));
    },
  };
}

function seedText(seed: readonly number[] | undefined, kind: string): string {
  if (seed === undefined) return '';
  if (kind === 'total') return String(seed[0] ?? 0);
  const pairs: string[] = [];
  for (let at = 0; at + 1 < seed.length; at += 2) pairs.push(`${seed[at]},${seed[at + 1]}`);
  // A replica without recent use reports that too.
  return pairs.join(' ') || '0,0';
}

function replyOf(reply: Reply): MeterReply {
  const [state, granted = 0, used = 0, held = 0, freeIn = -1, replicas = 1] = Array.isArray(reply)
    ? reply.map(Number)
    : [];
  if (state === 1) return { kind: 'unknown' };
  if (state !== 0) return { kind: 'late' };
  return { kind: 'counted', granted, used, held, freeIn: freeIn < 0 ? undefined : freeIn, replicas };
}
