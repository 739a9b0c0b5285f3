import { expect, test } from 'bun:test';
import { codecs } from '../../protocols/registry.ts';
import { countsOfFailed, createTail, streamEnd, tokenCounts } from './usage-scan.ts';

test.each([
  [
    'openai-chat',
    '',
    '{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2}}}',
    { input: 7, output: 3, cacheRead: 2 },
  ],
  [
    'openai-responses',
    '',
    '{"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":5},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1}},"user":null}',
    { input: 7, output: 3, cacheRead: 5, reasoning: 1 },
  ],
  [
    'anthropic-messages',
    '"usage":{"input_tokens":4,"cache_read_input_tokens":3,"cache_creation_input_tokens":2}',
    '"usage":{"output_tokens":9}',
    { input: 9, output: 9, cacheRead: 3, cacheWrite: 2 },
  ],
  [
    'gemini',
    '',
    '"usageMetadata":{"promptTokenCount":5,"toolUsePromptTokenCount":2,"candidatesTokenCount":1,"thoughtsTokenCount":2,"cachedContentTokenCount":4}',
    { input: 7, output: 3, cacheRead: 4, reasoning: 2 },
  ],
] as const)('token counts of %s are read from the text', (protocol, head, tail, counts) => {
  expect(tokenCounts(codecs[protocol].usage, head, tail)).toEqual(counts);
});

test('a null usage before the real one is passed over', () => {
  const text = '{"usage":{"prompt_tokens":1,"completion_tokens":2}}\n{"usage":null}';
  expect(tokenCounts(codecs['openai-chat'].usage, '', text)).toEqual({ input: 1, output: 2 });
});

test.each([
  ['anthropic-messages', 'data: {"type":"content_block_delta"}\n\n', 'open'],
  ['anthropic-messages', 'event: message_stop\ndata: {"type":"message_stop"}\n\n', 'complete'],
  ['anthropic-messages', 'event: error\ndata: {"type":"error","error":{"message":"x"}}\n\n', 'failed'],
  ['openai-chat', 'data: {"choices":[{"finish_reason":null}]}', 'open'],
  ['openai-chat', 'data: [DONE]', 'complete'],
  ['openai-chat', 'data: {"error":{"message":"x"}}\n\ndata: [DONE]\n\n', 'failed'],
  ['openai-chat', 'data: {"error":{"code":502},"choices":[{"finish_reason":"error"}]}\n\n', 'failed'],
  ['openai-responses', 'data: {"type":"response.output_item.done","item":{"status":"completed"}}', 'open'],
  ['openai-responses', 'data: {"type":"response.completed","response":{}}', 'complete'],
  [
    'openai-responses',
    'event: response.failed\ndata: {"type":"response.failed","response":{}}\n\n',
    'failed',
  ],
  // Longer than the tail: the usage behind the answer tells.
  ['openai-responses', '…","usage":{"input_tokens":3,"output_tokens":4}}}', 'complete'],
  ['openai-responses', '…","usage":null}}', 'open'],
  ['gemini', 'data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n', 'complete'],
  ['gemini', 'data: {"error":{"code":503}}\r\n\r\n', 'failed'],
  // Arguments of a call are objects like any other.
  ['gemini', 'data: {"candidates":[{"content":{"parts":[{"functionCall":{"args":{"error":{}}}}]}}]}', 'open'],
] as const)('a stream of %s that ends with %s is %s', (protocol, text, kind) => {
  expect(codecs[protocol].streamForm.endKind(text)).toBe(kind);
});

test.each([
  ['openai-chat', 'ends with data: [DONE], {"finish_reason":"stop"} and {"error":{}}'],
  ['openai-responses', 'ends with {"type":"response.completed"} and "usage":{"output_tokens":1}'],
  ['anthropic-messages', 'ends with event: message_stop, {"type":"message_stop"}'],
  ['gemini', 'ends with {"finishReason":"STOP"}'],
] as const)('an answer of %s that talks about its terminal event is not one', (protocol, text) => {
  const event = `data: {"delta":${JSON.stringify(`A stream ${text}\ndata: [DONE]`)}}\n\n`;
  expect(codecs[protocol].streamForm.endKind(event)).toBe('open');
});

