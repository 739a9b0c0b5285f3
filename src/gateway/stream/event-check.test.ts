import { expect, test } from 'bun:test';
import { checkEvents, isWholeEvent } from './event-check.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const good = (text: string) => {
  const checked = checkEvents(bytes(text));
  return { good: new TextDecoder().decode(checked.good), broken: checked.broken };
};

test.each(['\n', '\r\n'])(
  'events of JSON, comments and [DONE] go on as the very same bytes (line ends %j)',
  (end) => {
    const text = ['data: {"a":1}', ': a comment', 'event: x', 'data: {', 'data: "b":[2]}', 'data: [DONE]']
      .map((line) => (line === 'event: x' || line === 'data: {' ? line + end : line + end + end))
      .join('');
    const all = bytes(text);
    expect(checkEvents(all)).toEqual({ good: all, broken: false });
    expect(checkEvents(all).good).toBe(all);
  },
);

test('words that are no JSON are left out', () => {
  expect(good('data: {"a":"ä"}\n\ndata: still here\n\ndata: {"b":2}\n\n')).toEqual({
    good: 'data: {"a":"ä"}\n\ndata: {"b":2}\n\n',
    broken: false,
  });
});

test('JSON that is not whole ends the stream behind the last whole event', () => {
  expect(good('data: {"a":1}\n\ndata: {"b": tru\n\ndata: {"c":3}\n\n')).toEqual({
    good: 'data: {"a":1}\n\n',
    broken: true,
  });
});

test('an event without its blank line counts when it is whole', () => {
  expect(isWholeEvent(bytes('data: {"a":1}'))).toBe(true);
  expect(isWholeEvent(bytes('event: x\ndata: [DONE]\n'))).toBe(true);
  expect(isWholeEvent(bytes('data: {"finish_reason":"stop"'))).toBe(false);
  expect(isWholeEvent(bytes(''))).toBe(false);
});
