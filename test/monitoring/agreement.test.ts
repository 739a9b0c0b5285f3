/** The log, the usage history and the metrics say the same of the same requests. */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { usageFile } from '../../src/usage/usage-database.ts';
import { eventually } from '../eventually.ts';
import { calls, post } from '../gateway/calls.ts';
import { clientKey, configOf, everyUpstream } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { type MetricLine, readMetrics, sumOf } from './metrics-page.ts';
import { promtool } from './prometheus-tools.ts';

const canary = 'canary-7f3a-secret';
const faults = [
  ...['sandbox', 'sandbox-fault-429', 'sandbox-fault-503', 'sandbox-fault-cut-3', 'sandbox-fault-drop'],
  ...[
    'sandbox-fault-error-event-2',
    'sandbox-fault-no-terminal',
    'sandbox-fault-slow-5',
    'sandbox-fault-400',
  ],
];

interface LogLine {
  msg: string;
  client: string;
  provider?: string;
  status: number;
  attempts: number;
  input?: number;
  output?: number;
}

test('after 1,000 requests with faults and aborts, log, history and metrics agree', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-agreement-'));
  const sandbox = startSandbox({ pace: 0 });
  let text = '';
  const keep = (line: string): void => {
    text += line;
  };
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => keep(line) } });
  const settings = everyUpstream(sandbox.url, (protocol) =>
    faults.map((name) => ({ name, alias: `${name}-over-${protocol}` })),
  );
  const config = configOf({
    ...settings,
    'auth-dir': directory,
    'api-keys': [{ key: clientKey, name: 'ada' }],
    'disable-cooling': true,
  });
  const gateway = await startGateway({ config, version, log });
  const page = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
  try {
    const total = 1000;
    const ask = async (index: number): Promise<void> => {
      const call = calls[index % calls.length];
      const over = protocols[(index >> 2) % protocols.length];
      if (call === undefined || over === undefined) throw new Error('unreachable');
      const model =
        index % 50 === 49 ? `${canary}-model-${index}` : `${faults[index % faults.length]}-over-${over}`;
      const stream = index % 3 !== 0;
      const left = new AbortController();
      try {
        const response = await fetch(gateway.url + call.path(model, stream), {
          method: 'POST',
          headers: {
            authorization: `Bearer ${clientKey}`,
            'x-canary': canary,
            'content-type': 'application/json',
          },
          body: JSON.stringify(call.body(model, `${canary} say 20 words`, stream)),
          signal: left.signal,
        });
        if (index % 7 === 6) left.abort();
        else await response.text();
      } catch {
        // Aborted here, or broken off there: what counts is what is said of it.
      }
    };
    for (let index = 0; index < total; index += 20)
      await Promise.all(Array.from({ length: 20 }, (_, at) => ask(index + at)));
    const lines = (): LogLine[] =>
      text
        .split('\n')
        .filter((line) => line.includes('"msg":"request"'))
        .map((line) => JSON.parse(line));
    await eventually(() => lines().length === total);
    const classic = await page();
    const metrics = readMetrics(classic);
    const logged = lines();

    expect(sumOf(metrics, 'cpa_requests_total')).toBe(total);
    expect(sumOf(metrics, 'cpa_request_duration_seconds_count')).toBe(total);
    expect(sumOf(metrics, 'cpa_requests_in_flight')).toBe(0);
    expect(sumOf(metrics, 'cpa_streams_open')).toBe(0);
    for (const protocol of protocols) {
      const own = logged.filter(({ client }) => client === protocol);
      expect(sumOf(metrics, 'cpa_requests_total', { protocol })).toBe(own.length);
      for (const code of ['400', '404', '429']) {
        const status = Number(code);
        expect([code, sumOf(metrics, 'cpa_requests_total', { protocol, code })]).toEqual([
          code,
          own.filter((line) => line.status === status).length,
        ]);
      }
    }
    expect(sumOf(metrics, 'cpa_attempts_total')).toBe(logged.reduce((sum, line) => sum + line.attempts, 0));
    for (const provider of new Set(logged.flatMap((line) => line.provider ?? [])))
      for (const type of ['input', 'output'] as const)
        expect([provider, type, sumOf(metrics, 'cpa_tokens_total', { provider, type })]).toEqual([
          provider,
          type,
          logged
            .filter((line) => line.provider === provider)
            .reduce((sum, line) => sum + (line[type] ?? 0), 0),
        ]);
    expect(sumOf(metrics, 'cpa_stream_ends_total')).toBe(
      Array.from({ length: total }).filter((_, index) => index % 3 !== 0).length,
    );
    expect(ends(metrics)).toEqual(expect.arrayContaining(['broken', 'client_left', 'complete', 'failed']));

    const history = new Database(usageFile(directory), { readonly: true });
    const kept = () =>
      history
        .query<{ requests: number; input: number; output: number; cost: number | null }, []>(
          'SELECT count(*) AS requests, sum(input) AS input, sum(output) AS output, sum(cost) AS cost FROM requests',
        )
        .get();
    await eventually(() => kept()?.requests === total);
    expect(kept()?.input).toBe(sumOf(metrics, 'cpa_tokens_total', { type: 'input' }));
    expect(kept()?.output).toBe(sumOf(metrics, 'cpa_tokens_total', { type: 'output' }));
    expect((kept()?.cost ?? 0) / 1e9).toBeCloseTo(sumOf(metrics, 'cpa_cost_dollars_total'), 9);
    expect(sumOf(metrics, 'cpa_usage_records_total')).toBe(total);
    history.close();

    expect(promtool(['check', 'metrics'], classic)).toEqual({ ok: true, complaints: '' });
    const open = await fetch(`${gateway.url}/metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0' },
    });
    const both = classic + (await open.text());
    for (const secret of [canary, clientKey, 'upstream-key']) expect(both).not.toContain(secret);

    await gateway.reload(configOf({ ...settings, 'auth-dir': directory, 'disable-cooling': true }));
    expect(sumOf(readMetrics(await page()), 'cpa_requests_total')).toBe(total);
    expect(sumOf(readMetrics(await page()), 'cpa_config_reloads_total', { result: 'success' })).toBe(1);
  } finally {
    await gateway.stop();
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

test('15: what translation loses is in the metrics and the log, of whole answers as of streams', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-losses-'));
  const sandbox = startSandbox({ pace: 0 });
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
  const models = sandboxModels(sandbox.url);
  const gateway = await startGateway({
    config: configOf({ ...models, 'auth-dir': directory }),
    version,
    log,
  });
  try {
    const lossy = {
      'anthropic-messages': 'logit_bias',
      gemini: 'logit_bias',
      'openai-responses': 'logit_bias',
    };
    const [chat] = calls;
    if (chat === undefined) throw new Error('unreachable');
    for (const [over, field] of Object.entries(lossy))
      for (const stream of [false, true]) {
        const model = `model-over-${over === 'openai-responses' ? 'responses' : over.replace('-messages', '')}`;
        const response = await post(`${gateway.url}${chat.path(model, stream)}`, {
          ...chat.body(model, 'Hello', stream),
          [field]: { 50256: -100 },
        });
        expect([over, stream, response.headers.get('x-translation-loss')]).toEqual([
          over,
          stream,
          `dropped:${field}`,
        ]);
        await response.text();
        await eventually(() =>
          lines.some((line) => line.includes(response.headers.get('x-request-id') ?? '?')),
        );
        const line = lines.find((one) => one.includes(response.headers.get('x-request-id') ?? '?')) ?? '';
        expect([over, stream, JSON.parse(line).loss]).toEqual([over, stream, `dropped:${field}`]);
      }
    const metrics = readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
    expect(sumOf(metrics, 'cpa_translation_losses_total', { kind: 'dropped' })).toBe(6);
  } finally {
    await gateway.stop();
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

function ends(metrics: readonly MetricLine[]): string[] {
  return [
    ...new Set(
      metrics
        .filter(({ name, value }) => name === 'cpa_stream_ends_total' && value > 0)
        .map(({ labels }) => labels.end ?? ''),
    ),
  ].sort();
}
