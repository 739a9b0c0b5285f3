import { expect, test } from 'bun:test';
import { usualAnswerBounds } from './answer-bounds.ts';
import { isTooHeavy, mostMemoryOfNumbers, tooHeavyInSteps, weighingCalls } from './answer-weight.ts';
import { isHeavierThan, memoryWeights } from './json-weight.ts';

const { values } = usualAnswerBounds;

function finished(steps: Generator<void, boolean>): boolean {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

const many = (count: number, one: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => one(at)).join(',');

/** A token with its probability, as OpenAI writes it. */
const token = (at: number, rest = ''): string =>
  `{"token":" the${at % 5000}","logprob":-${(at % 977) / 7919},"bytes":[32,116,104,101]${rest}}`;

/** Of the recorded traffic (shared/corpus) it is the answers with probabilities that have the most values for their length. */
test.each([
  [
    'the probabilities of 6,000 tokens and of 20 others each',
    `[${many(6000, (place) => token(place, `,"top_logprobs":[${many(20, (at) => token(place + at))}]`))}]`,
  ],
  ['an image of 12 MB', `{"data":"${'QUJD'.repeat(3_000_000)}"}`],
  [
    '100,000 results of a search',
    `[${many(50_000, (at) => `{"title":"Result ${at}","url":"https://example.com/${at}"}`)}]`,
  ],
  ['a call with a matrix of half a million numbers', `{"input":{"x":[${many(500_000, () => '7')}]}}`],
  ['200,000 empty objects', `{"x":[${many(200_000, () => '{}')}]}`],
])('%s are read', (_, json) => {
  expect(isTooHeavy(values, json)).toBe(false);
  expect(finished(tooHeavyInSteps(values, json))).toBe(false);
});

test.each([
  ['empty objects', many(300_000, () => '{}')],
  ['empty lists', many(300_000, () => '[]')],
  ['small numbers', many(1_200_000, () => '1')],
  ['lists in lists', many(4_000, () => '['.repeat(100) + ']'.repeat(100))],
  ['short strings that are all new', many(260_000, (at) => `"${at}"`)],
  ['names that are all new', many(70_000, (at) => `{"k${at}":1}`)],
])('%s that take twenty times their length of memory are not', (_, listed) => {
  const json = `{"x":[${listed}]}`;
  expect(isTooHeavy(values, json)).toBe(true);
  expect(finished(tooHeavyInSteps(values, json))).toBe(true);
  // Whoever wants them anyway says so: the memory of small answers grows with the bound.
  expect(isTooHeavy(3 * values, json)).toBe(false);
});

test('what else an answer holds lets it have more of them, up to six times its length', () => {
  const objects = many(300_000, () => '{}');
  const padded = (megabytes: number): string =>
    `{"x":[${objects}],"y":"${'text'.repeat(megabytes * 250_000)}"}`;
  expect(isTooHeavy(values, padded(2))).toBe(true);
  expect(isTooHeavy(values, padded(6))).toBe(false);
});

test('the arguments of calls count together, each once', () => {
  const input = `{"x":[${many(100_000, () => '{}')}]}`;
  const weighs = weighingCalls(values);
  expect([1, 2, 3].map(() => weighs(input))).toEqual([false, false, true]);
});

test('many small calls are none too many', () => {
  const weighs = weighingCalls(values);
  for (let at = 0; at < 4096; at++) expect(weighs(`{"path":"src/file-${at}.ts","limit":${at}}`)).toBe(false);
});

test.each([
  [
    '2,048 inputs of 1,024 tokens',
    250_000,
    `{"input":[${many(2048, () => `[${many(1024, (at) => `${1000 + at}`)}]`)}]}`,
    false,
  ],
  [
    '2,048 vectors of 1,024 whole numbers up to 127',
    values,
    `{"data":[${many(2048, () => `{"embedding":[${many(1024, (at) => `${(at % 255) - 127}`)}]}`)}]}`,
    false,
  ],
  [
    'four million numbers of one digit',
    values,
    `{"data":[{"embedding":[${'1,'.repeat(4_000_000)}1]}]}`,
    true,
  ],
])('of embeddings only those are too much that nobody makes: %s', (_, most, json, expected) => {
  expect(isHeavierThan(mostMemoryOfNumbers(most, json.length), json, memoryWeights)).toBe(expected);
});

test('numbers that stay as they are written weigh more, and so does all that stands beside them', () => {
  const coordinates = `{"points":[${many(100_000, (at) => `52.5200065999999${at}`)}]}`;
  expect(weighingCalls(values)(coordinates)).toBe(false);
  for (const listed of [
    many(365_000, () => '12345678901234567890'),
    `${'1,'.repeat(900_000)}12345678901234567890`,
  ]) {
    const json = `{"x":[${listed}]}`;
    expect(weighingCalls(values)(json)).toBe(true);
    expect(finished(tooHeavyInSteps(values, json))).toBe(false);
    expect(finished(tooHeavyInSteps(values, json, true))).toBe(true);
  }
});
