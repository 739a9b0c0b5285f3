/** The contents of a config in our own format: which have a place here, where its keys are, and the line of each. */

import { type Group, isGroup } from '../config/group.ts';
import { inertMessage } from '../config/inert-keys.ts';
import { explainUnknownKey, type InertNode, inertMember, inertTree } from '../config/known-keys.ts';
import { type Move, originOf, patternOf } from '../config/moved-keys.ts';
import { inOwnPlaces } from '../config/peer-spellings.ts';
import { type PathSegment, shownPath } from '../config/problem.ts';
import { configSchema } from '../config/schema.ts';
import { factsOf, kindsOf, knownMember, memberSchema } from '../config/schema-facts.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';
import { hasPassword, isSecretHeader } from './merge.ts';
import type { LeftOut } from './plan.ts';

type Schema = Parameters<typeof factsOf>[0];
export type Path = readonly PathSegment[];

export interface PeerValues {
  /** In the places of the schema, without what is unset and what changes nothing here. */
  contents: JsonObject;
  /** The position of a value of `contents` in the file. */
  origin: (path: Path) => Path;
  /** Places in the file of what changes nothing here. */
  unused: Path[];
  /** The same for people, each kind once. */
  left: LeftOut[];
  /** Places in `contents` of texts that are keys or hold one. */
  secrets: { path: Path; text: string }[];
}

interface Walk extends Omit<PeerValues, 'contents'> {
  reported: Set<string>;
}

export function peerValues(content: unknown): PeerValues {
  const { value, moves } = inOwnPlaces(content);
  const walk: Walk = { origin: backIn(moves), unused: [], left: [], secrets: [], reported: new Set() };
  const contents = usedIn(configSchema, value, [], inertTree, walk);
  return { ...walk, contents: isObject(contents) ? contents : {} };
}

/** Flags as YAML 1.1 has them, without quotes. */
const words: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'yes', 'on', 'true'].map((word): [string, boolean] => [word, true]),
  ...['n', 'no', 'off', 'false'].map((word): [string, boolean] => [word, false]),
]);

/** Nothing is moved within a list here, so the moves stay as they are. */
function backIn(moves: readonly Move[]): (path: Path) => Path {
  return (path) => originOf(path, moves);
}

function usedIn(
  schema: Schema,
  value: unknown,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): unknown {
  if (Array.isArray(value)) {
    const item = memberSchema(schema, 0);
    return item === undefined
      ? value
      : value.map((member, index) => usedIn(item, member, [...path, index], inertMember(inert, index), walk));
  }
  if (isGroup(value) && kindsOf(schema).has('group') && !isAnything(schema))
    return usedGroup(schema, value, path, inert, walk);
  if (typeof value === 'string' && kindsOf(schema).has('flag') && words.has(value.toLowerCase()))
    return words.get(value.toLowerCase());
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text !== '' && isSecret(schema, path, text))
    walk.secrets.push({ path, text });
  return value;
}

function usedGroup(
  schema: Schema,
  group: Group,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): Group {
  const entries: [string, unknown][] = [];
  for (const [key, written] of Object.entries(group)) {
    const at = [...path, key];
    const member = knownMember(schema, key) ? memberSchema(schema, key) : undefined;
    const node = inertMember(inert, key);
    if (member === undefined) leave(node, written, at, walk);
    else {
      const value = usedIn(member, written, at, node, walk);
      const unset = value === null || (value === '' && !factsOf(member).emptyCounts);
      if (!unset) entries.push([key, value]);
    }
  }
  return Object.fromEntries(entries);
}

function leave(node: InertNode | undefined, value: unknown, path: Path, walk: Walk): void {
  if (node !== undefined && node.row === undefined && isGroup(value)) {
    for (const [key, member] of Object.entries(value))
      leave(inertMember(node, key), member, [...path, key], walk);
    return;
  }
  const origin = walk.origin(path);
  // Where anchors are kept.
  if (/^x-/.test(String(origin.at(-1)))) return;
  walk.unused.push(origin);
  const pattern = patternOf(origin);
  if (walk.reported.has(pattern) || isNothing(value)) return;
  walk.reported.add(pattern);
  const unknown = node?.row === undefined ? explainUnknownKey(path) : undefined;
  // An unknown key may be a credential that was pasted there.
  const title = unknown === undefined ? pattern : shownPath([pattern]);
  walk.left.push({
    title,
    reason:
      node?.row !== undefined
        ? inertMessage(node.row)
        : unknown?.meant === 'foreign'
          ? 'not a key of this gateway'
          : `not a key of this gateway; ${unknown?.hint}`,
  });
}

/** What switches nothing on needs no line in a table. */
function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isGroup(value)) return Object.values(value).every(isNothing);
  return value === null || value === '' || value === false;
}

function isSecret(schema: Schema, path: Path, text: string): boolean {
  if (path.at(-2) === 'headers') return isSecretHeader(String(path.at(-1)));
  // A client key may be a text, or a group with one in it.
  if (path[0] === 'api-keys' && path.length === 2) return true;
  return factsOf(schema).secret || hasPassword(text);
}

function isAnything(schema: Schema): boolean {
  return kindsOf(schema).size === 5;
}

/** A value with others in some of its places; `undefined` takes a place out. `changes`: by the place as JSON. */
export function changedIn(value: unknown, changes: ReadonlyMap<string, unknown>, path: Path = []): unknown {
  if (changes.size === 0) return value;
  const next = (member: unknown, at: Path): unknown => {
    const id = JSON.stringify(at);
    return changes.has(id) ? changes.get(id) : changedIn(member, changes, at);
  };
  if (Array.isArray(value)) {
    const list: unknown[] = value.map((member, index) => next(member, [...path, index]));
    if (list.every((member, index) => member === value[index])) return value;
    return list.filter((member, index) => member !== undefined || value[index] === undefined);
  }
  if (!isGroup(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, next(member, [...path, key])] as const);
  if (entries.every(([key, member]) => member === value[key])) return value;
  // A group that nothing is left of goes with what was in it.
  const isEmptied = (member: unknown, key: string) =>
    member !== value[key] && isGroup(member) && Object.keys(member).length === 0;
  return Object.fromEntries(
    entries.filter(([key, member]) => member !== undefined && !isEmptied(member, key)),
  );
}
