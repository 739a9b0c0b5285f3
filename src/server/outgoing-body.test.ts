import { expect, test } from 'bun:test';
import { outgoingBody } from './outgoing-body.ts';

const read = (body: ReturnType<typeof outgoingBody>): Promise<string> => new Response(body).text();

test.each([
  ['a short text', 'short'],
  ['short bytes', new TextEncoder().encode('short')],
  ['nothing', ''],
  ['a stream', new Response('short').body ?? ''],
])('%s goes out as it is', (_what, body) => {
  expect(outgoingBody(body)).toBe(body);
});

test.each([
  ['letters', 'x'.repeat(15_000)],
  ['characters of several bytes', '\u20ac'.repeat(5_000)],
])(
  '%s that do not fit the buffer of the runtime go out as a stream of the same bytes',
  async (_what, text) => {
    for (const body of [text, new TextEncoder().encode(text)]) {
      const outgoing = outgoingBody(body);
      expect(outgoing).toBeInstanceOf(ReadableStream);
      expect(await read(outgoing)).toBe(text);
    }
  },
);

test('a long text of which its characters say that it may not fit goes out as it is when it does', () => {
  const text = 'x'.repeat(10_000);
  expect(outgoingBody(text)).toBe(text);
});

test.each([
  ['letters', 'x'.repeat(3_000_000)],
  ['characters of two halves, cut nowhere in between', `x${'\u{1f600}'.repeat(700_000)}`],
])('a body of megabytes goes out in pieces, as they are taken: %s', async (_what, text) => {
  for (const body of [text, new TextEncoder().encode(text)]) {
    const outgoing = outgoingBody(body);
    if (!(outgoing instanceof ReadableStream)) throw new Error('no stream');
    const sizes: number[] = [];
    const decoder = new TextDecoder();
    let read = '';
    for await (const piece of outgoing) {
      sizes.push(piece.length);
      read += decoder.decode(piece, { stream: true });
    }
    expect(read === text).toBe(true);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
  }
});
