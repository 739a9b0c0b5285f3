/**
 * Brings the values of a YAML file into the form the schema reads: variables filled in, unset keys left out,
 * plain numbers taken as the text they are where a text belongs, keys that change nothing removed and reported.
 */
import { z } from 'zod';
import { keyLists, serviceNamed, services } from '../providers/registry.ts';
import { type Environment, expandEnvironment } from './environment.ts';
import { isGroup } from './group.ts';
import { inertMessage } from './inert-keys.ts';
import type { KeyNote } from './key-notes.ts';
import { explainUnknownKey, type InertNode, inertMember, inertTree } from './known-keys.ts';
import { type Move, originOf, patternOf } from './moved-keys.ts';
import {
  type ConfigProblem,
  type ConfigWarning,
  dottedPath,
  type PathSegment,
  shownKey,
  shownPath,
} from './problem.ts';
import { limitsNothing, protects } from './protecting-keys.ts';
import { factsOf, kindsOf, knownMember, memberSchema } from './schema-facts.ts';
import { suggestion } from './suggestion.ts';
import { spelledOtherwise } from './value-spellings.ts';
import type { YamlDocument } from './yaml-document.ts';

type Schema = z.core.$ZodType;
type Path = readonly PathSegment[];

export interface Normalized {
  value: unknown;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  /** What has become of each key, in the order of the file. */
  notes: KeyNote[];
  /** Values that came from the environment, by dotted path: the text in the file. */
  fromEnvironment: ReadonlyMap<string, string>;
}

/** Unknown keys that are reported: to find what each was meant to be takes time. */
const mostProblems = 100;

interface Walk {
  file: string;
  document: YamlDocument;
  environment: Environment;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  notes: KeyNote[];
  fromEnvironment: Map<string, string>;
  /** Patterns already reported. */
  reported: Set<string>;
  /** Patterns already noted. */
  noted: Set<string>;
  /** Grows by the entries that follow one that is left out. */
  moves: Move[];
}

export function normalize(
  schema: Schema,
  document: YamlDocument,
  environment: Environment,
  file: string,
  moves: Move[] = [],
): Normalized {
  const walk: Walk = {
    file,
    document,
    environment,
    problems: [],
    warnings: [],
    notes: [],
    fromEnvironment: new Map(),
    reported: new Set(),
    noted: new Set(),
    moves,
  };
  const value = normalizeValue(schema, document.value ?? {}, [], inertTree, walk);
  const { problems, warnings, notes, fromEnvironment } = walk;
  return { value, problems, warnings, notes, fromEnvironment };
}

function normalizeValue(
  schema: Schema,
  value: unknown,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): unknown {
  // What may be anything is the owner's own, as it is written.
  if (factsOf(schema).inner instanceof z.ZodUnknown) return value;
  if (Array.isArray(value)) {
    const item = memberSchema(schema, 0);
    return item && kindsOf(schema).has('list') ? normalizeList(item, value, path, inert, walk) : value;
  }
  if (isGroup(value))
    return kindsOf(schema).has('group') ? normalizeGroup(schema, value, path, inert, walk) : value;
  return normalizeScalar(schema, value, path, walk);
}

/** The entries that are used; the peer passes over those without what makes them one. */
function normalizeList(
  item: Schema,
  list: readonly unknown[],
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): unknown[] {
  const entries: unknown[] = [];
  const shifts: Move[] = [];
  list.forEach((member, index) => {
    const at = [...path, index];
    const before = walk.problems.length;
    const value = normalizeValue(item, member, at, inertMember(inert, index), walk);
    const lacks = walk.problems.length === before ? lackOf(item, value, path) : undefined;
    if (lacks !== undefined) {
      walk.warnings.push({
        file: walk.file,
        ...walk.document.position(at, 'value'),
        key: shownPath(at),
        message: `has no ${lacks}, so the entry is left out`,
        ...(lacks === 'base-url' && isGroup(value) ? hintOfService(value.name) : {}),
      });
      return;
    }
    if (entries.length !== index)
      shifts.push({ to: [...path, entries.length], from: originOf(at, walk.moves) });
    entries.push(value);
  });
  // Only now: places are those of the list as it was until its end.
  walk.moves.push(...shifts);
  return entries;
}

