/** Answers about the gateway itself: its process, its cluster, its cooldowns and quotas, how requests went. */
import { z } from 'zod';
import type { RequestTrace, TraceStep } from '../../gateway/trace/request-trace.ts';
import type { RecordingState } from '../../recording/recordings.ts';
import type {
  GatewayStatus,
  ListedCooldown,
  ManagementAnswer,
  ProcessFacts,
  ReadKeyLimit,
  ReplicaFacts,
  ShownCluster,
  ShownEngine,
  TestedRequest,
} from '../own-answers.ts';
import type { ListedPool, ListedQuota, ListedQuotas } from '../quota-list.ts';
import { type AsJson, amount, count, flag, shape, text, time } from './shape.ts';

const gatewayStatus: z.ZodType<GatewayStatus> = z.object({ url: text, stopsWithin: z.number().nullable() });

const processFacts: z.ZodType<ProcessFacts> = z.object({
  ...{ openFiles: amount, mostOpenFiles: amount, halfClosedSockets: amount, missingSettings: z.array(text) },
});

const engine: z.ZodType<ShownEngine> = z.object({
  ...{ name: text, state: z.enum(['up', 'down']), why: text.nullable(), since: text.nullable() },
});

const replicaFacts: z.ZodType<ReplicaFacts> = z.object({
  ...{ url: text, stopsWithin: z.number().nullable(), uptime: z.number(), memory: count },
  ...{ running: count, waiting: count, ended: z.object({ all: count, failed: count }) },
  ...{ refusals: z.record(text, count), timezone: text, engines: z.array(engine) },
});

const exampleReplica: ReplicaFacts = {
  ...{ url: 'http://127.0.0.1:8317', stopsWithin: null, uptime: 86_400, memory: 92_274_688 },
  ...{ running: 1, waiting: 0, ended: { all: 1200, failed: 4 }, refusals: { 'wrong-client-key': 2 } },
  ...{ timezone: 'Europe/Berlin', engines: [] },
};

const shownCluster: z.ZodType<ShownCluster> = z.object({
  ...{ name: text, replica: text, engines: z.array(engine) },
  replicas: z.array(
    z.object({
      ...{ id: text, name: text, version: text, startedAt: time },
      ...{ now: replicaFacts.nullable(), why: text.nullable() },
    }),
  ),
  notShared: z.array(z.enum(['limits', 'cooldowns', 'quotas', 'conversations'])),
});

const listedCooldown: z.ZodType<AsJson<ListedCooldown>> = z.object({
  ...{ credential: text, label: text, provider: text.exactOptional(), kind: text, model: text.nullable() },
  ...{ failures: count, since: time, until: time, promised: time.nullable(), reason: text },
});

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
const listedQuotas: z.ZodType<ListedQuotas> = z.object({
  quotas: z.array(listedQuota),
  providers: z.array(listedPool),
});

const choice = z.object({
  ...{ strategy: text, candidates: count, ready: count, resting: count, spared: count },
  boundTo: text.exactOptional(),
  passed: z.array(
    z.object({
      ...{ credential: text, model: text, why: text, reason: text, until: z.number() },
      promised: z.number().exactOptional(),
    }),
  ),
  named: z.array(z.object({ credential: text, model: text })).exactOptional(),
  by: z
    .object({
      ...{ name: text, targets: z.array(text), rules: z.array(text) },
      unfit: z.array(z.object({ model: text, why: text })).exactOptional(),
    })
    .exactOptional(),
});

const step: z.ZodType<AsJson<TraceStep>> = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('attempt'), credential: text, provider: text, model: text },
    ...{ startedAt: z.number(), duration: z.number().exactOptional(), trial: flag },
    result: z
      .union([
        z.literal('answered'),
        z.object({ status: z.int(), why: text, reason: text, restsUntil: z.number().exactOptional() }),
      ])
      .exactOptional(),
  }),
  z.object({
    ...{ kind: z.literal('wait'), at: z.number(), milliseconds: z.number(), boundTo: text.exactOptional() },
  }),
  z.object({ kind: z.literal('round'), at: z.number() }),
  z.object({ kind: z.literal('preview'), at: z.number(), model: text }),
  z.object({ kind: z.literal('fallback'), at: z.number(), model: text }),
]);

const trace: z.ZodType<AsJson<RequestTrace>> = z.object({
  ...{ id: text, at: z.number(), client: text, key: text.exactOptional(), model: text, operation: text },
  ...{ choice: choice.exactOptional(), steps: z.array(step), leftOut: count.exactOptional() },
  outcome: z.object({ status: z.int(), duration: z.number(), error: text.exactOptional() }).exactOptional(),
  losses: z
    .array(
      z.object({
        kind: z.enum(['dropped', 'approximated', 'renamed', 'hint']),
        ...{ field: text, detail: text.exactOptional() },
      }),
    )
    .exactOptional(),
  cache: z
    .object({
      ...{ read: count, written: count, again: count },
      ...{ because: z.enum(['switched', 'changed']).nullable(), before: text.nullable() },
    })
    .exactOptional(),
  replica: text.exactOptional(),
});

