/** Traces from a client's request to a collector, by the exporter that is shipped. */
import { describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { calls, send } from '../gateway/calls.ts';
import { clientKey, configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { readMetrics, sumOf } from './metrics-page.ts';
import { attributesOf, type ExportRequest, exportRequest, type OtlpSpan } from './otlp-schema.ts';

const canary = 'canary-2b9d-secret';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

/** A collector that checks what it gets against the schema. `answers`: its statuses, the last of them from then on. */
function startCollector(answers: (Response | Promise<Response>)[] = []) {
  const received: ExportRequest[] = [];
  const refused: string[] = [];
  const requests: { path: string; headers: Headers; bytes: string }[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const text = new TextDecoder().decode(
        request.headers.get('content-encoding') === 'gzip' ? Bun.gunzipSync(bytes) : bytes,
      );
      requests.push({ path: new URL(request.url).pathname, headers: request.headers, bytes: text });
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      const read = exportRequest.safeParse(JSON.parse(text));
      if (read.success) received.push(read.data);
      else refused.push(read.error.message);
      return Response.json({ partialSuccess: {} });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    refused,
    requests,
    spans: () =>
      received.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    stop: () => server.stop(true),
  };
}

/** A gateway over the sandbox that exports to this address; `stop` sends what waits. */
async function startTraced(tracing: JsonObject, upstream: string, more: JsonObject = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'tracing-'));
  let text = '';
  const sink = {
    write(line: string) {
      text += line;
    },
  };
  const models = ['sandbox', 'sandbox-fault-503-first-1', 'sandbox-fault-429'];
  const config = configOf({
    ...everyUpstream(upstream, (protocol) =>
      models.map((name) => ({
        name,
        alias: name === 'sandbox' ? modelOver[protocol] : `${name}-${protocol}`,
      })),
    ),
    'auth-dir': directory,
    'api-keys': [{ key: clientKey, name: 'ada' }],
    'request-retry': 1,
    tracing,
    ...more,
  });
  const gateway = await startGateway({
    config,
    version,
    log: createLog({ level: 'info', format: 'json', sink }),
  });
  return {
    url: gateway.url,
    lines: () => text,
    async stop() {
      await gateway.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const attributes = (span: OtlpSpan | undefined) => attributesOf(span?.attributes ?? []);

test('a request is a span, each attempt one below it, and nothing of a body or a key is there', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const collector = startCollector();
  const gateway = await startTraced(
    { endpoint: collector.url, sample: 1, headers: { 'x-collector-key': 'of-the-collector' } },
    sandbox.url,
  );
  const before = Date.now();
  try {
    for (const call of calls)
      for (const stream of [true, false])
        await send(gateway.url, call, {
          model: modelOver[call.protocol],
          text: `repeat: ${canary}`,
          stream,
          headers: { traceparent, 'x-canary': canary },
        }).then((response) => response.text());
    const [chat] = calls;
    if (chat === undefined) throw new Error('unreachable');
    await (
      await send(gateway.url, chat, { model: 'sandbox-fault-503-first-1-openai-chat', text: canary })
    ).text();
    await (await send(gateway.url, chat, { model: 'nobody-serves-this', text: canary })).text();
    const page = await fetch(`${gateway.url}/metrics`, {
      headers: { accept: 'application/openmetrics-text' },
    });
    expect(await page.text()).toContain(`# {trace_id="${traceId}"}`);
  } finally {
    await gateway.stop();
    await sandbox.stop();
    collector.stop();
  }

  expect(collector.refused).toEqual([]);
  const spans = collector.spans();
  const servers = spans.filter(({ kind }) => kind === 2);
  const clients = spans.filter(({ kind }) => kind === 3);
  expect([servers.length, clients.length]).toEqual([10, 10]);
  const ids = new Map(spans.map((span) => [span.spanId, span]));
  expect(ids.size).toBe(spans.length);
  for (const span of clients) {
    const parent = ids.get(span.parentSpanId ?? '');
    expect(parent?.kind).toBe(2);
    expect(parent?.traceId).toBe(span.traceId);
    expect(BigInt(span.startTimeUnixNano) >= BigInt(parent?.startTimeUnixNano ?? 0)).toBe(true);
    expect(BigInt(span.endTimeUnixNano) <= BigInt(parent?.endTimeUnixNano ?? 0)).toBe(true);
  }
  const joined = servers.filter((span) => span.traceId === traceId);
  expect(joined).toHaveLength(8);
  for (const span of joined) {
    expect(span.parentSpanId).toBe('b7ad6b7169203331');
    expect(Number(BigInt(span.startTimeUnixNano) / 1_000_000n)).toBeGreaterThanOrEqual(before - 5);
    expect(attributes(span)).toMatchObject({ 'cpa.key': 'ada', 'http.response.status_code': 200 });
  }
  const failed = clients.find(({ status }) => status.code === 2);
  expect(attributes(failed)).toMatchObject({ 'error.type': 'unavailable', 'cpa.attempt': 1 });
  expect(clients.filter(({ parentSpanId }) => parentSpanId === failed?.parentSpanId)).toHaveLength(2);
  const answered = attributes(clients.find((span) => span.traceId === traceId));
  expect(answered).toMatchObject({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'sandbox' });
  const counted = clients.filter((span) => Number(attributes(span)['gen_ai.usage.output_tokens']) > 0);
  expect(counted.length).toBeGreaterThanOrEqual(7);
  const resource = collector.received[0]?.resourceSpans[0]?.resource.attributes ?? [];
  expect(attributesOf(resource)).toMatchObject({
    'service.name': 'cli-proxy-api',
    'service.version': version,
  });
  expect(collector.requests[0]?.path).toBe('/v1/traces');
  expect(collector.requests[0]?.headers.get('x-collector-key')).toBe('of-the-collector');

  const sent = collector.requests.map(({ bytes }) => bytes).join('');
  for (const secret of [canary, clientKey, 'upstream-key']) expect(sent).not.toContain(secret);
  expect(gateway.lines().split(`"trace_id":"${traceId}"`)).toHaveLength(9);
}, 30_000);

test('of a sample of nothing, failures are exported and what went well is not', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const collector = startCollector();
  const gateway = await startTraced({ endpoint: collector.url, sample: 0 }, sandbox.url);
  for (const call of calls) {
    await (await send(gateway.url, call, { model: modelOver[call.protocol] })).text();
    await (await send(gateway.url, call, { model: `sandbox-fault-429-${call.protocol}` })).text();
  }
  await gateway.stop();
  await sandbox.stop();
  collector.stop();
  const servers = collector.spans().filter(({ kind }) => kind === 2);
  expect(servers.map((span) => attributes(span)['http.response.status_code'])).toEqual([429, 429, 429, 429]);
}, 30_000);

test('a collector that is busy is asked again, as long as it says', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const collector = startCollector([new Response(null, { status: 503, headers: { 'retry-after': '1' } })]);
  const gateway = await startTraced({ endpoint: collector.url, sample: 1 }, sandbox.url);
  for (const call of calls) await (await send(gateway.url, call, { model: modelOver[call.protocol] })).text();
  await gateway.stop();
  await sandbox.stop();
  collector.stop();
  expect(collector.requests).toHaveLength(2);
  expect(collector.spans()).toHaveLength(8);
}, 30_000);

