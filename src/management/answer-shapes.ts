/**
 * What answers hold, as the OpenAPI document describes them. Each is checked against the type that its handler answers with, and
 * by `answer-shapes.test.ts` against answers of a gateway that runs. What else an answer may hold is not promised.
 */
import { z } from 'zod';
import type { ListedAttempt, ListedRequest } from '../usage/listed-request.ts';
import type { Named } from '../usage/record.ts';
import type { RequestCache } from '../usage/request-reader.ts';
import type { ListedTokens, UsageRow } from '../usage/usage-row.ts';
import type { GatewayStatus, ListedCooldown, ProcessFacts } from './own-answers.ts';
import type { PeerUsage } from './peer-usage.ts';
import type { ListedPool, ListedQuota, ListedQuotas } from './quota-list.ts';

const count = z.int().min(0);
const time = z.string().meta({ format: 'date-time' });
const dollars = z.string().meta({ description: 'US dollars as decimal text.' });
const text = z.string();

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

export const usageTable = z.object({ rows: z.array(usageRow), total: usageRow });

const amount = count.nullable();
const counts = {
  tokens: z.object({
    ...{ input: amount, cacheRead: amount, cacheWrite: amount, cacheWrite1h: amount, reasoning: amount },
    output: amount,
  }),
  counted: z.enum(['provider', 'estimate', 'odd', 'none']),
  tier: text.nullable(),
  cost: dollars.nullable(),
  costSource: z.enum(['upstream', 'owner', 'list']).nullable(),
  billing: z.enum(['paid', 'subscription']).nullable(),
};

