/** The executable out of the archive of a release. Only what a signature vouches for is unpacked. */
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { Failure } from '../failure.ts';

const block = 512;
const gzipMagic = 0x1f_8b;
/** source: PKWARE's APPNOTE, 4.3.7. */
const zipMagic = 0x50_4b_03_04;

/**
 * The executable in a `.tar.gz` or `.zip` as `npm run release` makes them, of at most `most` bytes. Throws a
 * {@link Failure} where there is none.
 */
export function programInside(archive: Buffer, most: number): Buffer {
  try {
    const program =
      archive.readUInt16BE(0) === gzipMagic
        ? inTar(gunzipSync(archive, { maxOutputLength: most }))
        : archive.readUInt32BE(0) === zipMagic
          ? inZip(archive, most)
          : undefined;
    if (program !== undefined) return program;
  } catch {
    // Cut off or too large: the same to the caller.
  }
  throw new Failure('failure', 'what was downloaded is no archive with this program: nothing was changed');
}

const isProgram = (name: string): boolean => name === 'cli-proxy-api' || name === 'cli-proxy-api.exe';

/** source: POSIX.1-2017, pax, "ustar Interchange Format". */
function inTar(tar: Buffer): Buffer | undefined {
  for (let at = 0; at + block <= tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    if (Number.isNaN(size)) return undefined;
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    if (isProgram(name)) return tar.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
  }
  return undefined;
}

/** Goes by the headers before each file: the archives of releases have the sizes there. */
function inZip(zip: Buffer, most: number): Buffer | undefined {
  for (let at = 0; at + 30 <= zip.length && zip.readUInt32BE(at) === zipMagic; ) {
    const packed = zip.readUInt32LE(at + 18);
    const name = at + 30;
    const content = name + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
    if (isProgram(zip.toString('utf8', name, name + zip.readUInt16LE(at + 26))))
      return inflateRawSync(zip.subarray(content, content + packed), { maxOutputLength: most });
    at = content + packed;
  }
  return undefined;
}
