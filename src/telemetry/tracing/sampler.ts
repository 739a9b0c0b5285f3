/** Which requests' spans are exported. Decided when a request is over, so that failures and slow ones are never missed. */
import type { FinishedRequest } from '../finished-request.ts';
import type { TraceContext } from './trace-context.ts';

export interface Sampling {
  /** In [0, 1]: the share of traces that begin here. */
  share: number;
  /** Whether a client's decision holds for its traces. */
  parentBased: boolean;
  /** Whether errors, slow requests and those with several attempts are kept besides. */
  keepsRemarkable: boolean;
}

/** Milliseconds beyond which a request is remarkable. */
const slow = 30_000;

/** Whether the trace itself is one of the sample: known from its beginning, and the same wherever it is asked. */
export function isSampled({ traceId, parent }: TraceContext, { share, parentBased }: Sampling): boolean {
  if (parent !== undefined && parentBased) return parent.sampled;
  // The rightmost digits are the random ones: W3C Trace Context, random-trace-id.
  return Number.parseInt(traceId.slice(-13), 16) < share * 2 ** 52;
}

export function isKept(context: TraceContext, request: FinishedRequest, sampling: Sampling): boolean {
  if (isSampled(context, sampling)) return true;
  return (
    sampling.keepsRemarkable &&
    (request.error !== undefined ||
      request.status >= 400 ||
      request.duration > slow ||
      request.attempts.length > 1)
  );
}

/** The standard `OTEL_TRACES_SAMPLER` and its argument; undefined for a name that there is not. */
export function samplingOf(name: string, argument: string | undefined): Sampling | undefined {
  const [, based, word = ''] = /^(parentbased_)?(.+)$/.exec(name) ?? [];
  const shares = new Map([
    ['always_on', 1],
    ['always_off', 0],
    ['traceidratio', argument !== undefined && isShare(argument) ? Number(argument) : 1],
  ]);
  const share = shares.get(word);
  if (share === undefined) return undefined;
  return { share, parentBased: based !== undefined, keepsRemarkable: word !== 'always_off' };
}

export function isShare(text: string): boolean {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return number >= 0 && number <= 1;
}
