import { expect, test } from 'bun:test';
import { createTail, endsWell, tokenCounts } from './usage-scan.ts';

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
    { input: 7, output: 3, cacheRead: 5 },
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
    { input: 7, output: 3, cacheRead: 4 },
  ],
] as const)('token counts of %s are read from the text', (protocol, head, tail, counts) => {
  expect(tokenCounts(protocol, head, tail)).toEqual(counts);
});

test('a null usage before the real one is passed over', () => {
  const text = '{"usage":{"prompt_tokens":1,"completion_tokens":2}}\n{"usage":null}';
  expect(tokenCounts('openai-chat', '', text)).toEqual({ input: 1, output: 2 });
});

test('a stream without its terminal event does not end well', () => {
  expect(endsWell('anthropic-messages', 'data: {"type":"content_block_delta"}\n\n')).toBe(false);
  expect(endsWell('anthropic-messages', 'event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true);
  expect(endsWell('openai-chat', 'data: {"choices":[{"finish_reason":null}]}')).toBe(false);
  expect(endsWell('openai-chat', 'data: [DONE]')).toBe(true);
  expect(
    endsWell('openai-responses', 'data: {"type":"response.output_item.done","item":{"status":"completed"}}'),
  ).toBe(false);
  expect(endsWell('openai-responses', 'data: {"type":"response.completed","response":{}}')).toBe(true);
});

test('a Responses event that is longer than the tail ends well by the usage behind the answer', () => {
  expect(endsWell('openai-responses', '…","usage":{"input_tokens":3,"output_tokens":4}}}')).toBe(true);
  expect(endsWell('openai-responses', '…","usage":null}}')).toBe(false);
});

test.each([
  ['openai-chat', 'ends with data: [DONE], {"finish_reason":"stop"} and {"error":{}}'],
  ['openai-responses', 'ends with {"type":"response.completed"} and "usage":{"output_tokens":1}'],
  ['anthropic-messages', 'ends with event: message_stop, {"type":"message_stop"}'],
  ['gemini', 'ends with {"finishReason":"STOP"}'],
] as const)('an answer of %s that talks about its terminal event is not one', (protocol, text) => {
  expect(endsWell(protocol, `data: {"delta":${JSON.stringify(`A stream ${text}\ndata: [DONE]`)}}\n\n`)).toBe(
    false,
  );
});

test('the tail keeps the end and the head, not the whole', () => {
  const tail = createTail();
  const chunk = new TextEncoder().encode('x'.repeat(1000));
  tail.push(new TextEncoder().encode('first'));
  for (let i = 0; i < 1000; i++) tail.push(chunk);
  tail.push(new TextEncoder().encode('last'));
  expect(tail.head()).toBe('first');
  expect(tail.last(4)).toBe('last');
  expect(tail.last(1_000_000).length).toBeLessThan(140_000);
});

test('input tokens of a short answer that came in one chunk are those of its start', () => {
  const whole =
    'data: {"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}\n\n' +
    'data: {"type":"message_delta","usage":{"output_tokens":9}}\n\ndata: {"type":"message_stop"}\n\n';
  expect(tokenCounts('anthropic-messages', whole, whole)).toEqual({ input: 7, output: 9 });
});
