/**
 * A real OpenTelemetry Collector takes the example that is shipped, our traces as both forms of OTLP and our metrics, and sends them on; what it
 * sends is judged by OpenTelemetry's schema. It is made of the project's Go modules: the first time that takes minutes.
 */
import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'bun';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { calls, send } from '../gateway/calls.ts';
import { clientKey, configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { installedProgram } from '../installed-program.ts';
import { complaints } from './judges.ts';

const source = join(import.meta.dir, 'collector');
const example = join(import.meta.dir, '../../deploy/otel-collector.yaml');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cli-proxy-api-collector');
const canary = 'canary-91d0-secret';

/** The collector as a program; made where no such one is there. Debian's Go fetches the one that the modules want by itself. */
async function collector(): Promise<string> {
  const go = installedProgram('go', { from: 'golang-go', places: () => ['/usr/local/go/bin/go'] });
  const sources = ['main.go', 'go.mod', 'go.sum'].map((name) => readFileSync(join(source, name), 'utf8'));
  const program = join(cache, `collector-${Bun.hash(sources.join('')).toString(36)}`);
  mkdirSync(cache, { recursive: true });
  // What no cloud needs of Prometheus is left out.
  const built = Bun.spawn([go, 'build', '-mod=readonly', '-tags', 'remove_all_sd', '-o', program, '.'], {
    ...{ cwd: source, stdout: 'inherit', stderr: 'inherit' },
    env: { ...process.env, GOTOOLCHAIN: 'auto', CGO_ENABLED: '0' },
  });
  if ((await built.exited) !== 0) throw new Error('the collector could not be built');
  return program;
}

interface Sent {
  path: string;
  headers: Headers;
  body: Uint8Array;
}

test('15: a Collector takes the shipped example, traces in both forms and metrics, and sends them on', async () => {
  const program = await collector();
  const folder = mkdtempSync(join(tmpdir(), 'whole-collector-'));
  const sent: Sent[] = [];
  using backend = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const body = request.headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes;
      sent.push({ path: new URL(request.url).pathname, headers: request.headers, body });
      return new Response(null, { headers: { 'content-type': 'application/x-protobuf' } });
    },
  });
  const sandbox = startSandbox({ pace: 0 });
  const [otlp, own] = [freePort(), freePort()];
  const gateway = async (protocol: 'http/json' | 'http/protobuf') =>
    startGateway({
      version,
      log: createLog({ level: 'silent', format: 'json' }),
      config: configOf({
        ...everyUpstream(sandbox.url, (over) => [
          { name: 'sandbox', alias: modelOver[over] },
          { name: 'sandbox-fault-cut-3', alias: `cut-${modelOver[over]}` },
        ]),
        ...{ host: '127.0.0.1', port: own, 'auth-dir': join(folder, protocol.slice(5)) },
        'disable-cooling': true,
        tracing: { endpoint: `http://127.0.0.1:${otlp}`, sample: 1, protocol },
      }),
    });
  // As it is shipped, but for the ports and how often it looks: two of a machine may be at it.
  const shipped = readFileSync(example, 'utf8');
  const config = join(folder, 'collector.yaml');
  writeFileSync(
    config,
    shipped
      .replace('127.0.0.1:4318\n', `127.0.0.1:${otlp}\n`)
      .replace("['127.0.0.1:8317']", `['127.0.0.1:${own}']`)
      .replace('scrape_interval: 30s', 'scrape_interval: 1s'),
  );
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder },
    BACKEND_OTLP_ENDPOINT: backend.url.href.replace(/\/$/, ''),
    BACKEND_AUTHORIZATION: 'Bearer of-the-backend',
  };
  const checked = Bun.spawnSync([program, 'validate', '--config', example], { env });
  expect([checked.exitCode, `${checked.stdout}${checked.stderr}`]).toEqual([0, '']);

  const running = Bun.spawn([program, '--config', config], { env, stdout: 'ignore', stderr: 'pipe' });
  const log = running.stderr.text();
  const paths = (): string[] => sent.map(({ path }) => path);
  try {
    await eventually(
      async () => (await fetch(`http://127.0.0.1:${otlp}/v1/traces`).catch(() => undefined)) !== undefined,
    );
    for (const protocol of ['http/json', 'http/protobuf'] as const) {
      const before = paths().filter((path) => path === '/v1/traces').length;
      const asked = await gateway(protocol);
      try {
        for (const call of calls)
          for (const over of Object.values(modelOver))
            for (const model of [over, `cut-${over}`])
              await send(asked.url, call, { model, stream: true, text: canary })
                .then((answer) => answer.text())
                .catch(() => '');
        await eventually(() => paths().includes('/v1/metrics'));
      } finally {
        // Its end sends what waits.
        await asked.stop();
      }
      await eventually(() => paths().filter((path) => path === '/v1/traces').length > before);
    }
  } finally {
    running.kill();
    await running.exited;
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const exports = sent.map(
    ({ path, headers, body }): JsonObject => ({
      ...{ path, type: headers.get('content-type'), body: Buffer.from(body).toString('base64') },
    }),
  );
  expect(sent.every(({ headers }) => headers.get('authorization') === 'Bearer of-the-backend')).toBe(true);
  const forbidden = [canary, clientKey, 'upstream-key'];
  expect(await complaints('judge_collector.py', { exports, forbidden, spans: 2 * 4 * 4 * 2 })).toBe('');
  // A warning says what the collector thinks of us.
  const warnings = (await log).split('\n').filter((line) => /\b(?:error|warn)\b/.test(line));
  // Between two gateways there is none to be read.
  expect(warnings.filter((line) => !line.includes('"Failed to scrape Prometheus endpoint"'))).toEqual([]);
}, 3_600_000);
