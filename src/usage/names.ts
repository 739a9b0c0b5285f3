/** The dictionary of the usage store: names are written once, and rows hold numbers. */
import type { Database } from 'bun:sqlite';
import { pragma } from '../ground/database-file.ts';

/** Kinds of names, by their number in the file. */
export const nameKinds = {
  key: 1,
  credential: 2,
  provider: 3,
  model: 4,
  /** What clients call models that are served, and whatever else they ask for. */
  asked: 5,
  unknown: 12,
  protocol: 6,
  operation: 7,
  tier: 8,
  error: 9,
  choice: 10,
  reason: 11,
} as const;
export type NameKind = keyof typeof nameKinds;

/** Different names of a kind that are kept; further ones are all {@link others}. Some come from clients. */
const mostNames = 5000;
/** Of what the owner has made, none of which may be taken for another. */
const mostOwnNames = 100_000;

function mostOf(kind: NameKind): number {
  return kind === 'key' || kind === 'credential' ? mostOwnNames : mostNames;
}

/** Characters of a name. */
const longestName = 300;
/** The replacement of names beyond the bound. */
const others = '(others)';

/** Numbers of names. */
export interface NameNumbers {
  /** The number of a name; null for none. */
  id(kind: NameKind, name: string | undefined): number | null;
  /** The number of an id, with the name that people know it by, the latest of which is kept. */
  named(kind: NameKind, id: string, name: string): number;
}

/** Writes down what is new: to be called inside of a transaction. */
export interface Names extends NameNumbers {
  /** Those that are in the file already, at any time: NaN for a name that has no number yet, or another label. */
  readonly written: NameNumbers;
  /** All that is remembered, by its number. */
  byNumber(): ReadonlyMap<number, KnownName>;
  /** Other names for what is written down; where the new one is taken, the old one stays. */
  rename(kind: NameKind, names: readonly { before: string; now: string }[]): void;
  /** Forgets what has been remembered: after a transaction that was rolled back, or in another file. */
  forget(): void;
}

export function nameWriter(database: Database): Names {
  /** By the number of their kind. */
  let known: (Map<string, { id: number; label: string | null }> | undefined)[] = [];
  const insert = database.query<{ id: number }, [number, string, string | null]>(
    `INSERT INTO names (kind, name, label) VALUES (?1, ?2, ?3)
     ON CONFLICT (kind, name) DO UPDATE SET label = coalesce(excluded.label, label) RETURNING id`,
  );
  const relabel = database.query<null, [string, number]>('UPDATE names SET label = ?1 WHERE id = ?2');
  const renamed = database.query<null, [string, number, string]>(
    'UPDATE OR IGNORE names SET name = ?1 WHERE kind = ?2 AND name = ?3',
  );
  const all = database.query<{ id: number; name: string; label: string | null }, [number, number]>(
    'SELECT id, name, label FROM names WHERE kind = ?1 LIMIT ?2',
  );

  function ofKind(kind: NameKind) {
    let names = known[nameKinds[kind]];
    if (names === undefined) {
      const rows = all.all(nameKinds[kind], mostOf(kind) + 1);
      names = new Map(rows.map(({ id, name, label }) => [name, { id, label }]));
      known[nameKinds[kind]] = names;
    }
    return names;
  }

  function idOf(kind: NameKind, name: string, label: string | null): number {
    const names = ofKind(kind);
    const found = names.get(name);
    if (found !== undefined) {
      if (label !== null && found.label !== label) {
        relabel.run(label, found.id);
        found.label = label;
        remembered(database)?.set(found.id, { kind: nameKinds[kind], name, label });
      }
      return found.id;
    }
    if (names.size >= mostOf(kind) && name !== others) return idOf(kind, others, null);
    const id = insert.get(nameKinds[kind], name, label)?.id ?? 0;
    names.set(name, { id, label });
    remembered(database)?.set(id, { kind: nameKinds[kind], name, label });
    return id;
  }

  function knownId(kind: NameKind, name: string, label: string | null): number {
    const found = known[nameKinds[kind]]?.get(name);
    return found !== undefined && (label === null || found.label === label) ? found.id : Number.NaN;
  }

  const written: NameNumbers = {
    id: (kind, name) => (name === undefined ? null : knownId(kind, cut(name), null)),
    named: (kind, id, name) => knownId(kind, cut(id), cut(name)),
  };

  return {
    written,
    byNumber() {
      const all = new Map<number, KnownName>();
      for (const [kind, names] of known.entries())
        for (const [name, { id, label }] of names ?? []) all.set(id, { kind, name, label });
      return all;
    },
    id: (kind, name) => (name === undefined ? null : idOf(kind, cut(name), null)),
    named: (kind, id, name) => idOf(kind, cut(id), cut(name)),
    rename(kind, names) {
      for (const { before, now } of names) renamed.run(now, nameKinds[kind], before);
      known[nameKinds[kind]] = undefined;
      read.delete(database);
    },
    forget() {
      known = [];
      read.delete(database);
    },
  };
}

function cut(name: string): string {
  return name.length > longestName ? name.slice(0, longestName) : name;
}

/** A name as the reader gives it. */
export interface KnownName {
  kind: number;
  name: string;
  label: string | null;
}

/** What was read of each file, and the file's state at that time; its own writer keeps it up to date. */
const read = new WeakMap<Database, { version: number; names: Map<number, KnownName> }>();

function remembered(database: Database): Map<number, KnownName> | undefined {
  return read.get(database)?.names;
}

/**
 * All names of a file by their number. They are few: each kind is bounded. They are read once, and again where another process
 * has written to the file.
 */
export function readNames(database: Database): ReadonlyMap<number, KnownName> {
  const version = pragma(database, 'data_version');
  const known = read.get(database);
  if (known?.version === version) return known.names;
  const rows = database
    .query<KnownName & { id: number }, []>('SELECT id, kind, name, label FROM names')
    .all();
  const names = new Map(rows.map(({ id, ...name }) => [id, name]));
  read.set(database, { version, names });
  return names;
}
