/** What a cluster shares of the console, signed: who can write to Valkey must not be able to sign in by it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readEncryptionKey } from '../accounts/encryption-key.ts';
import type { SharedTexts } from '../cluster/ports.ts';

export type SignedTexts = Pick<SharedTexts, 'get' | 'put' | 'add'>;

/** Texts that carry a signature by the `auth-encryption-key`, as it is set now; one that does not fit is no text. */
export function signedTexts(texts: SignedTexts, setting: () => string | undefined): SignedTexts {
  let known: { setting: string | undefined; key: Promise<string> } | undefined;

  /** The key; empty where it cannot be read: then nothing is shared. */
  function keyInForce(): Promise<string> {
    const now = setting();
    if (known === undefined || known.setting !== now)
      known = {
        setting: now,
        key:
          now === undefined
            ? Promise.resolve('')
            : readEncryptionKey(now).then((read) => (read.ok ? read.key : '')),
      };
    return known.key;
  }

  function signed(key: string, name: string, text: string): string {
    const signature = createHmac('sha256', key).update(`console text\n${name}\n${text}`).digest('hex');
    return `${signature} ${text}`;
  }

  return {
    async get(name, ms) {
      const key = await keyInForce();
      if (key === '') return undefined;
      const written = await texts.get(name, ms);
      if (typeof written !== 'string') return written;
      const text = written.slice(written.indexOf(' ') + 1);
      return isSame(written, signed(key, name, text)) ? text : null;
    },
    async put(name, text, ms) {
      const key = await keyInForce();
      if (key !== '') await texts.put(name, signed(key, name, text), ms);
    },
    async add(name, text, ms) {
      const key = await keyInForce();
      return key === '' ? undefined : texts.add(name, signed(key, name, text), ms);
    },
  };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
