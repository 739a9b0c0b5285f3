/** The usage record of a finished request, made of what has been noted of it. */
import type { Candidate } from '../../credentials/catalog.ts';
import { type Credential, providerNameOf } from '../../credentials/credential.ts';
import type { Loss } from '../../protocols/codec.ts';
import { shortened } from '../../protocols/shortened.ts';
import { sumOf } from '../../protocols/token-counts.ts';
import type { ErrorClass, Named, Served, Usage, UsageRecord } from '../../usage/record.ts';
import { clientWentAway } from '../stream/broken-stream.ts';
import type { Outcome } from '../stream/pass-stream.ts';
import type { Notes } from './request-notes.ts';
import { settled, usageTogether } from './settlement.ts';

export function usageOf(
  { request, size, deps, recorder }: Notes,
  candidate: Candidate | undefined,
  status: number,
  outcome: Partial<Outcome>,
): Usage {
  return settled({
    ...{ request, size, status, outcome },
    named: candidate?.target?.name ?? request.model,
    served: candidate && servedBy(candidate),
    prices: deps.prices?.(),
    at: recorder.trace.at,
  });
}

/** The use of a request with failed attempts: each attempt has its own, and the request the sum. */
export function withFailed({ attempted, attempts, spent }: Notes, own: Usage): Usage {
  const last = attempts === attempted.length ? attempted.at(-1) : undefined;
  if (last?.reason === 'answered') last.usage = own;
  return usageTogether([...spent, own]);
}

export function usageRecord(
  notes: Notes,
  status: number,
  duration: number,
  served: Served | undefined,
  usage: Usage,
  error: ErrorClass | undefined,
): UsageRecord {
  const { request, recorder, used } = notes;
  const { at, choice } = recorder.trace;
  return {
    id: request.id,
    at,
    key: request.client,
    session: recorder.session(),
    protocol: request.protocol,
    operation: request.operation,
    streamed: request.stream,
    asked: request.model,
    known: recorder.known,
    served,
    status,
    error,
    ttft: ttft(notes, duration),
    duration,
    usage,
    attempts: notes.attempted,
    choice,
    passing: {
      overhead: notes.overhead,
      upstream: used?.credential.provider.protocol,
      losses: recorder.losses,
      trace: request.trace,
      overSocket: request.overSocket,
      observed: request.observed,
    },
  };
}

/** A whole answer is recorded as it goes out: its first byte is its last. */
export function ttft({ attempts, firstByte }: Notes, duration: number): number | undefined {
  return attempts === 0 ? undefined : Math.round(firstByte ?? duration);
}

/** Of the tokens of a line in the log: those of attempts that failed. */
export function failedTokens({ spent }: Notes, which: 'input' | 'output'): number | undefined {
  return spent.length === 0 ? undefined : sumOf(...spent.map(({ tokens }) => tokens[which]));
}

/** For a request without known use. */
export const uncounted: Usage = { tokens: {}, counted: 'none', tier: undefined, cost: undefined };

/** Attempts of one request that are kept one by one. */
export const mostAttempts = 64;

export function classOf({ error, upstreamError, stalled }: Outcome): ErrorClass | undefined {
  if (error === undefined) return undefined;
  if (error === clientWentAway) return 'client-gone';
  if (stalled === true) return 'stalled';
  return upstreamError?.kind ?? 'broken-off';
}

/** Names of credentials, made once each: many requests of one are in memory together. */
const names = new WeakMap<Credential, Named>();

export function servedBy({ credential, model }: Candidate): Served {
  let named = names.get(credential);
  if (named === undefined) {
    named = { id: credential.id, name: credential.label };
    names.set(credential, named);
  }
  return {
    credential: named,
    provider: providerNameOf(credential),
    model,
    billing: typeof credential.secret === 'string' || credential.provider.billed ? 'paid' : 'subscription',
  };
}

/** Characters of a request's error that its trace keeps. */
export const longestError = 1000;

/** Characters of an upstream's message that a trace keeps. */
export const longestReason = 200;

/** Bytes of the losses in a line of the log. */
export const longestLosses = 2048;

/** Characters of one loss where not all of them have room as they are: names of tools come from outside. */
const longestCode = 120;

/**
 * Each loss once, in at most so many characters. Where they are more, long ones are cut in their middle, since both ends show
 * what was lost (`dropped:tools.aaaa...aaaa.strict`), and what is left out is counted behind them, as in `...+12`.
 */
export function lossCodes(losses: readonly Loss[], most: number): string | undefined {
  if (losses.length === 0) return undefined;
  const codes = [...new Set(losses.map((loss) => `${loss.kind}:${loss.field}`))];
  const all = codes.join(', ');
  if (all.length <= most) return all;
  const leftOut = (count: number): string => `...+${count}`;
  // The first always has room.
  const longest = Math.min(longestCode, Math.max(1, most - separator.length - leftOut(codes.length).length));
  const taken: string[] = [];
  let length = 0;
  for (const [at, code] of codes.entries()) {
    const short = shortened(code, longest);
    length += short.length;
    const rest = at === codes.length - 1 ? 0 : separator.length + leftOut(codes.length).length;
    if (length + rest > most) break;
    taken.push(short);
    length += separator.length;
  }
  const rest = codes.length - taken.length;
  return (rest === 0 ? taken : [...taken, leftOut(rest)]).join(separator);
}

const separator = ', ';
