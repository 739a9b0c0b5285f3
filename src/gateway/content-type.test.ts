import { expect, test } from 'bun:test';
import { isEventStream } from './content-type.ts';

test.each([
  ['text/event-stream', true],
  ['text/event-stream; charset=utf-8', true],
  ['Text/Event-Stream;charset=UTF-8', true],
  ['application/json', false],
  ['text/plain', false],
  [null, false],
  [undefined, false],
])('%p is a stream of events: %p', (stated, expected) => {
  expect(isEventStream(stated)).toBe(expected);
});
