/**
 * Every kind of proxy, in every state that it may be in, in front of both kinds of server, for every way that the gateway
 * asks: one running program, which trusts the certificates as a user's would, and all cells of the table at once.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { serving } from '../cli/program.ts';
import { clientKey } from '../gateway-harness.ts';
import { certificate, login, startProxies } from '../proxy-servers.ts';
import { callOf, send } from './calls.ts';
import { chatAnswer, chatStream } from './upstream.ts';

const schemes = ['http', 'https', 'socks5', 'socks5h'] as const;
const failures = ['dead', 'wrongPassword', 'silent'] as const;
const states = ['good', ...failures] as const;
const servers = ['http', 'https'] as const;
const ways = ['whole', 'stream', 'WebSocket', 'token renewal'] as const;
type Server = (typeof servers)[number];
type Way = (typeof ways)[number];

/** What a client gets where there is no other credential: of a request, and of a token that must be renewed before. */
const expected: Record<(typeof failures)[number], Record<'request' | 'renewal', Refusal>> = {
  dead: {
    request: [502, 'server_error', 'through its proxy: nothing there accepts connections'],
    renewal: [
      503,
      'server_error',
      'could not be reached through its proxy: nothing there accepts connections',
    ],
  },
  wrongPassword: {
    request: [502, 'server_error', 'through its proxy: it does not accept the user name and password'],
    renewal: [503, 'server_error', 'through its proxy: it does not accept the user name and password'],
  },
  silent: {
    request: [504, 'timeout_error', 'there was no connection through its proxy (timeouts.connect)'],
    renewal: [503, 'server_error', 'through its proxy: there was no connection within 0.2 seconds'],
  },
};
/** The status, the protocol's word for the kind, and what the message says of the proxy. */
type Refusal = [status: number, kind: string, says: string];

const proxies = await startProxies();
const asked = { upgrades: 0, renewals: 0 };
const upstream: Record<Server, ReturnType<typeof startServer>> = {
  http: startServer(false),
  https: startServer(true),
};
const urlOf = (server: Server): string => `${server}://localhost:${upstream[server].port}`;
const folder = mkdtempSync(join(tmpdir(), 'proxy-matrix-'));
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  for (const server of servers) await upstream[server].stop(true);
  await proxies.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Says whose key it was asked with, in Chat and over the Responses API's WebSocket; renews every token. */
function startServer(secure: boolean) {
  return Bun.serve<{ key: string }>({
    hostname: '127.0.0.1',
    port: 0,
    ...(secure && { tls: certificate }),
    async fetch(request, listener) {
      const key = (request.headers.get('authorization') ?? '').replace('Bearer ', '');
      if (request.headers.get('upgrade') !== null) {
        asked.upgrades += 1;
        return listener.upgrade(request, { data: { key } }) ? undefined : new Response('', { status: 400 });
      }
      const body = await request.text();
      if (request.url.endsWith('/token')) {
        asked.renewals += 1;
        const cell = /refresh-(c\d+)/.exec(body)?.[1];
        return Response.json({
          access_token: `renewed-${cell}`,
          refresh_token: `next-${cell}`,
          expires_in: 3600,
        });
      }
      return body.includes('"stream":true') ? chatStream(key) : chatAnswer(key);
    },
    websocket: { message: (socket) => void socket.send(JSON.stringify(completed(socket.data.key))) },
  });
}

function completed(text: string): JsonObject {
  const part = { type: 'output_text', text, annotations: [] };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const response = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', usage };
  return { type: 'response.completed', response: { ...response, output: [message] } };
}

interface Cell {
  /** The prefix of the only credential's models. */
  name: string;
  scheme: (typeof schemes)[number];
  proxy: string;
  state: (typeof states)[number];
  server: Server;
  way: Way;
  /** Whether a credential without a proxy comes after it. */
  next: boolean;
}

const cells: Cell[] = [];
for (const scheme of schemes)
  for (const state of states)
    for (const server of servers)
      for (const way of ways)
        for (const next of [false, true])
          cells.push({
            name: `c${cells.length}`,
            proxy: proxies[state][scheme],
            ...{ scheme, state, server, way, next },
          });

/** Renewals have one address for each provider: one provider is asked over each kind of server. */
const accountOf = { http: 'qwen', https: 'kimi' } as const;
const modelOf = (cell: Cell): string =>
  cell.way === 'token renewal' && cell.server === 'https' ? 'kimi-k2' : 'qwen3-coder-plus';

function compatible(cell: Cell, key: string, proxy: string): JsonObject {
  return {
    name: `${cell.name}-${key}`,
    prefix: cell.name,
    priority: key === 'direct-key' ? 0 : 1,
    'base-url': `${urlOf(cell.server)}/v1`,
    'api-key-entries': [{ 'api-key': key, 'proxy-url': proxy }],
    models: [{ name: modelOf(cell) }],
    ...(key === 'direct-key' ? { timeouts: { connect: '2m' } } : patience(cell)),
  };
}

/** Only what hangs is waited for: everything else has the time that a busy computer takes. */
const patience = ({ state }: Cell): JsonObject => ({
  timeouts: { connect: state === 'silent' ? '200ms' : '2m' },
});

