import { expect, test } from 'bun:test';
import type { JsonObject } from '../protocols/json.ts';
import type { FailureKind } from './cooldown-table.ts';
import { failureKindOf, verdictOf } from './verdict.ts';

test.each<[number, FailureKind]>([
  [400, 'rejected'],
  [401, 'auth'],
  [402, 'billing'],
  [403, 'forbidden'],
  [404, 'model-missing'],
  [408, 'unavailable'],
  [409, 'unavailable'],
  [413, 'rejected'],
  [422, 'rejected'],
  [429, 'quota'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [529, 'unavailable'],
])('%p is %s', (status, kind) => {
  expect(failureKindOf(status)).toBe(kind);
});

test('of a message of megabytes the beginning is looked at', () => {
  const far = `${'x'.repeat(100_000)} credit balance is too low`;
  const refused = (message: string) => {
    const refusal = { status: 400, headers: new Headers(), json: undefined, words: [], message };
    return verdictOf(refusal, 0).kind;
  };
  expect(refused(far.slice(-100))).toBe('billing');
  expect(refused(far)).toBe('rejected');
});

const rows: { name: string; status: number; error: JsonObject; kind: FailureKind; account: boolean }[] = [
  { name: 'a plain 429', status: 429, error: {}, kind: 'quota', account: false },
  {
    name: 'a 429 for want of credit',
    status: 429,
    error: { code: 'insufficient_quota' },
    kind: 'billing',
    account: true,
  },
  {
    name: "Google's per-minute 429, whose words speak of billing",
    status: 429,
    error: {
      status: 'RESOURCE_EXHAUSTED',
      message: 'You exceeded your current quota, please check your plan and billing details.',
    },
    kind: 'quota',
    account: false,
  },
  {
    name: 'a ChatGPT plan used up',
    status: 429,
    error: { type: 'usage_limit_reached', resets_in_seconds: 60 },
    kind: 'quota',
    account: true,
  },
  {
    name: 'a quota error under 403',
    status: 403,
    error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' },
    kind: 'quota',
    account: false,
  },
  {
    name: 'a quota error under 503',
    status: 503,
    error: { code: 'rate_limit_exceeded' },
    kind: 'quota',
    account: false,
  },
  {
    name: "Anthropic's 400 for want of credit",
    status: 400,
    error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the API.' },
    kind: 'billing',
    account: true,
  },
  {
    name: 'a 403 about one model',
    status: 403,
    error: { message: 'Your account does not have access to model m' },
    kind: 'forbidden',
    account: false,
  },
  {
    name: 'a 403 about the account',
    status: 403,
    error: { message: 'This organization has been disabled.' },
    kind: 'forbidden',
    account: true,
  },
  {
    name: 'a 404 about a model',
    status: 404,
    error: { message: 'The model `m` does not exist or you do not have access to it.' },
    kind: 'model-missing',
    account: false,
  },
  {
    name: 'a 404 about an earlier answer that the request names',
    status: 404,
    error: { code: 'previous_response_not_found', message: "Previous response with id 'resp_1' not found." },
    kind: 'rejected',
    account: false,
  },
  { name: 'a 401', status: 401, error: {}, kind: 'auth', account: true },
  {
    name: 'a request that is too long',
    status: 400,
    error: { code: 'context_length_exceeded', message: 'too long; try again in 5s' },
    kind: 'rejected',
    account: false,
  },
];

test.each(rows)('$name', ({ status, error, kind, account }) => {
  const words = [error.type, error.code, error.status].map((word) =>
    typeof word === 'string' ? word : undefined,
  );
  const message = typeof error.message === 'string' ? error.message : '';
  const verdict = verdictOf({ status, headers: new Headers(), json: { error }, words, message }, 0);
  expect({ kind: verdict.kind, account: verdict.account }).toEqual({ kind, account });
});
