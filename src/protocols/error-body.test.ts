import { describe, expect, test } from 'bun:test';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { kindOfStatus, readErrorBody, statusOfKind } from './error-body.ts';
import { gemini } from './gemini/index.ts';
import type { ErrorKind } from './model.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';

const codecs = [anthropicMessages, gemini, openaiChat, openaiResponses];

describe('an error body that no protocol calls its own', () => {
  test.each([
    ['a page with a title', 502, '<html><title>Bad gateway</title></html>', 'Bad gateway'],
    ['a page without one', 502, '<html><style>p{}</style><p>No <b>luck</b></p></html>', 'No luck'],
    ['text', 503, ' try later\n', 'try later'],
    ['nothing', 500, '', 'The upstream answered with status 500.'],
    ['an object in an array', 400, '[{"error":{"message":"no"}}]', 'no'],
    ['an object in an event', 400, 'data: {"error":{"message":"no"}}', 'no'],
    ['an AWS error', 400, '{"__type":"ValidationException","Message":"no"}', 'no'],
    ['a bare string', 400, '{"error":"no"}', 'no'],
    ['an OAuth error', 400, '{"error":{},"error_description":"no"}', 'no'],
    ['an object without words', 400, '{"error":{"reason":1}}', '{"reason":1}'],
  ])('%s is read alike by every protocol', (_, status, body, message) => {
    for (const codec of codecs) expect(codec.decodeError(status, body)).toMatchObject({ status, message });
  });
});

test.each([
  [{ retry_after: 3 }, 3],
  [{ resets_in_seconds: 60, retry_after: 3 }, 60],
  [{ details: [{ reason: 'x' }, { retryDelay: '7.5s' }] }, 7.5],
  [{ message: 'Please try again in 1m2.5s.' }, 62.5],
  [{ message: 'Please try again in 250ms.' }, 0.25],
  [{ message: 'Please try again.' }, undefined],
])('%j asks to wait for %p seconds', (error, seconds) => {
  expect(readErrorBody({ error }).retryAfter).toBe(seconds);
});

test('every kind of failure has a status that means it', () => {
  for (const [kind, status] of Object.entries(statusOfKind)) {
    expect<ErrorKind | string>(kindOfStatus(status)).toBe(kind);
  }
});
