/** Answers about accounts: their files, sign-ins, models, what is left of them, and calls with their tokens. */
import { z } from 'zod';
import type { CallAnswer } from '../quota-questions.ts';
import { count, flag, shape, text, time } from './shape.ts';
import { exampleCountsLately, recentCounts } from './usage.ts';

/** Of what panels read; what is not known of an account is left out. */
const authFile = z.object({
  ...{ id: text, name: text, auth_index: text, type: text, provider: text, label: text },
  ...{ disabled: flag, unavailable: flag, runtime_only: flag, source: text },
  ...{ path: text, account_type: text, status: text, status_message: text },
  ...{ email: text.exactOptional(), account: text.exactOptional(), project_id: text.exactOptional() },
  ...{ note: text.exactOptional(), prefix: text.exactOptional(), priority: z.number().exactOptional() },
  ...{ weight: z.number().exactOptional(), request_retry: z.number().exactOptional() },
  ...{ websockets: flag.exactOptional(), last_refresh: time.exactOptional() },
  next_retry_after: time.exactOptional(),
  id_token: z.record(text, z.union([text, z.number()])).exactOptional(),
  ...{ size: count.exactOptional(), created_at: time.exactOptional(), modtime: time.exactOptional() },
  updated_at: time.exactOptional(),
  ...recentCounts,
});

const authFiles = shape(
  z.object({
    files: z.array(authFile),
    observed_at: time,
    ...{ total: count.exactOptional(), page: count.exactOptional(), page_size: count.exactOptional() },
    has_more: flag.exactOptional(),
  }),
  {
    files: [
      {
        ...{ id: 'codex-ann.json', name: 'codex-ann.json', auth_index: '9c1b5d20aa41f6e3' },
        ...{ type: 'codex', provider: 'codex', label: 'ann@example.com', email: 'ann@example.com' },
        ...{ account: 'ann@example.com', account_type: 'oauth', status: 'active', status_message: '' },
        ...{ disabled: false, unavailable: false, runtime_only: false, source: 'file', size: 1834 },
        ...{ path: '/data/codex-ann.json', priority: 5, modtime: '2026-11-29T09:58:00.000Z' },
        id_token: { chatgpt_account_id: 'acc', plan_type: 'plus' },
        ...exampleCountsLately,
      },
    ],
    observed_at: '2026-11-30T08:15:00.000Z',
  },
);

const named = z.object({ name: text, error: text });

/** Of one file `status` alone; of several their names, too. */
const filesWritten = shape(
  z.object({
    status: z.literal('ok'),
    ...{ uploaded: count.exactOptional(), files: z.array(text).exactOptional() },
  }),
  { status: 'ok', uploaded: 2, files: ['a.json', 'b.json'] },
);
const filesDeleted = shape(
  z.object({
    status: z.literal('ok'),
    ...{ deleted: count.exactOptional(), files: z.array(text).exactOptional() },
  }),
  { status: 'ok', deleted: 2, files: ['a.json', 'b.json'] },
);
const partly = { status: z.literal('partial'), files: z.array(text), failed: z.array(named) };
const someFailed = [{ name: 'c.json', error: 'auth file not found' }];

const refreshResult = z.object({
  name: text,
  result: z.enum(['refreshed', 'sign-in-again', 'pending', 'failed']),
  ...{ error: text.exactOptional(), expires: time.exactOptional() },
});
const aRefresh = {
  name: 'codex-ann.json',
  result: 'refreshed',
  expires: '2026-12-10T08:15:00.000Z',
} as const;

const signedIn = { 'auth-file': text, project_id: text.exactOptional(), email: text.exactOptional() };

const callAnswer: z.ZodType<CallAnswer> = z.object({
  ...{ status_code: z.int(), header: z.record(text, z.array(text)), body: text },
});

const modelDefinition = z.object({
  ...{ id: text, object: z.literal('model'), created: count, owned_by: text, type: text, display_name: text },
  ...{ context_length: count.exactOptional(), inputTokenLimit: count.exactOptional() },
  ...{ max_completion_tokens: count.exactOptional(), outputTokenLimit: count.exactOptional() },
  supportedGenerationMethods: z.array(text).exactOptional(),
  supportedInputModalities: z.array(text).exactOptional(),
  thinking: z
    .union([
      z.object({ levels: z.array(text) }),
      z.object({ min: count, max: count, zero_allowed: flag, dynamic_allowed: flag }),
    ])
    .exactOptional(),
});

