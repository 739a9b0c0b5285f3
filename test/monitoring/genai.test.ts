/** `metrics.genai`: the names, labels and values are those of the published conventions. */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { protocols } from '../../src/protocols/model.ts';
import { genaiNameOf, services } from '../../src/providers/registry.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { callOf } from '../gateway/calls.ts';
import { clientKey, configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { type MetricLine, readMetrics, sumOf } from './metrics-page.ts';

/** What the OpenTelemetry project has published: the package that its exporter brings along. */
const published: Record<string, unknown> = await import(
  Bun.resolveSync('@opentelemetry/semantic-conventions/incubating', import.meta.dir)
);

const named = (start: string): Set<string> =>
  new Set(
    Object.entries(published).flatMap(([name, value]) =>
      name.startsWith(start) && typeof value === 'string' ? [value] : [],
    ),
  );
const inPrometheus = (names: Iterable<string>): Set<string> =>
  new Set([...names].map((name) => name.replaceAll('.', '_')));

const variable = 'OTEL_SEMCONV_STABILITY_OPT_IN';

/** The page after one stream and one whole answer over each protocol, and one that fails. */
async function pageWith(optIn: string): Promise<MetricLine[]> {
  process.env[variable] = optIn;
  const directory = mkdtempSync(join(tmpdir(), 'metrics-genai-'));
  const sandbox = startSandbox({ pace: 0 });
  const gateway = await startGateway({
    config: configOf({
      ...everyUpstream(sandbox.url, (protocol) => [
        { name: 'sandbox', alias: modelOver[protocol] },
        { name: 'sandbox-fault-400', alias: `failing-${modelOver[protocol]}` },
      ]),
      ...{ 'auth-dir': directory, 'api-keys': [clientKey], metrics: { genai: true } },
    }),
    ...{ version, log: createLog({ level: 'silent', format: 'json' }) },
  });
  const page = async () => readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
  try {
    for (const protocol of protocols)
      for (const [model, stream] of [
        [modelOver[protocol], true],
        [modelOver[protocol], false],
        [`failing-${modelOver[protocol]}`, false],
      ] as const) {
        const call = callOf(protocol);
        const answer = await fetch(gateway.url + call.path(model, stream), {
          method: 'POST',
          headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(call.body(model, 'say 20 words', stream)),
        });
        await answer.text();
      }
    let lines: MetricLine[] = [];
    await eventually(async () => {
      lines = await page();
      return sumOf(lines, 'cpa_requests_total') === 3 * protocols.length;
    });
    return lines.filter(({ name }) => name.startsWith('gen_ai'));
  } finally {
    delete process.env[variable];
    await gateway.stop();
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const families = (lines: readonly MetricLine[]): Set<string> =>
  new Set(lines.map(({ name }) => name.replace(/_(?:bucket|sum|count|total)$/, '')));
const labels = (lines: readonly MetricLine[]): Set<string> =>
  new Set(lines.flatMap((line) => Object.keys(line.labels)).filter((label) => label !== 'le'));
const values = (lines: readonly MetricLine[], label: string): Set<string> =>
  new Set(lines.flatMap((line) => line.labels[label] ?? []));

test('established names: each metric and label is published, and none is missing', async () => {
  const lines = await pageWith('');
  const known = inPrometheus(named('METRIC_GEN_AI_'));
  const found = families(lines);
  // Prometheus puts the unit behind a name: prometheus.io/docs/practices/naming.
  for (const name of found) expect([...known]).toContain(name.replace(/_seconds$/, ''));
  expect([...found].sort()).toEqual([
    'gen_ai_client_token_usage',
    'gen_ai_server_request_duration_seconds',
    'gen_ai_server_time_per_output_token_seconds',
    'gen_ai_server_time_to_first_token_seconds',
  ]);
  const attributes = inPrometheus([...named('ATTR_GEN_AI_'), 'error.type']);
  // The model as the client wrote it is a label of Envoy AI Gateway's.
  const own = [...labels(lines)].filter((label) => !attributes.has(label));
  expect(own).toEqual(['gen_ai_original_model']);
  expect(values(lines, 'gen_ai_operation_name')).toEqual(new Set(['chat']));
  for (const name of ['anthropic', 'openai', 'gcp.gemini'])
    expect(values(lines, 'gen_ai_provider_name')).toContain(name);
  const types = values(lines, 'gen_ai_token_type');
  for (const type of named('GEN_AI_TOKEN_TYPE_VALUE_')) expect(types).toContain(type);
  expect(sumOf(lines, 'gen_ai_server_request_duration_seconds_count')).toBe(3 * protocols.length);
  expect(sumOf(lines, 'gen_ai_server_time_to_first_token_seconds_count')).toBe(protocols.length);
});

test('names of version 0.1.0 come instead of the established ones, by the standard variable', async () => {
  const lines = await pageWith('gen_ai_latest_experimental');
  const found = families(lines);
  // open-telemetry/semantic-conventions-genai v0.1.0, docs/gen-ai/gen-ai-metrics.md: no package has these names.
  for (const name of [
    'gen_ai_client_inference_duration_seconds',
    'gen_ai_client_inference_time_to_first_chunk_seconds',
    'gen_ai_client_inference_operation_input_tokens',
    'gen_ai_client_inference_operation_output_tokens',
    'gen_ai_client_inference_usage_input_tokens',
    'gen_ai_client_inference_usage_output_tokens',
  ])
    expect(found).toContain(name);
  expect([...found].filter((name) => !name.startsWith('gen_ai_client_inference_'))).toEqual([]);
  expect(values(lines, 'gen_ai_token_modality')).toEqual(new Set(['text', 'unknown']));
  expect(sumOf(lines, 'gen_ai_client_inference_duration_seconds_count')).toBe(3 * protocols.length);
});

test('a provider that the conventions have a name for has that name', () => {
  const names = named('GEN_AI_PROVIDER_NAME_VALUE_');
  for (const [provider, name] of [
    ...[['claude', 'anthropic'] as const, ['codex', 'openai'] as const, ['gemini', 'gcp.gemini'] as const],
    ...[['vertex', 'gcp.vertex_ai'] as const, ['xai', 'x_ai'] as const, ['Mistral', 'mistral_ai'] as const],
    ...[['azure-openai', 'azure.ai.openai'] as const, ['openai-api', 'openai'] as const],
  ]) {
    expect([provider, genaiNameOf(provider)]).toEqual([provider, name]);
    expect([...names]).toContain(name);
  }
  for (const service of Object.keys(services))
    if (names.has(service)) expect(genaiNameOf(service)).toBe(service);
});
