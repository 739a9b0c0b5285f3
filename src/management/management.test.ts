import { expect, test } from 'bun:test';
import { configOf } from '../../test/gateway-harness.ts';
import { testCredential, testRoute } from '../../test/simulation/accounts.ts';
import { createCatalog } from '../credentials/catalog.ts';
import { defaultRules } from '../credentials/cooldown-table.ts';
import { createPool } from '../credentials/pool.ts';
import { tracedChoice } from '../gateway/trace/request-trace.ts';
import { admit, emptyLedger, type Ledger, settle, usageOf } from '../limits/ledger.ts';
import { createRefusals } from '../server/refusals.ts';
import { priceList } from '../usage/price-list.ts';
import { recentCounter } from '../usage/recent-counts.ts';
import type { ManagementKeys } from './access.ts';
import { createManagement } from './management.ts';

const now = Date.UTC(2026, 10, 23, 12);

/** A key that has asked once, for two dollars. */
const spent = settle(withRequest(), { tokens: 0, usd: 0 }, { tokens: 100, usd: 2 }, now);

function withRequest(): Ledger {
  const admission = admit(emptyLedger(now), {}, undefined, now);
  if (!admission.ok) throw new Error('refused');
  return admission.ledger;
}

/** A pool of two, of which the first is cooling down and has reported a quota. */
function managed(
  settings: { 'allow-remote': boolean; 'secret-key'?: string } = { 'allow-remote': false },
  keys: ManagementKeys = {},
) {
  const credentials = [
    testCredential('a', { label: 'ann@example.com', account: 'ann' }),
    testCredential('b'),
  ];
  const pool = createPool({ random: () => 0 });
  pool.configure(credentials, {
    strategy: 'round-robin',
    rulesOf: () => defaultRules,
    quotaOfAccount: false,
  });
  const route = testRoute(credentials);
  const choice = pool.choose(route, { passOver: () => false }, now);
  if (choice.kind !== 'chosen') throw new Error('nobody may serve');
  pool.fail(choice.lease, { kind: 'quota', model: 'm', retryAfter: 60, reason: 'slow down' }, now);
  pool.reportQuota(
    choice.lease.candidate,
    [{ name: '5h', ofModel: false, left: 0.25, closed: false, resetsAt: now + 60_000, reportedAt: now }],
    now,
  );
  const config = {
    ...configOf({}),
    'remote-management': { 'disable-control-panel': false, ...settings },
    'api-keys': [
      { key: 'k1', name: 'ann' },
      { key: 'k2', name: 'bob', limits: { models: ['gpt-*'], providers: ['claude'] } },
      { key: 'k3', name: 'cleo', limits: { 'requests-per-minute': 60, budget: { day: { usd: 5 } } } },
    ],
  };
  const gateway = {
    handle: async () => ({ status: 200, headers: {}, body: 'ready' }),
    pool,
    credentials: () => credentials,
    trace: () => undefined,
    traces: () => [],
    choiceFor: () => tracedChoice(pool.survey(route, 5, now), 'round-robin', undefined),
    catalog: () => ({ ...createCatalog([], false), route: () => route }),
  };
  const refusals = createRefusals({ log: { warn: () => {} }, now: () => now, wait: async () => {} });
  const lines: Record<string, unknown>[] = [];
  const management = createManagement({
    gateway,
    limiter: { usageOf: ({ limits }) => usageOf(spent, limits, now) },
    wrongKeys: refusals,
    refusalCounts: refusals.counts,
    now: () => now,
    clock: { monotonic: () => now },
    newRequestId: () => 'req_1',
    gatewayStatus: () => ({ url: '', stopsWithin: null }),
    replica: () => ({
      ...{ url: '', stopsWithin: null, uptime: 1, memory: 1, running: 0, waiting: 0 },
      ...{ ended: { all: 0, failed: 0 }, refusals: {}, timezone: 'UTC', engines: [] },
    }),
    usage: {
      open: async () => ({ ok: false, code: 'usage_disabled', sentence: 'Usage is not kept.' }),
      prices: () => priceList({}),
      take: () => undefined,
    },
    configFile: () => undefined,
    usageQueue: { take: () => [] },
    http: {
      send: () => {
        throw new Error('nobody is called here');
      },
    },
    proxies: { proxyFor: () => undefined },
    userAgent: 'cli-proxy-api/test',
    accounts: async () => undefined,
    depsOf: () => {
      throw new Error('nobody signs in');
    },
    counts: recentCounter(),
    config: () => config,
    version: '1.2.3',
    log: { info: (message, fields) => lines.push({ message, ...fields }), error: () => {}, flush: () => {} },
    keys,
    consoleTicket: async () => 'ticket',
    recordings: () => Promise.reject(new Error('nothing is recorded here')),
  });
  return { management, pool, lines };
}

