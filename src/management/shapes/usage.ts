/** Answers about usage: sums, requests, the peer's forms of them, and the queue. */
import { z } from 'zod';
import type { ListedAttempt, ListedRequest } from '../../usage/listed-request.ts';
import type { Named } from '../../usage/record.ts';
import type { RequestCache } from '../../usage/request-reader.ts';
import type { ListedTokens, UsageRow } from '../../usage/usage-row.ts';
import type { PeerTokens } from '../peer-tokens.ts';
import type { PeerUsage } from '../peer-usage.ts';
import { amount, count, dollars, flag, shape, text, time } from './shape.ts';

const named: z.ZodType<Named> = z.object({ id: text, name: text });

const sumTokens: z.ZodType<ListedTokens> = z.object({
  ...{
    input: count,
    cacheRead: count,
    cacheWrite: count,
    cacheWrite1h: count,
    reasoning: count,
    output: count,
  },
});

const usageRow: z.ZodType<UsageRow> = z.object({
  at: time.exactOptional(),
  key: named.exactOptional(),
  credential: named.exactOptional(),
  provider: text.exactOptional(),
  model: text.exactOptional(),
  session: text.exactOptional(),
  ...{ requests: count, failed: count, unpriced: count },
  tokens: sumTokens,
  cost: z.object({ paid: dollars, worth: dollars }),
  promptCache: z
    .object({ switches: count, switchTokens: count, changes: count, changeTokens: count })
    .exactOptional(),
  ttftP50: z.number().nullable(),
  ttftP95: z.number().nullable(),
});

const exampleRow: UsageRow = {
  ...{ requests: 2, failed: 0, unpriced: 0 },
  tokens: { input: 22, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, reasoning: 0, output: 14 },
  cost: { paid: '0.0012', worth: '0.0012' },
  ...{ ttftP50: 310, ttftP95: 420 },
};

const usageTable = shape(z.object({ rows: z.array(usageRow), total: usageRow }), {
  rows: [{ provider: 'claude', ...exampleRow }],
  total: exampleRow,
});

const some = count.exactOptional();

const counts = {
  tokens: z.object({
    ...{ input: amount, cacheRead: amount, cacheWrite: amount, cacheWrite1h: amount, reasoning: amount },
    output: amount,
    ...{ audioInput: some, imageInput: some, videoInput: some, audioRead: some, imageRead: some },
    ...{ audioOutput: some, imageOutput: some },
  }),
  counted: z.enum(['provider', 'estimate', 'odd', 'none', 'unknown']),
  tier: text.nullable(),
  cost: dollars.nullable(),
  costSource: z.enum(['upstream', 'owner', 'list']).nullable(),
  billing: z.enum(['paid', 'subscription']).nullable(),
};

const requestFields = {
  ...{ id: text, at: time, key: named.nullable(), session: text.nullable(), protocol: text, operation: text },
  ...{ stream: flag, asked: text, model: text.nullable(), provider: text.nullable() },
  ...{ credential: named.nullable(), status: z.int(), error: text.nullable(), ttft: z.number().nullable() },
  ...{ duration: z.number(), attemptCount: count },
  choice: z
    .object({
      ...{ strategy: text, candidates: count, ready: count, resting: count, spared: count },
      boundTo: text.nullable(),
    })
    .nullable(),
  ...counts,
};

const listedRequest: z.ZodType<ListedRequest> = z.object(requestFields);

const exampleCounts: Pick<ListedRequest, keyof typeof counts> = {
  tokens: { input: 11, cacheRead: 0, cacheWrite: null, cacheWrite1h: null, reasoning: null, output: 7 },
  ...{ counted: 'provider', tier: null, cost: '0.0006', costSource: 'list', billing: 'paid' },
};

