/** What is shown of a client key to programs that keep usage by it: never the key. */
import { isDigestOfKey, keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Named } from '../usage/record.ts';
import { maskedKey } from './masked-text.ts';

/**
 * The owner's name for a client key; of one without a name its ends, where enough of it lies between. `idOf`: by what records
 * know a key.
 */
export function shownClientKeys(keys: Config['api-keys'], idOf = keyId): (key: Named) => string {
  let byId: Map<string, string> | undefined;
  return ({ id, name }) => {
    if (id === '') return '';
    byId ??= new Map(keys.map((entry) => [idOf(entry.key), entry.name ?? shownKey(entry.key)]));
    return byId.get(id) ?? (name === unnamed ? id : name);
  };
}

/** What a client key without a name is called in records. */
const unnamed = 'client';

/** A key that is no text, or too short for its ends to be shown, goes by its digest. */
export function shownKey(key: string): string {
  const shown = maskedKey(key);
  return isDigestOfKey(key) || shown === '…' ? keyId(key) : shown;
}
