import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A key pair, and signatures in the form of minisign. */
export function signer(id: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const head = Buffer.from(id.padEnd(8, '.'));
  return {
    key: Buffer.concat([Buffer.from('Ed'), head, raw]).toString('base64'),
    signature(content: Uint8Array): string {
      const own = sign(null, createHash('blake2b512').update(content).digest(), privateKey);
      const comment = 'timestamp:1';
      const global = sign(null, Buffer.concat([own, Buffer.from(comment)]), privateKey);
      const made = Buffer.concat([Buffer.from('ED'), head, own]);
      return `untrusted comment: x\n${made.toString('base64')}\ntrusted comment: ${comment}\n${global.toString('base64')}\n`;
    },
  };
}
