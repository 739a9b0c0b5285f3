/**
 * Cooldowns that one replica finds out are known to all: beside the pool, which stays what it is. What changes in the pool is
 * reported, and the reports of others are merged into it; the registers (cooldown-registers.ts) decide which holds.
 */

import { type Cooldown, wantsTrial } from '../../credentials/cooldown.ts';
import { ruleKinds } from '../../credentials/cooldown-table.ts';
import type { CooldownName } from '../../credentials/known-states.ts';
import type { Pool } from '../../credentials/pool.ts';
import type { Clock } from '../../ground/clock.ts';
import {
  cooldownKey,
  readField,
  readRegister,
  registerField,
  registerText,
  type SharedCooldown,
} from './cooldown-field.ts';
import { cooldownIn, type Registers, settledIn, withRegister } from './cooldown-registers.ts';
import { type Claim, type ClockOffset, type SharedRecords, upkeepOf } from './shared-records.ts';
import type { VersionClock } from './version.ts';

export interface CooldownGossip {
  /** Puts what is known into the pool, and from then on reports what changes in it. Resolves when what is kept has been read. */
  follow(pool: Pick<Pool, 'cooldownOf' | 'adopt'>): Promise<void>;
  /** A cooldown of the pool has begun, changed or ended. */
  changed(credential: string, name: CooldownName): void;
  close(): void;
}

export interface CooldownGossipOptions {
  /** This replica's. */
  replica: string;
  records: SharedRecords;
  versions: VersionClock;
  offset: ClockOffset;
  /** Takes the right to find out whether a promised cooldown still holds. */
  claim: Claim;
  clock: Clock;
}

/** Ms that changes are collected: a failure of an account makes a cooldown for each of its siblings. */
const collecting = 5;
/** Ms between two looks at what is kept, for messages that were lost. */
const lookEvery = 30_000;
/** Ms that a cooldown is remembered after its end, for the failures in a row, and its end for messages that come late. */
const cooldownMemory = 30 * 60_000;
const overMemory = 24 * 3600_000;
/** Cooldowns that are known at most. */
const mostKnown = 50_000;
/** Ms before a promised cooldown needs a trial, at which the right to it is taken; and for which it is had. */
const claimAhead = 40;
const claimTime = 10_000;

const cooldownTable = 'cooldowns';

