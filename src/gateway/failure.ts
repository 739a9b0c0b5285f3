/** What went wrong with one attempt, and what that means for the credential and for the request. */
import type { FailureKind } from '../credentials/cooldown-table.ts';
import type { Credential } from '../credentials/credential.ts';
import { clockAhead } from '../credentials/quota-headers.ts';
import { verdictOf } from '../credentials/verdict.ts';
import { textUpTo } from '../http-client/answer-text.ts';
import { BeyondBound } from '../http-client/bounds.ts';
import type { HttpResponse } from '../http-client/message.ts';
import { kindOfStatus } from '../protocols/error-body.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import { believedWait } from '../protocols/stated-wait.ts';
import type { TokenCounts } from '../protocols/token-counts.ts';
import { refusalOf, refusedAnswer, statusOfMeaning } from '../providers/refusal.ts';
import { clientWentAway } from './stream/broken-stream.ts';
import type { Outcome } from './stream/pass-stream.ts';
import { yieldFor } from './yield-for.ts';

/** A failed attempt. `body` is the upstream's own answer, for clients that speak its protocol. */
export interface AttemptFailure {
  kind: FailureKind;
  /** The whole account is concerned, not only the model that was asked for. */
  account?: boolean;
  error: ProtocolError;
  body?: string;
  /** The message with what is for the owner only, such as the address of a proxy: for the log and `explain`. */
  detail?: string;
  /** The cause that never reaches a client. */
  cause?: unknown;
  /** Tokens that the provider counted for it all the same. */
  counts?: TokenCounts | undefined;
}

/** What of an error's body is waited for. What has come by then counts, and its status in any case. */
export interface ErrorBodyBounds {
  mostBytes: number;
  /** Runs when it takes too long; the result calls that off. */
  whenLate: (run: () => void) => () => void;
}

/** Reads an error answer of an upstream, with what the provider's record knows of it. */
export async function failureFromAnswer(
  credential: Pick<Credential, 'provider'>,
  answer: HttpResponse,
  now: number,
  { mostBytes, whenLate }: ErrorBodyBounds,
): Promise<AttemptFailure> {
  const { provider } = credential;
  const { status } = answer;
  const reader = answer.body();
  if (status < 400) {
    void reader.cancel().catch(() => undefined);
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
  const { headers } = answer;
  let late = false;
  const inTime = whenLate(() => {
    late = true;
    void reader.cancel().catch(() => undefined);
  });
  const { text, whole } = await textUpTo(reader, mostBytes);
  inTime();
  // Each look at all of a long body has a turn of its own.
  await yieldFor(text.length);
  const error: ProtocolError = { ...codecs[provider.protocol].decodeError(status, text) };
  // What has been cut is nothing that a client could read.
  const body = whole && !late ? { body: text } : {};
  await yieldFor(text.length);
  const refusal = refusalOf(provider.refusals, status, text);
  if (refusal?.means !== undefined) {
    error.status = statusOfMeaning[refusal.means];
    error.kind = kindOfStatus(error.status);
  }
  await yieldFor(text.length);
  const refused = refusedAnswer(headers, text);
  await yieldFor(text.length);
  const { kind, account, retryAfter } = verdictOf({ ...wordsOf(error), headers, json: refused.body }, now);
  const counts = codecs[provider.protocol].usage.inAnswer(refused.body);
  // What a refusal names are moments by the provider's clock.
  const theirs = now - clockAhead(headers.get('date'), now);
  error.retryAfter = retryAfter ?? error.retryAfter ?? believedWait(refusal?.wait?.(refused, theirs));
  const next = typeof refusal?.next === 'function' ? refusal.next(refused) : refusal?.next;
  if (next === undefined) return { kind, account, error, counts, ...body };
  // The provider's own words stay; its body cannot hold ours. Whose account it is, clients need not know.
  error.message = `${error.message} (${provider.title}: ${next})`;
  return { kind, account, error, counts };
}

/** The failure that an error inside an answer with status 200 is. */
export function failureFromError(error: ProtocolError, headers: Headers, now: number): AttemptFailure {
  const { kind, account, retryAfter } = verdictOf({ ...wordsOf(error), headers, json: undefined }, now);
  return { kind, account, error: { ...error, retryAfter: error.retryAfter ?? retryAfter } };
}

function wordsOf({ status, type, code, message }: ProtocolError) {
  return { status, words: [type, code], message };
}

/** An answer that the gateway fails to read: the credential is not to blame, and another may serve. */
export function unreadable(cause: unknown): AttemptFailure {
  return { ...brokenUpstream("The upstream's answer could not be read.", cause), kind: 'given-up' };
}

/** A connection that could not be made, broke, or a body that is not what was asked for. */
export function brokenUpstream(message: string, cause?: unknown, status = 502): AttemptFailure {
  return {
    kind: 'unavailable',
    error: { status, kind: 'server', message, code: 'upstream_unavailable' },
    cause,
  };
}

/** An answer that cannot be read to its end: it broke off, or is more than is taken. */
export function brokenOff(
  cause: unknown,
  sentence = 'The upstream broke off in the middle of its answer.',
): AttemptFailure {
  return brokenUpstream(
    cause instanceof BeyondBound ? `The upstream sent too much: ${cause.message}.` : sentence,
    cause,
  );
}

/** A call that passed one of its limits; `sentence` names it for the client, `detail` for the owner. */
export function tooLate(sentence: string, detail?: string): AttemptFailure {
  return {
    kind: 'unavailable',
    ...(detail !== undefined && { detail: `The upstream took too long: ${detail}.` }),
    error: {
      status: 504,
      kind: 'timeout',
      message: `The upstream took too long: ${sentence}.`,
      code: 'upstream_timeout',
    },
  };
}

/** The failure that a sent answer means for its credential; undefined when it is not to blame. */
export function failureOfOutcome({ error, upstreamError }: Outcome, now: number): AttemptFailure | undefined {
  if (error === undefined || error === clientWentAway) return undefined;
  if (upstreamError === undefined) return brokenUpstream(error);
  const failure = failureFromError(upstreamError, new Headers(), now);
  return failure.kind === 'rejected' || failure.kind === 'given-up' ? undefined : failure;
}
