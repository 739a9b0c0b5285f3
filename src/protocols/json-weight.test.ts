import { expect, test } from 'bun:test';
import { shippedBounds } from '../config/bounds.ts';
import {
  answerWeights,
  embeddingsWeights,
  isHeavierThan,
  type JsonWeights,
  requestWeights,
  weighedInSteps,
} from './json-weight.ts';

const many = (count: number, one: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => one(at)).join(',');

const weights: JsonWeights = {
  listOrObject: 8,
  string: 2,
  newString: 32,
  name: 4,
  newName: 64,
  separator: 1 / 4,
};

/** The smallest bound that the text passes; it is long enough to be looked at. */
function weightOf(json: string): number {
  const text = json.padEnd(200_000);
  let low = 0;
  let high = 199_999;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isHeavierThan(middle, text, weights)) low = middle + 1;
    else high = middle;
  }
  return low;
}

test.each([
  ['lists and objects', `[${many(1000, () => '{}')}]`, 8 + 8000 + 999 / 4],
  ['strings, first and again', `[${many(1000, () => '"a"')}]`, 8 + 32 + 999 * 2 + 999 / 4],
  ['texts are new strings', `["${'a'.repeat(30)}","${'a'.repeat(30)}"]`, 8 + 64 + 1 / 4],
  ['new strings', `[${many(500, (at) => `"s${at}"`)}]`, 8 + 500 * 32 + 499 / 4],
  ['names, first and again', `[${many(1000, () => '{"k" : 1}')}]`, 8 + 8000 + 64 + 999 * 4 + 999 / 4],
  ['new names', `{${many(500, (at) => `"k${at}":1`)}}`, 8 + 500 * 64 + 499 / 4],
  [
    'names beyond the 1,024th of one object',
    `{${many(2024, () => '"k":1')}}`,
    8 + 64 + 1023 * 4 + 16_000 + 2023 / 4,
  ],
  ['numbers', `[${many(16_000, () => '1')}]`, 8 + 15_999 / 4],
  ['what stands in strings weighs nothing', `["${'{[,\\\\\\"'.repeat(1000)}","a"]`, 8 + 64 + 1 / 4],
])('%s', (_, json, expected) => {
  expect(Math.abs(weightOf(json) - expected)).toBeLessThan(40);
  expect(Math.abs(weightOf(` \n${json}`) - expected)).toBeLessThan(40);
});

test.each(['', 'x', '"a"', '[', '{"a', '["\\', '["\\"', ']]]]]]', '--form\r\n"a","b","c"'])(
  'what is no JSON as far as it was read weighs nothing: %j',
  (text) => {
    expect(isHeavierThan(20, text.padEnd(100), { ...weights, listOrObject: 2 })).toBe(false);
  },
);

const requestBound = shippedBounds['json-values'];
const answerBound = shippedBounds['answer-values'];
const message = '{"role":"user","content":"x"}';

/** As agents write them. */
const turn = (at: number): string =>
  `{"role":"assistant","content":[{"type":"text","text":"Now ${at}"},{"type":"tool_use","id":"t${at}","name":"read","input":{"path":"a${at}"}}]}`;

test.each([
  ['30,000 messages', requestBound, requestWeights, `{"messages":[${many(30_000, () => message)}]}`],
  ['5,000 turns of an agent', requestBound, requestWeights, `{"messages":[${many(5000, turn)}]}`],
  [
    '2,000 tools of ten parameters',
    requestBound,
    requestWeights,
    `[${many(2000, (tool) => `{"name":"t${tool}","input_schema":{"type":"object","properties":{${many(10, (at) => `"p${at}":{"type":"string","description":"d"}`)}}}}`)}]`,
  ],
  [
    '2,048 inputs of 2,048 tokens',
    requestBound,
    embeddingsWeights,
    `{"input":[${many(2048, () => `[${many(2048, () => '1234')}]`)}]}`,
  ],
  [
    '2,048 embeddings of 3,072 numbers',
    answerBound,
    embeddingsWeights,
    `{"data":[${many(2048, () => `{"embedding":[${'0.1,'.repeat(3071)}1]}`)}]}`,
  ],
  [
    'the probabilities of 8,000 tokens and 20 others each',
    answerBound,
    answerWeights,
    `[${many(8000, (place) => `{"top":[${many(20, (at) => `{"token":"t${(place * at) % 5000}","logprob":-1,"bytes":[97,98]}`)}]}`)}]`,
  ],
])('%s are within the bounds', (_, bound, weighed, json) => {
  expect(isHeavierThan(bound, json, weighed)).toBe(false);
});

test.each([
  ['messages', requestBound, requestWeights, `[${many(40_000, () => message)}]`],
  ['names that are all new, of a request', requestBound, requestWeights, newNames(40_000)],
  ['numbers', requestBound, requestWeights, `[${many(600_000, () => '1')}]`],
  ['names that are all new, of an answer', answerBound, answerWeights, newNames(80_000)],
  ['short strings that are all new', answerBound, answerWeights, `[${many(400_000, (at) => `"${at}"`)}]`],
])('more is beyond the bounds: %s', (_, bound, weighed, json) => {
  expect(isHeavierThan(bound, json, weighed)).toBe(true);
});

function newNames(count: number): string {
  return `[${many(count, (at) => `{"name_of_${at}":1}`)}]`;
}

test('in steps it is as heavy, wherever they end', () => {
  const shapes = [
    '{"a":1},',
    '"text\\"of some length that goes on for a while",',
    '[],1,',
    '{"k":{"k":[{}]}},',
    '   ',
  ];
  for (const shape of shapes) {
    const text = `[${shape.repeat(Math.ceil((3 * 512 * 1024) / shape.length))}0]`;
    for (const most of [1, 20_000, 100_000, 400_000, 700_000, 1_200_000]) {
      const steps = weighedInSteps(most, text, requestWeights);
      let stops = 0;
      let step = steps.next();
      for (; !step.done; step = steps.next()) stops += 1;
      expect([shape, most, step.value]).toEqual([shape, most, isHeavierThan(most, text, requestWeights)]);
      if (step.value === false) expect(stops).toBeGreaterThanOrEqual(2);
    }
  }
});
