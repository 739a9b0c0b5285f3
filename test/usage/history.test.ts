/** The store, the log and the client tell the same of each request, whatever protocols, faults and clients that leave. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { ServedTokens } from '../../sandbox/journal.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Json, parseJson } from '../../src/protocols/json.ts';
import { asNumber, asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { RunningGateway } from '../../src/server/running-gateway.ts';
import { startGateway } from '../../src/server/start.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import type { UsageTable } from '../../src/usage/usage-reader.ts';
import { eventually } from '../eventually.ts';
import { callOf } from '../gateway/calls.ts';
import { configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { readMetrics, sumOf } from '../monitoring/metrics-page.ts';
import { loggedRequests } from './logged-requests.ts';

const managementKey = 'management-key-of-the-tests';
const canary = 'CANARY-7f3e';
const secretKey = `sk-${canary}-client-key`;
const upstreamKey = 'upstream-key';

const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-usage-'));
const sandbox: Sandbox = startSandbox({ pace: 0, keep: 5000 });
const { log, lines } = loggedRequests();
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Promise<RunningGateway> {
  return startGateway({
    version,
    log,
    config: configOf({
      'auth-dir': folder,
      'api-keys': [{ key: secretKey, name: 'alice' }],
      'remote-management': { 'secret-key': managementKey },
      'disable-cooling': true,
      ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
        headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
      }),
      prices: { sandbox: { input: 3, output: 15, 'cache-read': 0.3, 'cache-write': 3.75 } },
    }),
  });
}

interface Seen {
  id: string;
  /** What the request's prompt holds, by which the sandbox's journal is searched. */
  mark: string;
  usage: { input: number; output: number } | undefined;
}

/** The last counts that an answer of the protocol tells its client. */
function usageIn(protocol: Protocol, text: string): Seen['usage'] {
  let last: Seen['usage'];
  const texts = text.startsWith('{') ? [text] : text.split('\n').map((line) => line.replace(/^data: ?/, ''));
  const totals = { input: 0, output: 0 };
  for (const one of texts) {
    const value = asObject(parseJson(one));
    const inside = asObject(value?.response) ?? asObject(value?.message) ?? value;
    const usage = asObject(protocol === 'gemini' ? value?.usageMetadata : (inside?.usage ?? value?.usage));
    if (usage === undefined) continue;
    const count = (name: string): number => asNumber(usage[name] as Json) ?? 0;
    switch (protocol) {
      case 'openai-chat':
        last = { input: count('prompt_tokens'), output: count('completion_tokens') };
        break;
      case 'openai-responses':
        last = { input: count('input_tokens'), output: count('output_tokens') };
        break;
      case 'anthropic-messages': {
        const input =
          count('input_tokens') + count('cache_read_input_tokens') + count('cache_creation_input_tokens');
        totals.input = Math.max(totals.input, input);
        totals.output = count('output_tokens');
        last = { ...totals };
        break;
      }
      case 'gemini':
        last = {
          input: count('promptTokenCount') + count('toolUsePromptTokenCount'),
          output: count('candidatesTokenCount') + count('thoughtsTokenCount'),
        };
    }
  }
  return last;
}

async function ask(url: string, index: number): Promise<Seen> {
  const client = protocols[index % 4] ?? 'gemini';
  const upstream = protocols[Math.floor(index / 4) % 4] ?? 'gemini';
  const stream = index % 3 !== 0;
  const fault = [undefined, undefined, undefined, 'status=500', 'cut=4', 'no-terminal', undefined][index % 7];
  const leaves = stream && index % 11 === 0;
  const call = callOf(client);
  const model = modelOver[upstream];
  const leaving = new AbortController();
  const mark = `<${index}>`;
  // Some are long enough for the prompt caches, and come again.
  const long = index % 13 === 0 ? 'a tale that was told before '.repeat(300) : '';
  const words = `say ${(leaves ? 30 : 1) + (index % 40)} words`;
  const body = call.body(model, `${long}${words}, ${canary}-body ${mark}`, stream);
  const response = await fetch(`${url}${call.path(model, stream)}`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      'x-api-key': secretKey,
      'content-type': 'application/json',
      'x-session-id': `${canary}-session-${index % 5}`,
      ...(fault !== undefined && { 'x-sandbox-fault': fault }),
      ...(leaves && { 'x-sandbox-fault': 'stall=9' }),
    },
    body: JSON.stringify({
      ...body,
      ...(client === 'openai-chat' && stream && { stream_options: { include_usage: true } }),
    }),
  });
  const id = response.headers.get('x-request-id') ?? '';
  if (!leaves) {
    const text = await response.text().catch(() => '');
    return { id, mark, usage: fault === undefined && response.ok ? usageIn(client, text) : undefined };
  }
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  return { id, mark, usage: undefined };
}

async function asked<Answer>(url: string, path: string): Promise<Answer> {
  const response = await fetch(`${url}/v0/management/usage/${path}`, {
    headers: { 'x-management-key': managementKey },
  });
  expect(response.status).toBe(200);
  return response.json() as Promise<Answer>;
}

async function everyRequest(url: string): Promise<ListedRequest[]> {
  const all: ListedRequest[] = [];
  for (let before = ''; ; ) {
    const path = `requests?limit=1000${before === '' ? '' : `&before=${before}`}`;
    const { requests, next } = await asked<{ requests: ListedRequest[]; next: string | null }>(url, path);
    all.push(...requests);
    if (next === null) return all;
    before = next;
  }
}

