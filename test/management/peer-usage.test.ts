/** Usage in the peer's form, as panels and keepers ask for it: sums, export and import. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { callOf, send } from '../gateway/calls.ts';
import { everyUpstream, modelOver, startTested, type TestedGateway } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';

const canary = 'CANARY-9d1f';
const managementKey = `management-${canary}-key`;
const clientKey = `sk-${canary}-of-a-client-key`;

const sandbox = sandboxOfTests();
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function settings(more: JsonObject = {}): JsonObject {
  const folder = mkdtempSync(join(tmpdir(), 'peer-usage-'));
  folders.push(folder);
  return {
    ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
      headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
    }),
    'auth-dir': folder,
    'api-keys': [{ key: clientKey, name: 'alice' }],
    'remote-management': { 'secret-key': managementKey },
    'disable-cooling': true,
    'request-retry': 0,
    prices: { sandbox: { input: 3, output: 15 }, 'claude-old': { input: 1, output: 2 } },
    ...more,
  };
}

function manage(gateway: TestedGateway, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${gateway.url}/v0/management/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${managementKey}` },
  });
}

interface PeerUsage {
  total_requests: number;
  success_count: number;
  failure_count: number;
  total_tokens: number;
  requests_by_day: Record<string, number>;
  requests_by_hour: Record<string, number>;
  apis: Record<
    string,
    { total_requests: number; models: Record<string, { total_requests: number; details: JsonObject[] }> }
  >;
}

async function usageOf(gateway: TestedGateway): Promise<PeerUsage> {
  const answer = await manage(gateway, 'usage');
  const { usage, failed_requests } = JSON.parse(await answer.text());
  expect(failed_requests).toBe(usage.failure_count);
  return usage;
}

async function used(gateway: TestedGateway): Promise<void> {
  for (const protocol of protocols)
    for (const fault of ['', '500']) {
      const answer = await send(gateway.url, callOf(protocol), {
        model: modelOver[protocol],
        headers: { authorization: `Bearer ${clientKey}`, ...(fault && { 'x-sandbox-fault': fault }) },
      });
      await answer.text();
    }
}

const sumOf = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

const exported = (usage: JsonObject): string =>
  JSON.stringify({ version: 1, exported_at: '2026-05-01T00:00:00Z', usage });

/** As version 6.9 of the peer wrote it, with a client's and a provider's key in the clear. */
const peerExport = (details: JsonObject[]): string =>
  exported({ apis: { [`sk-${canary}-elsewhere-key`]: { models: { 'claude-old': { details } } } } });

const detail = (second: number, more: JsonObject = {}): JsonObject => ({
  timestamp: `2026-04-30T10:00:${String(second).padStart(2, '0')}.123456789Z`,
  latency_ms: 1500,
  source: `sk-ant-${canary}-of-the-provider`,
  auth_index: 'abcdef0123456789',
  tokens: { input_tokens: 100, output_tokens: 20, reasoning_tokens: 5, cached_tokens: 40, total_tokens: 120 },
  failed: false,
  ...more,
});

const importInto = async (gateway: TestedGateway, body: string): Promise<JsonObject> => {
  const answer = await manage(gateway, 'usage/import', { method: 'POST', body });
  return { ...JSON.parse(await answer.text()), status: answer.status };
};

test('sums, days, hours, keys, models and the latest requests are there', async () => {
  await using gateway = await startTested(settings());
  await used(gateway);
  const usage = await usageOf(gateway);
  expect(usage).toMatchObject({ total_requests: 8, success_count: 4, failure_count: 4 });
  expect(sumOf(usage.requests_by_day)).toBe(8);
  expect(sumOf(usage.requests_by_hour)).toBe(8);
  expect(Object.keys(usage.requests_by_day)[0]).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.keys(usage.requests_by_hour)[0]).toMatch(/^\d{2}$/);
  expect(Object.keys(usage.apis)).toEqual(['alice']);
  expect(usage.apis.alice?.total_requests).toBe(8);
  const details = usage.apis.alice?.models.sandbox?.details ?? [];
  expect(details).toHaveLength(8);
  expect(details[0]).toEqual({
    timestamp: expect.any(String),
    latency_ms: expect.any(Number),
    source: expect.any(String),
    auth_index: expect.stringMatching(/^[0-9a-f]{16}$/),
    tokens: {
      input_tokens: expect.any(Number),
      output_tokens: expect.any(Number),
      reasoning_tokens: expect.any(Number),
      cached_tokens: expect.any(Number),
      cache_creation_tokens: expect.any(Number),
      total_tokens: expect.any(Number),
    },
    failed: expect.any(Boolean),
    request_id: expect.stringMatching(/^req_/),
  });
  expect(JSON.stringify(usage)).not.toContain(canary);
});

