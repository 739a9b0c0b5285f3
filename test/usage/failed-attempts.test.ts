/** Tokens that a provider counted for an attempt that failed: recorded, priced and counted with the request that made it. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import type { ListedAttempt, ListedRequest } from '../../src/usage/listed-request.ts';
import type { UsageTable } from '../../src/usage/usage-reader.ts';
import { eventually } from '../eventually.ts';
import { callOf } from '../gateway/calls.ts';
import { type Asked, eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, modelOver } from '../gateway-harness.ts';
import { readMetrics, sumOf } from '../monitoring/metrics-page.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { loggedRequests } from './logged-requests.ts';

const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-failed-attempts-'));
const sandbox = sandboxOfTests();
const { log, lines } = loggedRequests();
const asked = { count: 0 };
const upstream = startUpstream((one) => {
  asked.count += 1;
  return asked.count % 2 === 1 ? failing(one) : fromSandbox(one);
});
const gateway = await startGateway({
  version,
  log,
  config: configOf({
    'auth-dir': folder,
    'api-keys': [clientKey],
    'remote-management': { 'secret-key': managementKey },
    'disable-cooling': true,
    'request-retry': 1,
    ...sandboxModels(upstream.url),
    prices: { sandbox: { input: 3, output: 15 } },
  }),
});
afterAll(async () => {
  await gateway.stop();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function fromSandbox({ method, path, headers, body }: Asked): Promise<Response> {
  const passed = new Headers(headers);
  for (const name of ['host', 'content-length', 'accept-encoding']) passed.delete(name);
  return fetch(sandbox.url + path, { method, headers: passed, body });
}

const event = (type: string, data: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const counts = {
  'openai-chat': { usage: { prompt_tokens: 40, completion_tokens: 7, total_tokens: 47 } },
  'openai-responses': { usage: { input_tokens: 40, output_tokens: 7, total_tokens: 47 } },
  'anthropic-messages': { usage: { input_tokens: 40, output_tokens: 7 } },
  gemini: { usageMetadata: { promptTokenCount: 40, candidatesTokenCount: 7, totalTokenCount: 47 } },
};

/** What each protocol's provider says with status 200 when it fails after it has counted: as a stream, and whole. */
const failures: Record<Protocol, { stream: string; whole: JsonObject }> = {
  'openai-chat': wordless({ error: { message: 'overloaded', code: 503 }, ...counts['openai-chat'] }),
  'openai-responses': {
    stream:
      event('response.created', { response: { id: 'resp_1', status: 'in_progress', output: [] } }) +
      event('response.failed', { response: failedResponse() }),
    whole: failedResponse(),
  },
  'anthropic-messages': {
    // It breaks off behind its beginning, which has the counts.
    stream: event('message_start', {
      message: {
        ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null },
        ...counts['anthropic-messages'],
      },
    }),
    whole: {
      ...{ type: 'error', error: { type: 'overloaded_error', message: 'overloaded' } },
      ...counts['anthropic-messages'],
    },
  },
  gemini: wordless({
    error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' },
    ...counts.gemini,
  }),
};

function wordless(whole: JsonObject): { stream: string; whole: JsonObject } {
  return { stream: `data: ${JSON.stringify(whole)}\n\n`, whole };
}

function failedResponse(): JsonObject {
  const error = { code: 'server_error', message: 'overloaded' };
  return {
    ...{ id: 'resp_1', object: 'response', status: 'failed', error, output: [] },
    ...counts['openai-responses'],
  };
}

function failing({ path, body }: Asked): Response {
  const protocol = protocolOf(path);
  const { stream, whole } = failures[protocol];
  const streams = path.includes(':stream') || JSON.parse(Buffer.from(body).toString()).stream === true;
  return streams ? eventStream(stream) : Response.json(whole);
}

function protocolOf(path: string): Protocol {
  if (path.includes('/chat/completions')) return 'openai-chat';
  if (path.includes('/responses')) return 'openai-responses';
  return path.includes('/messages') ? 'anthropic-messages' : 'gemini';
}

async function kept<Answer>(path: string): Promise<Answer> {
  const headers = { 'x-management-key': managementKey };
  return (await fetch(`${gateway.url}/v0/management/usage/${path}`, { headers })).json() as Promise<Answer>;
}

type LoggedRequest = ListedRequest & { attempts: ListedAttempt[] };

const every = protocols.flatMap((client) =>
  protocols.flatMap((over) => [true, false].map((stream) => ({ client, over, stream }))),
);

test.each(every)('$client over $over, stream $stream: tokens of a failed attempt count', async (one) => {
  const { client, over, stream } = one;
  asked.count = 0;
  const call = callOf(client);
  const model = modelOver[over];
  const response = await fetch(gateway.url + call.path(model, stream), {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(call.body(model, 'say 5 words', stream)),
  });
  await response.text();
  const id = response.headers.get('x-request-id') ?? '';
  await eventually(() => lines.has(id));
  const { request } = await kept<{ request: LoggedRequest }>(`requests/${id}`);
  const [failed, answered] = request.attempts;
  expect(response.status).toBe(200);
  expect(failed).toMatchObject({
    reason: 'unavailable',
    tokens: { input: 40, output: 7 },
    ...{ counted: 'provider', cost: '0.000225', costSource: 'owner' },
  });
  expect(answered?.reason).toBe('answered');
  expect(answered?.tokens.output).toBeGreaterThan(0);
  expect(request.tokens.input).toBe(40 + (answered?.tokens.input ?? 0));
  expect(request.tokens.output).toBe(7 + (answered?.tokens.output ?? 0));
  expect(Number(request.cost)).toBeCloseTo(0.000225 + Number(answered?.cost), 9);
  expect(lines.get(id)).toMatchObject({
    input: request.tokens.input ?? -1,
    output: request.tokens.output ?? -1,
    ...{ failed_input: 40, failed_output: 7 },
  });
});

test('with failed attempts in them, sums, metrics and the log say the same, also after recompute', async () => {
  const sums = async () => (await kept<UsageTable>('summary')).total;
  const total = await sums();
  const metrics = readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
  for (const type of ['input', 'output'] as const) {
    const logged = [...lines.values()].reduce((sum, line) => sum + (line[type] ?? 0), 0);
    expect([type, total.tokens[type], sumOf(metrics, 'cpa_tokens_total', { type })]).toEqual([
      type,
      logged,
      logged,
    ]);
  }
  expect(Number(total.cost.paid)).toBeCloseTo(sumOf(metrics, 'cpa_cost_dollars_total'), 9);
  const again = await fetch(`${gateway.url}/v0/management/usage/recompute`, {
    method: 'POST',
    headers: { 'x-management-key': managementKey },
  });
  expect(await again.json()).toEqual({ recomputed: every.length, changed: 0 });
  expect(await sums()).toEqual(total);
});