export function createCooldownGossip(options: CooldownGossipOptions): CooldownGossip {
  const { replica, records, versions, offset, claim, clock } = options;
  const known = new Map<string, { of: SharedCooldown; registers: Registers }>();
  /** What was last put into the pool or read from it, so that an own change is distinguished from one of others. */
  const inPool = new Map<string, Cooldown>();
  const dirty = new Map<string, SharedCooldown>();
  const claims = new Map<string, () => void>();
  let pool: Pick<Pool, 'cooldownOf' | 'adopt'> | undefined;
  let callOff: (() => void) | undefined;

  const shifted = (cooldown: Cooldown, shift: (time: number) => number): Cooldown => ({
    ...cooldown,
    since: shift(cooldown.since),
    until: shift(cooldown.until),
    promised: cooldown.promised && shift(cooldown.promised),
  });

  /** Reports what has changed in the pool. */
  function flush(): void {
    callOff = undefined;
    if (pool === undefined) return;
    const written = new Map<string, string>();
    for (const [key, of] of dirty) {
      const cooldown = pool.cooldownOf(of.credential, of.name);
      if (sameCooldown(cooldown, inPool.get(key))) continue;
      note(key, cooldown);
      const shared = cooldown && shifted(cooldown, offset.shared);
      const before = known.get(key)?.registers;
      if (shared === undefined && cooldownIn(before) === undefined) continue;
      const register = { version: versions.next(offset.shared(clock.now())), cooldown: shared };
      known.set(key, { of, registers: withRegister(before, replica, register) });
      written.set(registerField(of, replica), registerText(register));
      watch(key, of, cooldown);
    }
    dirty.clear();
    if (written.size > 0) records.write(cooldownTable, written);
  }

  function note(key: string, cooldown: Cooldown | undefined): void {
    if (cooldown === undefined) inPool.delete(key);
    else inPool.set(key, cooldown);
  }

  function put(key: string, { credential, name }: SharedCooldown, cooldown: Cooldown | undefined): void {
    note(key, cooldown);
    pool?.adopt(credential, name, cooldown, clock.now());
    watch(key, { credential, name }, cooldown);
  }

  /** Takes in what others report; what follows from it is put into the pool. */
  function take(fields: ReadonlyMap<string, string>): void {
    const changed = new Map<string, SharedCooldown>();
    for (const [field, text] of fields) {
      const read = readField(field);
      const register = read && readRegister(text, read.name);
      if (read === undefined || register === undefined) continue;
      const key = cooldownKey(read);
      const before = known.get(key)?.registers;
      if (before === undefined && known.size >= mostKnown) continue;
      versions.saw(register.version);
      const registers = withRegister(before, read.replica, register);
      if (registers === before) continue;
      const of = { credential: read.credential, name: read.name };
      known.set(key, { of, registers });
      changed.set(key, of);
    }
    for (const [key, of] of changed) {
      const shared = cooldownIn(known.get(key)?.registers);
      const cooldown = shared && shifted(shared, offset.local);
      const before = inPool.get(key);
      if (sameCooldown(cooldown, before) || (cooldown === undefined && before === undefined)) continue;
      if (cooldown !== undefined && before === undefined && isPast(cooldown)) continue;
      put(key, of, cooldown);
    }
  }

  const isPast = ({ until, promised = 0 }: Cooldown): boolean => Math.max(until, promised) <= clock.now();

  /** One replica finds out whether a promise still holds: those that do not get the right to wait for it. */
  function watch(key: string, of: SharedCooldown, cooldown: Cooldown | undefined): void {
    claims.get(key)?.();
    claims.delete(key);
    if (cooldown?.promised === undefined || !wantsTrial(cooldown, cooldown.until)) return;
    const wait = Math.max(0, cooldown.until - claimAhead - clock.now());
    claims.set(
      key,
      clock.after(Math.min(wait, 2 ** 30), () => void seekTrial(key, of, cooldown)),
    );
  }

  async function seekTrial(key: string, of: SharedCooldown, cooldown: Cooldown): Promise<void> {
    claims.delete(key);
    if (inPool.get(key) !== cooldown) return;
    if (clock.now() < cooldown.until - 2 * claimAhead) return watch(key, of, cooldown);
    const won = await claim(`probe:${key}`, claimTime);
    // Meanwhile it may have ended, or the winner may have begun.
    if (won || inPool.get(key) !== cooldown) return;
    put(key, of, { ...cooldown, until: clock.now() + claimTime });
  }

  /** Merges the stored state, removes what is no longer needed, and writes what it lacks or has older. */
  function amends(kept: ReadonlyMap<string, string>) {
    take(kept);
    const at = offset.shared(clock.now());
    const gone: string[] = [];
    const missing = new Map<string, string>();
    for (const [key, { of, registers }] of known) {
      const settled = settledIn(registers, {
        cooldown: at - cooldownMemory,
        over: beforeVersion(at - overMemory),
      });
      const left = new Map(registers);
      for (const one of settled) {
        left.delete(one);
        const field = registerField(of, one);
        if (kept.has(field)) gone.push(field);
      }
      if (left.size === 0) {
        known.delete(key);
        inPool.delete(key);
      } else if (settled.length > 0) known.set(key, { of, registers: left });
      const own = left.get(replica);
      const field = registerField(of, replica);
      const text = own && registerText(own);
      if (text !== undefined && kept.get(field) !== text) missing.set(field, text);
    }
    return { gone, missing };
  }

  records.onWrite(cooldownTable, take);
  const upkeep = upkeepOf({ records, table: cooldownTable, clock, every: lookEvery, amends });

  return {
    async follow(followed) {
      pool = followed;
      for (const [key, { of, registers }] of known) {
        const shared = cooldownIn(registers);
        if (shared !== undefined) put(key, of, shifted(shared, offset.local));
      }
      await upkeep.look();
    },
    changed(credential, name) {
      // What a budget has spent is counted by all together already.
      if (!ruleKinds.some((kind) => kind === name.kind)) return;
      const of = { credential, name };
      dirty.set(cooldownKey(of), of);
      callOff ??= clock.after(collecting, flush);
    },
    close() {
      upkeep.end();
      callOff?.();
      flush();
      for (const end of claims.values()) end();
    },
  };
}

function sameCooldown(one: Cooldown | undefined, other: Cooldown | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.until === other.until && one.promised === other.promised && one.failures === other.failures;
}

/** What every version of this time or later is greater than. */
function beforeVersion(at: number): string {
  return Math.max(0, Math.floor(at)).toString(36).padStart(9, '0');
}
