/** The list of replicas: each sends a heartbeat once a second, and one without for a while is gone. */

import type { Clock } from '../../ground/clock.ts';
import { parseJson } from '../../protocols/json.ts';
import { asNumber, asObject, asString } from '../../protocols/json-members.ts';
import { type Members, placeIn } from '../members.ts';
import type { Replica } from '../ports.ts';
import { scriptOf, type Valkey } from './connection.ts';

export interface ValkeyMembers extends Members {
  /** Everything that was kept is gone: the server was emptied, or another one has taken its place. */
  onLoss(handler: () => void): void;
  /** Called when other replicas are there than before. */
  onChange(handler: (members: readonly Replica[]) => void): void;
}

export interface MembersOptions {
  valkey: Valkey;
  replica: Replica;
  clock: Clock;
}

/** Ms between two keep-alives, and without one after which a replica is gone. */
const beatEvery = 1000;
const gone = 15_000;

/** A mark that stays as long as the server's memory does, then the ids and facts of those that are there. */
const beat = scriptOf(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local members, facts, mark = KEYS[1], KEYS[2], KEYS[3]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', members, '-inf', now - ${gone})) do
  redis.call('ZREM', members, id)
  redis.call('HDEL', facts, id)
end
redis.call('ZADD', members, now, ARGV[1])
redis.call('HSET', facts, ARGV[1], ARGV[2])
redis.call('SET', mark, ARGV[3], 'NX')
return {redis.call('GET', mark), redis.call('HGETALL', facts)}
`);

export function valkeyMembers({ valkey, replica, clock }: MembersOptions): ValkeyMembers {
  const facts = JSON.stringify(replica);
  const keys = ['members', 'member-facts', 'mark'].map((name) => valkey.key(name));
  const lost: (() => void)[] = [];
  const changed: ((members: readonly Replica[]) => void)[] = [];
  let members: readonly Replica[] = [replica];
  let mark: string | undefined;
  let left = false;

  async function sign(): Promise<void> {
    if (left) return;
    try {
      const reply = await valkey.run(beat, keys, [
        replica.id,
        facts,
        `${replica.id}:${valkey.offset.shared(clock.now())}`,
      ]);
      const [found, all] = Array.isArray(reply) ? reply : [];
      const texts = Array.isArray(all) ? all.filter((_, at) => at % 2 === 1) : [];
      const known = texts.flatMap((text) => readReplica(String(text)));
      const ids = new Set(members.map(({ id }) => id));
      members = known.some(({ id }) => id === replica.id) ? known : [replica, ...known];
      if (members.length !== ids.size || members.some(({ id }) => !ids.has(id)))
        for (const handler of changed) handler(members);
      const before = mark;
      mark = String(found);
      if (before !== undefined && before !== mark) for (const handler of lost) handler();
    } catch {
      // Who was there last is taken to be there still.
    }
  }
  void sign();
  const end = clock.every(beatEvery, () => void sign());
  valkey.engine.onState(({ kind }) => {
    if (kind === 'up') void sign();
  });

  return {
    list: () => members,
    place: () => placeIn(members, replica),
    onLoss: (handler) => void lost.push(handler),
    onChange: (handler) => void changed.push(handler),
    async leave() {
      left = true;
      end();
      const [members = '', facts = ''] = keys;
      await Promise.allSettled([
        valkey.send('ZREM', members, replica.id),
        valkey.send('HDEL', facts, replica.id),
      ]);
    },
  };
}

function readReplica(text: string): Replica[] {
  const fields = asObject(parseJson(text));
  const [id, name, version, timezone] = ['id', 'name', 'version', 'timezone'].map((field) =>
    asString(fields?.[field]),
  );
  if (id === undefined) return [];
  const startedAt = asNumber(fields?.startedAt) ?? 0;
  return [{ id, name: name ?? id, version: version ?? '', startedAt, ...(timezone && { timezone }) }];
}
