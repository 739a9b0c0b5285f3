/** Answers about the configuration: whole, by settings and lists, its versions, its keys; and about the log. */
import { z } from 'zod';
import type { Budget } from '../../config/budget.ts';
import type { ListedVersion } from '../../config-file/versions.ts';
import type { ListedClientKey, MadeClientKey } from '../client-keys.ts';
import { keyLimit } from './gateway.ts';
import { type AsJson, count, flag, shape, text, time } from './shape.ts';

/** What owners write beside what is known here stays, so entries may have more. */
const keyEntry = z.looseObject({
  ...{ 'api-key': text.exactOptional(), 'auth-index': text.exactOptional(), name: text.exactOptional() },
  ...{ 'base-url': text.exactOptional(), 'proxy-url': text.exactOptional(), prefix: text.exactOptional() },
  ...{ priority: z.number().exactOptional(), weight: z.number().exactOptional() },
  headers: z.record(text, text).exactOptional(),
  models: z.array(z.looseObject({ name: text.exactOptional(), alias: text.exactOptional() })).exactOptional(),
  'excluded-models': z.array(text).exactOptional(),
});

const keyEntries = shape(z.array(keyEntry), [
  {
    'api-key': 'AIza…',
    'auth-index': '41d0c5a2b7e98f36',
    'base-url': 'https://gemini.example.com',
    models: [{ name: 'gemini-2.5-pro', alias: 'g25' }],
  },
]);

const serviceEntries = shape(
  z.array(
    z.looseObject({
      ...{ name: text, disabled: flag, 'base-url': text.exactOptional() },
      'api-key-entries': z.array(
        z.looseObject({ 'api-key': text.exactOptional(), 'auth-index': text.exactOptional() }),
      ),
      models: z
        .array(z.looseObject({ name: text.exactOptional(), alias: text.exactOptional() }))
        .exactOptional(),
    }),
  ),
  [
    {
      name: 'router',
      disabled: false,
      'base-url': 'https://router.example.com/v1',
      'api-key-entries': [{ 'api-key': 'sk-…', 'auth-index': '77aa01b2c3d4e5f6' }],
      models: [{ name: 'm', alias: 'a' }],
    },
  ],
);

const byAccountKind = shape(z.record(text, z.array(z.unknown())), { codex: ['gpt-4*'] });

const config = shape(
  z.looseObject({
    ...{ 'api-keys': z.array(text), debug: flag, 'proxy-url': text, 'request-retry': count },
    ...{ 'max-retry-credentials': count, 'max-retry-interval': count, 'request-log': flag },
    ...{ 'logging-to-file': flag, 'logs-max-total-size-mb': count, 'error-logs-max-files': count },
    ...{ 'usage-statistics-enabled': flag, 'ws-auth': z.literal(true), 'force-model-prefix': flag },
    routing: z.looseObject({ strategy: text }),
    'quota-exceeded': z.looseObject({ 'switch-project': flag, 'switch-preview-model': flag }),
    'openai-compatibility': serviceEntries,
    'oauth-excluded-models': byAccountKind,
    'oauth-model-alias': byAccountKind,
  }),
  {
    ...{ 'api-keys': ['team-a-…'], debug: false, 'proxy-url': '', 'request-retry': 3 },
    ...{ 'max-retry-credentials': 0, 'max-retry-interval': 30, 'request-log': false },
    ...{ 'logging-to-file': true, 'logs-max-total-size-mb': 0, 'error-logs-max-files': 0 },
    'usage-statistics-enabled': true,
    'ws-auth': true,
    'force-model-prefix': false,
    routing: { strategy: 'round-robin' },
    'quota-exceeded': { 'switch-project': true, 'switch-preview-model': true },
    'openai-compatibility': [],
    'oauth-excluded-models': {},
    'oauth-model-alias': {},
  },
);

const listedVersion: z.ZodType<ListedVersion> = z.object({
  ...{ id: text, time, who: text, what: text, digest: text, bytes: count, current: flag },
});

