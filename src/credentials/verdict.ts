/** What an upstream's refusal means for the credential. Pure. */
import { givenUpCode } from '../protocols/finish-words.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import type { FailureKind } from './cooldown-table.ts';
import { quotaHint } from './quota-hint.ts';

export interface Verdict {
  kind: FailureKind;
  /** The refusal is about the whole account, not only the model that was asked for. */
  account: boolean;
  /** The provider's hint in seconds. */
  retryAfter: number | undefined;
}

/** Statuses that are the credential's or the upstream's fault; other 4xx are the request's own. */
const kinds: Readonly<Record<number, FailureKind>> = {
  401: 'auth',
  402: 'billing',
  403: 'forbidden',
  404: 'model-missing',
  408: 'unavailable',
  409: 'unavailable',
  425: 'unavailable',
  429: 'quota',
};

/** How an upstream status alone is understood. */
export function failureKindOf(status: number): FailureKind {
  return kinds[status] ?? (status >= 500 || status < 400 ? 'unavailable' : 'rejected');
}

/** Words by which providers say that a quota is used up, whatever the status. */
const quotaWords = new Set([
  'usage_limit_reached',
  'rate_limit_exceeded',
  'rate_limit_error',
  'resource_exhausted',
  'quota_exceeded',
  'quota_exhausted',
  'too_many_requests',
]);
/** Words by which they say that the account has no credit. */
const billingWords = new Set([
  'insufficient_quota',
  'billing_error',
  'billing_hard_limit_reached',
  'insufficient_balance',
]);
/** Words by which they say that the key or the token is no good, whatever the status. Google's wrong keys are 400s. */
const authWords = new Set([
  'invalid_api_key',
  'incorrect_api_key',
  'api_key_invalid',
  'authentication_error',
  'invalid_authentication',
  'invalid_authentication_error',
  'unauthenticated',
  'unauthorized',
  'token_expired',
  'token_invalidated',
  'token_revoked',
  'access_token_expired',
  'account_deactivated',
]);
/** Words by which they say that it may not. */
const forbiddenWords = new Set(['permission_error', 'permission_denied', 'request_forbidden']);
const billingText = /credit balance is too low|insufficient (?:credit|balance|funds)/i;
/** 403s that are about the account, not about one of its models. */
const accountText =
  /account (?:has been |is |was )?(?:suspended|disabled|deactivated|banned|restricted)|organi[sz]ation has been disabled|VALIDATION_REQUIRED|verify your account|API has not been used in project|SERVICE_DISABLED|CONSUMER_SUSPENDED/i;

/** 404s about something else than the model: the request names what is not there. */
const missingText = /previous_response|conversation|response with id|file|thread/i;

export interface Refusal {
  status: number;
  headers: Headers;
  /** The body where it is a JSON object. */
  json: JsonObject | undefined;
  /** The error's own words for its kind and code. */
  words: readonly (string | undefined)[];
  message: string;
}

/** Characters of a message that are looked at: it may be as long as an answer. */
const mostLooked = 64 * 1024;

/** Reads a refusal: the status decides, unless the words say more. */
export function verdictOf({ status, headers, json, words, message: whole }: Refusal, now: number): Verdict {
  const message = whole.slice(0, mostLooked);
  if (words.includes(givenUpCode)) return { kind: 'given-up', account: false, retryAfter: undefined };
  const said = words.flatMap((word) => (word === undefined ? [] : [word.toLowerCase()]));
  const hint = quotaHint(headers, json, now);
  const byStatus = failureKindOf(status);
  if (byStatus === 'billing' || said.some((word) => billingWords.has(word)) || billingText.test(message))
    return { kind: 'billing', account: true, retryAfter: hint.retryAfter };
  if (byStatus === 'quota' || (byStatus !== 'rejected' && said.some((word) => quotaWords.has(word))))
    return {
      kind: 'quota',
      account: hint.account || (!hint.ofFamily && said.includes('usage_limit_reached')),
      retryAfter: hint.retryAfter,
    };
  if (byStatus === 'rejected' || byStatus === 'unavailable') {
    if (said.some((word) => authWords.has(word)))
      return { kind: 'auth', account: true, retryAfter: hint.retryAfter };
    if (said.some((word) => forbiddenWords.has(word)))
      return { kind: 'forbidden', account: accountText.test(message), retryAfter: hint.retryAfter };
  }
  if (byStatus === 'rejected' && said.includes('resource_exhausted'))
    return { kind: 'quota', account: hint.account, retryAfter: hint.retryAfter };
  if (
    byStatus === 'model-missing' &&
    missingText.test(`${said.join(' ')} ${message}`) &&
    !/model/i.test(message)
  )
    return { kind: 'rejected', account: false, retryAfter: undefined };
  const account = byStatus === 'auth' || (byStatus === 'forbidden' && accountText.test(message));
  // A gateway timeout in front of a provider does not concern quotas; its Retry-After still applies.
  return { kind: byStatus, account, retryAfter: hint.retryAfter };
}

/** Statuses by which a provider refuses a credential: a client that gets one looks for the fault in its own key. */
const refusing = new Set([401, 402, 403]);

/** Whether an error speaks of the credential that asked, by its status or by its words. */
export function isCredentialRefusal({
  status,
  code,
  type,
}: Pick<ProtocolError, 'status' | 'code' | 'type'>): boolean {
  if (refusing.has(status)) return true;
  return [code, type].some((word) => {
    const said = word?.toLowerCase() ?? '';
    return authWords.has(said) || forbiddenWords.has(said);
  });
}
