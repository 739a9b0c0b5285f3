import { expect, test } from 'bun:test';
import { shippedBounds } from './bounds.ts';
import { parseConfig } from './load.ts';

function boundsOf(text: string) {
  const result = parseConfig(text, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.config.bounds;
}

test('a file that says nothing of bounds has the shipped ones', () => {
  expect(boundsOf('')).toEqual(shippedBounds);
  expect(shippedBounds).toMatchObject({ 'whole-answer': 67_108_864, 'error-body': 1_048_576 });
});

test('a bound is an amount of bytes, or a number where things are counted', () => {
  expect(boundsOf('bounds: {sse-line: 1MiB, answer-items: 8}')).toMatchObject({
    'sse-line': 1_048_576,
    'answer-items': 8,
  });
});

test('the old name max-request-bytes sets the bounds of requests that are not written themselves', () => {
  expect(boundsOf('max-request-bytes: 2000')).toEqual({
    ...shippedBounds,
    'request-body': 2000,
    'unpacked-request': 2000,
    'websocket-message': 2000,
  });
  expect(boundsOf('max-request-bytes: 2000\nbounds: {unpacked-request: 5000}')).toMatchObject({
    'request-body': 2000,
    'unpacked-request': 5000,
  });
});

test.each(['bounds: {sse-line: 0}', 'bounds: {answer-items: 1.5}', 'bounds: {answer-item: 5}'])(
  'a bound that is none, or not known, is a problem: %s',
  (text) => {
    expect(parseConfig(text, { file: 'config.yaml', env: {} }).ok).toBe(false);
  },
);
