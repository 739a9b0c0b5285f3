/** Client keys and conversations in the store: digests with a secret of this installation, which is in another file. */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { reasonOf } from '../ground/reason.ts';

/** Without it a store that somebody got hold of would let them try out which key a digest is of. */
const secretFileName = '.usage-secret';

const secretBytes = 32;

export interface Digests {
  /** Sixteen hexadecimal digits for a client key's id. */
  key(id: string): string;
  /** A whole number of 52 bits for the name of a conversation. */
  session(name: string): number;
}

/** Senders without a key. */
const anonymousKey = 'anonymous';

/** Digests that are remembered. */
const remembered = 2048;

export function digestsWith(secret: Uint8Array): Digests {
  const keys = new Map<string, string>();
  const sessions = new Map<string, number>();
  const digest = (what: string, text: string): string =>
    createHmac('sha256', secret).update(`${what}\n${text}`).digest('hex');
  return {
    key: (id) => (id === '' ? anonymousKey : fromMemory(keys, id, () => digest('key', id).slice(0, 16))),
    session: (name) =>
      fromMemory(sessions, name, () => Number.parseInt(digest('session', name).slice(0, 13), 16)),
  };
}

function fromMemory<Value>(memory: Map<string, Value>, name: string, make: () => Value): Value {
  const found = memory.get(name);
  if (found !== undefined) return found;
  if (memory.size >= remembered) memory.clear();
  const made = make();
  memory.set(name, made);
  return made;
}

/** For records that hold digests already. */
export const digested: Digests = { key: (id) => id, session: (name) => sessionOfText(name) ?? 0 };

/** The secret of a cluster: every replica has the key of its accounts, so that all make the same digests and none is stored. */
export function clusterSecret(encryptionKey: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', encryptionKey, '', 'usage digests', secretBytes));
}

/** A secret for another purpose, derived from one of these: neither reveals the other. */
export function secretFor(purpose: string, secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, secretBytes));
}

/** How the number of a conversation is written. */
export function sessionText(session: number): string {
  return session.toString(16).padStart(13, '0');
}

/** Undefined for a text that no conversation is written as. */
export function sessionOfText(text: string): number | undefined {
  return /^[0-9a-f]{13}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

/** The installation's secret; undefined where there is none. */
export async function knownSecret(authDir: string): Promise<Uint8Array | undefined> {
  const found = await readFile(join(authDir, secretFileName), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}\s*$/.test(found) ? Buffer.from(found.trim(), 'hex') : undefined;
}

/**
 * The installation's secret, made where there is none: `made` where one was that could not be written. Where the file cannot be
 * written the secret holds until the next start; `onProblem` gets a sentence about that.
 */
export async function installSecret(
  authDir: string,
  onProblem: (sentence: string) => void,
  made?: Uint8Array,
): Promise<Uint8Array> {
  const path = join(authDir, secretFileName);
  const found = await knownSecret(authDir);
  if (found !== undefined) {
    await chmod(path, 0o600).catch(() => undefined);
    return found;
  }
  const secret = Buffer.from(made ?? randomBytes(secretBytes));
  try {
    await makePrivateDirectory(authDir);
    await writeAtomically(path, `${secret.toString('hex')}\n`, { links: 'replace' });
  } catch (error) {
    onProblem(
      `The secret for digests of client keys could not be written to ${path}: ${reasonOf(error)}. After a restart the usage of a key is counted as that of another.`,
    );
  }
  return secret;
}