const request = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  new Request(`http://gateway/v0/management/${path}`, { method, headers });

test('cooldowns and quotas are listed by label, with times that people can read', async () => {
  const { management } = managed();
  expect(await (await management.handle(request('cooldowns'))).json()).toEqual({
    cooldowns: [
      {
        credential: 'a',
        label: 'ann@example.com',
        provider: 'openai-compatibility',
        kind: 'quota',
        model: 'm',
        failures: 1,
        since: '2026-11-23T12:00:00.000Z',
        until: '2026-11-23T12:01:00.000Z',
        promised: null,
        reason: 'slow down',
      },
    ],
  });
  const provider = 'openai-compatibility';
  const resets = '2026-11-23T12:01:00.000Z';
  const told = '2026-11-23T12:00:00.000Z';
  const unknown = { burn: null, exhausts: null, confidence: 'none' };
  const window = { credential: 'a', label: 'ann@example.com', provider, resets, told, ...unknown };
  const pool = { provider, accounts: 1, resets, burn: null };
  expect(await (await management.handle(request('quotas'))).json()).toEqual({
    quotas: [
      { ...window, model: null, window: '5h', state: 'open', left: 0.25 },
      { ...window, model: 'm', window: 'refusal', state: 'used-up', left: 0 },
    ],
    providers: [
      { ...pool, model: null, window: '5h', left: 0.25, exhausts: null },
      { ...pool, model: 'm', window: 'refusal', left: 0, exhausts: told },
    ],
  });
  expect(await (await management.handle(request('quotas?history=true'))).json()).toMatchObject({
    quotas: [{ history: [{ at: told, left: 0.25 }] }, {}],
  });
});

test.each(['a', 'ann@example.com', 'ann', '*'])('cooldowns of %s are ended', async (wanted) => {
  const { management, pool } = managed();
  const answer = await management.handle(request(`cooldowns/${encodeURIComponent(wanted)}`, 'DELETE'));
  expect(await answer.json()).toEqual({ reset: 1, credentials: ['ann@example.com'] });
  expect(pool.cooldowns(now)).toEqual([]);
});

test('only cooldowns of the model that is named are ended, and unknown names are told', async () => {
  const { management, pool } = managed();
  const other = await management.handle(request('cooldowns/a?model=other', 'DELETE'));
  expect(await other.json()).toEqual({ reset: 0, credentials: [] });
  expect((await management.handle(request('cooldowns/nobody', 'DELETE'))).status).toBe(404);
  expect((await management.handle(request('cooldowns', 'DELETE'))).status).toBe(400);
  expect((await management.handle(request('routing'))).status).toBe(400);
  expect((await management.handle(request('elsewhere'))).status).toBe(404);
  expect(pool.cooldowns(now)).toHaveLength(1);
});

test('routing says who is ready for a model, and what a client key may use of them', async () => {
  const { management } = managed();
  const asked = async (query: string) => (await management.handle(request(`routing?model=m${query}`))).json();
  expect(await asked('')).toMatchObject({
    model: 'm',
    choice: { candidates: 2, ready: 1, resting: 1 },
    key: null,
  });
  expect(await asked('&key=ann')).toMatchObject({
    key: { name: 'ann', mayUseModel: true, candidates: 2, ready: 1 },
  });
  expect(await asked('&key=bob')).toMatchObject({ key: { name: 'bob', mayUseModel: false, candidates: 0 } });
  expect(await asked('&key=cleo')).toMatchObject({
    key: {
      limits: [
        { limit: 'requests-per-minute', most: 60, used: 1, left: 59, resets: '2026-11-23T12:01:00.000Z' },
        { limit: 'budget.day.usd', most: 5, used: 2, left: 3, resets: expect.any(String) },
      ],
    },
  });
  expect(await asked('&key=nobody')).toMatchObject({ code: 'key_not_found' });
});

