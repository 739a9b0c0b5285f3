import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../protocols/model.ts';
import type { ChunkReader } from '../answer.ts';
import { readFirstEvent } from './first-event.ts';

/** A reader of these pieces. */
function readerOf(pieces: readonly Uint8Array[]): ChunkReader {
  const left = [...pieces];
  return {
    async read() {
      const value = left.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async cancel() {},
  };
}

const created =
  'event: response.created\r\ndata: {"type":"response.created","response":{"error":null}}\r\n\r\n';
const started = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n';
const chunk = 'data: {"id":"1","choices":[{"delta":{"content":"Ünï"}}]}\n\n';

/** With its text where the older completions have it. */
const olderChunk = 'data: {"choices":[{"index":0,"text":"x","finish_reason":null}]}\n\n';

/** A chunk of Chat with these fields of its delta and its own. */
const delta = (fields: object, own: object = { finish_reason: null }): string =>
  `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: fields, ...own }] })}\n\n`;
const role = delta({ role: 'assistant', content: '', refusal: null });
const filtered = 'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}],"usage":null}\n\n';

const table: [Protocol, string, object][] = [
  ['openai-chat', chunk, { kind: 'begun', text: chunk }],
  ['openai-chat', `: PROCESSING\n\n${chunk}`, { kind: 'begun', text: `: PROCESSING\n\n${chunk}` }],
  ['openai-chat', `data: wait\n\n${chunk}`, { kind: 'begun', text: chunk }],
  [
    'openai-chat',
    `:\n\nevent: x\n\n: data: y\n\n${chunk}`,
    { kind: 'begun', text: `:\n\nevent: x\n\n: data: y\n\n${chunk}` },
  ],
  ['openai-chat', olderChunk, { kind: 'begun', text: olderChunk }],
  ['openai-chat', chunk.trimEnd(), { kind: 'begun', text: chunk.trimEnd() }],
  // A mark at the beginning belongs to no line, so that these are words.
  ['openai-chat', `\ufeffdata: wait\n${chunk}`, { kind: 'nothing' }],
  ['openai-chat', `{}\n${chunk}`, { kind: 'json' }],
  ['openai-chat', ` \n[\n\n${chunk}`, { kind: 'json' }],
  ['openai-chat', `\ufeff{}\n${chunk}`, { kind: 'json' }],
  ['openai-chat', '', { kind: 'nothing' }],
  ['openai-chat', ': PROCESSING\n\n', { kind: 'nothing' }],
  ['openai-chat', 'data: [DONE]\n\n', { kind: 'nothing' }],
  ['openai-chat', 'data: {"choices": oops\n\n', { kind: 'nothing' }],
  [
    'openai-chat',
    'data: {"error":{"message":"ä"}}\n\n',
    { kind: 'error', data: '{"error":{"message":"ä"}}' },
  ],
  ['openai-chat', 'data: {"id":"1","error":{"code":502}}\n\n', { kind: 'error' }],
  ['openai-chat', role, { kind: 'nothing' }],
  ['openai-chat', `${filtered}${role}data: {"error":{"message":"x"}}\n\n`, { kind: 'error' }],
  ['openai-chat', role + delta({}, { finish_reason: 'insufficient_system_resource' }), { kind: 'error' }],
  ['openai-chat', role + delta({}, { finish_reason: 'stop' }), { kind: 'begun' }],
  ['openai-chat', delta({ role: 'assistant', tool_calls: [{ index: 0, id: 'c' }] }), { kind: 'begun' }],
  ['openai-chat', delta({ content: 'assistant' }), { kind: 'begun' }],
  ['gemini', 'data: {"error":{"code":503}}\r\n\r\n', { kind: 'error' }],
  [
    'gemini',
    'data: {"candidates":[{"content":{"parts":[{"functionCall":{"args":{"error":{}}}}]}}]}\r\n\r\n',
    { kind: 'begun' },
  ],
  ['anthropic-messages', started, { kind: 'nothing' }],
  ['anthropic-messages', `${started}event: ping\ndata: {"type":"ping"}\n\n`, { kind: 'nothing' }],
  ['anthropic-messages', `${started}event: error\ndata: {"type":"error","error":{}}\n\n`, { kind: 'error' }],
  ['anthropic-messages', `${started}data: {"type":"content_block_start"}\n\n`, { kind: 'begun' }],
  ['openai-responses', created, { kind: 'nothing' }],
  ['openai-responses', `${created}data: {"type":"response.failed","response":{}}\n\n`, { kind: 'error' }],
  ['openai-responses', `${created}data: {"type":"response.output_item.added"}\n\n`, { kind: 'begun' }],
];

test.each(table)('a stream of %s that begins with %j, in any split', async (protocol, text, expected) => {
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(Math.max(0, bytes.length)), { maxLength: 4 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = places
        .slice(1)
        .map((end, index) => bytes.subarray(places[index], end))
        .filter((piece) => piece.length > 0);
      const opening = await readFirstEvent(protocol, readerOf(pieces));
      const seen =
        opening.kind === 'begun'
          ? { kind: opening.kind, text: new TextDecoder().decode(opening.bytes) }
          : opening.kind === 'error'
            ? { kind: opening.kind, data: opening.event.data }
            : opening;
      expect(seen).toMatchObject(
        // What is behind the first event may not have come yet.
        'text' in expected && seen.kind === 'begun' && text !== expected.text
          ? { ...expected, text: expect.stringContaining(chunk.slice(0, 9)) }
          : expected,
      );
    }),
    { numRuns: 40 },
  );
});

test('an event that comes byte by byte is searched once', async () => {
  const size = 512 * 1024;
  const text = `data: {"id":"1","choices":[{"delta":{"content":"${'x'.repeat(size)}"}}]}\n\n`;
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const reader: ChunkReader = {
    async read() {
      at += 1;
      return at > bytes.length ? { done: true } : { done: false, value: bytes.subarray(at - 1, at) };
    },
    async cancel() {},
  };
  const began = process.cpuUsage();
  const opening = await readFirstEvent('openai-chat', reader);
  const { user } = process.cpuUsage(began);
  expect(opening.kind).toBe('begun');
  // Searched anew with each byte, it takes more than ten seconds.
  expect(user / 1000).toBeLessThan(2500);
});

test('roles with much white space behind them are looked through in the time of others', async () => {
  // Two thousand spaces took a twelfth of a second each, where a comma could stand between any two of them.
  const padded = `data: {"choices":[{"delta":{"role":"assistant"${' '.repeat(1900)}x}}]}\n\n`;
  const opening = await readFirstEvent('openai-chat', readerOf([Buffer.from(padded.repeat(500))]));
  expect(opening.kind).toBe('begun');
  const spaced = role.replace('null', `null${' '.repeat(1700)}`);
  const silent = await readFirstEvent('openai-chat', readerOf([Buffer.from(spaced.repeat(500))]));
  expect(silent.kind).toBe('nothing');
});
