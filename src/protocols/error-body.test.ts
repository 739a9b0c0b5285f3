import { describe, expect, test } from 'bun:test';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { kindOfStatus, readErrorBody, statusOfKind } from './error-body.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { ErrorKind, ProtocolError } from './protocol-error.ts';

const codecs = [anthropicMessages, gemini, openaiChat, openaiResponses];

describe('an error body, whoever wrote it, is read alike by every protocol:', () => {
  test.each<[string, number, string, Partial<ProtocolError>]>([
    [
      'of OpenAI',
      429,
      '{"error":{"message":"Rate limit","type":"requests","code":"rate_limit_exceeded","param":null}}',
      { kind: 'rate-limit', message: 'Rate limit', type: 'requests', code: 'rate_limit_exceeded' },
    ],
    [
      'of Anthropic',
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      { kind: 'overloaded', message: 'Overloaded', type: 'overloaded_error' },
    ],
    [
      'of Google, in an array',
      429,
      '[{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x","retryDelay":"7s"}]}}]',
      { kind: 'rate-limit', message: 'Quota', retryAfter: 7, type: 'RESOURCE_EXHAUSTED' },
    ],
    [
      'of Google, in an array, by its status',
      503,
      '[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]',
      { kind: 'overloaded', message: 'm' },
    ],
    [
      'of Google, about the request',
      400,
      '[{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}]',
      { kind: 'invalid-request', message: 'Bad', type: 'INVALID_ARGUMENT' },
    ],
    [
      'in an event',
      404,
      'data: {"error":{"code":404,"message":"No model","status":"NOT_FOUND"}}\r\n\r\n',
      { kind: 'not-found', message: 'No model' },
    ],
    [
      'of xAI',
      404,
      '{"code":"Not found","error":"No such model"}',
      { kind: 'not-found', message: 'No such model', code: 'Not found' },
    ],
    [
      'of the Codex backend',
      400,
      '{"detail":"Unsupported model"}',
      { kind: 'invalid-request', message: 'Unsupported model' },
    ],
    ['of AWS', 403, '{"message":"Signature expired"}', { kind: 'permission', message: 'Signature expired' }],
    ['of AWS, typed', 400, '{"__type":"X","Message":"no"}', { kind: 'invalid-request', message: 'no' }],
    [
      'of FastAPI',
      422,
      '{"detail":[{"loc":["body"],"msg":"bad"}]}',
      { kind: 'invalid-request', message: '[{"loc":["body"],"msg":"bad"}]' },
    ],
    [
      'a list of details',
      422,
      '{"detail":[{"msg":"field required"}]}',
      { kind: 'invalid-request', message: 'field required' },
    ],
    [
      'of Cloudflare',
      404,
      '{"result":null,"success":false,"errors":[{"code":7003,"message":"Could not route"},{"code":7000,"message":"No route"}]}',
      { kind: 'not-found', message: 'Could not route' },
    ],
    [
      'of Cloudflare, about the request',
      400,
      '{"errors":{"message":"AiError: Bad input","code":5006},"success":false,"result":{},"messages":[]}',
      { kind: 'invalid-request', message: 'AiError: Bad input' },
    ],
    [
      'with its details beside it',
      422,
      '{"message":"Validation failed","errors":[{"message":"field required"}]}',
      { kind: 'invalid-request', message: 'Validation failed' },
    ],
    [
      'of ASP.NET',
      400,
      '{"title":"Bad","status":400,"detail":"One or more errors","errors":{"model":["is required"]}}',
      { kind: 'invalid-request', message: 'One or more errors' },
    ],
    ['of OAuth', 400, '{"error":{},"error_description":"no"}', { kind: 'invalid-request', message: 'no' }],
    [
      'a sentence',
      401,
      '{"error":"Invalid API key"}',
      { kind: 'authentication', message: 'Invalid API key' },
    ],
    ['a word', 403, '{"error":"Forbidden"}', { kind: 'permission', message: 'Forbidden' }],
    ['without words', 400, '{"error":{"reason":1}}', { kind: 'invalid-request', message: '{"reason":1}' }],
    [
      'a page with a title',
      502,
      '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
      { kind: 'server', message: '502 Bad Gateway' },
    ],
    [
      'a page without one',
      502,
      '<html><style>p{}</style><p>No <b>luck</b></p></html>',
      { kind: 'server', message: 'No luck' },
    ],
    ['text', 503, 'upstream connect error\n', { kind: 'overloaded', message: 'upstream connect error' }],
    [
      'lists in lists without an end',
      400,
      `{"error":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      { kind: 'invalid-request' },
    ],
    ['nothing', 500, '', { kind: 'server', message: 'The upstream answered with status 500.' }],
  ])('%s', (_, status, body, error) => {
    for (const codec of codecs) expect(codec.decodeError(status, body)).toMatchObject({ status, ...error });
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