test('a collector that hangs delays no request, and a stop by two seconds at most', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const collector = startCollector(Array.from({ length: 9 }, () => new Promise<Response>(() => {})));
  const gateway = await startTraced({ endpoint: collector.url, sample: 1 }, sandbox.url);
  const [chat] = calls;
  if (chat === undefined) throw new Error('unreachable');
  const ask = async (): Promise<void> => {
    await (await send(gateway.url, chat, { model: modelOver['openai-chat'] })).text();
  };
  for (let at = 0; at < 600; at += 20) await Promise.all(Array.from({ length: 20 }, ask));
  await eventually(() => collector.requests.length > 0);
  const started = performance.now();
  await ask();
  expect(performance.now() - started).toBeLessThan(1000);
  const page = readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
  expect(sumOf(page, 'cpa_spans_exported_total')).toBe(0);
  const stopping = performance.now();
  await gateway.stop();
  expect(performance.now() - stopping).toBeLessThan(4000);
  await sandbox.stop();
  collector.stop();
}, 30_000);

describe('what providers get of a trace', () => {
  for (const [propagate, gets] of [
    [undefined, false],
    ['off', false],
    ['own', true],
    ['all', true],
  ] as const)
    test(`tracing.propagate ${propagate}: ${gets ? 'the attempt as the parent' : 'nothing'}`, async () => {
      const seen: (string | null)[] = [];
      const upstream = Bun.serve({
        hostname: '127.0.0.1',
        port: 0,
        fetch(request) {
          seen.push(request.headers.get('traceparent'));
          return Response.json({ error: { message: 'no' } }, { status: 400 });
        },
      });
      const collector = startCollector();
      const gateway = await startTraced(
        { endpoint: collector.url, sample: 1, ...(propagate && { propagate }) },
        `http://127.0.0.1:${upstream.port}`,
      );
      for (const call of calls)
        await (
          await send(gateway.url, call, { model: modelOver[call.protocol], headers: { traceparent } })
        ).text();
      await gateway.stop();
      upstream.stop(true);
      collector.stop();
      const attempts = collector.spans().filter(({ kind }) => kind === 3);
      const wanted = attempts.map((span) => (gets ? `00-${traceId}-${span.spanId}-01` : null));
      expect(seen).toEqual(wanted);
      expect(seen).toHaveLength(4);
    }, 30_000);
});