test('the tail keeps the end and the head, not the whole', () => {
  const tail = createTail();
  const chunk = new TextEncoder().encode('x'.repeat(1000));
  tail.push(new TextEncoder().encode('first'));
  for (let i = 0; i < 1000; i++) tail.push(chunk);
  tail.push(new TextEncoder().encode('last'));
  expect(tail.head(1024)).toBe('first');
  expect(tail.last(4)).toBe('last');
  expect(tail.last(1_000_000).length).toBeLessThan(140_000);
});

test('input tokens of a short answer that came in one chunk are those of its start', () => {
  const whole =
    'data: {"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}\n\n' +
    'data: {"type":"message_delta","usage":{"output_tokens":9}}\n\ndata: {"type":"message_stop"}\n\n';
  expect(tokenCounts(codecs['anthropic-messages'].usage, whole, whole)).toEqual({ input: 7, output: 9 });
});

test('C: an interaction’s totals are its counts', () => {
  const usage = {
    total_input_tokens: 30,
    total_cached_tokens: 10,
    total_output_tokens: 5,
    total_thought_tokens: 7,
    total_tokens: 42,
  };
  const text = `data: ${JSON.stringify({ event_type: 'interaction.completed', interaction: { usage } })}\n\n`;
  expect(tokenCounts(codecs.gemini.usage, '', text)).toMatchObject({ input: 30, output: 12, cacheRead: 10 });
});

test.each([
  [
    'openai-chat',
    '{"choices":[],"service_tier":"flex","usage":{"prompt_tokens":7,"completion_tokens":3}}',
    'flex',
  ],
  [
    'openai-responses',
    '{"type":"response.completed","response":{"service_tier":"priority","usage":{"input_tokens":7,"output_tokens":3}}}',
    'priority',
  ],
  [
    'gemini',
    '{"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3,"serviceTier":"FLEX"}}',
    'flex',
  ],
  ['openai-chat', '{"service_tier":"default","usage":{"prompt_tokens":7,"completion_tokens":3}}', 'default'],
] as const)('D: the service tier that the end of a stream of %s says: %#', (protocol, tail, tier) => {
  expect(tokenCounts(codecs[protocol].usage, '', `data: ${tail}\n\n`)?.serviceTier).toBe(tier);
});

test('D: Claude’s stream says at its beginning how fast it is', () => {
  const head =
    'data: {"message":{"usage":{"input_tokens":7,"output_tokens":1,"speed":"fast","service_tier":"standard"}}}';
  const tail = 'data: {"type":"message_delta","usage":{"output_tokens":9}}';
  expect(tokenCounts(codecs['anthropic-messages'].usage, head, tail)).toMatchObject({
    input: 7,
    output: 9,
    serviceTier: 'fast',
  });
});

test('D: a whole answer says its tier beside its usage', () => {
  const usage = { prompt_tokens: 7, completion_tokens: 3 };
  const { inAnswer } = codecs['openai-chat'].usage;
  expect(inAnswer({ usage, service_tier: 'flex' })?.serviceTier).toBe('flex');
  expect(inAnswer({ usage, service_tier: null })?.serviceTier).toBeUndefined();
});

test.each([
  ['openai-chat', '{"id":"c","service_tier":"flex","choices":[{"delta":{"content":"Hi"}}]}', 'flex'],
  [
    'openai-responses',
    '{"type":"response.created","response":{"service_tier":"priority","usage":null}}',
    'priority',
  ],
  ['openai-chat', '{"id":"c","service_tier":null,"choices":[]}', undefined],
] as const)(
  '15: a stream of %s that counts nothing says how it is served: %s',
  (protocol, event, serviceTier) => {
    const begun = new TextEncoder().encode(`data: ${event}\n\n`);
    const tail = createTail();
    tail.push(begun);
    // Long ones have it at their beginning alone.
    tail.push(new TextEncoder().encode('data: {"delta":{}}\n\n'.repeat(10_000)));
    expect(streamEnd(protocol, tail).counts).toEqual(serviceTier === undefined ? {} : { serviceTier });
    // That is no count: an attempt that failed so has come to nothing.
    expect(countsOfFailed(protocol, begun)).toBeUndefined();
  },
);
