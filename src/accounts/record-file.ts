/** State files that hold a list of records: `{"version": 1, "quotas": [...]}`. */
import { join } from 'node:path';
import { type JsonObject, parseJson } from '../protocols/json.ts';
import { asArray, asObject } from '../protocols/json-members.ts';
import { createStateFile, type StateFile, type StateFileOptions } from './state-file.ts';

export interface RecordForm<Kept> {
  /** The file's name in the `auth-dir`. */
  name: string;
  /** What is kept, for sentences: `The cooldowns`. */
  subject: string;
  /** The member of the file that has the list. */
  member: string;
  /** Records that are read at most; all without. */
  most?: number;
  /** Reads one; undefined for what is not whole, which is left out. */
  read(fields: JsonObject): Kept | undefined;
  /** What is written of one. */
  written(kept: Kept): object;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number;
}

export interface RecordFileOptions<Kept> extends Pick<StateFileOptions<Kept>, 'onProblem' | 'delay'> {
  directory: string;
  /** What to write. */
  records: () => readonly Kept[];
}

export type RecordFile<Kept> = StateFile<Kept[]>;

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

/** While there is no record there is no file. */
export function recordFile<Kept>({ name, subject, member, most, read, written, delay }: RecordForm<Kept>) {
  function parse(text: string): Kept[] | undefined {
    const value = asObject(parseJson(text));
    if (value?.version !== version) return undefined;
    return asArray(value[member])
      .slice(0, most)
      .flatMap((item) => read(asObject(item) ?? {}) ?? []);
  }
  return ({ directory, records, ...options }: RecordFileOptions<Kept>): RecordFile<Kept> =>
    createStateFile({
      delay,
      ...options,
      path: join(directory, name),
      subject,
      parse,
      text() {
        const lines = records().map((kept) => JSON.stringify(written(kept)));
        if (lines.length === 0) return undefined;
        return `{"version":${version},"${member}":[\n${lines.join(',\n')}\n]}\n`;
      },
    });
}
