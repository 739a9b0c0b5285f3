import { expect, test } from 'bun:test';
import { BeyondAnswer, checkEvent, countItems, itemsIn, usualAnswerBounds } from './answer-bounds.ts';
import type { JsonObject } from './json.ts';

const { items } = usualAnswerBounds;
const many = (count: number): JsonObject[] =>
  Array.from({ length: count }, () => ({ type: 'text', text: 'x' }));

/** Answers with so many things at a place of a protocol where things are listed. */
const places: [string, (all: JsonObject[]) => JsonObject][] = [
  ['blocks', (content) => ({ content })],
  ['citations of a block', (citations) => ({ content: [{ type: 'text', text: 'x', citations }] })],
  ['results of a search', (content) => ({ content: [{ type: 'web_search_tool_result', content }] })],
  ['choices', (choices) => ({ choices })],
  ['annotations of a choice', (annotations) => ({ choices: [{ message: { content: 'x', annotations } }] })],
  ['thoughts of a choice', (details) => ({ choices: [{ message: { reasoning_details: details } }] })],
  ['calls of a choice', (calls) => ({ choices: [{ message: { tool_calls: calls } }] })],
  ['items', (output) => ({ output })],
  [
    'annotations of an item',
    (all) => ({ output: [{ content: [{ type: 'output_text', annotations: all }] }] }),
  ],
  ['parts', (parts) => ({ candidates: [{ content: { parts } }] })],
  ['sources', (all) => ({ candidates: [{ groundingMetadata: { groundingChunks: all } }] })],
  ['supports', (all) => ({ candidates: [{ groundingMetadata: { groundingSupports: all } }] })],
  [
    'tokens',
    (content) => ({ choices: [{ logprobs: { content: content.flatMap((one) => Array(8).fill(one)) } }] }),
  ],
];

test.each(places)('H1: an answer has no more %s than the bound', (_, answer) => {
  expect(() => countItems(itemsIn(answer(many(items - 2))), usualAnswerBounds)).not.toThrow();
  expect(() => countItems(itemsIn(answer(many(items + 1))), usualAnswerBounds)).toThrow(BeyondAnswer);
});

test.each(places)('H1: nor has an event more %s', (_, answer) => {
  const asDelta = (event: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(event).replaceAll('"message"', '"delta"'));
  for (const event of [answer(many(items + 1)), asDelta(answer(many(items + 1)))])
    expect(() => checkEvent(event, usualAnswerBounds, 1_000_000)).toThrow(BeyondAnswer);
  expect(() => checkEvent(answer(many(300)), usualAnswerBounds, 1_000_000)).not.toThrow();
});

test('an event that holds a whole response may have as much as the response', () => {
  const logprobs = Array.from({ length: 8 * 4000 }, () => ({ token: 'x', logprob: -1 }));
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'x', logprobs }] }];
  const event = { type: 'response.completed', response: { output } };
  expect(() => checkEvent(event, usualAnswerBounds, 1_000_000)).not.toThrow();
});
