import { expect, test } from 'bun:test';
import { parsed } from '../../test/accounts/account-texts.ts';
import type { JsonObject } from '../protocols/json.ts';

const native = {
  priority: 10,
  weight: 2.5,
  websockets: true,
  description: 'Mine',
  prefix: 'work',
  proxy_url: 'socks5://localhost:1080',
  disabled: true,
  excluded_models: ['a', 'b-*'],
  model_aliases: [{ name: 'long-name', alias: 'short' }],
  headers: { 'X-Team': 'a' },
  disable_cooling: true,
  request_retry: 2,
  cooldown: { quota: { first: '1m' } },
  timeouts: { 'first-byte': '90s', stall: 0 },
  request_scoped_errors: [{ status: 400, match: ['policy'], action: 'continue' }],
  concurrency: 4,
  queue: 8,
  refresh_interval_seconds: 90,
};
const asStrings = {
  priority: '10',
  weight: '2.5',
  websockets: 'true',
  note: 'Mine',
  prefix: 'work',
  'proxy-url': 'socks5://localhost:1080',
  disabled: 'true',
  'excluded-models': 'a, b-*',
  'model-aliases': '[{"name":"long-name","alias":"short"}]',
  headers: '{"X-Team":"a"}',
  'disable-cooling': 'yes',
  request_retry: '2',
  cooldown: '{"quota": {"first": "1m"}}',
  timeouts: '{"first-byte": "90s", "stall": 0}',
  'request-scoped-errors': '[{"status": 400, "match": ["policy"], "action": "continue"}]',
  concurrency: '4',
  queue: '8',
  refreshInterval: '90s',
};
const settings = {
  priority: 10,
  weight: 2.5,
  websockets: true,
  description: 'Mine',
  prefix: 'work',
  proxyUrl: 'socks5://localhost:1080',
  disabled: true,
  excludedModels: ['a', 'b-*'],
  modelAliases: [{ name: 'long-name', alias: 'short' }],
  headers: { 'X-Team': 'a' },
  disableCooling: true,
  requestRetry: 2,
  cooldown: { quota: { first: 60_000 } },
  timeouts: { 'first-byte': 90_000, stall: 0 },
  requestScopedErrors: [
    { status: 400, match: ['policy'], 'match-regexp': [], 'match-regexr': [], action: 'continue' as const },
  ],
  concurrency: 4,
  queue: 8,
  refreshInterval: 90_000,
};
const places: [string, JsonObject][] = [
  ['at the top', native],
  ['at the top as strings', asStrings],
  ['under attributes', { attributes: native }],
  ['under attributes as strings', { attributes: asStrings }],
  ['at the top before attributes', { ...native, attributes: { priority: 'none', weight: 'none' } }],
];
for (const [where, content] of places)
  test(`the owner's settings ${where}`, () =>
    expect(parsed('claude-a.json', { access_token: 'a', ...content }).settings).toEqual(settings));

test('the settings of a file that has none', () => {
  expect(parsed('claude-a.json', { access_token: 'a', attributes: {}, note: '' }).settings).toEqual({
    priority: 0,
    weight: 1,
    websockets: false,
    description: undefined,
    prefix: undefined,
    proxyUrl: undefined,
    disabled: false,
    excludedModels: [],
    modelAliases: [],
    headers: {},
    disableCooling: undefined,
    requestRetry: undefined,
    refreshInterval: undefined,
  });
});
