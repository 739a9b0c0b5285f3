import { expect, test } from 'bun:test';
import type { Json } from '../protocols/json.ts';
import { formatTimeLike, readTime } from './file-time.ts';

const time = Date.UTC(2026, 2, 11, 16, 30, 0);
const later = time + 3_661_000;

const formats: [written: Json, renewed: Json][] = [
  ['2026-03-11T16:30:00Z', '2026-03-11T17:31:01Z'],
  ['2026-03-11T16:30:00.000Z', '2026-03-11T17:31:01Z'],
  ['2026-03-12T00:30:00.000000000+08:00', '2026-03-11T17:31:01Z'],
  ['2026-03-11 16:30:00', '2026-03-11 17:31:01'],
  ['2026-03-11 16:30', '2026-03-11 17:31'],
  [time / 1000, later / 1000],
  [time, later],
  [String(time / 1000), String(later / 1000)],
  [String(time), String(later)],
];
for (const [written, renewed] of formats)
  test(`the time ${JSON.stringify(written)} is read, and renewed in its own format`, () => {
    expect(readTime(written)).toEqual({ ok: true, time });
    expect<Json>(formatTimeLike(written, later)).toEqual(renewed);
  });

for (const nothing of [undefined, null, '', ' ', 0, '0', '0001-01-01T00:00:00Z'])
  test(`${JSON.stringify(nothing)} says nothing of a time`, () =>
    expect(readTime(nothing)).toEqual({ ok: true, time: undefined }));

for (const wrong of ['soon', '2026-13-45T00:00:00Z', true, {}, []])
  test(`${JSON.stringify(wrong)} is no time`, () => expect(readTime(wrong)).toEqual({ ok: false }));
