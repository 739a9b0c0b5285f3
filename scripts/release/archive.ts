/**
 * Archives that are the same bytes for the same content, on any computer and day: no owner, no time. `tar` would write both.
 */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** A file of an archive. */
export interface ArchivedFile {
  /** With `/` between folders; at most 100 bytes for tar. */
  path: string;
  content: Uint8Array;
  executable?: boolean;
}

const block = 512;
/** Half the time of 9, and 3 in a hundred larger. */
const level = 7;

/** A gzipped ustar archive; source: POSIX.1-2017, pax. Throws for a path that it cannot hold. */
export function tarGz(files: readonly ArchivedFile[]): Buffer {
  const parts = files.flatMap(({ path, content, executable }) => {
    if (Buffer.byteLength(path) > 100) throw new Error(`too long a path for tar: ${path}`);
    const header = Buffer.alloc(block);
    header.write(path, 0);
    header.write(`${octal(executable ? 0o755 : 0o644, 7)}\0`, 100);
    header.write(`${octal(0, 7)}\0${octal(0, 7)}\0${octal(content.length, 11)}\0${octal(0, 11)}\0`, 108);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${octal(sum, 6)}\0 `, 148);
    return [header, content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  const zipped = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]), { level });
  // The byte that names the system which compressed it: 255 is "unknown".
  zipped[9] = 255;
  return zipped;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** 1 January 1980: the first day that zip can name. */
const firstDay = 0x21;
/** Made on Unix, so that permissions count. */
const unix = 3;

/** A zip archive; source: PKWARE's APPNOTE, 4.3. Files of 4 GB and more do not fit. */
export function zip(files: readonly ArchivedFile[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, executable } of files) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(content, { level });
    // Needed version, flags (UTF-8 names), method (deflate), time, day, sum, sizes, length of the name, of further fields.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x08_00, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(firstDay, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), shared, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((executable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, unix]), shared, rest, name);
    offset += 4 + shared.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, listed, end]);
}
