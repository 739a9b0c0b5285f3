/** What went wrong with one attempt, and what that means for the credential and for the request. */
import type { FailureKind } from '../credentials/cooldown-table.ts';
import type { Credential } from '../credentials/credential.ts';
import { verdictOf } from '../credentials/verdict.ts';
import { textOf } from '../http-client/answer-text.ts';
import type { HttpAnswer } from '../http-client/message.ts';
import { kindOfStatus } from '../protocols/error-body.ts';
import type { ProtocolError } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { refusalOf, refusedAnswer, statusOfMeaning } from '../providers/refusal.ts';
import { clientWentAway } from './stream/broken-stream.ts';
import type { Outcome } from './stream/pass-through.ts';

/** A failed attempt. `body` is the upstream's own answer, for clients that speak its protocol. */
export interface AttemptFailure {
  kind: FailureKind;
  /** The whole account is concerned, not only the model that was asked for. */
  account?: boolean;
  error: ProtocolError;
  body?: { text: string; contentType: string };
  /** The cause that never reaches a client. */
  cause?: unknown;
}

/** Reads an error answer of an upstream, with what the provider's record knows of it. */
export async function failureFromAnswer(
  credential: Pick<Credential, 'provider' | 'label'>,
  answer: HttpAnswer,
  now: number,
): Promise<AttemptFailure> {
  const { provider, label } = credential;
  const { status, headers } = answer;
  const text = await textOf(answer).catch(() => '');
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
  const error: ProtocolError = { ...codecs[provider.protocol].decodeError(status, text) };
  const body = { text, contentType: headers.get('content-type') ?? 'application/json' };
  const refusal = refusalOf(provider.refusals, status, text);
  if (refusal?.means !== undefined) {
    error.status = statusOfMeaning[refusal.means];
    error.kind = kindOfStatus(error.status);
  }
  const refused = refusedAnswer(headers, text);
  const { kind, account, retryAfter } = verdictOf({ ...wordsOf(error), headers, json: refused.body }, now);
  error.retryAfter = retryAfter ?? error.retryAfter ?? refusal?.wait?.(refused, now);
  const next = typeof refusal?.next === 'function' ? refusal.next(refused) : refusal?.next;
  if (next === undefined) return { kind, account, error, body };
  // The provider's own words stay; its body cannot hold ours.
  error.message = `${error.message} (${provider.title} account ${label}: ${next})`;
  return { kind, account, error };
}

/** The failure that an error inside an answer with status 200 is. */
export function failureFromError(error: ProtocolError, headers: Headers, now: number): AttemptFailure {
  const { kind, account, retryAfter } = verdictOf({ ...wordsOf(error), headers, json: undefined }, now);
  return { kind, account, error: { ...error, retryAfter: error.retryAfter ?? retryAfter } };
}

function wordsOf({ status, type, code, message }: ProtocolError) {
  return { status, words: [type, code], message };
}

/** A connection that could not be made, broke, or a body that is not what was asked for. */
export function brokenUpstream(message: string, cause?: unknown, status = 502): AttemptFailure {
  return {
    kind: 'unavailable',
    error: { status, kind: 'server', message, code: 'upstream_unavailable' },
    cause,
  };
}

/** A call that passed one of its limits; `sentence` says which. */
export function tooLate(sentence: string): AttemptFailure {
  return {
    kind: 'unavailable',
    error: {
      status: 504,
      kind: 'timeout',
      message: `The upstream took too long: ${sentence}.`,
      code: 'upstream_timeout',
    },
  };
}

/** What an answer that has gone out says of its credential; undefined when it is not to blame. */
export function failureOfOutcome({ error, told }: Outcome, now: number): AttemptFailure | undefined {
  if (error === undefined || error === clientWentAway) return undefined;
  if (told === undefined) return brokenUpstream(error);
  const failure = failureFromError(told, new Headers(), now);
  return failure.kind === 'rejected' || failure.kind === 'given-up' ? undefined : failure;
}
