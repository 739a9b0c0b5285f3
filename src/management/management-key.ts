/** Whether a key opens the management API: the one of the configuration, as text or as a hash of it. */
import { hash, timingSafeEqual } from 'node:crypto';
import { isHashedKey } from '../config/hashed-key.ts';

export interface ManagementKey {
  /** Whether this is the key. A hashed key costs a tenth of a second the first time, off this thread, and nothing after. */
  opens(given: string): Promise<boolean>;
}

/** Characters of a key that is tried against a hash; longer ones are no keys. */
const longestKey = 1024;
/** Wrong keys that are remembered by digest: a page with an old key asks again and again, and costs nothing. */
const mostWrong = 64;
/** Bytes that bcrypt reads of a key: of longer ones other programs hash the beginning. */
const bcryptReads = 72;

/**
 * The key of `remote-management.secret-key`. Where that is a hash, only the key that it was made from opens: the hash itself,
 * known to readers of the file, does not.
 */
export function managementKey(written: string): ManagementKey {
  if (!isHashedKey(written)) {
    const wanted = digest(written);
    return { opens: async (given) => timingSafeEqual(digest(given), wanted) };
  }
  let known: Buffer | undefined;
  const wrong = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  async function check(given: string, asked: Buffer): Promise<boolean> {
    if (known !== undefined && timingSafeEqual(asked, known)) return true;
    const name = asked.toString('base64');
    if (wrong.has(name)) return false;
    const right = await verifies(given, written);
    if (right) known = asked;
    else {
      wrong.add(name);
      const [oldest] = wrong;
      if (wrong.size > mostWrong && oldest !== undefined) wrong.delete(oldest);
    }
    return right;
  }

  return {
    async opens(given) {
      if (given.length > longestKey) return false;
      const asked = digest(given);
      if (known !== undefined && timingSafeEqual(asked, known)) return true;
      // One after the other: a guesser gets one core at most.
      const checked = turn.then(() => check(given, asked));
      turn = checked.catch(() => {});
      return checked;
    },
  };
}

/** The runtime hashes long keys for bcrypt in a way of its own; hashes of other programs are of the beginning alone. */
async function verifies(given: string, written: string): Promise<boolean> {
  const verify = (key: string | Uint8Array): Promise<boolean> =>
    Bun.password.verify(key, written).catch(() => false);
  if (await verify(given)) return true;
  const bytes = new TextEncoder().encode(given);
  const cut = written.startsWith('$2') && bytes.length > bcryptReads;
  return cut && verify(bytes.subarray(0, bcryptReads));
}

/** What is compared in place of a secret: the same length, whatever was given. */
export function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
