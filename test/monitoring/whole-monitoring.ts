/**
 * What monitoring says, judged by programs that nobody here wrote: OpenTelemetry's schema and Prometheus's parser, both for
 * Python, and Python's own arithmetic of money, time zones and CSV. `npm run test:monitoring`; asks PyPI once.
 */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { calls, post, send } from '../gateway/calls.ts';
import { clientKey, configOf, everyUpstream } from '../gateway-harness.ts';
import { complaints } from './judges.ts';

const managementKey = 'management-key-of-the-tests';
const canary = 'canary-5c1e-secret';
const forbidden = [canary, clientKey, 'upstream-key', managementKey];
const faults = [
  'sandbox',
  'sandbox-fault-429',
  'sandbox-fault-503-first-1',
  'sandbox-fault-cut-3',
  'sandbox-fault-400',
];

/** A gateway over the sandbox; `ask` sends so many requests of all protocols over all of them, with faults and clients that leave. */
async function monitored(more: JsonObject) {
  const directory = mkdtempSync(join(tmpdir(), 'whole-monitoring-'));
  const sandbox = startSandbox({ pace: 0 });
  const gateway = await startGateway({
    version,
    log: createLog({ level: 'silent', format: 'json' }),
    config: configOf({
      ...everyUpstream(sandbox.url, (protocol) =>
        faults.map((name) => ({ name, alias: `${name}-over-${protocol}` })),
      ),
      ...{ 'auth-dir': directory, 'disable-cooling': true, 'request-retry': 1 },
      'api-keys': [
        { key: clientKey, name: '=cmd|"/C calc"!A0' },
        { key: 'second-key-of-the-tests', name: 'Zoë, "quoted"\n漢字' },
      ],
      'remote-management': { 'secret-key': managementKey },
      ...more,
    }),
  });
  return {
    url: gateway.url,
    async ask(count: number) {
      for (let at = 0; at < count; at += 1) {
        const call = calls[at % calls.length];
        const over = protocols[(at >> 2) % protocols.length];
        if (call === undefined || over === undefined) throw new Error('unreachable');
        const leaves = new AbortController();
        const headers = {
          traceparent: `00-${'0af7651916cd43dd8448eb211c80319c'}-b7ad6b7169203331-0${at % 2}`,
          'x-canary': canary,
          ...(at % 3 === 0 && { authorization: 'Bearer second-key-of-the-tests' }),
        };
        const model = `${faults[(at >> 1) % faults.length]}-over-${over}`;
        const stream = at % 5 < 3;
        try {
          const answer = await send(gateway.url, call, {
            ...{ model, stream, headers, signal: leaves.signal },
            text: `${canary} ${'a prompt that a cache takes '.repeat(at % 7 === 0 ? 400 : 1)}`,
          });
          if (at % 11 === 10) leaves.abort();
          else await answer.text();
        } catch {
          // It left, or the answer was broken off.
        }
      }
      const model = 'sandbox-over-gemini';
      const messages = [{ role: 'user', content: canary }];
      await (await post(`${gateway.url}/v1/messages/count_tokens`, { model, messages })).text();
    },
    managed: async (path: string) =>
      (
        await fetch(`${gateway.url}/v0/management/${path}`, {
          headers: { 'x-management-key': managementKey },
        })
      ).text(),
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs something while a variable of the environment is set; then that is as it was, or there is none. */
async function withVariable<Result>(
  name: string,
  value: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

test.each(['http/json', 'http/protobuf'] as const)(
  'traces as %s are what OpenTelemetry says',
  async (protocol) => {
    const exports: JsonObject[] = [];
    using collector = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      async fetch(request) {
        exports.push({
          type: request.headers.get('content-type'),
          gzip: request.headers.get('content-encoding') === 'gzip',
          body: Buffer.from(await request.arrayBuffer()).toString('base64'),
        });
        return new Response(protocol === 'http/json' ? '{}' : null);
      },
    });
    {
      // Its end sends what waits.
      await using gateway = await monitored({
        tracing: { endpoint: `http://127.0.0.1:${collector.port}`, sample: 1, protocol },
      });
      await gateway.ask(200);
    }
    expect(exports.length).toBeGreaterThan(0);
    expect(await complaints('judge_traces.py', { exports, forbidden })).toBe('');
  },
);

test.each(['', 'gen_ai_latest_experimental'])(
  'metrics are what Prometheus says, with GenAI names %p',
  async (names) => {
    await using gateway = await withVariable('OTEL_SEMCONV_STABILITY_OPT_IN', names, () =>
      monitored({
        metrics: { genai: true },
        tracing: { endpoint: 'http://127.0.0.1:9', sample: 1 },
      }),
    );
    await gateway.ask(200);
    const page = async (accept: string) =>
      (await fetch(`${gateway.url}/metrics`, { headers: { accept } })).text();
    const open = await page('application/openmetrics-text;version=1.0.0');
    const classic = await page('text/plain;version=0.0.4');
    expect(await complaints('judge_metrics.py', { open, classic, forbidden })).toBe('');
  },
);

test.each(['Europe/Berlin', 'Asia/Kathmandu'])('sums and bills are what Python says, in %s', async (zone) => {
  const prices = {
    sandbox: { input: 3.3, output: 15.07, 'cache-read': 0.31, 'cache-write': 4.1, 'cache-write-1h': 6.07 },
  };
  await using gateway = await monitored({ usage: { timezone: zone }, prices });
  await gateway.ask(300);
  const kept = async () => JSON.parse(await gateway.managed('usage/summary')).total.requests;
  await eventually(async () => (await kept()) >= 300);
  const tables: Json[] = [];
  for (const by of [[], ['key'], ['credential'], ['provider'], ['model'], ['key', 'model']])
    tables.push({ by, answer: JSON.parse(await gateway.managed(`usage/summary?by=${by.join(',')}`)) });
  for (const step of ['hour', 'day'])
    tables.push({
      by: [step, 'provider'],
      answer: JSON.parse(await gateway.managed(`usage/series?step=${step}&by=provider`)),
    });
  const jsonl = await gateway.managed('usage/export?format=jsonl');
  const csv = await gateway.managed('usage/export?format=csv');
  expect(await complaints('judge_usage.py', { jsonl, csv, zone, prices, tables })).toBe('');
});