const key = 'a-management-key';
test.each([
  { title: 'no key in the configuration', secret: undefined, given: key, from: '127.0.0.1', status: 404 },
  { title: 'the right key, on this computer', secret: key, given: key, from: '127.0.0.1', status: 200 },
  { title: 'the right key, over IPv6', secret: key, given: key, from: '::1', status: 200 },
  { title: 'a wrong key', secret: key, given: 'another', from: '127.0.0.1', status: 401 },
  { title: 'the right key, from elsewhere', secret: key, given: key, from: '10.0.0.7', status: 403 },
  { title: 'an unknown sender', secret: key, given: key, from: undefined, status: 403 },
])('over HTTP: $title', async ({ secret, given, from, status }) => {
  const { management } = managed({ 'allow-remote': false, ...(secret && { 'secret-key': secret }) });
  const asked = request('cooldowns', 'GET', {
    authorization: `Bearer ${given}`,
    // What a client says of its address is never believed.
    'x-forwarded-for': '127.0.0.1',
  });
  expect((await management.handleRemote(asked, from)).status).toBe(status);
});

test('every answer over HTTP says what this server is, and any page with the key may read it', async () => {
  const { management } = managed({ 'allow-remote': false, 'secret-key': key });
  const asked = [
    [request('cooldowns', 'GET', { authorization: key }), '127.0.0.1', 200],
    [request('elsewhere', 'GET', { authorization: key }), '127.0.0.1', 404],
    [request('cooldowns', 'PUT', { authorization: key }), '127.0.0.1', 404],
    [request('cooldowns'), '127.0.0.1', 401],
    [request('cooldowns', 'GET', { authorization: 'x' }), '127.0.0.1', 401],
    [request('cooldowns', 'GET', { authorization: key }), '10.0.0.7', 403],
  ] as const;
  for (const [asking, from, status] of asked) {
    const { status: given, headers } = await management.handleRemote(asking, from);
    expect(given).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-cpa-version': 'v1.2.3',
      'x-cpa-commit': 'none',
      'x-cpa-build-date': 'unknown',
      'x-cpa-support-plugin': '0',
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
    });
  }
  const unknown = await management.handleRemote(
    request('elsewhere', 'GET', { authorization: key }),
    '127.0.0.1',
  );
  expect([await unknown.text(), unknown.headers.get('content-type')]).toEqual(['', null]);
});

test('a preflight needs no key, for any address of it', async () => {
  const { management } = managed({ 'allow-remote': false, 'secret-key': key });
  const headers = { origin: 'http://panel.test', 'access-control-request-method': 'PUT' };
  const { status, headers: answered } = await management.handleRemote(
    request('config', 'OPTIONS', headers),
    '10.0.0.7',
  );
  expect(status).toBe(204);
  expect(answered.get('access-control-allow-origin')).toBe('*');
  expect(answered.get('access-control-allow-methods')).toContain('PATCH');
  expect(answered.get('access-control-allow-headers')).toContain('Authorization');
});

test('each write has a line in the log: who, from where, what; the key is in none', async () => {
  const { management, lines } = managed({ 'allow-remote': false, 'secret-key': key });
  await management.handleRemote(request('cooldowns', 'GET', { authorization: key }), '127.0.0.1');
  await management.handleRemote(request('cooldowns/a', 'DELETE', { authorization: key }), '127.0.0.1');
  await management.handle(request('cooldowns/nobody', 'DELETE'));
  const line = { message: 'management', method: 'DELETE' };
  expect(lines).toEqual([
    {
      ...line,
      path: '/v0/management/cooldowns/a',
      by: 'secret-key',
      address: '127.0.0.1',
      status: 200,
      changed: '1 cooldowns ended',
    },
    { ...line, path: '/v0/management/cooldowns/nobody', by: 'control socket', status: 404 },
  ]);
  expect(JSON.stringify(lines)).not.toContain(key);
});

test('allow-remote lets other computers in, with the key', async () => {
  const { management } = managed({ 'allow-remote': true, 'secret-key': key });
  const asked = async (given: string) => {
    const asking = request('cooldowns', 'GET', { 'x-management-key': given });
    return (await management.handleRemote(asking, '10.0.0.7')).status;
  };
  expect([await asked(key), await asked('another')]).toEqual([200, 401]);
});
