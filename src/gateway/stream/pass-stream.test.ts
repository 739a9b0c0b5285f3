import { expect, test } from 'bun:test';
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import type { ChunkReader } from '../answer.ts';
import { failureOfOutcome } from '../failure.ts';
import { clientWentAway } from './broken-stream.ts';
import { type Outcome, passThrough } from './pass-stream.ts';

const encoder = new TextEncoder();

/** Reads these pieces; then the bytes end, or the connection breaks. */
function readerOf(pieces: readonly string[], end: 'ends' | 'breaks'): ChunkReader {
  const left = [...pieces];
  return {
    async read() {
      const piece = left.shift();
      if (piece !== undefined) return { done: false, value: encoder.encode(piece) };
      if (end === 'breaks') throw new Error('reset by peer');
      return { done: true, value: undefined };
    },
    async cancel() {},
  };
}

async function through(protocol: Protocol, pieces: readonly string[], end: 'ends' | 'breaks' = 'ends') {
  const [first = '', ...rest] = pieces;
  let outcome: Outcome | undefined;
  const body = passThrough(
    codecs[protocol],
    encoder.encode(first),
    readerOf(rest, end),
    (told) => {
      outcome = told;
    },
    () => ({ request: codecs['openai-chat'].decodeRequest({ messages: [] }, { model: 'm', stream: true }) }),
    { mask: (text) => text.replaceAll('hidden-word', '[removed]'), mostBytes: 8192, id: 'req_1' },
  );
  return { text: await new Response(body).text(), outcome };
}

const start =
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}\n\n';
const delta = 'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"a"}}\n\n';
const tokens = 'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":9}}\n\n';
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const error =
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"too many"}}\n\n';

test('a whole stream goes through as it is, with its counts', async () => {
  const { text, outcome } = await through('anthropic-messages', [start, delta, tokens + stop]);
  expect(text).toBe(start + delta + tokens + stop);
  expect(outcome).toMatchObject({ input: 7, output: 9 });
  expect(outcome?.error).toBeUndefined();
});

test('M5: an event that tells of an error is masked, in any piece; answers are not searched', async () => {
  const told = error.replace('too many', 'hidden-word ü');
  const said = delta.replace('"a"', '"hidden-word"');
  for (const pieces of [
    [start + said, told],
    [start + said, told.slice(0, 60), told.slice(60)],
    [start + said, told.trimEnd()],
  ])
    expect((await through('anthropic-messages', pieces)).text.trimEnd()).toBe(
      (start + said + told.replace('hidden-word', '[removed]')).trimEnd(),
    );
});

test('a stream that has come whole with its first piece goes through in one piece, unless it did not end well', () => {
  const given = (first: string) =>
    passThrough(
      codecs['anthropic-messages'],
      encoder.encode(first),
      { ...readerOf([], 'ends'), isOver: () => true },
      (told) => outcomes.push(told),
      () => {
        throw new Error('nothing is to be decoded');
      },
      { mask: (text) => text, mostBytes: 8192, id: 'req_1' },
    );
  const outcomes: Outcome[] = [];
  expect(given(start + delta + tokens + stop)).toEqual(encoder.encode(start + delta + tokens + stop));
  expect(outcomes).toEqual([{ input: 7, output: 9, cacheRead: undefined, cacheWrite: undefined }]);
  for (const cut of [start + delta, `${start + delta + tokens}event: mess`, `${start}data: {"ty\n\n${stop}`])
    expect(given(cut)).toBeInstanceOf(ReadableStream);
  expect(outcomes).toHaveLength(1);
});

test('a connection that breaks behind the terminal event changes nothing', async () => {
  const { text, outcome } = await through('anthropic-messages', [start, delta, tokens + stop], 'breaks');
  expect(text).toBe(start + delta + tokens + stop);
  expect(outcome?.error).toBeUndefined();
});

test('a stream that is cut ends with an error; what it used is counted', async () => {
  for (const end of ['ends', 'breaks'] as const) {
    const { text, outcome } = await through('anthropic-messages', [start, delta, tokens, 'event: mess'], end);
    expect(text).toStartWith(`${start + delta + tokens}\n\nevent: error\n`);
    expect(outcome).toMatchObject({ input: 7, output: 9, error: expect.any(String) });
    expect(outcome && failureOfOutcome(outcome, 0)?.kind).toBe('unavailable');
  }
});

test('a stream that says that it failed goes through, and is a failure of its credential in its own words', async () => {
  const { text, outcome } = await through('anthropic-messages', [start, delta, error]);
  expect(text).toBe(start + delta + error);
  expect(outcome).toMatchObject({ input: 7, error: 'too many', upstreamError: { kind: 'overloaded' } });
  const quota = error.replace('overloaded_error', 'rate_limit_error');
  const told = await through('anthropic-messages', [start, quota]);
  expect(told.outcome && failureOfOutcome(told.outcome, 0)?.kind).toBe('quota');
});

test('an error about the request does not blame the credential', async () => {
  const mistake = error.replace('overloaded_error', 'invalid_request_error');
  const { outcome } = await through('anthropic-messages', [start, mistake]);
  expect(outcome?.error).toBe('too many');
  expect(outcome && failureOfOutcome(outcome, 0)).toBeUndefined();
});

test('words between the events are left out; a broken event ends the stream', async () => {
  const chunk = 'data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}\n\n';
  const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
  const words = await through('openai-chat', [chunk, 'data: please wait\n\n', chunk, end]);
  expect(words.text).toBe(chunk + chunk + end);
  expect(words.outcome?.error).toBeUndefined();
  const broken = await through('openai-chat', [chunk, 'data: {"choices":[{"del\n\n', chunk, end]);
  expect(broken.text).toMatch(/^data: .*\n\n\n\ndata: \{"error":.*\}\n\n$/);
  expect(broken.outcome?.error).toContain('not JSON');
});

test('a client that leaves: what was used so far is counted, and nobody is blamed', async () => {
  let outcome: Outcome | undefined;
  const body = passThrough(
    codecs['anthropic-messages'],
    encoder.encode(start + delta),
    readerOf([], 'ends'),
    (told) => {
      outcome = told;
    },
    () => {
      throw new Error('nothing is to be decoded');
    },
    { mask: (text) => text, mostBytes: 8192, id: 'req_1' },
  );
  const reader = new Response(body).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(outcome).toMatchObject({ input: 7, error: clientWentAway });
  expect(outcome && failureOfOutcome(outcome, 0)).toBeUndefined();
});
