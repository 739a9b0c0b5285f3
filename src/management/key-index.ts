/** Which credential an entry of the file is: its index, as clients keep it. */
import type { Config } from '../config/schema.ts';
import { type Group, isGroup } from '../config-file/entry-match.ts';
import { credentialId } from '../credentials/from-config.ts';
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
  const inUse = new Map(
    config[known].map((entry) => [
      JSON.stringify([entry['api-key'], entry.prefix ?? '', addressOf(entry['base-url'])]),
      entry,
    ]),
  );
  const byKey = new Map(config[known].map((entry) => [entry['api-key'], entry]));
  return (entry) => {
    const key = String(entry['api-key'] ?? '');
    const used =
      inUse.get(JSON.stringify([key, entry.prefix ?? '', addressOf(entry['base-url'])])) ?? byKey.get(key);
    if (used === undefined) return entry;
    const id = credentialId(provider.name, used['api-key'], used['base-url'], used.prefix);
    return { ...entry, 'auth-index': authIndex(id) };
  };
}

const addressOf = (written: unknown) => (typeof written === 'string' ? written.replace(/\/+$/, '') : '');

function compatibleIndexes(config: Config): (entry: Group) => Group {
  const byName = new Map(config[compatible].map((entry) => [entry.name, entry]));
  return (entry) => {
    const used = byName.get(String(entry.name ?? ''));
    const disabled = entry.disabled === true;
    const keys = entry['api-key-entries'];
    const listed: unknown[] = Array.isArray(keys) ? keys : [];
    const indexed = listed.map((key) => {
      const own = isGroup(key) ? key : { 'api-key': String(key) };
      if (used === undefined || disabled) return own;
      const id = credentialId(used.name, String(own['api-key'] ?? ''), used['base-url'], used.prefix);
      return { ...own, 'auth-index': authIndex(id) };
    });
    return { ...entry, disabled, 'api-key-entries': indexed };
  };
}
