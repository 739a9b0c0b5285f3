/**
 * Account files encrypted at rest: AES-256-GCM in a compact JWE (RFC 7516, `dir`) under a key derived from a text by scrypt.
 * The file stays JSON, `{"encrypted": "…"}`, so that it is still distinguished from other files.
 */
import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { isObject, parseJson } from '../protocols/json.ts';
import { asString } from '../protocols/json-members.ts';

export interface Encryption {
  /** Whether `seal` encrypts. */
  encrypts: boolean;
  /** The content of the file for a text: encrypted when there is a key, else the text itself. */
  seal(text: string): Promise<string>;
  /** The text in a file's content; plain content is its own text. `current` is false when `seal` would now do otherwise. */
  open(content: string): Promise<Opened>;
}

export type Opened = { ok: true; text: string; current: boolean } | { ok: false; message: string };

export interface EncryptionKeys {
  /** What files are written with; undefined writes plain text. */
  key: string | undefined;
  /** Further keys that files may still be encrypted with: the old one while the key is changed, or the key while decrypting. */
  oldKeys?: readonly string[];
}

/** Once a start, 32 MiB a guess: what the author of scrypt advises for interactive use (RFC 7914 §2). */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const satisfies ScryptOptions;
const KEY_BYTES = 32; // AES-256
const SALT_BYTES = 16; // NIST SP 800-132 §5.1
const ALGORITHM = { alg: 'dir', enc: 'A256GCM' } as const;

/** What reads and writes file contents with these keys. The keys are long enough: see {@link readEncryptionKey}. */
export function createEncryption({ key, oldKeys = [] }: EncryptionKeys): Encryption {
  const derived = new Map<string, Promise<Uint8Array>>();
  const deriveOnce = (secret: string, salt: string): Promise<Uint8Array> => {
    const id = `${salt} ${secret}`;
    const known = derived.get(id) ?? derive(secret, salt);
    derived.set(id, known);
    return known;
  };
  // Files of one directory share a salt, so that a start derives one key and not one a file.
  let salt: string | undefined;

  const seal = async (text: string) => {
    if (key === undefined) return text;
    salt ??= randomBytes(SALT_BYTES).toString('base64url');
    const jwe = await new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ ...ALGORITHM, salt })
      .encrypt(await deriveOnce(key, salt));
    return `${JSON.stringify({ encrypted: jwe }, null, 2)}\n`;
  };

  const open = async (content: string): Promise<Opened> => {
    const jwe = encryptedPart(content);
    if (jwe === undefined) return { ok: true, text: content, current: key === undefined };
    const written = saltOf(jwe);
    if (written === undefined) return { ok: false, message: 'the encrypted content is damaged' };
    const keys = key === undefined ? oldKeys : [key, ...oldKeys];
    if (keys.length === 0)
      return { ok: false, message: 'the file is encrypted, and no auth-encryption-key is set' };
    for (const candidate of keys) {
      const plain = await decrypt(jwe, await deriveOnce(candidate, written));
      if (plain === undefined) continue;
      if (candidate === key) salt ??= written;
      return { ok: true, text: plain, current: candidate === key };
    }
    return { ok: false, message: 'the file is encrypted with another key than the auth-encryption-key' };
  };
  return { encrypts: key !== undefined, seal, open };
}

function encryptedPart(content: string): string | undefined {
  if (!content.includes('"encrypted"')) return undefined;
  const value = parseJson(content);
  return isObject(value) ? asString(value.encrypted) : undefined;
}

function saltOf(jwe: string): string | undefined {
  try {
    const { salt } = decodeProtectedHeader(jwe);
    return typeof salt === 'string' ? salt : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined when the key does not fit or the content was changed: GCM cannot distinguish the two. */
async function decrypt(jwe: string, key: Uint8Array): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: [ALGORITHM.alg],
      contentEncryptionAlgorithms: [ALGORITHM.enc],
    });
    return new TextDecoder().decode(plaintext);
  } catch {
    return undefined;
  }
}

function derive(secret: string, salt: string): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(secret, Buffer.from(salt, 'base64url'), KEY_BYTES, SCRYPT, (error, key) =>
    error ? reject(error) : resolve(key),
  );
  return promise;
}
