/** What a cluster shares of sign-ins, sealed: who reads Valkey learns nothing by it, and who writes to it cannot sign in. */
import type { SharedTexts } from '../cluster/ports.ts';
import { sharedEncryption } from './shared-encryption.ts';

export type EncryptedTexts = Pick<SharedTexts, 'get' | 'put' | 'add' | 'note' | 'noted'>;

/** Texts under the `auth-encryption-key`, as it is set now; what was sealed with another key, or for another name, is no text. */
export function encryptedTexts(texts: EncryptedTexts, setting: () => string | undefined): EncryptedTexts {
  const { isReady, seal, open } = sharedEncryption(setting);
  return {
    async get(name, ms) {
      if (!(await isReady())) return undefined;
      const written = await texts.get(name, ms);
      return typeof written === 'string' ? open(name, written) : written;
    },
    async put(name, text, ms) {
      const sealed = await seal(name, text);
      if (sealed !== undefined) await texts.put(name, sealed, ms);
    },
    async add(name, text, ms) {
      const sealed = await seal(name, text);
      return sealed === undefined ? undefined : texts.add(name, sealed, ms);
    },
    // Names are digests.
    note: texts.note,
    noted: texts.noted,
  };
}