const exampleRequest: ListedRequest = {
  ...{ id: 'req_019c2f6e3a7b4d11', at: '2026-11-30T08:15:00.000Z', key: { id: '1f0c…', name: 'team-a' } },
  ...{ session: null, protocol: 'openai-chat', operation: 'generate', stream: true },
  ...{ asked: 'opus', model: 'claude-opus-4-6', provider: 'claude' },
  credential: { id: 'claude-ann', name: 'claude/ann@example.com' },
  ...{ status: 200, error: null, ttft: 310, duration: 1250, attemptCount: 1 },
  choice: { strategy: 'round-robin', candidates: 2, ready: 2, resting: 0, spared: 0, boundTo: null },
  ...exampleCounts,
};

const listedAttempt: z.ZodType<ListedAttempt> = z.object({
  ...{ credential: named, provider: text, model: text, startedAt: z.number(), waited: z.number() },
  ...{ duration: z.number().nullable(), trial: flag, status: z.int(), reason: text },
  cooldownUntil: time.nullable(),
  ...counts,
});

const requestCache: z.ZodType<RequestCache> = z.object({
  ...{ again: count, because: z.enum(['switched', 'changed']).nullable(), before: named.nullable() },
});

const usageRequests = shape(z.object({ requests: z.array(listedRequest), next: text.nullable() }), {
  requests: [exampleRequest],
  next: null,
});

const usageRequest = shape(
  z.object({
    request: z.object({
      ...requestFields,
      attempts: z.array(listedAttempt),
      promptCache: requestCache.nullable(),
    }),
  }),
  { request: { ...exampleRequest, attempts: [], promptCache: null } },
);

const usageRecomputed = shape(z.object({ recomputed: count, changed: count }), {
  recomputed: 120,
  changed: 3,
});

const perName = z.record(text, count);
type PeerSums = Omit<PeerUsage, 'apis'>;
const peerSums = {
  ...{ total_requests: count, success_count: count, failure_count: count, total_tokens: count },
  ...{ requests_by_day: perName, requests_by_hour: perName, tokens_by_day: perName, tokens_by_hour: perName },
};

const peerDetail = z.object({
  ...{ timestamp: time, latency_ms: z.number(), source: text, auth_index: text },
  tokens: z.object({
    ...{ input_tokens: count, output_tokens: count, reasoning_tokens: count, cached_tokens: count },
    ...{ cache_creation_tokens: count, total_tokens: count },
  }),
  failed: flag,
  request_id: text,
});

const peerTotals = { total_requests: count, total_tokens: count };

const peerUsage = z.object({
  ...peerSums,
  apis: z
    .record(
      text,
      z.object({
        ...peerTotals,
        models: z.record(text, z.object({ ...peerTotals, details: z.array(peerDetail) })),
      }),
    )
    .meta({ description: 'By client key, then by model.' }),
});

const examplePeerUsage = {
  ...({
    ...{ total_requests: 1, success_count: 1, failure_count: 0, total_tokens: 18 },
    ...{ requests_by_day: { '2026-11-30': 1 }, requests_by_hour: { '08': 1 } },
    ...{ tokens_by_day: { '2026-11-30': 18 }, tokens_by_hour: { '08': 18 } },
  } satisfies PeerSums),
  apis: {
    'team-a': {
      ...{ total_requests: 1, total_tokens: 18 },
      models: { 'claude-opus-4-6': { total_requests: 1, total_tokens: 18, details: [] } },
    },
  },
};

const usageImported = shape(
  z.object({ added: count, skipped: count, total_requests: count, failed_requests: count }),
  { added: 40, skipped: 2, total_requests: 140, failed_requests: 3 },
);

const queueTokens: z.ZodType<PeerTokens> = z.object({
  ...{ input_tokens: count, output_tokens: count, reasoning_tokens: count, cached_tokens: count },
  ...{ cache_read_tokens: count, cache_read_tokens_present: flag, cache_creation_tokens: count },
  total_tokens: count,
});

