/**
 * The table of models: a row found by any name that a service gives the model, and for an unknown newer one the newest of
 * its family. Data: `table.jsonl`, written by `scripts/models.ts`.
 */
import { parseJson } from '../protocols/json.ts';
import { compareVersions, type NamedVersion, namedVersion, plainName, possibleNames } from './model-name.ts';
import { type ModelRow, readRow } from './model-row.ts';

export interface FoundModel {
  row: ModelRow;
  /**
   * `same`: the row is the model's. `newer`: the model is newer than all that are known of its family, and the row is that
   * of the newest. `between`: the row is that of the next older member of its family, or of its generation. `new-line`: nobody
   * knows the model's line yet, and the row is that of the newest of its maker.
   */
  match: 'same' | 'newer' | 'between' | 'new-line';
}

export interface ModelTable {
  rows(): readonly ModelRow[];
  /** Undefined for names that are of no known family or have no version. */
  find(name: string): FoundModel | undefined;
}

/** A row by what it is found by; the rest is read when it is found. */
export interface TableEntry {
  id: string;
  names: readonly string[];
  family: string;
  row(): ModelRow;
}

interface Member {
  entry: TableEntry;
  version: readonly [number, number];
}

/** Names come from clients, so the memory for them is bounded. */
const rememberedNames = 1024;

export function modelTable(entries: readonly TableEntry[]): ModelTable {
  const named = new Map<string, TableEntry>();
  for (const entry of entries) named.set(plainName(entry.id), entry);
  for (const entry of entries) {
    for (const name of entry.names) {
      const plain = plainName(name);
      if (!named.has(plain)) named.set(plain, entry);
    }
  }
  const known = new Map<string, FoundModel | undefined>();

  function look(name: string): FoundModel | undefined {
    const possible = possibleNames(name);
    for (const candidate of possible) {
      const entry = named.get(candidate);
      if (entry !== undefined) return { row: entry.row(), match: 'same' };
    }
    const newest = newestOf(possible);
    if (newest !== undefined) return newest;
    const parts = namedVersion(possible.at(-1) ?? name);
    return parts && relative(parts);
  }

  /** The newest of the family that a name without a version means: `claude-opus-latest`. */
  function newestOf(names: readonly string[]): FoundModel | undefined {
    const latest = names.find((name) => name.endsWith(latestMark));
    if (latest === undefined) return undefined;
    return nearest(membersOf(latest.slice(0, -latestMark.length)), anyVersion);
  }

  function membersOf(family: string): Member[] {
    return entries.filter((entry) => entry.family === family).flatMap(member);
  }

  /** The member of the family that an unknown model is most like. */
  function relative(asked: NamedVersion): FoundModel | undefined {
    for (const family of familiesOf(asked)) {
      const members = membersOf(family);
      if (members.length > 0) return nearest(members, asked.version);
    }
    // An unknown line (`claude-nova-1`) counts its versions in its own way.
    const root = `${asked.line.split('-')[0] ?? asked.line}-`;
    const kin = entries.filter(({ family }) => family.startsWith(root)).flatMap(member);
    const newest = nearest(kin, anyVersion);
    return newest && { ...newest, match: 'new-line' };
  }

  return {
    rows: () => entries.map((entry) => entry.row()),
    find(name) {
      if (known.has(name)) return known.get(name);
      const found = look(name);
      if (known.size >= rememberedNames) known.clear();
      known.set(name, found);
      return found;
    },
  };
}

/** The entry with its version, if it has one. */
function member(entry: TableEntry): Member[] {
  const version = namedVersion(possibleNames(entry.id).at(-1) ?? entry.id)?.version;
  return version === undefined ? [] : [{ entry, version }];
}

/** Entries of rows that have been read. */
export function entriesOf(rows: readonly ModelRow[]): TableEntry[] {
  return rows.map((row) => ({ id: row.id, names: row.names, family: row.family, row: () => row }));
}

/**
 * Entries of the lines that `scripts/models.ts` has written, whose rows are read when they are found: reading all of them
 * would take longer than the first answer may. Throws where a line is none of its.
 */
export function entriesOfLines(text: string): TableEntry[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const head = /^\{"id":"([^"]+)","names":\[([^\]]*)\],"family":"([^"]+)"/.exec(line);
      if (head === null) throw new Error(`not a line of the table of models: ${line.slice(0, 80)}`);
      const [, id = '', names = '', family = ''] = head;
      let read: ModelRow | undefined;
      return {
        id,
        names: names === '' ? [] : names.slice(1, -1).split('","'),
        family,
        row() {
          read ??= trusted(line);
          return read;
        },
      };
    });
}

function trusted(line: string): ModelRow {
  const row = readRow(parseJson(line) ?? null);
  if (typeof row === 'string') throw new Error(row);
  return row;
}

/** The names of families that a model may be of, the narrowest first: `gemini-flash-lite`, `gemini-flash`, `gemini`. */
function familiesOf({ line, variant }: NamedVersion): string[] {
  const words = variant === '' ? [] : variant.split('-');
  const found: string[] = [];
  for (let length = words.length; length >= 0; length -= 1)
    found.push([line, ...words.slice(0, length)].join('-'));
  return found;
}

const latestMark = '-latest';
/** Newer than all that there is. */
const anyVersion = [Number.POSITIVE_INFINITY, 0] as const;

function nearest(members: readonly Member[], version: readonly [number, number]): FoundModel | undefined {
  let best: Member | undefined;
  let newer = true;
  for (const member of members) {
    if (compareVersions(member.version, version) > 0) {
      newer = false;
      continue;
    }
    if (compareVersions(member.version, version) === 0) newer = false;
    const later = best === undefined ? 1 : compareVersions(member.version, best.version);
    // Of two that are as new the one that refuses more: what it takes, both take.
    if (later > 0 || (later === 0 && best !== undefined && refusals(member) > refusals(best))) best = member;
  }
  // Older than all that are known of it (`claude-mythos-5`), but of their generation.
  best ??= members.findLast((member) => member.version[0] === version[0]);
  return best && { row: best.entry.row(), match: newer ? 'newer' : 'between' };
}

function refusals({ entry }: Member): number {
  return Object.keys(entry.row().refused?.parameters ?? {}).length;
}

/** The family that a row belongs to unless its exceptions name another: its line and the whole of its variant. */
export function familyOf(id: string): string {
  const parts = namedVersion(possibleNames(id).at(-1) ?? id);
  if (parts === undefined) return plainName(id);
  return parts.variant === '' ? parts.line : `${parts.line}-${parts.variant}`;
}

/** Most lines that a table may have. */
const mostRows = 20_000;

/** The rows of a text of JSON lines; a sentence naming line and field when one of them is none. */
export function readTable(text: string): ModelRow[] | string {
  const lines = text.split('\n');
  if (lines.length > mostRows) return `it has more than ${mostRows} lines`;
  const rows: ModelRow[] = [];
  const seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const value = parseJson(line);
    if (value === undefined) return `line ${index + 1} is not JSON`;
    const row = readRow(value);
    if (typeof row === 'string') return `line ${index + 1}: ${row}`;
    if (seen.has(row.id)) return `line ${index + 1}: ${row.id} occurs twice`;
    seen.add(row.id);
    rows.push(row);
  }
  return rows;
}
