import { expect, test } from 'bun:test';
import { bundleVersion, readBundle } from './bundle.ts';

test.each([
  ['[]', 'it is no recording: it is not one object'],
  ['null', 'it is no recording: it is not one object'],
  ['"x"', 'it is no recording: it is not one object'],
  ['{', 'it is not JSON'],
  ['{}', 'it is no recording: bundle is missing or is something else'],
  [
    `{"bundle":${bundleVersion},"version":"1","filler":true}`,
    'it is no recording: exchanges is missing or is something else',
  ],
  ['{"bundle":99}', `it has the form 99, and this program reads ${bundleVersion}`],
])('a file of %s says what it lacks', (text, sentence) => {
  expect(readBundle(text)).toEqual({ ok: false, sentence });
});