export const accountShapes = {
  authFiles,
  accountModels: shape(
    z.object({
      models: z.array(z.object({ id: text, display_name: text, type: text, owned_by: text })),
    }),
    {
      models: [{ id: 'gpt-5.2', display_name: 'gpt-5.2', type: 'codex', owned_by: 'openai' }],
    },
  ),
  accountFile: shape(z.record(text, z.unknown()), { type: 'codex', email: 'ann@example.com' }),
  filesWritten,
  filesPartlyWritten: shape(z.object({ ...partly, uploaded: count }), {
    ...{ status: 'partial', uploaded: 1, files: ['a.json'], failed: someFailed },
  }),
  filesDeleted,
  filesPartlyDeleted: shape(z.object({ ...partly, deleted: count }), {
    ...{ status: 'partial', deleted: 1, files: ['a.json'], failed: someFailed },
  }),
  statusChanged: shape(z.object({ status: z.literal('ok'), disabled: flag }), {
    status: 'ok',
    disabled: true,
  }),
  refreshed: shape(z.object({ status: z.literal('ok'), refreshed: count, results: z.array(refreshResult) }), {
    status: 'ok',
    refreshed: 1,
    results: [aRefresh],
  }),
  partlyRefreshed: shape(
    z.object({
      ...{ status: z.literal('partial'), error: text, refreshed: count, results: z.array(refreshResult) },
    }),
    {
      status: 'partial',
      error: 'not every account could be refreshed',
      refreshed: 1,
      results: [aRefresh, { name: 'claude-bob.json', result: 'sign-in-again', error: 'invalid_grant' }],
    },
  ),
  signInBegun: shape(
    z.object({
      ...{ status: z.literal('ok'), url: text, state: text, flow: z.literal('device').exactOptional() },
      ...{ user_code: text.exactOptional(), verification_uri: text.exactOptional() },
      ...{ expires_in: count.exactOptional(), message: text.exactOptional() },
    }),
    { status: 'ok', url: 'https://auth.example.com/authorize?…', state: 'Zx8…' },
  ),
  signInStatus: shape(
    z.object({
      status: z.enum(['wait', 'ok', 'error']),
      ...{ error: text.exactOptional(), code: z.literal('unknown_state').exactOptional() },
      'auth-file': text.exactOptional(),
    }),
    { status: 'wait' },
  ),
  signInEnded: shape(z.object({ status: z.literal('ok'), cancelled: flag }), {
    status: 'ok',
    cancelled: true,
  }),
  signedInWithCookie: shape(
    z.object({ status: z.literal('ok'), saved_path: text, email: text.exactOptional(), type: text }),
    { status: 'ok', saved_path: '/data/account-ann.json', email: 'ann@example.com', type: 'codex' },
  ),
  serviceAccountTaken: shape(
    z.object({
      ...{ status: z.literal('ok'), ...signedIn, location: text.exactOptional() },
      warning: text.exactOptional(),
    }),
    {
      ...{ status: 'ok', 'auth-file': '/data/vertex-p1.json', project_id: 'p1' },
      ...{ email: 'a@p1.iam.gserviceaccount.com', location: 'us-central1' },
    },
  ),
  quotaReset: shape(z.object({ status: z.literal('ok'), auth_index: text, models: z.array(text) }), {
    status: 'ok',
    auth_index: '9c1b5d20aa41f6e3',
    models: ['gpt-5.2'],
  }),
  quotaProviders: shape(z.object({ providers: z.array(z.object({ provider: text })) }), {
    providers: [{ provider: 'codex' }],
  }),
  quotaLeft: shape(
    z.object({
      observedAt: time,
      summary: z.array(z.never()),
      groups: z.array(
        z.object({
          displayName: text,
          buckets: z.array(
            z.object({
              window: text,
              remainingFraction: z.number().min(0).max(1),
              resetTime: time.exactOptional(),
            }),
          ),
        }),
      ),
    }),
    {
      observedAt: '2026-11-30T08:15:00.000Z',
      summary: [],
      groups: [{ displayName: 'Account', buckets: [{ window: '5h', remainingFraction: 0.62 }] }],
    },
  ),
  called: shape(callAnswer, {
    status_code: 200,
    header: { 'Content-Type': ['application/json'] },
    body: '{"data":[]}',
  }),
  modelDefinitions: shape(z.object({ channel: text, models: z.array(modelDefinition) }), {
    channel: 'codex',
    models: [
      {
        ...{ id: 'gpt-5.2', created: 0, owned_by: 'openai', type: 'codex', display_name: 'gpt-5.2' },
        object: 'model',
        context_length: 400_000,
      },
    ],
  }),
};