const overWebSocket = (cell: Cell): JsonObject => ({
  'api-key': 'proxied-key',
  'base-url': `${urlOf(cell.server)}/v1`,
  'proxy-url': cell.proxy,
  prefix: cell.name,
  priority: 1,
  websockets: true,
  models: [{ name: modelOf(cell) }],
  ...patience(cell),
});

function writeAccount(cell: Cell): void {
  const account = {
    type: accountOf[cell.server],
    email: `${cell.name}@example.com`,
    access_token: `run-out-${cell.name}`,
    refresh_token: `refresh-${cell.name}`,
    expiry: new Date(Date.now() - 3_600_000).toISOString(),
    proxy_url: cell.proxy,
    prefix: cell.name,
    priority: 1,
    ...patience(cell),
  };
  writeFileSync(join(folder, `${account.type}-${cell.name}.json`), JSON.stringify(account));
}

async function startProgram() {
  const keys = cells.filter(({ way }) => way === 'whole' || way === 'stream');
  const sockets = cells.filter(({ way }) => way === 'WebSocket');
  for (const cell of cells) if (cell.way === 'token renewal') writeAccount(cell);
  const provider = (server: Server): JsonObject => ({
    [accountOf[server]]: {
      'base-url': `${urlOf(server)}/v1`,
      oauth: { 'token-url': `${urlOf(server)}/token` },
    },
  });
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
  const file = join(folder, 'config.yaml');
  const config: JsonObject = {
    host: '127.0.0.1',
    port: 0,
    'api-keys': [clientKey],
    'auth-dir': folder,
    'log-format': 'json',
    'openai-compatibility': [
      ...keys.map((cell) => compatible(cell, 'proxied-key', cell.proxy)),
      ...cells.filter(({ next }) => next).map((cell) => compatible(cell, 'direct-key', 'direct')),
    ],
    'codex-api-key': sockets.map(overWebSocket),
    providers: { ...provider('http'), ...provider('https') },
  };
  writeFileSync(file, JSON.stringify(config));
  return serving(['serve', '--config', file], {
    cwd: folder,
    env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  });
}

const program = await startProgram();
const chat = callOf('openai-chat');

/** The answers of all cells, asked for together: what hangs is waited for once. */
const answers = new Map(
  await Promise.all(
    cells.map(async (cell) => {
      const stream = cell.way === 'stream' || cell.way === 'WebSocket';
      const response = await send(program.url, chat, { model: `${cell.name}/${modelOf(cell)}`, stream });
      return [cell.name, { status: response.status, text: await response.text() }] as const;
    }),
  ),
);
const rows = (scheme: string, state: string, next: boolean) =>
  cells.filter((cell) => cell.scheme === scheme && cell.state === state && cell.next === next);
const addressOf = (proxy: string): string => proxy.slice(proxy.indexOf('@') + 1);
/** For a failure's message to say which cell it is about. */
const titled = ({ server, way }: Cell, what: unknown): string => `${way} from ${server}: ${what}`;

test('the table has a cell for everything that it is about', () => {
  expect(answers.size).toBe(schemes.length * states.length * servers.length * ways.length * 2);
});

describe.each(schemes)('a proxy of %s', (scheme) => {
  test('that works carries everything', () => {
    for (const next of [false, true])
      for (const cell of rows(scheme, 'good', next)) {
        const { status, text } = answers.get(cell.name) ?? {};
        expect(titled(cell, status)).toBe(titled(cell, 200));
        const key = cell.way === 'token renewal' ? `renewed-${cell.name}` : 'proxied-key';
        expect(titled(cell, text)).toContain(key);
      }
  });

  test.each(failures)('that fails (%s) is named by the error, and says nothing itself', (state) => {
    for (const cell of rows(scheme, state, false)) {
      const { status, text = '' } = answers.get(cell.name) ?? {};
      const refusal = expected[state][cell.way === 'token renewal' ? 'renewal' : 'request'];
      const { message = '', kind } = chat.errorOf(parseJson(text) ?? null);
      expect(titled(cell, `${status} ${kind} ${message}`)).toStartWith(
        titled(cell, `${refusal[0]} ${refusal[1]} `),
      );
      expect(titled(cell, message)).toContain(refusal[2]);
      for (const secret of [addressOf(cell.proxy), login.password, 'Proxy'])
        expect(titled(cell, text)).not.toContain(secret);
      // The proxy's status; a port may have these digits in it.
      expect(titled(cell, text)).not.toMatch(/(?<!\d)407(?!\d)/);
    }
  });

  test.each(failures)('that fails (%s) leaves the request to the next credential', (state) => {
    for (const cell of rows(scheme, state, true)) {
      const { status, text } = answers.get(cell.name) ?? {};
      expect(titled(cell, status)).toBe(titled(cell, 200));
      expect(titled(cell, text)).toContain('direct-key');
    }
  });
});

test('only proxies that work let anything through: upgrades, renewals', () => {
  const working = (way: Way) => cells.filter((cell) => cell.state === 'good' && cell.way === way).length;
  expect(asked).toEqual({ upgrades: working('WebSocket'), renewals: working('token renewal') });
});
