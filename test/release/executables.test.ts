import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { checkCodeSignature, signed } from '../../scripts/release/code-signature.ts';
import { formatProblem } from '../../scripts/release/executable-format.ts';
import { type Target, targetHere, targets } from '../../scripts/release/targets.ts';

/** A Mach-O file with text, data and the place of a signature that says nothing yet. */
function machO(bytes: number): Buffer {
  const file = Buffer.alloc(bytes + 64, 7);
  file.writeUInt32LE(0xfeed_facf, 0);
  file.writeUInt32LE(0x0100_0007, 4);
  file.writeUInt32LE(3, 16);
  const segment = (at: number, name: string, offset: number, size: number) => {
    file.fill(0, at, at + 72);
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(72, at + 4);
    file.write(name, at + 8);
    file.writeBigUInt64LE(BigInt(offset), at + 40);
    file.writeBigUInt64LE(BigInt(size), at + 48);
  };
  segment(32, '__TEXT', 0, 4096);
  segment(104, '__LINKEDIT', 4096, bytes - 4096 + 64);
  for (const [index, value] of [0x1d, 16, bytes, 64].entries()) file.writeUInt32LE(value, 176 + index * 4);
  return file;
}

describe('the signature of a Mach-O executable', () => {
  test('fits after signing, and covers every byte before it', () => {
    const file = signed(machO(10_000));
    expect(checkCodeSignature(file)).toEqual({ pages: 3, wrong: 0 });
    // The segment that holds it ends with the file.
    expect(Number(file.readBigUInt64LE(104 + 40) + file.readBigUInt64LE(104 + 48))).toBe(file.length);
    expect(signed(file).equals(file)).toBe(true);
  });

  test.each([300, 4096, 9999])('a byte changed at %d is a page that is wrong', (at) => {
    const file = signed(machO(10_000));
    file[at] = (file[at] ?? 0) ^ 1;
    expect(checkCodeSignature(file)).toEqual({ pages: 3, wrong: 1 });
  });

  test('a file without one is not taken for a signed one', () => {
    expect(checkCodeSignature(machO(10_000))).toBeUndefined();
    expect(checkCodeSignature(Buffer.alloc(64))).toBeUndefined();
  });
});

describe('the format of an executable', () => {
  const target = (name: string): Target => {
    const found = targets.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test('the runtime of this computer is an executable for it and for no other target', () => {
    const runtime = readFileSync(process.execPath);
    const fitting = targets.filter((one) => formatProblem(runtime, one) === undefined);
    expect(fitting).toEqual([targetHere()].filter((one) => one !== undefined));
  });

  test('a PE file is told by its processor', () => {
    const file = Buffer.alloc(256);
    file.write('MZ', 0);
    file.writeUInt32LE(128, 0x3c);
    file.write('PE\0\0', 128);
    file.writeUInt16LE(0xaa64, 132);
    expect(formatProblem(file, target('win32-arm64'))).toBeUndefined();
    expect(formatProblem(file, target('win32-x64'))).toContain('no PE file');
    expect(formatProblem(machO(8192), target('darwin-x64'))).toBeUndefined();
    expect(formatProblem(machO(8192), target('darwin-arm64'))).toContain('no Mach-O');
  });
});
