import { expect, test } from 'bun:test';
import type { StreamEvent } from '../../protocols/answer.ts';
import { type Protocol, protocols } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import { answerEvents, type EventReading } from './answer-events.ts';

const context = { request: { model: 'm', stream: true, messages: [] } };
const many = (json: string, count = 40_000): string => Array.from({ length: count }, () => json).join();

/** Streams with one event of some hundred kilobytes between small ones. */
const streams: Record<Protocol, string[]> = {
  'openai-chat': [
    '{"id":"c","choices":[{"index":0,"delta":{"content":"before"}}]}',
    `{"id":"c","x":[${many('"words"')}],"choices":[{"index":0,"delta":{"content":" within"}}]}`,
    '{"id":"c","choices":[{"index":0,"delta":{"content":" behind"}}]}',
    '{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '[DONE]',
  ],
  'openai-responses': [
    '{"type":"response.created","response":{"id":"r"}}',
    '{"type":"response.output_text.delta","output_index":0,"delta":"before"}',
    `{"type":"response.output_text.delta","output_index":0,"delta":" within","x":[${many('"words"')}]}`,
    '{"type":"response.output_text.delta","output_index":0,"delta":" behind"}',
    '{"type":"response.completed","response":{"id":"r","object":"response","status":"completed","output":[]}}',
  ],
  'anthropic-messages': [
    '{"type":"message_start","message":{"id":"m","content":[]}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"before"}}',
    `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" within","x":[${many('"words"')}]}}`,
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" behind"}}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}',
    '{"type":"message_stop"}',
  ],
  gemini: [
    '{"candidates":[{"content":{"parts":[{"text":"before"}]}}]}',
    `{"x":[${many('"words"')}],"candidates":[{"content":{"parts":[{"text":" within"}]}}]}`,
    '{"candidates":[{"content":{"parts":[{"text":" behind"}]},"finishReason":"STOP"}]}',
  ],
};

async function read(protocol: Protocol, text: string, step: number, reading: EventReading = {}) {
  const said: StreamEvent[] = [];
  const { exactMembers: exact } = codecs[protocol];
  const decoder = codecs[protocol].streamDecoder(context);
  const events = answerEvents(decoder, (event) => void said.push(event), { exact, ...reading });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += step) await events.push(bytes.subarray(at, at + step));
  await events.end();
  return said;
}

const wireText = (events: readonly string[]): string => events.map((data) => `data: ${data}\n\n`).join('');
const textOf = (said: readonly StreamEvent[]): string =>
  said.map((event) => (event.type === 'delta' ? event.text : '')).join('');

test.each(protocols)('a long event of %s says what it says, between those around it', async (protocol) => {
  const short = streams[protocol].map((data) => data.replace(many('"words"'), '"words"'));
  const wanted = await read(protocol, wireText(short), 1000);
  expect(textOf(wanted)).toBe('before within behind');
  for (const step of [10_000, 1_000_000]) {
    const said = await read(protocol, wireText(streams[protocol]), step);
    expect(said.map(({ type }) => type)).toEqual(wanted.map(({ type }) => type));
    expect(textOf(said)).toBe('before within behind');
  }
});

test.each(protocols)('nothing is read behind an event of %s that is more than is taken', async (protocol) => {
  const said = await read(protocol, wireText(streams[protocol]), 50_000, { mostValues: 5000 });
  expect(textOf(said)).toBe('before');
  const last = said.at(-1);
  expect(last?.type === 'error' && last.error.message).toBe(
    "The upstream's answer has more values than are read (bounds.answer-values: 5000).",
  );
});

test.each(protocols)('half of a long last event of %s is none', async (protocol) => {
  const [begin, ...rest] = streams[protocol];
  const upTo = rest.findIndex((data) => data.length > 100_000);
  const whole = wireText([begin ?? '', ...rest.slice(0, upTo)]);
  const cut = `data: ${rest[upTo]?.slice(0, -1)}`;
  expect(textOf(await read(protocol, whole + cut, 50_000))).toBe('before');
  expect(textOf(await read(protocol, `${whole + cut}}`, 50_000))).toBe('before within');
});

test.each(protocols)('a long event of %s that is no JSON ends the stream', async (protocol) => {
  const broken = streams[protocol].map((data) => (data.length > 100_000 ? data.slice(0, -1) : data));
  const said = await read(protocol, wireText(broken), 50_000);
  expect(textOf(said)).toBe('before');
  expect(said.at(-1)?.type).toBe('error');
});