test('it outlasts a restart', async () => {
  const same = settings();
  const first = await startTested(same);
  await used(first);
  await first.stop();
  await using second = await startTested(same);
  expect((await usageOf(second)).total_requests).toBe(8);
});

test('the number of single requests is bounded', async () => {
  await using gateway = await startTested(settings());
  await used(gateway);
  const answer = await manage(gateway, 'usage?details=3');
  const { usage }: { usage: PeerUsage } = JSON.parse(await answer.text());
  expect(usage.total_requests).toBe(8);
  expect(usage.apis.alice?.models.sandbox?.details).toHaveLength(3);
  expect((await manage(gateway, 'usage?details=many')).status).toBe(400);
});

test('without a store there is none, and the reason is told', async () => {
  await using gateway = await startTested(settings({ usage: { enable: false } }));
  expect((await manage(gateway, 'usage')).status).toBe(404);
  expect(await importInto(gateway, peerExport([detail(1)]))).toMatchObject({
    status: 400,
    error: 'usage statistics unavailable',
  });
});

describe('an export', () => {
  test('without a format is the peer version 1, and goes into another gateway once', async () => {
    await using one = await startTested(settings());
    await used(one);
    const answer = await manage(one, 'usage/export');
    const text = await answer.text();
    const file: { version: number; exported_at: string; usage: PeerUsage } = JSON.parse(text);
    expect(file.version).toBe(1);
    expect(Number.isNaN(Date.parse(file.exported_at))).toBe(false);
    expect(file.usage.total_requests).toBe(8);
    expect(text).not.toContain(canary);

    await using other = await startTested(settings());
    expect(await importInto(other, text)).toEqual({
      status: 200,
      added: 8,
      skipped: 0,
      total_requests: 8,
      failed_requests: 4,
    });
    expect(await importInto(other, text)).toMatchObject({ added: 0, skipped: 8, total_requests: 8 });
    expect((await usageOf(other)).total_tokens).toBe(file.usage.total_tokens);
    // Back home there is nothing new in it either.
    expect(await importInto(one, text)).toMatchObject({ added: 0, skipped: 8, total_requests: 8 });
  });

  test('with a format is ours', async () => {
    await using gateway = await startTested(settings());
    await used(gateway);
    const lines = (await (await manage(gateway, 'usage/export?format=jsonl')).text()).trim().split('\n');
    expect(lines).toHaveLength(8);
  });
});

describe('an import', () => {
  test('of the peer counts each request once, with its cost, and keeps no key', async () => {
    const own = settings();
    await using gateway = await startTested(own);
    const body = peerExport([detail(1), detail(2, { failed: true }), detail(1)]);
    expect(await importInto(gateway, body)).toMatchObject({ added: 2, skipped: 1, failed_requests: 1 });
    const usage = await usageOf(gateway);
    expect(usage.total_tokens).toBe(240);
    expect(Object.keys(usage.requests_by_day)).toEqual(['2026-04-30']);
    expect(JSON.stringify(usage)).not.toContain(canary);
    const summary = await (await manage(gateway, 'usage/summary')).text();
    expect(JSON.parse(summary).total.cost.paid).not.toBe('0');
    const stored = readFileSync(join(String(own['auth-dir']), '.usage.sqlite'), 'latin1');
    expect(stored).not.toContain(canary);
  });

  test('of 10,000 requests comes in, in slices', async () => {
    await using gateway = await startTested(settings());
    const many = Array.from({ length: 10_000 }, (_, index) =>
      detail(index % 60, { latency_ms: index, tokens: { input_tokens: index, output_tokens: 1 } }),
    );
    expect(await importInto(gateway, peerExport(many))).toMatchObject({ added: 10_000, skipped: 0 });
  });

  test.each([
    ['nonsense', 'invalid json'],
    ['[]', 'invalid json'],
    ['{"version":2,"usage":{}}', 'unsupported version'],
    ['{"version":1}', 'invalid json'],
  ])('%s is refused', async (body, error) => {
    await using gateway = await startTested(settings());
    expect(await importInto(gateway, body)).toMatchObject({ status: 400, error });
  });

  test.each([
    { timestamp: 'yesterday' },
    { timestamp: '1970-01-01T00:00:00Z' },
    { timestamp: '99999-01-01T00:00:00Z' },
    null,
    'text',
  ])('skips what is no request: %p', async (wrong) => {
    await using gateway = await startTested(settings());
    const odd: JsonObject = typeof wrong === 'object' && wrong !== null ? detail(1, wrong) : { value: wrong };
    expect(await importInto(gateway, peerExport([odd, detail(2)]))).toMatchObject({ added: 1, skipped: 1 });
  });
});
