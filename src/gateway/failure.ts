/** What went wrong with one attempt, and what that means for the credential and for the request. */
import type { FailureKind } from '../credentials/cooldown.ts';
import type { Credential } from '../credentials/credential.ts';
import { kindOfStatus } from '../protocols/error-body.ts';
import type { ProtocolError } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { refusalOf, refusedAnswer, statusOfMeaning } from '../providers/refusal.ts';

/** A failed attempt. `body` is the upstream's own answer, for clients that speak its protocol. */
export interface AttemptFailure {
  kind: FailureKind;
  error: ProtocolError;
  body?: { text: string; contentType: string };
  /** The cause that never reaches a client. */
  cause?: unknown;
}

/** Statuses that are the credential's or the upstream's fault; all others are the request's own. */
const kinds: Record<number, FailureKind> = {
  401: 'auth',
  402: 'forbidden',
  403: 'forbidden',
  404: 'model-missing',
  408: 'unavailable',
  409: 'unavailable',
  429: 'quota',
};

/** How an upstream status is understood. 4xx that the table does not name are the request's fault and are not retried. */
export function failureKind(status: number): FailureKind {
  return kinds[status] ?? (status >= 500 || status < 400 ? 'unavailable' : 'rejected');
}

/** Reads an error answer of an upstream, with what the provider's record knows of it. */
export async function failureFromResponse(
  credential: Pick<Credential, 'provider' | 'label'>,
  response: Response,
  now: number,
): Promise<AttemptFailure> {
  const { provider, label } = credential;
  const { status, headers } = response;
  const text = await response.text().catch(() => '');
  if (status < 400) {
    return {
      kind: 'unavailable',
      error: {
        status: 502,
        kind: 'server',
        message: `The upstream answered with a redirect (${status}); credentials are never sent to another address. Check the base-url.`,
        code: 'upstream_redirect',
      },
    };
  }
  const said = codecs[provider.protocol].decodeError(status, text);
  const retryAfter = parseRetryAfter(headers.get('retry-after'), now) ?? said.retryAfter;
  const error: ProtocolError = { ...said, retryAfter };
  const body = { text, contentType: headers.get('content-type') ?? 'application/json' };
  const refusal = refusalOf(provider.refusals, status, text);
  if (refusal === undefined) return { kind: failureKind(status), error, body };
  const answer = refusedAnswer(headers, text);
  error.retryAfter ??= refusal.wait?.(answer, now);
  if (refusal.means !== undefined) {
    error.status = statusOfMeaning[refusal.means];
    error.kind = kindOfStatus(error.status);
  }
  const kind = failureKind(error.status);
  const next = typeof refusal.next === 'function' ? refusal.next(answer) : refusal.next;
  if (next === undefined) return { kind, error, body };
  // The provider's own words stay; its body cannot hold ours.
  error.message = `${error.message} (${provider.title} account ${label}: ${next})`;
  return { kind, error };
}

/** A connection that could not be made, broke, or a body that is not what was asked for. */
export function brokenUpstream(message: string, cause?: unknown, status = 502): AttemptFailure {
  return {
    kind: 'unavailable',
    error: { status, kind: 'server', message, code: 'upstream_unavailable' },
    cause,
  };
}

/** `Retry-After` (RFC 9110 §10.2.3) in seconds: a number or an HTTP date. Undefined when absent or unreadable. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
