import { expect, test } from 'bun:test';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivedFile, tarGz, zip } from '../../scripts/release/archive.ts';
import { emptyDirectory } from '../cli/program.ts';

const files: ArchivedFile[] = [
  { path: 'package/bin/program', content: Buffer.from('#!/bin/sh\n'), executable: true },
  { path: 'package/empty', content: new Uint8Array() },
  { path: 'package/Größe.bin', content: new Uint8Array(100_000).map((_, index) => index % 251) },
];

function unpacked(name: string, content: Uint8Array, command: string[]): string {
  const here = emptyDirectory().path;
  writeFileSync(join(here, name), content);
  mkdirSync(join(here, 'out'));
  const run = Bun.spawnSync(command, { cwd: here, stderr: 'pipe' });
  expect(`${run.exitCode} ${run.stderr}`).toBe('0 ');
  return join(here, 'out');
}

test('tar unpacks what was archived, with its permissions', () => {
  const out = unpacked('a.tgz', tarGz(files), ['tar', '-xzf', 'a.tgz', '-C', 'out']);
  for (const { path, content } of files)
    expect(readFileSync(join(out, path)).equals(Buffer.from(content))).toBe(true);
  expect(statSync(join(out, 'package/bin/program')).mode & 0o777).toBe(0o755);
  expect(statSync(join(out, 'package/empty')).mode & 0o777).toBe(0o644);
});

test('zip is read by another program, checksums and names included', () => {
  const read =
    'import zipfile,sys\nz=zipfile.ZipFile("a.zip")\nassert z.testzip() is None\nz.extractall("out")';
  const out = unpacked('a.zip', zip(files), ['python3', '-c', read]);
  for (const { path, content } of files)
    expect(readFileSync(join(out, path)).equals(Buffer.from(content))).toBe(true);
});

test('the same content is the same archive, and names no user and no time', () => {
  expect(tarGz(files).equals(tarGz(files))).toBe(true);
  expect(zip(files).equals(zip(files))).toBe(true);
  expect(tarGz(files).readUInt32LE(4)).toBe(0);
});

test('a path that tar cannot hold is an error, not another path', () => {
  expect(() => tarGz([{ path: 'x'.repeat(101), content: new Uint8Array() }])).toThrow('too long a path');
});
