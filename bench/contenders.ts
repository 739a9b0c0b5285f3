/** What is compared: no proxy, nginx and the gateway, all in front of one upstream. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../src/protocols/json.ts';
import type { Protocol } from '../src/protocols/model.ts';
import { freePort } from '../test/free-port.ts';
import type { Case } from './cases.ts';
import { requestOf, streams } from './conversation.ts';
import type { LoadPlan } from './load.ts';
import { listening, loadCore, pinned, proxyCore } from './process.ts';

export interface Contender {
  name: 'direct' | 'nginx' | 'gateway';
  port: number;
  /** Undefined for the direct connection: there is no proxy process. */
  pid: number | undefined;
  /** Where requests go: proxies without translation get the upstream's path. */
  path(test: Case): string;
  stop(): Promise<void>;
}

export const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-bench-'));
export const clientKey = 'client-key-of-the-benchmark';
const ports = { upstream: freePort(), nginx: freePort(), gateway: freePort() };
const project = join(import.meta.dir, '..');

/** The gateway serves each protocol and kind of answer as a model of its own; the upstream distinguishes them by path. */
function modelOf(test: Pick<Case, 'upstream' | 'mode'>): string {
  return `${test.upstream}-${test.mode}`;
}

const clientHeaders = { authorization: `Bearer ${clientKey}`, accept: '*/*', 'user-agent': 'bench' };

/** Nothing that a broken run started is left behind. */
const running = new Set<Bun.Subprocess>();
process.on('exit', () => {
  for (const started of running) started.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.error(`ended by ${signal}`);
    process.exit(1);
  });
}

function spawn(command: string[], core: number, log: string): Bun.Subprocess {
  const file = Bun.file(join(folder, log));
  const started = Bun.spawn(pinned(core, command), {
    stdin: 'ignore',
    stdout: file,
    stderr: file,
    cwd: folder,
  });
  running.add(started);
  return started;
}

async function ended(started: Bun.Subprocess): Promise<void> {
  started.kill('SIGKILL');
  await started.exited;
  running.delete(started);
}

export async function startUpstream(): Promise<{ stop(): Promise<void> }> {
  const script = join(import.meta.dir, 'upstream.ts');
  const upstream = spawn([process.execPath, script, String(ports.upstream)], loadCore, 'upstream.log');
  await listening(ports.upstream, upstream);
  return { stop: () => ended(upstream) };
}

function upstreamPath(test: Case): string {
  return `/${test.mode}${requestOf(test.upstream, modelOf(test), streams(test.mode), 0).path}`;
}

export function direct(): Contender {
  return {
    name: 'direct',
    port: ports.upstream,
    pid: undefined,
    path: upstreamPath,
    stop: async () => {},
  };
}

/** Installs nginx from the system's packages where it is missing. Says what to do where that fails. */
export async function nginxPath(): Promise<string> {
  const found = (): string | undefined =>
    Bun.which('nginx') ?? (existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : undefined);
  const before = found();
  if (before !== undefined) return before;
  console.error('nginx is missing; installing it with apt-get');
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'nginx'];
  for (const command of [install, ['apt-get', 'update', '-qq'], install]) {
    if (Bun.which('apt-get') === null) break;
    // The package would start a service of its own on port 80.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    await Bun.spawn(command, { stdout: 'ignore', stderr: 'ignore', env }).exited;
    const after = found();
    if (after !== undefined) return after;
  }
  throw new Error(
    'nginx is needed as the yardstick and could not be installed: install the package "nginx".',
  );
}

