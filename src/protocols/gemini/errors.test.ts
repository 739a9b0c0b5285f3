import { describe, expect, test } from 'bun:test';
import type { ErrorKind } from '../protocol-error.ts';
import { gemini as codec } from './index.ts';

describe('an error', () => {
  const cases: [string, number, string, { kind: ErrorKind; message: string; [field: string]: unknown }][] = [
    [
      'of Google',
      429,
      '{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12.5s"}]}}',
      { kind: 'rate-limit', message: 'Quota', type: 'RESOURCE_EXHAUSTED', retryAfter: 12.5 },
    ],
    [
      'of a streaming call',
      400,
      '[{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"contents[0]"}]}]}}\n]',
      { kind: 'invalid-request', message: 'Bad', param: 'contents[0]' },
    ],
    [
      'in an event',
      404,
      'data: {"error":{"code":404,"message":"No model","status":"NOT_FOUND"}}\r\n\r\n',
      { kind: 'not-found', message: 'No model' },
    ],
    [
      'about a wrong key',
      400,
      '{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}',
      { kind: 'authentication', message: 'API key not valid.', code: 'API_KEY_INVALID' },
    ],
    [
      'of OpenAI',
      401,
      '{"error":{"message":"No key","type":"invalid_request_error","code":"invalid_api_key"}}',
      { kind: 'authentication', message: 'No key', code: 'invalid_api_key' },
    ],
  ];
  test.each(cases)('%s', (_name, status, body, error) => {
    expect(codec.decodeError(status, body)).toMatchObject({ status, ...error });
  });
});