/** What the sandbox says that it served for each mark. */
function journal(): Map<string, readonly ServedTokens[]> {
  const byMark = Map.groupBy(
    sandbox.requests,
    ({ body }) => /<\d+>/.exec(JSON.stringify(body ?? null))?.[0] ?? '',
  );
  return new Map(
    [...byMark].map(([mark, requests]) => [mark, requests.flatMap(({ served }) => served ?? [])]),
  );
}

test('1,000 requests: store, log, metrics, sandbox and clients agree, also after a restart', async () => {
  const gateway = await start();
  const seen: Seen[] = [];
  let index = 0;
  const worker = async (): Promise<void> => {
    while (index < 1000) seen.push(await ask(gateway.url, index++));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await eventually(() => lines.size >= 1000);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1000);

  const kept = new Map((await everyRequest(gateway.url)).map((request) => [request.id, request]));
  const differ: unknown[] = [];
  const served = journal();
  let counted = 0;
  for (const { id, mark, usage } of seen) {
    const request = kept.get(id);
    const line = lines.get(id);
    // What went out whole was counted by the provider, token for token; of the rest there is an estimate, or nothing.
    const whole = served.get(mark)?.filter((one) => one.whole) ?? [];
    if (request?.counted === 'provider') {
      counted += 1;
      const { tokens } = request;
      const told = {
        input: tokens.input,
        output: tokens.output,
        cacheRead: tokens.cacheRead ?? 0,
        reasoning: tokens.reasoning ?? 0,
      };
      const [one] = whole;
      const given = one && {
        ...{ input: one.input, output: one.output, cacheRead: one.cacheRead, reasoning: one.reasoning },
      };
      if (whole.length !== 1 || !Bun.deepEquals(told, given)) differ.push({ id, told, whole });
    } else if (whole.length > 0 && request?.error !== 'client-gone') differ.push({ id, request, whole });
    const inStore = request && {
      status: request.status,
      input: request.tokens.input ?? undefined,
      output: request.tokens.output ?? undefined,
      estimated: request.counted === 'estimate' ? true : undefined,
    };
    const inLog = line && {
      status: line.status,
      input: line.input,
      output: line.output,
      estimated: line.estimated,
    };
    if (!Bun.deepEquals(inStore, inLog)) differ.push({ id, inStore, inLog });
    if (usage !== undefined && (usage.input !== inStore?.input || usage.output !== inStore.output))
      differ.push({ id, request, usage });
  }
  expect(differ).toEqual([]);
  expect(counted).toBeGreaterThan(500);
  expect(seen.filter(({ usage }) => usage !== undefined).length).toBeGreaterThan(400);
  // A stream that was left counts with an estimate.
  const gone = [...kept.values()].filter(({ error }) => error === 'client-gone');
  expect(gone.length).toBeGreaterThan(30);
  for (const { counted, tokens } of gone) {
    expect(counted).toBe('estimate');
    expect(tokens.input).toBeGreaterThan(0);
  }

  // The metrics have the same, and the estimates in it.
  const page = await fetch(`${gateway.url}/metrics`);
  const metrics = readMetrics(await page.text());
  for (const [provider, all] of Map.groupBy(kept.values(), (request) => request.provider ?? 'none')) {
    const sum = (name: keyof ListedRequest['tokens']): number =>
      all.reduce((total, { tokens }) => total + (tokens[name] ?? 0), 0);
    const inMetrics = Object.fromEntries(
      (['input', 'output', 'cache_read', 'cache_write', 'reasoning'] as const).map((type) => [
        type,
        sumOf(metrics, 'cpa_tokens_total', { provider, type }),
      ]),
    );
    expect([provider, inMetrics]).toEqual([
      provider,
      {
        ...{ input: sum('input'), output: sum('output'), cache_read: sum('cacheRead') },
        ...{ cache_write: sum('cacheWrite') + sum('cacheWrite1h'), reasoning: sum('reasoning') },
      },
    ]);
    expect([provider, sumOf(metrics, 'cpa_requests_total', { provider })]).toEqual([provider, all.length]);
  }

  const summary = await asked<UsageTable>(gateway.url, 'summary?by=provider,model');
  const sum = (of: (request: ListedRequest) => number): number =>
    [...kept.values()].reduce((total, request) => total + of(request), 0);
  expect(summary.total).toMatchObject({
    requests: 1000,
    failed: sum(({ error }) => (error === null ? 0 : 1)),
    tokens: {
      input: sum(({ tokens }) => tokens.input ?? 0),
      output: sum(({ tokens }) => tokens.output ?? 0),
    },
  });
  expect(Number(summary.total.cost.paid)).toBeCloseTo(
    sum(({ cost }) => Number(cost ?? 0)),
    9,
  );
  expect((await asked<UsageTable>(gateway.url, 'summary?by=session')).rows).toHaveLength(5);

  await gateway.stop();
  const again = await start();
  expect(await asked<UsageTable>(again.url, 'summary?by=provider,model')).toEqual(summary);
  const failed = gone[0];
  const explained = await fetch(`${again.url}/v0/management/requests/${failed?.id}`, {
    headers: { 'x-management-key': managementKey },
  });
  expect(await explained.json()).toMatchObject({
    request: { id: failed?.id, steps: [{ kind: 'attempt', result: 'answered' }] },
  });
  await again.stop();
}, 60_000);

test('no key, no body and no conversation is in any file of it, and they are their owner’s alone', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('.usage'));
  expect(files).toContain('.usage.sqlite');
  for (const name of files) {
    const bytes = readFileSync(join(folder, name)).toString('latin1');
    expect(bytes).not.toContain(canary);
    expect(bytes).not.toContain(upstreamKey);
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  }
});
