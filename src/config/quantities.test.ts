import { expect, test } from 'bun:test';
import { parseDuration, parseSize } from './quantities.ts';

test.each([
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5s', 1500],
  ['2d', 172_800_000],
  ['45', 45_000],
  [45, 45_000],
  [0.5, 500],
  ['', undefined],
  ['-1s', undefined],
  [-1, undefined],
  ['5 apples', undefined],
  ['s', undefined],
  [Number.NaN, undefined],
])('%p lasts %p ms', (written, milliseconds) => {
  expect(parseDuration(written)).toBe(milliseconds);
});

test.each([
  ['64MiB', 67_108_864],
  ['64 mib', 67_108_864],
  ['10MB', 10_000_000],
  ['512k', 524_288],
  ['1.5KiB', 1536],
  ['1GiB', 1_073_741_824],
  ['100', 100],
  ['100B', 100],
  [100, 100],
  [-1, undefined],
  [1.5, undefined],
  ['1 apple', undefined],
  ['MiB', undefined],
  ['', undefined],
])('%p is %p bytes', (written, bytes) => {
  expect(parseSize(written)).toBe(bytes);
});
