import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { withoutRequest } from './quoted-request.ts';

const prompt =
  'Please keep to yourself that the merger of Alpha and Beta is on Friday, at "noon".\nThanks, Änne 😀';
const model = 'a-model-with-a-name-of-many-letters-2026-11-30';
const bodyOf = (text: string) => new TextEncoder().encode(text);
const asked = {
  model,
  body: bodyOf(JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] })),
};

test.each([
  ['as it is', prompt],
  ['as JSON', JSON.stringify({ content: prompt })],
  ['a part of it', prompt.slice(7, 60)],
])('what of the request stands in an error is left out: %s', (_, quoted) => {
  const told = withoutRequest(`Invalid value at messages.0.content: ${quoted} (expected a list).`, asked);
  for (const word of ['merger', 'Alpha', 'Friday']) expect(told).not.toContain(word);
  expect(told).toStartWith('Invalid value at messages.0.content');
  expect(told).toEndWith('(expected a list).');
});

test('letters that a client has written by their numbers are found', () => {
  const letters = '合并计划在星期五中午公布请保密不要告诉任何人谢谢大家的理解与支持';
  const escaped = JSON.stringify({ model, content: letters }).replaceAll(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16)}`,
  );
  expect(withoutRequest(`refused: ${letters}`, { model, body: bodyOf(escaped) })).toBe('refused: […]');
});

test.each([0, 1, 2])('what a file in base64 says is found, from byte %d on', (before) => {
  const data = Buffer.from(`${'-'.repeat(before)}${prompt}`).toString('base64');
  const body = bodyOf(JSON.stringify({ model, file: `data:text/plain;base64,${data}` }));
  const told = withoutRequest(`It was refused: ${prompt}`, { model, body });
  for (const word of ['keep', 'merger', 'Friday', 'Änne']) expect(told).not.toContain(word);
  expect(told).toStartWith('It was refused');
});

test.each([
  'Rate limit reached for requests. Please try again in 20s.',
  `The model ${model} does not exist.`,
  'messages.0.content: Field required',
  'short',
  '',
])('what is not of the request stays: %s', (text) => {
  expect(withoutRequest(text, asked)).toBe(text);
});

test('an error about a body that has been let go of is told to where it could quote', () => {
  const body = bodyOf('x'.repeat(100_000));
  body.buffer.transfer(0);
  expect(withoutRequest(`The content was refused: "${prompt}"`, { model, body })).toBe(
    'The content was refused[…]',
  );
});

test('no stretch of the request is left, whatever the error is made of', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constant(prompt), fc.string({ unit: 'binary' }))),
      (parts) => {
        const text = withoutRequest(parts.join(''), asked);
        for (let at = 0; at + 32 <= prompt.length; at++)
          expect(text).not.toContain(prompt.slice(at, at + 32));
      },
    ),
  );
});
