import { expect, test } from 'bun:test';
import { comparedBodies } from './compared.ts';

const chat = (type: string, data: string) =>
  JSON.stringify({ choices: [{ message: { reasoning_details: [{ type, data }] } }] });
const messages = (data: string, text: string) =>
  JSON.stringify({
    content: [
      { type: 'redacted_thinking', data },
      { type: 'text', text },
    ],
  });

test('what only its provider can read is another one each time, and no difference', () => {
  expect(comparedBodies(chat('reasoning.encrypted', 'one'), chat('reasoning.encrypted', 'two'))).toEqual([]);
  expect(comparedBodies(messages('one', 'Hello'), messages('two', 'Hello'))).toEqual([]);
});

test('that it is there, and what stands beside it, is compared', () => {
  expect(comparedBodies(messages('one', 'Hello'), messages('two', 'Hi'))).toEqual([
    { where: 'body.content[1].text', recorded: '"Hello"', now: '"Hi"' },
  ]);
  expect(comparedBodies(chat('other', 'one'), chat('other', 'two'))).toHaveLength(1);
  const without = JSON.stringify({
    content: [{ type: 'redacted_thinking' }, { type: 'text', text: 'Hello' }],
  });
  expect(comparedBodies(messages('one', 'Hello'), without)).toHaveLength(1);
});