const requestFields = {
  ...{ id: text, at: time, key: named.nullable(), session: text.nullable(), protocol: text, operation: text },
  ...{ stream: z.boolean(), asked: text, model: text.nullable(), provider: text.nullable() },
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

const listedAttempt: z.ZodType<ListedAttempt> = z.object({
  ...{ credential: named, provider: text, model: text, startedAt: z.number(), waited: z.number() },
  ...{ duration: z.number().nullable(), trial: z.boolean(), status: z.int(), reason: text },
  cooldownUntil: time.nullable(),
  ...counts,
});

export const listedRequests = z.object({ requests: z.array(listedRequest), next: text.nullable() });

const requestCache: z.ZodType<RequestCache> = z.object({
  ...{ again: count, because: z.enum(['switched', 'changed']).nullable(), before: named.nullable() },
});

export const oneRequest = z.object({
  request: z.object({
    ...requestFields,
    attempts: z.array(listedAttempt),
    promptCache: requestCache.nullable(),
  }),
});

export const recomputed = z.object({ recomputed: count, changed: count });

const perName = z.record(text, count);
type PeerSums = Omit<PeerUsage, 'apis'>;
const peerSums: z.ZodType<PeerSums> = z.object({
  ...{ total_requests: count, success_count: count, failure_count: count, total_tokens: count },
  ...{ requests_by_day: perName, requests_by_hour: perName, tokens_by_day: perName, tokens_by_hour: perName },
});

const peerDetail = z.object({
  ...{ timestamp: time, latency_ms: z.number(), source: text, auth_index: text },
  tokens: z.object({
    ...{ input_tokens: count, output_tokens: count, reasoning_tokens: count, cached_tokens: count },
    ...{ cache_creation_tokens: count, total_tokens: count },
  }),
  failed: z.boolean(),
  request_id: text,
});

const peerTotals = { total_requests: count, total_tokens: count };

export const peerUsageAnswer = z.object({
  usage: z.intersection(
    peerSums,
    z.object({
      apis: z
        .record(
          text,
          z.object({
            ...peerTotals,
            models: z.record(text, z.object({ ...peerTotals, details: z.array(peerDetail) })),
          }),
        )
        .meta({ description: 'By client key, then by model.' }),
    }),
  ),
  failed_requests: count,
});

const recentCounts = {
  success: count,
  failed: count,
  recent_requests: z.array(z.object({ time: text, success: count, failed: count })),
};

export const keyUsage = z
  .record(text, z.record(text, z.object(recentCounts)))
  .meta({ description: 'By provider, then by `base-url|api-key`.' });

/** Of what panels read; what is not known of an account is left out. */
export const listedAuthFiles = z.object({
  files: z.array(
    z.object({
      ...{ id: text, name: text, auth_index: text, type: text, provider: text, label: text },
      ...{ disabled: z.boolean(), unavailable: z.boolean(), runtime_only: z.boolean(), source: text },
      ...{ path: text, account_type: text, status: text, status_message: text },
      ...{ email: text.optional(), account: text.optional(), project_id: text.optional() },
      ...{ note: text.optional(), prefix: text.optional(), priority: z.number().optional() },
      ...{ weight: z.number().optional(), request_retry: z.number().optional() },
      ...{ websockets: z.boolean().optional(), last_refresh: time.optional() },
      ...{ next_retry_after: time.optional(), id_token: z.record(text, z.unknown()).optional() },
      ...{ size: count.optional(), created_at: time.optional(), modtime: time.optional() },
      updated_at: time.optional(),
      ...recentCounts,
    }),
  ),
  observed_at: time,
  ...{ total: count.optional(), page: count.optional(), page_size: count.optional() },
  has_more: z.boolean().optional(),
});

export const accountModels = z.object({
  models: z.array(z.object({ id: text, display_name: text, type: text, owned_by: text })),
});

export const logLines = z.object({
  lines: z.array(text),
  ...{ 'line-count': count, 'latest-timestamp': count, 'next-cursor': text },
  'cursor-reset': z.boolean().optional(),
});

export const logFiles = z.object({
  files: z.array(z.object({ name: text, size: count, modified: count })),
});

export const latestVersion = z.object({ 'latest-version': text, checked: z.boolean(), message: text });

const gatewayStatus: z.ZodType<GatewayStatus> = z.object({ url: text, stopsWithin: z.number().nullable() });
export const gatewayAnswer = z.object({ gateway: gatewayStatus });

const processFacts: z.ZodType<ProcessFacts> = z.object({
  ...{ openFiles: amount, mostOpenFiles: amount, halfClosedSockets: amount, missingSettings: z.array(text) },
});
export const processAnswer = z.object({ process: processFacts });

export const refusalsAnswer = z.object({ refusals: z.record(text, count) });

/** JSON leaves out what is undefined. */
type Written<T, Name extends keyof T> = Omit<T, Name> & Partial<Pick<T, Name>>;
const listedCooldown: z.ZodType<Written<ListedCooldown, 'provider'>> = z.object({
  ...{ credential: text, label: text, provider: text.optional(), kind: text, model: text.nullable() },
  ...{ failures: count, since: time, until: time, promised: time.nullable(), reason: text },
});
export const cooldownsAnswer = z.object({ cooldowns: z.array(listedCooldown) });
export const cooldownsEnded = z.object({ reset: count, credentials: z.array(text) });

const quotaFields = {
  ...{ model: text.nullable(), window: text, length: z.number().exactOptional(), left: z.number() },
  ...{ burn: z.number().nullable(), exhausts: time.nullable(), resets: time.nullable() },
};
const listedQuota: z.ZodType<ListedQuota> = z.object({
  ...{ credential: text, label: text, provider: text },
  state: z.enum(['open', 'low', 'used-up', 'begun-anew']),
  confidence: z.enum(['none', 'low', 'medium', 'high']),
  told: time,
  history: z.array(z.object({ at: time, left: z.number() })).exactOptional(),
  ...quotaFields,
});
const listedPool: z.ZodType<ListedPool> = z.object({ provider: text, accounts: count, ...quotaFields });
export const quotasAnswer: z.ZodType<ListedQuotas> = z.object({
  quotas: z.array(listedQuota),
  providers: z.array(listedPool),
});
