/** A key of which the configuration may hold a hash instead. */
import { hash } from 'node:crypto';
import { secret } from './values.ts';

/** Hashes that the runtime verifies: bcrypt (as CLIProxyAPI writes it into its file) and Argon2 in the PHC string format. */
const verified = new RegExp(
  [
    /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/,
    /^\$argon2(id|i|d)\$(v=\d+\$)?m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** What crypt(5) and the PHC string format begin hashes with, and LDAP (RFC 2307 §5.3). */
const looksHashed = /^(\$[a-z0-9-]+[$,]|\{[a-z0-9-]+\})/i;

/** Whether a key is a hash of one. */
export function isHashedKey(written: string): boolean {
  return verified.test(written);
}

/** A key, or its hash. A value that looks like a hash and cannot be verified must not count as a key itself: anyone who can read it could use it. */
export function keyOrHash() {
  return secret().superRefine((value, context) => {
    if (isHashedKey(value) || !looksHashed.test(value)) return;
    context.addIssue({
      code: 'custom',
      params: {
        sentence: 'looks like a hash, but is none that can be verified (whole bcrypt or Argon2 ones can be)',
        hint: 'write the key itself, or its bcrypt hash: htpasswd -nbBC 10 "" KEY | cut -c2-',
      },
    });
  });
}

/** How the SHA-256 of a client key is written: what other gateways keep of theirs, so that keys can be taken over unknown. */
const digested = /^sha256:([0-9a-f]{64})$/i;

/** Whether the configuration has only the SHA-256 of a client key, and not the key itself. */
export function isDigestOfKey(written: string): boolean {
  return digested.test(written);
}

/** The SHA-256 of a client key, which may be written as that. */
export function keyDigest(written: string): Buffer {
  const hex = digested.exec(written)?.[1];
  return hex === undefined ? hash('sha256', written, 'buffer') : Buffer.from(hex, 'hex');
}

/** What identifies a client key in counts and stored things, whichever way it is written; no secret. */
export function keyId(written: string): string {
  return idOfDigest(keyDigest(written));
}

export function idOfDigest(digest: Buffer): string {
  return digest.toString('hex', 0, 8);
}

/** A client key, or its SHA-256. Slow hashes are none: each wrong key that somebody tries would cost a tenth of a second. */
export function clientKeyOrDigest() {
  return secret().superRefine((value, context) => {
    const [sentence, hint] = isHashedKey(value)
      ? [
          'is a bcrypt or Argon2 hash; client keys are compared at every request, so only their SHA-256 can be used here',
          'write the key itself, or its hash: printf %s KEY | sha256sum gives what comes after "sha256:"',
        ]
      : /^sha256:/i.test(value) && !isDigestOfKey(value)
        ? [
            'begins with "sha256:", but no 64 hexadecimal digits follow',
            'printf %s KEY | sha256sum gives them',
          ]
        : [];
    if (sentence === undefined) return;
    context.addIssue({ code: 'custom', params: { sentence, hint } });
  });
}
