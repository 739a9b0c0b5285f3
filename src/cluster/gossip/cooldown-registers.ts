/**
 * The cooldowns of a cluster as a value that replicas merge, in whatever order messages come and however often. Each replica
 * writes a register of its own for a cooldown: what it last found, be it that the cooldown holds, or that it is over. What is
 * over ends everything of an earlier version; of what is left, the one that lasts longest holds. Pure.
 */
import type { Cooldown } from '../../credentials/cooldown.ts';
import type { Version } from './version.ts';

export interface Register {
  readonly version: Version;
  /** In the server's time; undefined: it is over. */
  readonly cooldown: Cooldown | undefined;
}

/** Of one cooldown, by replica. */
export type Registers = ReadonlyMap<string, Register>;

const none: Registers = new Map();

/** With one register more; the same object when it has no news. */
export function withRegister(
  registers: Registers | undefined,
  replica: string,
  register: Register,
): Registers {
  const before = registers?.get(replica);
  if (registers !== undefined && before !== undefined && before.version >= register.version) return registers;
  const next = new Map(registers ?? none);
  next.set(replica, register);
  return next;
}

/** The cooldown that holds. */
export function cooldownIn(registers: Registers | undefined): Cooldown | undefined {
  if (registers === undefined) return undefined;
  const over = overSince(registers);
  let longest: Register | undefined;
  for (const register of registers.values()) {
    if (register.cooldown === undefined || register.version <= over) continue;
    if (longest === undefined || lasts(register, longest)) longest = register;
  }
  return longest?.cooldown;
}

/** Whether one lasts longer than another; the later of those that last as long. */
function lasts(one: Register, other: Register): boolean {
  const [ends, otherEnds] = [endOf(one.cooldown), endOf(other.cooldown)];
  return ends > otherEnds || (ends === otherEnds && one.version > other.version);
}

function endOf(cooldown: Cooldown | undefined): number {
  return cooldown === undefined ? 0 : cooldown.until;
}

function overSince(registers: Registers): Version {
  let over = '';
  for (const { version, cooldown } of registers.values())
    if (cooldown === undefined && version > over) over = version;
  return over;
}

/** Replicas whose registers are obsolete: they are over since, or ended long before `past`. */
export function settledIn(registers: Registers, past: { cooldown: number; over: Version }): string[] {
  const over = overSince(registers);
  return [...registers].flatMap(([replica, { version, cooldown }]) => {
    if (cooldown === undefined) return version < past.over ? [replica] : [];
    return version < over || Math.max(cooldown.until, cooldown.promised ?? 0) < past.cooldown
      ? [replica]
      : [];
  });
}
