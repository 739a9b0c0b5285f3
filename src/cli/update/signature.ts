/** Signatures as minisign makes them. Source: jedisct1.github.io/minisign, "Signature format" and "Public key format". */
import { createHash, createPublicKey, verify } from 'node:crypto';

const keyBytes = 42;
const signatureBytes = 74;
/** The SPKI prefix of a raw Ed25519 key; source: RFC 8410. */
const spki = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether one of these public keys, in the form of minisign, has signed the content. */
export function isSigned(content: Uint8Array, signature: string, keys: readonly string[]): boolean {
  const [, encoded = '', trusted = '', encodedGlobal = ''] = signature.split(/\r?\n/);
  const made = Buffer.from(encoded, 'base64');
  const comment = /^trusted comment: (.*)$/.exec(trusted)?.[1];
  if (made.length !== signatureBytes || comment === undefined) return false;
  const [algorithm, id, own] = [made.toString('latin1', 0, 2), made.subarray(2, 10), made.subarray(10)];
  const signed =
    algorithm === 'ED'
      ? createHash('blake2b512').update(content).digest()
      : algorithm === 'Ed'
        ? content
        : undefined;
  if (signed === undefined) return false;
  return keys.some((key) => {
    const raw = Buffer.from(key.trim().split(/\r?\n/).at(-1) ?? '', 'base64');
    if (raw.length !== keyBytes || raw.toString('latin1', 0, 2) !== 'Ed' || !raw.subarray(2, 10).equals(id))
      return false;
    const publicKey = createPublicKey({
      key: Buffer.concat([spki, raw.subarray(10)]),
      format: 'der',
      type: 'spki',
    });
    // The comment is signed, too, with the signature before it: neither can be exchanged.
    const whole = Buffer.concat([own, Buffer.from(comment)]);
    return (
      verify(null, signed, publicKey, own) &&
      verify(null, whole, publicKey, Buffer.from(encodedGlobal, 'base64'))
    );
  });
}
