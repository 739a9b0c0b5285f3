/** What usage, metrics, quotas and the log call a provider, and what of a request is no use of one. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import type { UsageTable } from '../../src/usage/usage-reader.ts';
import { eventually } from '../eventually.ts';
import { post } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { configOf, modelOver } from '../gateway-harness.ts';
import { readMetrics, sumOf } from '../monitoring/metrics-page.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { loggedRequests } from './logged-requests.ts';

const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-by-provider-'));
const sandbox = sandboxOfTests();
const service = startUpstream(() => {
  const answer = chatAnswer('fine');
  answer.headers.set('x-ratelimit-limit-requests', '100');
  answer.headers.set('x-ratelimit-remaining-requests', '40');
  answer.headers.set('x-ratelimit-reset-requests', '6m0s');
  return answer;
});
const { log, lines } = loggedRequests();
const entry = (name: string, model: string) => ({
  ...{ name, 'base-url': `${service.url}/v1`, 'api-key-entries': [{ 'api-key': `key-of-${name}` }] },
  models: [{ name: 'm', alias: model }],
});
const upstreams = sandboxModels(sandbox.url);
const gateway = await startGateway({
  version,
  log,
  config: configOf({
    ...upstreams,
    'auth-dir': folder,
    'remote-management': { 'secret-key': managementKey },
    'openai-compatibility': [
      ...asArray(upstreams['openai-compatibility']),
      ...[entry('OpenRouter', 'by-router'), entry('groq', 'by-groq')],
    ],
  }),
});
afterAll(async () => {
  await gateway.stop();
  service[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function managed<Answer>(path: string): Promise<Answer> {
  const headers = { 'x-management-key': managementKey };
  const answer: Answer = JSON.parse(
    await (await fetch(`${gateway.url}/v0/management/${path}`, { headers })).text(),
  );
  return answer;
}

const messages = [{ role: 'user', content: 'Hello' }];
const page = async () => readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());

test('services of openai-compatibility go by the names of their entries, and by their kind together', async () => {
  for (const model of ['by-router', 'by-router', 'by-groq'])
    await (await post(`${gateway.url}/v1/chat/completions`, { model, messages })).text();
  await eventually(() => lines.size === 3);
  expect([...lines.values()].map(({ provider }) => provider)).toEqual(['OpenRouter', 'OpenRouter', 'groq']);

  const counts = async (query: string) => {
    const { rows } = await managed<UsageTable>(`usage/summary?by=provider${query}`);
    return Object.fromEntries(rows.map(({ provider = '', requests }) => [provider, requests]));
  };
  await eventually(async () => Object.keys(await counts('')).length === 2);
  expect(await counts('')).toEqual({ OpenRouter: 2, groq: 1 });
  expect(await counts('&provider=groq')).toEqual({ groq: 1 });
  expect(await counts('&provider=openai-compatibility')).toEqual({ OpenRouter: 2, groq: 1 });
  expect(await counts('&provider=openai')).toEqual({});

  const metrics = await page();
  expect(sumOf(metrics, 'cpa_requests_total', { provider: 'OpenRouter' })).toBe(2);
  expect(sumOf(metrics, 'cpa_credentials', { provider: 'groq', state: 'ready' })).toBe(1);
  const { providers } = await managed<{ providers: { provider: string; accounts: number }[] }>('quotas');
  expect(providers).toMatchObject([
    { provider: 'OpenRouter', accounts: 1 },
    { provider: 'groq', accounts: 1 },
  ]);
});

test('a count of tokens has used none, whoever counts: not in the history, the metrics or the log', async () => {
  const before = lines.size;
  const tokens = async () => (await managed<UsageTable>('usage/summary')).total.tokens.input;
  const [used, counted] = [await tokens(), sumOf(await page(), 'cpa_tokens_total')];
  for (const protocol of protocols) {
    const model = modelOver[protocol];
    const counts: [path: string, body: JsonObject][] = [
      ['/v1/messages/count_tokens', { model, messages }],
      ['/v1/responses/input_tokens', { model, input: 'Hello' }],
      [`/v1beta/models/${model}:countTokens`, { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }],
    ];
    for (const [path, body] of counts)
      expect([path, (await post(gateway.url + path, body)).status]).toEqual([path, 200]);
  }
  await eventually(() => lines.size === before + 3 * protocols.length);
  for (const { input, output } of [...lines.values()].slice(before))
    expect([input, output]).toEqual([undefined, undefined]);
  expect([await tokens(), sumOf(await page(), 'cpa_tokens_total')]).toEqual([used, counted]);
});
