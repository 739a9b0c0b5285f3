/** Rests outlast a restart: they are kept in a file beside the accounts. */
import { join } from 'node:path';
import { createStateFile, type StateFile } from '../accounts/state-file.ts';
import { asArray, asNumber, asObject, asString, type Json, parseJson } from '../protocols/json.ts';
import { type RuleKind, ruleKinds } from './cooldown-table.ts';
import type { CooldownRecord } from './known-states.ts';

/** The file's name in `auth-dir`. */
export const cooldownFileName = '.cooldowns.json';

export type CooldownFile = StateFile<CooldownRecord[]>;

export interface CooldownFileOptions {
  directory: string;
  /** What to write. */
  rests: () => readonly CooldownRecord[];
  /** A sentence about a file that cannot be read or written. */
  onProblem: (sentence: string) => void;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number;
}

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

/** While nobody rests there is no file. */
export function createCooldownFile({ directory, rests, ...options }: CooldownFileOptions): CooldownFile {
  return createStateFile({
    ...options,
    path: join(directory, cooldownFileName),
    subject: 'The cooldowns',
    parse: parseCooldowns,
    text() {
      const records = rests();
      return records.length === 0 ? undefined : cooldownText(records);
    },
  });
}

/** The file's content: times are dates, so that people can read it. */
export function cooldownText(records: readonly CooldownRecord[]): string {
  const rests = records.map(({ credential, rest }) => ({
    credential,
    ...rest,
    since: new Date(rest.since).toISOString(),
    until: new Date(rest.until).toISOString(),
    promised: rest.promised === undefined ? undefined : dateText(rest.promised),
  }));
  return `${JSON.stringify({ version, rests }, undefined, 2)}\n`;
}

// Providers may promise any time; dates end in the year 275760.
function dateText(time: number): string {
  return new Date(Math.min(time, 8.64e15)).toISOString();
}

/** Reads the file's content; cooldowns that are not whole are left out. Undefined for anything but this format. */
export function parseCooldowns(text: string): CooldownRecord[] | undefined {
  const value = asObject(parseJson(text));
  if (value?.version !== version) return undefined;
  return asArray(value.rests).flatMap((item) => {
    const fields = asObject(item) ?? {};
    const credential = asString(fields.credential);
    const kind = restKind(fields.kind);
    const since = time(fields.since);
    const until = time(fields.until);
    if (credential === undefined || kind === undefined || since === undefined || until === undefined)
      return [];
    const rest = {
      kind,
      model: asString(fields.model),
      failures: Math.max(1, asNumber(fields.failures) ?? 1),
      since,
      until,
      promised: time(fields.promised),
      reason: asString(fields.reason) ?? '',
    };
    return [{ credential, rest }];
  });
}

function restKind(value: Json | undefined): RuleKind | undefined {
  return ruleKinds.find((kind) => kind === value);
}

function time(value: Json | undefined): number | undefined {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
