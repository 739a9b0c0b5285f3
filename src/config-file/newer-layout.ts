/** A file of either layout, as the peer's version 8 lays it out, and back. */
import { type Group, isGroup } from '../config/group.ts';
import { createRewriting } from '../config/rewriting.ts';
import { fromVersion8 } from '../config/version8.ts';
import { entriesIn, familyOf, isNewer, newerPlaces, withMember } from './layout.ts';

/** The contents of the file in the newer layout. Source: CLIProxyAPI's description of its version 8, September 2026. */
export function asNewer(contents: Group, lists: readonly string[]): Group {
  if (isNewer(contents)) return contents;
  let next: Group = contents;
  for (const [key, place] of newerPlaces) {
    const value = next[key];
    if (value === undefined) continue;
    next = withMember(next, [key], undefined);
    next = withMember(next, place, value);
  }
  const families = lists.flatMap((list): [string, Group[]][] => {
    const entries = entriesIn(contents, list);
    if (contents[list] === undefined) return [];
    return [[familyOf(list), entries.map((entry) => groupOf(entry, list))]];
  });
  for (const list of lists) next = withMember(next, [list], undefined);
  if (families.length > 0) next = { ...next, 'api-keys': Object.fromEntries(families) };
  return { 'config-version': 8, ...next };
}

function groupOf(entry: Group, list: string): Group {
  if (list === 'openai-compatibility') {
    const { 'api-key-entries': keys, ...shared } = entry;
    return keys === undefined ? shared : { ...shared, keys };
  }
  const { 'api-key': key, weight, ...shared } = entry;
  return { ...shared, keys: [weight === undefined ? { 'api-key': key } : { 'api-key': key, weight }] };
}

/** The contents of a file in the older layout for it. */
export function asOlder(newer: Group): Group {
  const rewriting = createRewriting(newer);
  fromVersion8(rewriting);
  rewriting.remove(['config-version']);
  return isGroup(rewriting.value) ? rewriting.value : {};
}

/** Old top-level names that are elsewhere in the newer layout: the first of them, and its place. */
export function olderName(
  value: Group,
  lists: readonly string[],
): { name: string; place: string } | undefined {
  for (const name of Object.keys(value)) {
    const place = newerPlaces.get(name);
    if (place !== undefined && name !== 'api-keys') return { name, place: place.join('.') };
    if (name === 'api-keys' && Array.isArray(value[name])) return { name, place: 'access.api-keys' };
    if (lists.includes(name) && name !== 'openai-compatibility')
      return { name, place: `api-keys.${familyOf(name)}` };
    if (name === 'openai-compatibility') return { name, place: 'api-keys.openai-compatibility' };
  }
  return undefined;
}

/** Maps are merged deeply; lists and values replace what was there. */
export function merged(before: unknown, patch: unknown): unknown {
  if (!isGroup(before) || !isGroup(patch)) return patch;
  const next: Group = { ...before };
  for (const [name, value] of Object.entries(patch)) next[name] = merged(before[name], value);
  return next;
}
