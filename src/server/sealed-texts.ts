/** What a cluster shares of sign-ins, sealed: who reads Valkey learns nothing by it, and who writes to it cannot sign in. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readEncryptionKey } from '../accounts/encryption-key.ts';
import type { SharedTexts } from '../cluster/ports.ts';

export type SealedTexts = Pick<SharedTexts, 'get' | 'put' | 'add'>;

/** Texts under the `auth-encryption-key`, as it is set now; what was sealed with another key, or for another name, is no text. */
export function sealedTexts(texts: SealedTexts, setting: () => string | undefined): SealedTexts {
  let known: { setting: string | undefined; key: Promise<Uint8Array | undefined> } | undefined;

  /** Undefined where the key cannot be read: then nothing is shared. */
  function keyInForce(): Promise<Uint8Array | undefined> {
    const now = setting();
    if (known === undefined || known.setting !== now) known = { setting: now, key: keyOf(now) };
    return known.key;
  }

  return {
    async get(name, ms) {
      const key = await keyInForce();
      if (key === undefined) return undefined;
      const written = await texts.get(name, ms);
      return typeof written === 'string' ? opened(key, name, written) : written;
    },
    async put(name, text, ms) {
      const key = await keyInForce();
      if (key !== undefined) await texts.put(name, sealed(key, name, text), ms);
    },
    async add(name, text, ms) {
      const key = await keyInForce();
      return key === undefined ? undefined : texts.add(name, sealed(key, name, text), ms);
    },
  };
}

const algorithm = 'aes-256-gcm';
/** Bytes (NIST SP 800-38D: 96 bits, and a tag of 128). */
const nonceBytes = 12;
const tagBytes = 16;

async function keyOf(setting: string | undefined): Promise<Uint8Array | undefined> {
  if (setting === undefined) return undefined;
  const read = await readEncryptionKey(setting);
  return read.ok ? new Uint8Array(hkdfSync('sha256', read.key, '', 'texts of a cluster', 32)) : undefined;
}

function sealed(key: Uint8Array, name: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
  const parts = [nonce, cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]).toString('base64url');
}

/** Null for what was not sealed so. */
function opened(key: Uint8Array, name: string, written: string): string | null {
  const bytes = Buffer.from(written, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return null;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-tagBytes));
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
