import { afterAll, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBoundedFile } from './bounded-file.ts';
import { errorCode } from './error-code.ts';

const directory = mkdtempSync(join(tmpdir(), 'bounded-file-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = join(directory, 'file');
writeFileSync(file, 'four');
const link = join(directory, 'link');
symlinkSync(file, link);
const pipe = join(directory, 'pipe');
execFileSync('mkfifo', [pipe]);

test('a file is read up to its bound, and not beyond', async () => {
  expect(await readBoundedFile(file, 4)).toEqual({ kind: 'read', bytes: Buffer.from('four') });
  expect(await readBoundedFile(file, 3)).toEqual({ kind: 'too-large', size: 4 });
});

test('a directory and a pipe are no file, and a pipe is not waited for', async () => {
  expect(await readBoundedFile(directory, 4)).toEqual({ kind: 'no-file' });
  expect(await readBoundedFile(pipe, 4)).toEqual({ kind: 'no-file' });
});

test('a link is followed, unless it is looked at itself', async () => {
  expect((await readBoundedFile(link, 4)).kind).toBe('read');
  expect((await readBoundedFile(link, 4, lstat)).kind).toBe('no-file');
});

test('a missing file is an error with its code', async () => {
  const error = await readBoundedFile(join(directory, 'none'), 4).catch((reason: unknown) => reason);
  expect(errorCode(error)).toBe('ENOENT');
  expect(errorCode(new Error('without'))).toBeUndefined();
  expect(errorCode('ENOENT')).toBeUndefined();
});