const exampleTrace: AsJson<RequestTrace> = {
  ...{ id: 'req_019c2f6e3a7b4d11', at: 1_795_680_900_000, client: 'openai-chat', key: 'team-a' },
  ...{ model: 'opus', operation: 'generate' },
  choice: { strategy: 'round-robin', candidates: 2, ready: 2, resting: 0, spared: 0, passed: [] },
  steps: [
    {
      kind: 'attempt',
      ...{ credential: 'claude/ann@example.com', provider: 'claude', model: 'claude-opus-4-6' },
      ...{ startedAt: 2, duration: 310, trial: false },
      result: 'answered',
    },
  ],
  outcome: { status: 200, duration: 1250 },
};

export const keyLimit: z.ZodType<ReadKeyLimit> = z.object({
  ...{ limit: text, most: z.number(), used: z.number(), left: z.number(), resets: time.nullable() },
});

const testedRequest: z.ZodType<TestedRequest> = z.object({
  ...{ ok: flag, credential: text.nullable(), model: text, status: z.int(), milliseconds: z.number() },
  ...{ id: text, answer: text },
});

/** Its exchanges are described in `recording/bundle.ts`, whose version they name. */
const recording: z.ZodType<Omit<RecordingState, 'exchanges'> & { exchanges: Record<string, unknown>[] }> =
  z.object({
    ...{ recording: text, wanted: count, ended: count },
    exchanges: z.array(z.record(text, z.unknown())),
  });

/** What a member of the answers of our own holds. */
type Own<Name extends string> = AsJson<Extract<ManagementAnswer, Record<Name, unknown>>>;

export const gatewayShapes = {
  gateway: shape(z.object({ gateway: gatewayStatus }), {
    gateway: { url: 'http://127.0.0.1:8317', stopsWithin: null },
  } satisfies Own<'gateway'>),
  process: shape(z.object({ process: processFacts }), {
    process: { openFiles: 31, mostOpenFiles: 65_536, halfClosedSockets: 0, missingSettings: [] },
  }),
  cluster: shape(z.object({ cluster: shownCluster.nullable() }), { cluster: null }),
  replica: shape(z.object({ replica: replicaFacts }), { replica: exampleReplica }),
  refusals: shape(z.object({ refusals: z.record(text, count) }), { refusals: { 'wrong-client-key': 2 } }),
  requests: shape(
    z.object({
      requests: z.array(trace),
      silent: z.array(z.object({ id: text, name: text, why: text })).exactOptional(),
    }),
    { requests: [exampleTrace] },
  ),
  request: shape(z.object({ request: trace }), { request: exampleTrace }),
  routing: shape(
    z.object({
      model: text,
      choice,
      key: z
        .object({
          ...{ name: text, mayUseModel: flag, candidates: count, ready: count, limits: z.array(keyLimit) },
        })
        .nullable(),
    }),
    {
      model: 'opus',
      choice: {
        ...{ strategy: 'round-robin', candidates: 2, ready: 2, resting: 0, spared: 0, passed: [] },
        named: [{ credential: 'claude/ann@example.com', model: 'claude-opus-4-6' }],
      },
      key: null,
    },
  ),
  cooldowns: shape(z.object({ cooldowns: z.array(listedCooldown) }), {
    cooldowns: [
      {
        ...{ credential: 'claude-ann', label: 'claude/ann@example.com', provider: 'claude', kind: 'quota' },
        ...{ model: null, failures: 1, since: '2026-11-30T08:15:00.000Z', until: '2026-11-30T09:00:00.000Z' },
        ...{ promised: null, reason: '429 from the provider' },
      },
    ],
  }),
  cooldownsEnded: shape(z.object({ reset: count, credentials: z.array(text) }), {
    reset: 1,
    credentials: ['claude/ann@example.com'],
  }),
  quotas: shape(listedQuotas, { quotas: [], providers: [] }),
  tests: shape(z.object({ tests: z.array(testedRequest) }), {
    tests: [
      {
        ...{ ok: true, credential: 'claude/ann@example.com', model: 'claude-haiku-4-5', status: 200 },
        ...{ milliseconds: 640, id: 'req_019c2f6e3a7b4d11', answer: '{"choices":[…]}' },
      },
    ],
  }),
  recording: shape(recording, { recording: 'rec_1', wanted: 1, ended: 0, exchanges: [] }),
  consoleTicket: shape(z.object({ ticket: text }), { ticket: 'q3mJ…' }),
  latestVersion: shape(z.object({ 'latest-version': text, checked: flag, message: text }), {
    'latest-version': 'v1.4.0',
    checked: false,
    message: 'This is the running version: no server is queried for newer ones.',
  }),
  plugins: shape(
    z.object({
      ...{ plugins_enabled: z.literal(false), plugins_dir: z.literal(''), plugins: z.array(z.never()) },
    }),
    { plugins_enabled: false, plugins_dir: '', plugins: [] },
  ),
  pluginStore: shape(
    z.object({
      ...{ plugins_enabled: z.literal(false), plugins_dir: z.literal(''), plugins: z.array(z.never()) },
      sources: z.array(z.never()),
    }),
    { plugins_enabled: false, plugins_dir: '', plugins: [], sources: [] },
  ),
  openApi: shape(
    z.looseObject({ openapi: text, info: z.record(text, z.unknown()), paths: z.record(text, z.unknown()) }),
    { openapi: '3.1.0', info: { title: 'cli-proxy-api management' }, paths: {} },
  ),
};
