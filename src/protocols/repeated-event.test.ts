import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { repeatedEvent } from './repeated-event.ts';

const event = (text: string, more: object = {}) =>
  JSON.stringify({ type: 'delta', index: 0, delta: { kind: 'text', text }, ...more });
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('"', '\\', '\\"', '","text":"', ''),
);

/** The same JSON with every character of its strings escaped that may be. */
const escaped = (text: string) =>
  event('@').replace(
    '@',
    [...text]
      .flatMap((character) => character.split(''))
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

test('the text of a repeated event is what parsing it would give', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.boolean(), (first, second, escapes) => {
      const repeated = repeatedEvent();
      repeated.learn(event(first), 'text', first);
      const data = escapes ? escaped(second) : event(second);
      const text = repeated.textIn(data);
      if (text !== undefined) expect(text).toBe(JSON.parse(data).delta.text);
    }),
  );
});

test('an event that differs in its text alone is recognised', () => {
  const repeated = repeatedEvent();
  repeated.learn(event('Hello'), 'text', 'Hello');
  expect(repeated.textIn(event(' "world"\n'))).toBe(' "world"\n');
});

test('an event with another index, another field or a cut end is left to the parser', () => {
  const repeated = repeatedEvent();
  repeated.learn(event('Hello'), 'text', 'Hello');
  const others = [event('a', { index: 1 }), event('a', { usage: {} }), event('a').slice(0, -1), '[DONE]', ''];
  expect(others.map(repeated.textIn)).toEqual(others.map(() => undefined));
});

test('a text that closes its string and goes on with fields of its own is left to the parser', () => {
  const repeated = repeatedEvent();
  repeated.learn(event('Hello'), 'text', 'Hello');
  expect(repeated.textIn(event('@').replace('@', 'a","more":"b'))).toBeUndefined();
});

test('a key that stands twice is never learned', () => {
  const repeated = repeatedEvent();
  const twice = (text: string) => JSON.stringify({ text: 'other', delta: { text } });
  repeated.learn(twice('a'), 'text', 'a');
  expect(repeated.textIn(twice('b'))).toBeUndefined();
});
