import { expect, test } from 'bun:test';
import { shippedBounds } from '../config/bounds.ts';
import { isHeavierThan } from './json-weight.ts';

const many = (count: number, one: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => one(at)).join(',');

/** The smallest bound that the text passes. */
function weightOf(json: string): number {
  let low = 0;
  let high = 4 * json.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isHeavierThan(middle, json)) low = middle + 1;
    else high = middle;
  }
  return low;
}

test.each([
  ['lists and objects weigh one', `[${many(1000, () => '{}')}]`, 1 + 1000 + 1000 / 16],
  ['strings weigh one', `[${many(1000, () => '"a"')}]`, 1 + 1000 + 1000 / 16],
  ['names weigh two', `{${many(1000, (at) => `"k${at}":1`)}}`, 1 + 2000 + 1000 / 16],
  [
    'names beyond the 1,024th weigh sixteen',
    `{${many(2024, () => '"k" : 1')}}`,
    1 + 2048 + 16_000 + 2024 / 16,
  ],
  ['each object has its own names', `[${many(2000, () => '{"k":1}')}]`, 1 + 2000 + 4000 + 2000 / 16],
  ['numbers weigh a sixteenth', `[${many(16_000, () => '1')}]`, 1 + 1000],
  [
    'what stands in strings weighs nothing',
    `["${'{[,\\\\\\"'.repeat(1000)}","${'a'.repeat(1000)}"]`,
    3 + 1 / 16,
  ],
])('%s', (_, json, expected) => {
  expect(Math.abs(weightOf(json) - expected)).toBeLessThan(2);
  expect(weightOf(` \n${json}`)).toBe(weightOf(json));
});

test.each(['', 'x', '"a"', '[', '{"a', '["\\', '["\\"', ']]]]]]', '--form\r\n"a","b","c"'])(
  'what is no JSON as far as it was read weighs nothing: %j',
  (text) => {
    expect(isHeavierThan(1, text)).toBe(false);
  },
);

const requestBound = shippedBounds['json-values'];
const answerBound = shippedBounds['answer-values'];

test.each([
  [
    'the most messages that Anthropic takes',
    requestBound,
    `{"messages":[${many(100_000, () => '{"role":"user","content":"x"}')}]}`,
  ],
  [
    'two thousand messages and tools of fifteen values',
    requestBound,
    `[${many(4000, () => `{${many(15, (at) => `"k${at}":["x"]`)}}`)}]`,
  ],
  [
    '2,048 inputs of 2,048 tokens',
    requestBound,
    `{"input":[${many(2048, () => `[${many(2048, () => '1234')}]`)}]}`,
  ],
  [
    '2,048 embeddings of 3,072 numbers',
    answerBound,
    `{"data":[${many(2048, () => `{"embedding":[${'0.1,'.repeat(3071)}1]}`)}]}`,
  ],
  [
    'the probabilities of 8,000 tokens and 20 others each',
    answerBound,
    `[${many(8000, () => `{"top":[${many(20, () => '{"token":"a","logprob":-1,"bytes":[97]}')}]}`)}]`,
  ],
])('%s are within the bounds', (_, bound, json) => {
  expect(isHeavierThan(bound, json)).toBe(false);
});