/** A plain reverse proxy: one worker, no buffering, connections to the upstream kept. */
export async function startNginx(executable: string): Promise<Contender> {
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 8192;
error_log ${folder}/nginx-error.log; pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off; client_max_body_size 64m; client_body_buffer_size 2m;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream one { server 127.0.0.1:${ports.upstream}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${ports.nginx}; keepalive_requests 100000000;
    location / {
      proxy_pass http://one; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 1h;
    }
  }
}
`,
  );
  const nginx = spawn([executable, '-c', file], proxyCore, 'nginx.log');
  await listening(ports.nginx, nginx);
  return {
    name: 'nginx',
    port: ports.nginx,
    pid: nginx.pid,
    path: upstreamPath,
    stop: () => ended(nginx),
  };
}

function gatewayConfig(variant: Variant): string {
  const url = (mode: string): string => `http://127.0.0.1:${ports.upstream}/${mode}`;
  const entries = (protocol: Protocol, version: string): JsonObject[] =>
    (['json', 'sse', 'paced', 'held'] as const).map((mode) => ({
      'api-key': `upstream-key-${mode}`,
      'base-url': `${url(mode)}${version}`,
      models: [{ name: modelOf({ upstream: protocol, mode }) }],
    }));
  const compatible: JsonObject[] = entries('openai-chat', '/v1').map(
    ({ 'api-key': key, ...entry }, index) => ({
      name: `compatible-${index}`,
      'api-key-entries': [{ 'api-key': key }],
      ...entry,
    }),
  );
  // A third of the accounts fails whenever it is asked.
  const failing = { upstream: 'openai-chat', mode: 'failing' } as const;
  for (const [mode, keys] of [
    ['failing', 20],
    ['refused', 10],
  ] as const)
    compatible.push({
      name: mode,
      'api-key-entries': Array.from({ length: keys }, (_, index) => ({
        'api-key': `upstream-key-${mode}-${index}`,
      })),
      'base-url': `${url(mode)}/v1`,
      models: [{ name: modelOf(failing) }],
    });
  // A folder of its own: the gateway watches the one of its configuration, and logs are written to the other.
  mkdirSync(join(folder, 'config'), { recursive: true });
  const file = join(folder, 'config', `${variant.name}.yaml`);
  writeFileSync(
    file,
    // JSON is YAML too.
    JSON.stringify({
      host: '127.0.0.1',
      port: variant.port,
      'api-keys': [clientKey],
      // Not that of the person who measures: nothing of theirs is served or written to.
      'auth-dir': join(folder, `accounts-${variant.name}`),
      'openai-compatibility': compatible,
      'codex-api-key': entries('openai-responses', '/v1'),
      'claude-api-key': entries('anthropic-messages', ''),
      'gemini-api-key': entries('gemini', ''),
      ...variant.settings,
    }),
  );
  return file;
}

/** Starts the gateway as users do, its log going to a file. */
function spawnGateway(variant = usual): Bun.Subprocess {
  const command = [join(project, 'bin/cli-proxy-api'), 'serve', '--config', gatewayConfig(variant)];
  return spawn(command, proxyCore, `${variant.name}.log`);
}

/** A gateway with other settings, which may run beside the usual one. */
interface Variant {
  name: string;
  port: number;
  settings: JsonObject;
}

const usual: Variant = { name: 'gateway', port: ports.gateway, settings: {} };

export function variantOf(name: string, settings: JsonObject): Variant {
  return { name, port: freePort(), settings };
}

export async function startGateway(variant = usual): Promise<Contender> {
  const gateway = spawnGateway(variant);
  await listening(variant.port, gateway).catch((error: Error) => {
    throw new Error(
      `${error.message}; its log: ${readFileSync(join(folder, `${variant.name}.log`), 'utf8')}`,
    );
  });
  return {
    name: 'gateway',
    port: variant.port,
    pid: gateway.pid,
    path: (test) => requestOf(test.client, modelOf(test), streams(test.mode), 0).path,
    stop: () => ended(gateway),
  };
}

/** Milliseconds from starting the gateway to its first answer to a client. */
export async function timeToFirstAnswer(): Promise<number> {
  const { path, body } = requestOf('openai-chat', 'openai-chat-json', false, 100);
  const startedAt = performance.now();
  const gateway = spawnGateway();
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${ports.gateway}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...clientHeaders },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    if (answer?.ok) {
      const elapsed = performance.now() - startedAt;
      await answer.bytes();
      await ended(gateway);
      return elapsed;
    }
    if (gateway.exitCode !== null) throw new Error(`the gateway did not start: see ${folder}/gateway.log`);
    await Bun.sleep(1);
  }
}

/** The load generator's orders for a case on a contender. */
export async function planOf(
  test: Case,
  contender: Contender,
  mark: string,
  more: Partial<LoadPlan> = {},
): Promise<LoadPlan> {
  // A proxy without translation carries what the upstream understands.
  const protocol = contender.name === 'gateway' ? test.client : test.upstream;
  const bodyFile = join(folder, `${protocol}-${modelOf(test)}-${test.size}.json`);
  if (!existsSync(bodyFile)) {
    const { body } = requestOf(protocol, modelOf(test), streams(test.mode), test.size);
    await Bun.write(bodyFile, JSON.stringify(body));
  }
  return {
    port: contender.port,
    path: contender.path(test),
    headers: clientHeaders,
    bodyFile,
    connections: test.connections,
    requests: test.requests,
    mark,
    hold: false,
    ...more,
  };
}
