/** The pictures of docs/console.md: each page has one, none is large, and what makes them small loses nothing that can be seen. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { smallPng } from '../../scripts/small-png.ts';

const docs = join(import.meta.dir, '../../docs');

test('each picture is shown, and has at most 120 KiB', () => {
  const text = readFileSync(join(docs, 'console.md'), 'utf8');
  for (const name of readdirSync(join(docs, 'pictures'))) {
    expect([name, text.includes(`pictures/${name}`)]).toEqual([name, true]);
    expect(statSync(join(docs, 'pictures', name)).size).toBeLessThanOrEqual(120 * 1024);
  }
});

test('a picture of a few colours keeps each of its pixels', () => {
  // Two by one: red and blue, as the format's own example has them; each row begins with its filter.
  const head = '89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd';
  const pixels = deflateSync(new Uint8Array([0, 255, 0, 0, 0, 0, 255]));
  const data = Buffer.alloc(12 + pixels.length);
  data.writeUInt32BE(pixels.length, 0);
  data.write('IDAT', 4, 'latin1');
  data.set(pixels, 8);
  const small = Buffer.from(smallPng(Buffer.concat([Buffer.from(head, 'hex'), data])));
  const palette = small.indexOf('PLTE');
  expect(small.subarray(palette + 4, palette + 10)).toEqual(Buffer.from([255, 0, 0, 0, 0, 255]));
  expect(small[25]).toBe(3);
});
