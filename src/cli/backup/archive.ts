/** Whether a backup is whole. A part of a damaged one could be unpacked, and the missing rest would go unnoticed. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../../ground/error-code.ts';
import { printable } from '../../telemetry/printable.ts';

/** `none`: it is something else. `why` continues "is damaged: " with the place. */
export type ArchiveState = { kind: 'whole' } | { kind: 'none' } | { kind: 'damaged'; why: string };

/** Bytes that are unpacked at a time. */
const slice = 1024 * 1024;

/** Unpacks all of it and keeps nothing: its checksum is that of the whole. */
export async function archiveState(bytes: Uint8Array): Promise<ArchiveState> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { kind: 'none' };
  const tar = tarWalk();
  const gunzip = createGunzip();
  try {
    await pipeline(Readable.from(slicesOf(bytes)), gunzip, async (unpacked: AsyncIterable<Uint8Array>) => {
      for await (const piece of unpacked) tar.push(piece);
    });
  } catch (error) {
    return { kind: 'damaged', why: `${reasonIn(error, bytes.length)}, ${tar.place()}` };
  }
  switch (tar.state()) {
    case 'no-tar':
      return { kind: 'none' };
    case 'ended':
      return { kind: 'whole' };
    case 'broken':
      return { kind: 'damaged', why: `what it holds cannot be read, ${tar.place()}` };
    case 'open':
      return { kind: 'damaged', why: `it ends too early, ${tar.place()}` };
  }
}

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += slice) yield bytes.subarray(at, at + slice);
}

/** source: zlib's manual, "Constants": Z_BUF_ERROR, Z_DATA_ERROR. */
function reasonIn(error: unknown, length: number): string {
  const code = errorCode(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code === 'Z_BUF_ERROR') return `it ends too early, after ${length} bytes`;
  if (said.includes('check')) return 'its checksum is that of other bytes';
  return `its bytes were changed (${said})`;
}

const block = 512;

interface TarWalk {
  push(bytes: Uint8Array): void;
  /** `no-tar`: the very first block is none of such an archive; `open`: more has to come. */
  state(): 'open' | 'ended' | 'broken' | 'no-tar';
  /** Where it is, in words: `in accounts/a.json`. */
  place(): string;
}

/** Goes from header to header. source: POSIX.1-2017, pax, "ustar Interchange Format". */
function tarWalk(): TarWalk {
  let state: ReturnType<TarWalk['state']> = 'open';
  let header = Buffer.alloc(0);
  /** Bytes of the content, and what fills it up to whole blocks, that are still to come. */
  let left = 0;
  let name = '';
  let files = 0;

  function take(whole: Buffer): void {
    if (whole.every((byte) => byte === 0)) {
      state = 'ended';
      return;
    }
    const size = Number.parseInt(text(whole, 124, 12), 8);
    if (Number.isNaN(size) || Number.parseInt(text(whole, 148, 8), 8) !== checksum(whole)) {
      state = files === 0 ? 'no-tar' : 'broken';
      return;
    }
    files += 1;
    const folder = text(whole, 345, 155);
    name = folder === '' ? text(whole, 0, 100) : `${folder}/${text(whole, 0, 100)}`;
    left = Math.ceil(size / block) * block;
  }

  return {
    state: () => state,
    place() {
      if (name === '') return 'before its first file';
      return left > 0 ? `in ${printable(name)}` : `behind ${printable(name)}`;
    },
    push(bytes) {
      for (let at = 0; at < bytes.length && state === 'open'; ) {
        if (left > 0) {
          const passed = Math.min(left, bytes.length - at);
          left -= passed;
          at += passed;
          continue;
        }
        const taken = bytes.subarray(at, at + block - header.length);
        header = Buffer.concat([header, taken]);
        at += taken.length;
        if (header.length < block) continue;
        take(header);
        header = Buffer.alloc(0);
      }
    },
  };
}

function text(header: Buffer, from: number, length: number): string {
  return header
    .toString('utf8', from, from + length)
    .replace(/\0.*$/s, '')
    .trim();
}

/** Of all bytes, those of the checksum itself as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}