const queueRecord = z.object({
  ...{ timestamp: time, latency_ms: z.number(), ttft_ms: z.number(), source: text, auth_index: text },
  ...{ client_ip: text, x_forwarded_for: text, user_agent: text, tokens: queueTokens, failed: flag },
  ...{ generate: flag, stream: flag, fail: z.object({ status_code: z.int(), body: text }) },
  response_headers: z.record(text, z.array(text)),
  accounting_version: z.literal(2),
  token_breakdown: z.object({
    ...{ schema_version: z.literal(2), quality: z.enum(['complete', 'partial']), total_tokens: count },
    input: z.object({
      ...{ total_tokens: count, uncached_tokens: count, cache_read_tokens: count },
      cache_write_tokens: count,
    }),
    output: z.object({ total_tokens: count, non_reasoning_tokens: count, reasoning_tokens: count }),
    unclassified_tokens: count,
  }),
  ...{ provider: text, executor_type: text, model: text, alias: text, endpoint: text, auth_type: text },
  ...{ api_key: text, request_id: text, reasoning_effort: text, service_tier: text },
  response_service_tier: text.exactOptional(),
});

const usageQueue = shape(z.array(queueRecord), [
  {
    ...{ timestamp: '2026-11-30T08:15:00.000Z', latency_ms: 1250, ttft_ms: 310 },
    ...{ source: 'ann@example.com', auth_index: '9c1b5d20aa41f6e3', client_ip: '127.0.0.1' },
    ...{ x_forwarded_for: '', user_agent: 'claude-cli/2.1', failed: false, generate: true, stream: true },
    tokens: {
      ...{ input_tokens: 11, output_tokens: 7, reasoning_tokens: 0, cached_tokens: 0, cache_read_tokens: 0 },
      ...{ cache_read_tokens_present: true, cache_creation_tokens: 0, total_tokens: 18 },
    },
    fail: { status_code: 200, body: '' },
    response_headers: { 'Content-Type': ['text/event-stream'] },
    accounting_version: 2,
    token_breakdown: {
      ...{ schema_version: 2, quality: 'complete', total_tokens: 18, unclassified_tokens: 0 },
      input: { total_tokens: 11, uncached_tokens: 11, cache_read_tokens: 0, cache_write_tokens: 0 },
      output: { total_tokens: 7, non_reasoning_tokens: 7, reasoning_tokens: 0 },
    },
    ...{ provider: 'claude', executor_type: 'claude', model: 'claude-opus-4-6', alias: 'opus' },
    ...{ endpoint: 'POST /v1/messages', auth_type: 'oauth', api_key: 'team-a' },
    ...{ request_id: 'req_019c2f6e3a7b4d11', reasoning_effort: 'high', service_tier: 'auto' },
  },
]);

export const recentCounts = {
  success: count,
  failed: count,
  recent_requests: z.array(z.object({ time: text, success: count, failed: count })),
};

export const exampleCountsLately = {
  ...{ success: 12, failed: 1 },
  recent_requests: [{ time: '09:50-10:00', success: 3, failed: 0 }],
};

const keyUsage = shape(
  z
    .record(text, z.record(text, z.object(recentCounts)))
    .meta({ description: 'By provider, then by `base-url|api-key`.' }),
  { gemini: { 'https://gemini.example.com|AIza…': exampleCountsLately } },
);

export const usageShapes = {
  usageTable,
  usageRequests,
  usageRequest,
  usageRecomputed,
  usageImported,
  usageQueue,
  keyUsage,
  peerUsage: shape(z.object({ usage: peerUsage, failed_requests: count }), {
    usage: examplePeerUsage,
    failed_requests: 0,
  }),
  usageExport: shape(z.object({ version: z.literal(1), exported_at: time, usage: peerUsage }), {
    ...{ version: 1, exported_at: '2026-11-30T08:15:00.000Z' },
    usage: examplePeerUsage,
  }),
};