/** What an entry must have to be one, where it has not. */
const identities: Readonly<Record<string, string>> = {
  ...Object.fromEntries(keyLists.map(([name]) => [name, 'api-key'])),
  'openai-compatibility': 'base-url',
};

/** What an entry without an address may have been meant for. */
function hintOfService(name: unknown): { hint?: string } {
  if (typeof name !== 'string') return {};
  const known = serviceNamed(name);
  if (known !== undefined) return { hint: `${known.title} has another address for each customer: write it` };
  const meant = suggestion(name.toLowerCase(), Object.keys(services));
  return meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
}

function lackOf(item: Schema, value: unknown, list: Path): string | undefined {
  if (value === null || value === '') return kindsOf(item).has('text') ? 'text' : 'keys';
  const wanted = identities[patternOf(list)];
  return wanted !== undefined && isGroup(value) && value[wanted] === undefined ? wanted : undefined;
}

function normalizeGroup(
  schema: Schema,
  group: Record<string, unknown>,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, written] of Object.entries(group)) {
    const at = [...path, key];
    const member = knownMember(schema, key) ? memberSchema(schema, key) : undefined;
    const node = inertMember(inert, key);
    if (!member) {
      reportUnused(node, written, at, walk);
      continue;
    }
    const facts = factsOf(member);
    const value = normalizeValue(member, written, at, node, walk);
    if (!holdsGroups(written)) noteUsed(written, at, walk);
    const unset = value === null || (value === '' && !facts.emptyCounts);
    // The peer's language has no "unset": its files write null or an empty text for it.
    if (unset && limitsNothing(at)) {
      reportEmpty(at, walk);
      continue;
    }
    const needed = identities[patternOf(path.slice(0, -1))] === key;
    if (unset && (facts.mayBeAbsent || needed || factsOf(schema).inner instanceof z.ZodRecord)) continue;
    if (node?.row && JSON.stringify(value) !== JSON.stringify(facts.default)) report(node.row, at, walk);
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function reportEmpty(path: Path, walk: Walk): void {
  walk.problems.push({
    file: walk.file,
    ...walk.document.position(path, 'key'),
    key: shownPath(path),
    message: 'has no value, so it would limit nothing',
    hint: 'write one, or take the line out',
  });
}

/** Whether the keys below report what happened to a value. */
function holdsGroups(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isGroup) : isGroup(value) && Object.keys(value).length > 0;
}

function noteUsed(value: unknown, path: Path, walk: Walk): void {
  // Members of one list may come from several places.
  if (Array.isArray(value) && value.length > 0) {
    for (const index of value.keys()) noteUsed(undefined, [...path, index], walk);
    return;
  }
  const origin = originOf(path, walk.moves);
  const key = patternOf(origin).replace(/\[\]$/, '');
  const as = patternOf(path).replace(/\[\]$/, '');
  if (key === as) note({ state: 'taken', key }, path, walk);
  else note({ state: 'translated', key, as }, path, walk);
}

type NoteWords =
  | { state: 'taken'; key: string }
  | { state: 'translated'; key: string; as: string }
  | { state: 'ignored'; key: string; reason: string };

function note(words: NoteWords, path: Path, walk: Walk): void {
  const id = `${words.state} ${words.key}`;
  if (walk.noted.has(id)) return;
  walk.noted.add(id);
  walk.notes.push({
    file: walk.file,
    ...walk.document.position(path, 'key'),
    ...words,
    key: shownKey(words.key),
  });
}

/**
 * A key that the schema does not have: one that the peer knows, a mistyped one of ours, or another program's. Only the
 * second is a problem.
 */
