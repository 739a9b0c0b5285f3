/** Encryption of values in Valkey, with the present `auth-encryption-key`, for one name. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readEncryptionKey } from '../accounts/encryption-key.ts';

export interface SharedEncryption {
  /** Whether the key can be read. */
  isReady(): Promise<boolean>;
  /** Undefined where the key cannot be read: then nothing is shared. */
  seal(name: string, text: string): Promise<string | undefined>;
  /** Null for what was sealed with another key, or for another name; undefined where the key cannot be read. */
  open(name: string, written: string): Promise<string | null | undefined>;
}

export function sharedEncryption(setting: () => string | undefined): SharedEncryption {
  let known: { setting: string | undefined; key: Promise<Uint8Array | undefined> } | undefined;

  function keyInForce(): Promise<Uint8Array | undefined> {
    const now = setting();
    if (known === undefined || known.setting !== now) known = { setting: now, key: keyOf(now) };
    return known.key;
  }

  return {
    isReady: async () => (await keyInForce()) !== undefined,
    async seal(name, text) {
      const key = await keyInForce();
      return key && sealed(key, name, text);
    },
    async open(name, written) {
      const key = await keyInForce();
      return key && opened(key, name, written);
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
