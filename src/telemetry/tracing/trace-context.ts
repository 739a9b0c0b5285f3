/** The trace that a request belongs to: W3C Trace Context (www.w3.org/TR/trace-context), version 00 and what later ones keep of it. */

/** Ids in lower-case hexadecimal digits: 32 of a trace, 16 of a span. */
export interface TraceContext {
  readonly traceId: string;
  /** Of the request's own span. */
  readonly spanId: string;
  /** The client's parent span; undefined where the trace begins here. */
  readonly parent: { readonly spanId: string; readonly sampled: boolean } | undefined;
  /** The client's `tracestate`, passed on with the trace. */
  readonly state: string | undefined;
  /** Whether its spans are exported; known when the request is over. */
  kept: boolean;
}

/** Later versions may have more behind the flags, which is not read; there is no version `ff` (§3.2.2.1, §4.3). */
const traceparent = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);

/** Characters of a `tracestate` that must be taken at least; longer ones are dropped: §3.3.1.5. */
const longestState = 512;
/** Members of a list: §3.3.1.1. */
const mostMembers = 32;
/** A name, of one system or of a tenant in one, and its value: §3.3.1.3. */
const member =
  /^((?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}))=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The context of a request with these headers; one of its own where they name none that is valid. */
export function traceContext(headers: Headers): TraceContext {
  const spanId = randomId(8);
  const [, version, traceId, parentId, flags, more] =
    traceparent.exec(headers.get('traceparent') ?? '') ?? [];
  if (
    traceId === undefined ||
    (version === '00' && more !== undefined) ||
    parentId === undefined ||
    flags === undefined ||
    traceId === noTrace ||
    parentId === noSpan
  )
    return { traceId: randomId(16), spanId, parent: undefined, state: undefined, kept: false };
  const state = headers.get('tracestate') ?? undefined;
  return {
    traceId,
    spanId,
    parent: { spanId: parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 },
    state: isState(state) ? state : undefined,
    kept: false,
  };
}

/** Whether a list can be passed on: a part of one that is broken makes all of it worthless (§3.3.1). */
function isState(state: string | undefined): state is string {
  if (state === undefined || state.length > longestState) return false;
  const members = state
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const names = new Set(members.map((text) => member.exec(text)?.[1]));
  return (
    members.length > 0 &&
    members.length <= mostMembers &&
    names.size === members.length &&
    !names.has(undefined)
  );
}

// One call to the system's randomness serves many ids: one of its own costs a request 2 µs.
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomId(bytes: number): string {
  if (used + bytes > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const from = used;
  used += bytes;
  return pool.toString('hex', from, used);
}

/** The id of the span of a request's attempt, counted from 0: follows from the request's, so that none has to be kept. */
export function attemptSpanId(spanId: string, attempt: number): string {
  const id = (BigInt(`0x${spanId}`) + BigInt(attempt + 1)) & 0xffff_ffff_ffff_ffffn;
  return (id === 0n ? 1n : id).toString(16).padStart(16, '0');
}

/** The headers that give the trace on, with an attempt as the parent. */
export function onwardHeaders(
  { traceId, spanId, state }: TraceContext,
  attempt: number,
  sampled: boolean,
): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${attemptSpanId(spanId, attempt)}-${sampled ? '01' : '00'}`,
    ...(state !== undefined && { tracestate: state }),
  };
}
