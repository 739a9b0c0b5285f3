/** A finished request as the peer's queue of usage has it: what programs that keep usage of their own read. */
import type { Named, UsageRecord } from '../usage/record.ts';
import type { QueuedRequest } from '../usage/usage-queue.ts';
import type { KnownCredential, ServedBy } from './known-credentials.ts';
import { peerTokens, plainForm, tokenBreakdown } from './peer-tokens.ts';

export interface QueueRecordDeps {
  credential: (served: ServedBy) => KnownCredential;
  /** What is shown of a client key: never the key. */
  clientKey: (key: Named) => string;
}

export function queueRecord({ record, observed }: QueuedRequest, deps: QueueRecordDeps) {
  const { served, usage, status, error } = record;
  const known =
    served === undefined ? undefined : deps.credential({ ...served.credential, provider: served.provider });
  const { tokens } = usage;
  return {
    timestamp: new Date(record.at).toISOString(),
    latency_ms: record.duration,
    ttft_ms: record.ttft ?? 0,
    source: known?.source ?? '',
    auth_index: known?.authIndex ?? '',
    client_ip: observed?.address ?? '',
    x_forwarded_for: observed?.forwardedFor ?? '',
    user_agent: observed?.userAgent ?? '',
    tokens: peerTokens(tokens, known?.form ?? plainForm),
    failed: error !== undefined,
    generate: record.operation !== 'count-tokens',
    stream: record.streamed,
    fail: failOf(error, status, observed?.error),
    response_headers: Object.fromEntries(
      Object.entries(observed?.responseHeaders ?? {}).map(([name, value]) => [headerName(name), [value]]),
    ),
    accounting_version: 2,
    token_breakdown: tokenBreakdown(tokens, usage.counted),
    provider: known?.provider ?? '',
    executor_type: known?.executor ?? '',
    model: served?.model ?? '',
    alias: record.asked,
    endpoint: observed?.endpoint ?? '',
    auth_type: known?.authType ?? '',
    api_key: record.key === undefined ? '' : deps.clientKey(record.key),
    request_id: record.id,
    reasoning_effort: observed?.effort ?? '',
    service_tier: observed?.serviceTier ?? 'auto',
    ...(usage.tier !== undefined && { response_service_tier: usage.tier }),
  };
}

/** A stream that broke off had begun with 200: for the peer's clients that is no failure. */
function failOf(
  error: UsageRecord['error'],
  status: number,
  body: string | undefined,
): { status_code: number; body: string } {
  if (error === undefined) return { status_code: 200, body: '' };
  return { status_code: status < 400 ? brokenOff : status, body: body ?? error };
}

/** What an answer that broke off counts as: RFC 9110 §15.6.3. */
const brokenOff = 502;

/** As Go's servers write the names of headers. */
function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
