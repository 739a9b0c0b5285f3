/** Which entry of a new list is which of the old one, so that the values that only the file has stay with it. */
import { isGroup } from '../config/group.ts';

/** What makes an entry the one it is; undefined where nothing does. */
function identityOf(entry: unknown): string | undefined {
  if (!isGroup(entry)) return typeof entry === 'string' ? JSON.stringify([entry]) : undefined;
  const key = entry['api-key'] ?? entry.key;
  if (typeof key === 'string') return JSON.stringify([key]);
  if (typeof entry.name === 'string') return JSON.stringify([entry.name]);
  return undefined;
}

/** A narrower one: keys of one provider may occur twice with other addresses, models with other aliases. */
function wholeIdentityOf(entry: unknown): string | undefined {
  const identity = identityOf(entry);
  if (identity === undefined || !isGroup(entry)) return identity;
  return JSON.stringify([identity, entry['base-url'] ?? '', entry.alias ?? '']);
}

/**
 * For each entry of `next` the place of the same one in `before`; undefined for those that are new. Entries are the same when
 * they are equal, or have the same key or name. Where a list has kept its length, the rest is taken in its order: a key
 * was replaced.
 */
export function matched(before: readonly unknown[], next: readonly unknown[]): (number | undefined)[] {
  const found: (number | undefined)[] = next.map(() => undefined);
  const taken = new Set<number>();
  for (const naming of [JSON.stringify, wholeIdentityOf, identityOf]) {
    const places = new Map<string, number[]>();
    before.forEach((entry, place) => {
      const name = taken.has(place) ? undefined : naming(entry);
      if (name === undefined) return;
      const named = places.get(name);
      if (named === undefined) places.set(name, [place]);
      else named.push(place);
    });
    next.forEach((entry, at) => {
      if (found[at] !== undefined) return;
      const place = places.get(naming(entry) ?? '')?.shift();
      if (place === undefined) return;
      found[at] = place;
      taken.add(place);
    });
  }
  if (before.length === next.length)
    next.forEach((entry, at) => {
      if (found[at] !== undefined || taken.has(at) || !isGroup(entry) || !isGroup(before[at])) return;
      found[at] = at;
      taken.add(at);
    });
  return found;
}
