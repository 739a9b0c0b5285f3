/** Which credential an entry of the file is: its index, as clients keep it. */
import { type Group, isGroup } from '../config/group.ts';
import type { Config } from '../config/schema.ts';
import { keyIds } from '../credentials/from-config.ts';
import { keyLists } from '../providers/registry.ts';
import { authIndex } from './auth-index.ts';

const compatible = 'openai-compatibility';

/** Adds `auth-index` to an entry of a list, or to each of its keys. One that is not in use has none. */
export function entryIndexes(config: Config, list: string): (entry: Group) => Group {
  return list === compatible ? compatibleIndexes(config) : keyIndexes(config, list);
}

function keyIndexes(config: Config, list: string): (entry: Group) => Group {
  const name = list === 'interactions-api-key' ? 'gemini-api-key' : list;
  const found = keyLists.find(([known]) => known === name);
  if (found === undefined) return (entry) => entry;
  const [known, { provider }] = found;
  const idOf = keyIds();
  const byKey = new Map<string, string>();
  const inUse = new Map<string, string>();
  for (const entry of config[known]) {
    const { 'api-key': key, 'base-url': address, prefix } = entry;
    const id = idOf(provider.name, key, address, prefix);
    byKey.set(key, id);
    inUse.set(JSON.stringify([key, prefix ?? '', addressOf(address)]), id);
  }
  return (entry) => {
    const key = String(entry['api-key'] ?? '');
    const id =
      inUse.get(JSON.stringify([key, entry.prefix ?? '', addressOf(entry['base-url'])])) ?? byKey.get(key);
    return id === undefined ? entry : { ...entry, 'auth-index': authIndex(id) };
  };
}

const addressOf = (written: unknown) => (typeof written === 'string' ? written.replace(/\/+$/, '') : '');

function compatibleIndexes(config: Config): (entry: Group) => Group {
  const indexOf = serviceIndexes(config);
  return (entry) => {
    const disabled = entry.disabled === true;
    const keys = entry['api-key-entries'];
    const listed: unknown[] = Array.isArray(keys) ? keys : [];
    const indexed = listed.map((key) => {
      const own = isGroup(key) ? key : { 'api-key': String(key) };
      const index = disabled ? undefined : indexOf(entry, String(own['api-key'] ?? ''));
      return index === undefined ? own : { ...own, 'auth-index': index };
    });
    return { ...entry, disabled, 'api-key-entries': indexed };
  };
}

/** The index of a key of a service; undefined where the service is not in use. */
export function serviceIndexes(config: Config): (entry: Group, secret: string) => string | undefined {
  const byName = new Map(config[compatible].map((entry) => [entry.name, entry]));
  const idOf = keyIds();
  // In the order of the file.
  for (const { name, 'base-url': address, prefix, ...entry } of config[compatible]) {
    if (entry['api-key']) idOf(name, entry['api-key'], address, prefix);
    for (const key of entry['api-key-entries']) idOf(name, key['api-key'], address, prefix);
  }
  return (entry, secret) => {
    const used = byName.get(String(entry.name ?? ''));
    return used && authIndex(idOf(used.name, secret, used['base-url'], used.prefix));
  };
}
