/** Rests outlast a restart: they are kept in a file beside the accounts. */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { asArray, asNumber, asObject, asString, type Json, parseJson } from '../protocols/json.ts';
import { type RestKind, restKinds } from './cooldown-table.ts';
import type { RestRecord } from './pool.ts';

/** The file's name in `auth-dir`. */
export const cooldownFileName = '.cooldowns.json';

export interface CooldownFile {
  /** The rests of an earlier run; none where there is no file. A file that cannot be read is reported and left. */
  load(): Promise<RestRecord[]>;
  /** Rests have changed: they are written within the delay. */
  changed(): void;
  /** Writes what has changed, now. */
  close(): Promise<void>;
}

export interface CooldownFileOptions {
  directory: string;
  /** What to write. */
  rests: () => readonly RestRecord[];
  /** A sentence about a file that cannot be read or written. */
  onProblem: (sentence: string) => void;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number;
}

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

export function createCooldownFile({
  directory,
  rests,
  onProblem,
  delay = 1000,
}: CooldownFileOptions): CooldownFile {
  const path = join(directory, cooldownFileName);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let reported: string | undefined;

  async function write(): Promise<void> {
    const records = rests();
    try {
      if (records.length === 0) {
        await rm(path, { force: true });
        return;
      }
      await makePrivateDirectory(dirname(path));
      await writeAtomically(path, cooldownText(records));
      reported = undefined;
    } catch (error) {
      const sentence = `The cooldowns could not be written to ${path}: ${error instanceof Error ? error.message : String(error)}`;
      // A full disk stays full: once is enough.
      if (sentence !== reported) onProblem(sentence);
      reported = sentence;
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        onProblem(`The cooldowns in ${path} could not be read: ${String(error)}`);
        return [];
      }
      const records = parseCooldowns(text);
      if (records === undefined)
        onProblem(`The cooldowns in ${path} are not in a format that this version knows.`);
      return records ?? [];
    },
    changed() {
      timer ??= setTimeout(() => void flush(), delay);
    },
    async close() {
      await (timer === undefined ? writing : flush());
    },
  };
}

/** The file's content: times are dates, so that people can read it. */
export function cooldownText(records: readonly RestRecord[]): string {
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

/** Reads the file's content; rests that are not whole are left out. Undefined for anything but this format. */
export function parseCooldowns(text: string): RestRecord[] | undefined {
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

function restKind(value: Json | undefined): RestKind | undefined {
  return restKinds.find((kind) => kind === value);
}

function time(value: Json | undefined): number | undefined {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
