/** Which entry of the file a key is in, by its `auth-index`: in lists of providers' keys and among those of services alike. */
import { type Group, isGroup } from '../config/group.ts';
import type { Config } from '../config/schema.ts';
import { entriesIn } from '../config-file/layout.ts';
import { keyLists } from '../providers/registry.ts';
import { entryIndexes, serviceIndexes } from './key-index.ts';
import { expandedValue, type Variables } from './managed-config.ts';

export const compatible = 'openai-compatibility';
const lists: readonly string[] = [...keyLists.map(([list]) => list), 'interactions-api-key', compatible];

export interface FoundEntry {
  list: string;
  /** Its place in the list. */
  at: number;
  entry: Group;
  /** Its place among the entry's keys, where the entry has several. */
  key: number | undefined;
}

/** Undefined where no key of the file has this index. `contents`: the contents of the file. */
export function entryByIndex(
  config: Config,
  contents: Group,
  variables: Variables,
  index: string,
): FoundEntry | undefined {
  const indexOf = serviceIndexes(config);
  for (const list of lists) {
    const indexed = entryIndexes(config, list);
    for (const [at, entry] of entriesIn(contents, list).entries()) {
      const shown = expandedValue(entry, variables);
      if (!isGroup(shown)) continue;
      if (list !== compatible) {
        if (indexed(shown)['auth-index'] === index) return { list, at, entry, key: undefined };
        continue;
      }
      const key = serviceKeys(shown, indexOf).indexOf(index);
      if (key >= 0) return { list, at, entry, key: isSingle(shown) ? undefined : key };
    }
  }
  return undefined;
}

/** Services that need no key, or have one beside the list. */
function isSingle(entry: Group): boolean {
  return !Array.isArray(entry['api-key-entries']) || entry['api-key-entries'].length === 0;
}

/** The indexes of the entry's keys, in their order. */
function serviceKeys(entry: Group, indexOf: ReturnType<typeof serviceIndexes>): (string | undefined)[] {
  const listed: unknown[] = isSingle(entry) ? [entry] : [entry['api-key-entries']].flat();
  return listed.map((key) => indexOf(entry, isGroup(key) ? String(key['api-key'] ?? '') : String(key)));
}
