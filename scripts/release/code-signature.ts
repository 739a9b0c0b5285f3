/**
 * The signature inside a Mach-O executable: macOS kills a program whose pages have other hashes than it says. Bun signs what it
 * makes for arm64 and leaves on x64 the one of its runtime, which no longer fits (oven-sh/bun#39837).
 * Source of all numbers: Apple's cs_blobs.h and mach-o/loader.h.
 */
import { createHash } from 'node:crypto';
import { machMagic } from './executable-format.ts';

const commands = { segment: 0x19, codeSignature: 0x1d } as const;
const headerBytes = 32;
const magics = { superBlob: 0xfade_0cc0, codeDirectory: 0xfade_0c02 } as const;
/** The version of the directory that has the place of the executable segment. */
const directoryVersion = 0x2_0400;
const directoryBytes = 88;
/** No certificate behind it; made by a tool that links. */
const adHoc = 0x2_0002;
const mainBinary = 1n;
const sha256 = { type: 2, bytes: 32 } as const;
const page = { bits: 12, bytes: 4096 } as const;
/** Segments lie on pages of this size on either processor. */
const segmentPage = 16_384n;
const identifier = 'cli-proxy-api\0';

export interface SignatureCheck {
  pages: number;
  /** Pages whose hash is another one than the signature says, or that it says nothing of. */
  wrong: number;
}

/** Undefined where the file has no signature with SHA-256. */
export function checkCodeSignature(file: Buffer): SignatureCheck | undefined {
  const { signature } = placesIn(file);
  const directory =
    signature && codeDirectoryOf(file.subarray(signature.offset, signature.offset + signature.size));
  if (directory === undefined || directory.readUInt8(37) !== sha256.type) return undefined;
  const hashOffset = directory.readUInt32BE(16);
  const signed = directory.readUInt32BE(28);
  const pages = hashesOf(file.subarray(0, signature?.offset));
  const wrong = pages.filter((hash, index) => {
    const at = hashOffset + index * sha256.bytes;
    return index >= signed || !hash.equals(directory.subarray(at, at + sha256.bytes));
  });
  return { pages: pages.length, wrong: wrong.length };
}

/** The file with a signature of its bytes and without a certificate, in place of the one that it has. Throws where it has none. */
export function signed(file: Buffer): Buffer {
  const { signature, linkEdit, text } = placesIn(file);
  if (signature === undefined || linkEdit === undefined || text === undefined)
    throw new Error('no place for a signature');
  const code = Buffer.from(file.subarray(0, signature.offset));
  const pages = Math.ceil(code.length / page.bytes);
  const hashOffset = directoryBytes + identifier.length;
  const length = hashOffset + pages * sha256.bytes;
  const blob = Buffer.alloc(20 + length);
  // The header names the size of the signature, and is itself signed: it comes first.
  code.writeUInt32LE(blob.length, signature.command + 12);
  const linkEditBytes = BigInt(code.length + blob.length) - code.readBigUInt64LE(linkEdit + 40);
  code.writeBigUInt64LE(linkEditBytes, linkEdit + 48);
  code.writeBigUInt64LE(((linkEditBytes + segmentPage - 1n) / segmentPage) * segmentPage, linkEdit + 32);

  for (const [index, value] of [magics.superBlob, blob.length, 1, 0, 20].entries())
    blob.writeUInt32BE(value, index * 4);
  const directory = blob.subarray(20);
  const numbers = [
    magics.codeDirectory,
    length,
    directoryVersion,
    adHoc,
    hashOffset,
    directoryBytes,
    0,
    pages,
  ];
  for (const [index, value] of [...numbers, code.length].entries()) directory.writeUInt32BE(value, index * 4);
  directory.set([sha256.bytes, sha256.type, 0, page.bits], 36);
  directory.writeBigUInt64BE(code.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(code.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  directory.write(identifier, directoryBytes, 'latin1');
  directory.set(Buffer.concat(hashesOf(code)), hashOffset);
  return Buffer.concat([code, blob]);
}

function hashesOf(code: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < code.length; at += page.bytes)
    hashes.push(
      createHash('sha256')
        .update(code.subarray(at, at + page.bytes))
        .digest(),
    );
  return hashes;
}

/** Where the load commands are that a signature has to do with. */
interface Places {
  signature?: { command: number; offset: number; size: number };
  linkEdit?: number;
  text?: number;
}

function placesIn(file: Buffer): Places {
  const places: Places = {};
  if (file.readUInt32LE(0) !== machMagic) return places;
  let at = headerBytes;
  for (let index = 0; index < file.readUInt32LE(16); index += 1) {
    const command = file.readUInt32LE(at);
    if (command === commands.codeSignature)
      places.signature = { command: at, offset: file.readUInt32LE(at + 8), size: file.readUInt32LE(at + 12) };
    const name =
      command === commands.segment ? file.toString('latin1', at + 8, at + 24).replaceAll('\0', '') : '';
    if (name === '__LINKEDIT') places.linkEdit = at;
    if (name === '__TEXT') places.text = at;
    at += file.readUInt32LE(at + 4);
  }
  return places;
}

function codeDirectoryOf(blob: Buffer): Buffer | undefined {
  if (blob.length < 12 || blob.readUInt32BE(0) !== magics.superBlob) return undefined;
  for (let index = 0; index < blob.readUInt32BE(8); index += 1) {
    const offset = blob.readUInt32BE(12 + index * 8 + 4);
    if (blob.readUInt32BE(offset) === magics.codeDirectory) return blob.subarray(offset);
  }
  return undefined;
}
