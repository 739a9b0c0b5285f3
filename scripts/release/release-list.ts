/** `latest.json` and its signature: what `cli-proxy-api update` asks for. */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { archiveName, type Target } from './targets.ts';

/** The list of a release: each platform's archive, beside the list itself, and its SHA-256 in hex. */
export function releaseList(
  version: string,
  targets: readonly Target[],
  sums: Readonly<Record<string, string>>,
): string {
  const files = Object.fromEntries(
    targets.map((target) => {
      const url = archiveName(target, version);
      return [target.name, { url, sha256: sums[url] }];
    }),
  );
  return `${JSON.stringify({ version, files }, null, 2)}\n`;
}

/** Bytes of a secret key of minisign, and where its parts are; source: jedisct1.github.io/minisign, "Secret key format". */
const secretKey = { bytes: 158, kdf: 2, id: 54, seed: 62, publicKey: 94, end: 126 } as const;
/** What stands before a raw Ed25519 seed in PKCS#8; source: RFC 8410. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key that signs releases. */
export interface ReleaseKey {
  /** As owner.json has it under `updateKeys`. */
  publicKey: string;
  /** The text of a `.minisig` file: the same for the same content and comment. */
  signature: (content: string, comment: string) => string;
}

/** Reads the text of a secret key that `minisign -G -W` made: without a password, as nobody is there to type it. Throws. */
export function releaseKey(text: string): ReleaseKey {
  const bytes = Buffer.from(text.trim().split(/\r?\n/).at(-1) ?? '', 'base64');
  if (bytes.length !== secretKey.bytes || bytes.toString('latin1', 0, 2) !== 'Ed')
    throw new Error('the signing key is no secret key of minisign');
  if (bytes.readUInt16BE(secretKey.kdf) !== 0)
    throw new Error('the signing key has a password: make one without, with "minisign -G -W"');
  const id = bytes.subarray(secretKey.id, secretKey.seed);
  const seed = bytes.subarray(secretKey.seed, secretKey.publicKey);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const publicPart = bytes.subarray(secretKey.publicKey, secretKey.end);
  return {
    publicKey: Buffer.concat([Buffer.from('Ed'), id, publicPart]).toString('base64'),
    signature(content, comment) {
      const own = sign(null, createHash('blake2b512').update(content).digest(), key);
      const whole = sign(null, Buffer.concat([own, Buffer.from(comment)]), key);
      const made = Buffer.concat([Buffer.from('ED'), id, own]);
      return `untrusted comment: signature of cli-proxy-api\n${made.toString('base64')}\ntrusted comment: ${comment}\n${whole.toString('base64')}\n`;
    },
  };
}
