/** A key of which the configuration may hold a hash instead. */
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

/** A key, or its hash. One that looks like a hash and is none that can be verified would be a key itself: whoever reads it could use it. */
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
