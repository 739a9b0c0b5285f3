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

test('in a stream it is recognised with the blank line that ends it, and not before that has come', () => {
  const repeated = repeatedEvent();
  repeated.learn(event('Hello'), 'text', 'Hello');
  const data = event('world');
  const stream = `data: ${data}\n\ndata: [DONE]\n\n`;
  expect(repeated.inStream(stream, 6)).toEqual({ text: 'world', end: 6 + data.length });
  const cut = [stream.slice(0, 6 + data.length + 1), stream.slice(0, 6 + data.length), stream.slice(0, 20)];
  expect(cut.map((part) => repeated.inStream(part, 6))).toEqual([undefined, undefined, undefined]);
  expect(repeated.inStream(`data: ${data}\ndata: more\n\n`, 6)).toBeUndefined();
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

test('the padding that providers add, numbers of events and spaces between fields are no difference', () => {
  const repeated = repeatedEvent(['number', 'padding']);
  const padded = (text: string, number: number, padding: string, spaces: string) =>
    `{"number": ${number},"delta": {"text": ${JSON.stringify(text)}},"padding":"${padding}"${spaces}}`;
  repeated.learn(padded('Hello', 7, 'abc', ''), 'text', 'Hello');
  const others = [padded(' "world"\n', 12, '', '   '), padded('', 0, 'x', ''), padded('\\', 345, 'y z', ' ')];
  expect(others.map(repeated.textIn)).toEqual([' "world"\n', '', '\\']);
});

test.each([
  ['a number that JSON does not allow', '{"number":07,"text":"a"}'],
  ['no number', '{"number":,"text":"a"}'],
  ['another kind of value', '{"number":"7","text":"a"}'],
  ['a negative number', '{"number":-7,"text":"a"}'],
  ['a control character in the text', '{"number":7,"text":"a\tb"}'],
  ['an escape that is none', '{"number":7,"text":"a\\x"}'],
  ['a text without its end', '{"number":7,"text":"a}'],
  ['more behind the brace', '{"number":7,"text":"a"}}'],
])('%s is left to the parser', (_what, data) => {
  const repeated = repeatedEvent(['number']);
  repeated.learn('{"number":1,"text":"Hello"}', 'text', 'Hello');
  expect(repeated.textIn(data)).toBeUndefined();
});

test('an event that cannot be learned is not taken for the one that was learned before it', () => {
  const repeated = repeatedEvent();
  for (let at = 0; at < 10; at++) repeated.learn(event('a', { at }), 'text', 'a');
  expect(repeated.textIn(event('b', { at: 4 }))).toBeUndefined();
  expect(repeated.textIn(event('b', { at: 9 }))).toBeUndefined();
});

test('a long event is not learned: to look through it takes as long as to read it', () => {
  const repeated = repeatedEvent();
  const long = event('x'.repeat(64 * 1024));
  repeated.learn(long, 'text', 'x'.repeat(64 * 1024));
  expect(repeated.textIn(long)).toBeUndefined();
});
