import { expect, test } from 'bun:test';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { isAboutModel } from './model-refusal.ts';

const refusal = (message: string, more: Partial<ProtocolError> = {}): ProtocolError => ({
  status: 400,
  kind: 'invalid-request',
  message,
  ...more,
});

test.each([
  ["This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."],
  ['prompt is too long: 208310 tokens > 200000 maximum'],
  ['input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length'],
  ['The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  ['Your input exceeds the context window of this model. Please adjust your input and try again.'],
  ["This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
  ['the request exceeds the available context size, try increasing it'],
  ['Invalid content type. image_url is only supported by certain models.'],
  ['registry.ollama.ai/library/gemma:2b does not support tools'],
  ['Image input modality is not enabled for models/gemma-3-1b-it'],
  ['Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text`'],
  ['This model does not support image inputs.'],
])('another model may take what was refused with: %s', (message) => {
  expect(isAboutModel(refusal(message))).toBe(true);
});

test('codes and statuses say it, too', () => {
  expect(isAboutModel(refusal('no', { code: 'context_length_exceeded' }))).toBe(true);
  expect(isAboutModel(refusal('no', { type: 'request_too_large', status: 413 }))).toBe(true);
});

test.each([
  ['messages: at least one message is required'],
  ['temperature: must be at most 2'],
  ['Invalid schema for function "x": "type" is missing'],
  ["Your request was rejected by the content filter; change the prompt's text."],
])("a request's own fault is none of the model's: %s", (message) => {
  expect(isAboutModel(refusal(message))).toBe(false);
});
