import { expect, test } from 'bun:test';
import { linesOf } from './lines.ts';

/** A source that gives what it is given, when it is given. */
function source() {
  const { readable, writable } = new TransformStream<string, string>(undefined, { highWaterMark: 100 });
  const writer = writable.getWriter();
  return { readable, write: (text: string) => writer.write(text), end: () => writer.close() };
}

test('lines come whole, however the input is cut, without their ends and without spaces around them', async () => {
  const lines = linesOf(['on', 'e\r', '\n  two \nthr', 'ee']);
  expect(await lines.next()).toBe('one');
  expect(await lines.next()).toBe('two');
  expect(await lines.next()).toBe('three');
  expect(await lines.next()).toBeUndefined();
});

test('a line that comes while nobody asks waits for who asks next', async () => {
  const { readable, write, end } = source();
  const lines = linesOf(readable);
  await write('early\n');
  expect(await lines.next()).toBe('early');
  await end();
  expect(await lines.next()).toBeUndefined();
});

test('who stops asking takes no line from who asks next', async () => {
  const { readable, write } = source();
  const lines = linesOf(readable);
  const over = new AbortController();
  const first = Array.fromAsync(lines.until(over.signal));
  over.abort();
  expect(await first).toEqual([]);
  await write('for the second\n');
  expect(await lines.next()).toBe('for the second');
});

test('an input that breaks off is an input that ends', async () => {
  const broken = new ReadableStream<string>({
    start(stream) {
      stream.error(new Error('gone'));
    },
  });
  expect(await linesOf(broken).next()).toBeUndefined();
});