function reportUnused(node: InertNode | undefined, value: unknown, path: Path, walk: Walk): void {
  if (node?.row) {
    report(node.row, path, walk);
    return;
  }
  if (node !== undefined && isGroup(value)) {
    for (const [key, member] of Object.entries(value))
      reportUnused(inertMember(node, key), member, [...path, key], walk);
    return;
  }
  if (walk.problems.length >= mostProblems) return;
  const { meant, expected, hint } = explainUnknownKey(path);
  const place = { file: walk.file, ...walk.document.position(path, 'key') };
  // Where anchors of YAML are kept; by the custom of other programs nothing reads them.
  const forAnchors = /^x-/.test(String(path.at(-1)));
  if (meant === 'mistyped' || (!forAnchors && protects(path))) {
    walk.problems.push({ ...place, key: shownPath(path), message: 'unknown key', expected, hint });
    return;
  }
  const key = shownKey(patternOf(originOf(path, walk.moves)));
  if (walk.reported.has(key)) return;
  walk.reported.add(key);
  const reason = forAnchors ? 'a place for anchors' : 'not a key of this gateway';
  note({ state: 'ignored', key, reason }, path, walk);
  if (forAnchors) return;
  walk.warnings.push({
    ...place,
    key,
    message: 'is no key of this gateway, so it changes nothing',
    ...(meant === 'elsewhere' ? { hint } : {}),
  });
}

function report(row: NonNullable<InertNode['row']>, path: Path, walk: Walk): void {
  if (walk.reported.has(row.key)) return;
  walk.reported.add(row.key);
  const message = inertMessage(row);
  // In the words of the file, which may have it at another place.
  const written = patternOf(originOf(path, walk.moves));
  const key = written === patternOf(path) ? row.key : shownKey(written);
  note({ state: 'ignored', key, reason: message }, path, walk);
  walk.warnings.push({
    file: walk.file,
    ...walk.document.position(path, 'key'),
    key,
    message,
  });
}

function normalizeScalar(schema: Schema, value: unknown, path: Path, walk: Walk): unknown {
  const kinds = kindsOf(schema);
  if (typeof value === 'number' || typeof value === 'boolean') {
    const fits = kinds.has(typeof value === 'number' ? 'number' : 'flag');
    // `api-key: 0123456` is meant as it is written.
    if (!fits && kinds.has('text')) return walk.document.scalar(path)?.source ?? String(value);
    return respelled(value, path, walk);
  }
  if (typeof value !== 'string') return value;

  const expansion = expandEnvironment(value, walk.environment);
  if (!expansion.ok) {
    const { message, hint } = expansion;
    walk.problems.push({
      file: walk.file,
      ...walk.document.position(path, 'value'),
      key: dottedPath(path),
      message,
      hint,
    });
    return value;
  }
  if (expansion.expanded) walk.fromEnvironment.set(dottedPath(path), value);
  const { text } = expansion;
  if (kinds.has('text') || !walk.document.scalar(path)?.plain) return respelled(text, path, walk);
  if (kinds.has('number') && expansion.expanded && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  // The peer's YAML takes the words of YAML 1.1 for a flag.
  if (kinds.has('flag') && /^(true|yes|on)$/i.test(text)) return true;
  if (kinds.has('flag') && /^(false|no|off)$/i.test(text)) return false;
  return text;
}

/** The value in the schema's words where the peer has others for it. */
function respelled(value: unknown, path: Path, walk: Walk): unknown {
  const pattern = patternOf(path);
  const own = spelledOtherwise(pattern, value);
  if (own === undefined) return value;
  const origin = originOf(path, walk.moves);
  note({ state: 'translated', key: `${patternOf(origin)}: ${value}`, as: `${pattern}: ${own}` }, path, walk);
  walk.noted.add(`taken ${pattern}`);
  return own;
}