const most = z.object({ tokens: z.number().exactOptional(), usd: z.number().exactOptional() });
const budgets: z.ZodType<AsJson<Budget>> = z.object({
  ...{ day: most.exactOptional(), month: most.exactOptional() },
});

const listedClientKey: z.ZodType<ListedClientKey> = z.object({
  ...{ id: text, name: text.nullable(), masked: text, disabled: flag, expires: time.nullable() },
  ...{ note: text.nullable(), previousUntil: time.nullable() },
  limits: z.array(keyLimit),
  ...{ requestsToday: count.nullable(), lastUse: time.nullable() },
  ...{ models: z.array(text), providers: z.array(text) },
  ...{ perMinute: z.number().nullable(), tokensPerMinute: z.number().nullable() },
  ...{ concurrency: z.number().nullable(), budget: budgets.nullable(), changeable: flag },
});

const madeKey: z.ZodType<MadeClientKey> = z.object({ id: text, key: text });

export const configShapes = {
  done: shape(z.object({ status: z.literal('ok') }), { status: 'ok' }),
  config,
  keyEntries,
  serviceEntries,
  byAccountKind,
  clientKeyTexts: shape(z.array(text), ['team-a-…', 'team-b-…']),
  replaced: shape(z.object({ ok: z.literal(true), changed: z.array(z.literal('config')) }), {
    ok: true,
    changed: ['config'],
  }),
  tree: shape(z.record(text, z.unknown()), {
    'config-version': 8,
    routing: { strategy: 'round-robin' },
  }),
  treePart: shape(z.unknown(), { strategy: 'round-robin' }),
  treeChanged: shape(z.object({ status: z.literal('ok'), 'config-version': z.literal(8) }), {
    status: 'ok',
    'config-version': 8,
  }),
  versions: shape(z.object({ versions: z.array(listedVersion) }), {
    versions: [
      {
        ...{ id: '2026-11-30T08-15-00-000Z', time: '2026-11-30T08:15:00.000Z' },
        ...{ who: 'management API (secret-key from 127.0.0.1)', what: 'debug', digest: '5f1d…' },
        ...{ bytes: 812, current: true },
      },
    ],
  }),
  clientKeys: shape(z.object({ keys: z.array(listedClientKey) }), {
    keys: [
      {
        ...{ id: '1f0c…', name: 'team-a', masked: 'team…-key', disabled: false, expires: null, note: null },
        previousUntil: null,
        limits: [
          {
            ...{ limit: 'requests-per-minute', most: 60, used: 2, left: 58 },
            resets: '2026-11-30T08:16:00.000Z',
          },
        ],
        ...{ requestsToday: 12, lastUse: '2026-11-30T08:15:00.000Z', models: [], providers: [] },
        ...{ perMinute: 60, tokensPerMinute: null, concurrency: null, budget: null, changeable: true },
      },
    ],
  }),
  clientKeyMade: shape(madeKey, { id: '1f0c…', key: 'sk-…' }),
  logLines: shape(
    z.object({
      lines: z.array(text),
      ...{ 'line-count': count, 'latest-timestamp': count, 'next-cursor': text },
      'cursor-reset': flag.exactOptional(),
    }),
    {
      lines: ['[2026-11-30 08:15:00] [--------] [info ] [server] started'],
      ...{ 'line-count': 1, 'latest-timestamp': 1_795_680_900, 'next-cursor': 'bWFpbi5sb2c…' },
    },
  ),
  logFiles: shape(z.object({ files: z.array(z.object({ name: text, size: count, modified: count })) }), {
    files: [{ name: 'error-chat-2026-req_019c2f6e.log', size: 2048, modified: 1_795_680_900 }],
  }),
  logEmptied: shape(z.object({ success: z.literal(true), message: text, removed: count }), {
    ...{ success: true, message: 'Logs cleared successfully', removed: 0 },
  }),
};
