/** How each provider's API turns an account away: token no longer good, quota used up. */

import { jsonAnswer } from '../delivery.ts';
import type { JsonObject } from '../json.ts';
import type { Person } from './people.ts';
import type { AccountName } from './services.ts';

/** The token is missing, foreign, expired or revoked. */
export function unauthorized(name: AccountName): Response {
  switch (name) {
    case 'gemini':
    case 'antigravity':
    case 'vertex':
      return jsonAnswer(
        {
          error: {
            code: 401,
            message:
              'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
            status: 'UNAUTHENTICATED',
            details: [
              {
                '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
                reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
                domain: 'googleapis.com',
                metadata: { service: `${name === 'vertex' ? 'aiplatform' : 'cloudcode-pa'}.googleapis.com` },
              },
            ],
          },
        },
        401,
        { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
      );
    case 'claude':
      return jsonAnswer(
        {
          type: 'error',
          error: { type: 'authentication_error', message: 'OAuth token has expired. Please refresh it.' },
        },
        401,
      );
    case 'codex':
      return jsonAnswer(
        {
          error: {
            message: 'Provided authentication token is expired. Please try signing in again.',
            type: null,
            code: 'token_expired',
            param: null,
          },
          status: 401,
        },
        401,
      );
    case 'xai':
      // xAI says 403 where the others say 401.
      return jsonAnswer(
        {
          code: 'unauthenticated:bad-credentials',
          error: 'The OAuth2 access token could not be validated.',
        },
        403,
      );
    case 'qwen':
    case 'iflow':
    case 'kimi':
      return jsonAnswer(
        {
          error: {
            message: 'Invalid access token or token expired.',
            type: 'invalid_request_error',
            param: null,
            code: 'invalid_api_key',
          },
        },
        401,
      );
  }
}

/** Seconds until a quota begins anew where nobody asked for others. */
const usualCooldown = 60;

/** The quota of the account is used up; `seconds` until it is there again. `now` is milliseconds since the epoch. */
export function quotaUsedUp(
  name: AccountName,
  person: Person,
  now: number,
  seconds: number = usualCooldown,
): Response {
  const resetsAt = Math.floor(now / 1000) + seconds;
  switch (name) {
    case 'gemini':
    case 'antigravity':
    case 'vertex':
      return jsonAnswer(googleQuota(seconds, now), 429);
    case 'claude':
      return jsonAnswer(
        {
          type: 'error',
          error: {
            type: 'rate_limit_error',
            message: 'This request would exceed your account’s rate limit.',
          },
        },
        429,
        {
          'retry-after': String(seconds),
          'anthropic-ratelimit-unified-status': 'rejected',
          'anthropic-ratelimit-unified-reset': String(resetsAt),
          'anthropic-ratelimit-unified-representative-claim': 'five_hour',
          'anthropic-ratelimit-unified-5h-status': 'rejected',
          'anthropic-ratelimit-unified-5h-reset': String(resetsAt),
          'anthropic-ratelimit-unified-7d-status': 'allowed',
          'anthropic-ratelimit-unified-7d-reset': String(resetsAt + 500_000),
        },
      );
    case 'codex':
      return jsonAnswer(
        {
          error: {
            type: 'usage_limit_reached',
            message: 'The usage limit has been reached',
            plan_type: person.workspace.plan,
            resets_at: resetsAt,
            resets_in_seconds: seconds,
          },
        },
        429,
      );
    case 'qwen':
      return openAiQuota('insufficient_quota', 'Free allocated quota exceeded.', {});
    case 'iflow':
    case 'kimi':
      return openAiQuota('rate_limit_exceeded', 'You have used up your quota for now.', {
        'retry-after': String(seconds),
      });
    case 'xai':
      return jsonAnswer(
        {
          code: 'subscription:free-usage-exhausted',
          error: 'You have used all of your free usage.',
        },
        429,
      );
  }
}

function openAiQuota(code: string, message: string, headers: Record<string, string>): Response {
  return jsonAnswer({ error: { message, type: code, param: null, code } }, 429, headers);
}

/** Google states the wait in the body only. */
function googleQuota(seconds: number, now: number): JsonObject {
  return {
    error: {
      code: 429,
      message: `You have exhausted your capacity on this model. Your quota will reset after ${seconds}s.`,
      status: 'RESOURCE_EXHAUSTED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'cloudcode-pa.googleapis.com',
          metadata: {
            quotaResetDelay: `${seconds}s`,
            quotaResetTimeStamp: new Date(now + seconds * 1000).toISOString(),
          },
        },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` },
      ],
    },
  };
}

/** An error of Google's other APIs. */
export function googleRefusal(
  status: number,
  code: string,
  message: string,
  details: JsonObject[] = [],
): Response {
  return jsonAnswer(
    { error: { code: status, message, status: code, ...(details.length === 0 ? {} : { details }) } },
    status,
  );
}
