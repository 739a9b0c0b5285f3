/**
 * H7: a request always ends once. Whatever throws, rejects, hangs or comes late, at any boundary of the gateway and in any
 * operation: its client gets one ending, places and limits are free, it has one line in the log, and nothing is left that
 * nobody handles.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { parseAccount } from '../../src/accounts/account-file.ts';
import { keepAccount } from '../../src/accounts/managed-account.ts';
import { accountProvider } from '../../src/accounts/provider-overrides.ts';
import type { TokenSource } from '../../src/accounts/token-source.ts';
import type { MeterMessage } from '../../src/cluster/counters/meter.ts';
import { createSharedLimits } from '../../src/cluster/counters/shared-limits.ts';
import { createSharedSlots } from '../../src/cluster/counters/shared-slots.ts';
import type { Postgres } from '../../src/cluster/postgres/connection.ts';
import { createResponseVault } from '../../src/cluster/postgres/responses/response-vault.ts';
import { valkeySessions } from '../../src/cluster/valkey/sessions.ts';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { loggedAnswer } from '../../src/gateway/trace/logged-request.ts';
import type { RequestLog } from '../../src/gateway/trace/request-log.ts';
import { systemClock } from '../../src/ground/clock.ts';
import type { Cancellation, HttpRequest, HttpResponse } from '../../src/http-client/message.ts';
import { createLimiter, type Limiter } from '../../src/limits/limiter.ts';
import { refreshTokens } from '../../src/oauth/refresh-tokens.ts';
import { parseJson } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { createClientLimiter } from '../../src/server/client-limiter.ts';
import { createHandler } from '../../src/server/handler.ts';
import { connectionHistories } from '../../src/server/responses/connection-history.ts';
import { openResponseDatabase } from '../../src/server/responses/response-database.ts';
import { createResponseStore, type ResponseStore } from '../../src/server/responses/response-store.ts';
import {
  responsesSockets,
  type SocketState,
  socketState,
} from '../../src/server/responses/responses-socket.ts';
import { sharedResponses } from '../../src/server/responses/shared-responses.ts';
import { createLog, type Log } from '../../src/telemetry/log.ts';
import { traceContext } from '../../src/telemetry/tracing/trace-context.ts';
import { priceList } from '../../src/usage/price-list.ts';
import { createUsageQueue } from '../../src/usage/usage-queue.ts';
import { writeStream } from '../codec-runs.ts';
import { eventually } from '../eventually.ts';
import { calls } from '../gateway/calls.ts';
import { configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { text, user } from '../messages.ts';
import { clientAt, hurriedDeps } from '../oauth/scripted-server.ts';

const clientKey = 'client-key-of-this-test';

/** Each boundary with the calls over it, by the name under which a case breaks them. */
const boundaries = [
  'none',
  ...['http.send', 'answer.read', 'answer.bytes', 'answer.headers', 'answer.cancel', 'proxies', 'newId'],
  ...['token.current', 'token.renew', 'oauth.fetch', 'oauth.body'],
  ...['upstream.write', 'upstream.read'],
  ...[
    'store',
    'store.keep',
    'store.conversation',
    'store.find',
    'store.items',
    'store.knows',
    'store.native',
    'store.isForeign',
    'store.own',
  ],
  ...['limiter.admit', 'limiter.settle', 'log.request', 'memory'],
  ...['trace.begin', 'trace.call', 'trace.piece', 'trace.end'],
  ...['socket.send', 'socket.buffered', 'client.body'],
  ...['usage', 'usage.prices', 'log.file', 'cooldowns', 'quotas', 'onward'],
  ...['valkey', 'valkey.notice', 'postgres'],
] as const;
type Boundary = (typeof boundaries)[number];
const ways = ['throws', 'rejects', 'hangs', 'late'] as const;
type Way = (typeof ways)[number];

const generating = calls.flatMap((call) =>
  [false, true].flatMap((stream) =>
    protocols.map((over) => ({
      path: call.path(modelOver[over], stream),
      body: JSON.stringify(call.body(modelOver[over], 'Hello', stream)),
    })),
  ),
);
const chat = modelOver['openai-chat'];
const operations: { path: string; body: string; type?: string; socket?: boolean }[] = [
  ...generating,
  ...protocols.flatMap((over) => {
    const model = modelOver[over];
    const tools = [{ type: 'code_execution_20250825', name: 'code_execution' }];
    return [
      {
        path: '/v1/messages',
        body: JSON.stringify({ model, max_tokens: 9, messages: [], tools, container: 'c_1' }),
      },
      { path: '/v1/responses', body: JSON.stringify({ model, input: 'x', previous_response_id: 'resp_0' }) },
      {
        path: '/v1/responses',
        body: JSON.stringify({ model, input: [{ type: 'item_reference', id: 'msg_0' }] }),
      },
      {
        path: '/v1/messages/count_tokens',
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }),
      },
      { path: '/v1/responses/input_tokens', body: JSON.stringify({ model, input: 'x' }) },
      { path: `/v1beta/models/${model}:countTokens`, body: '{"contents":[{"parts":[{"text":"x"}]}]}' },
      { path: `/v1beta/models/${model}:embedContent`, body: '{"content":{"parts":[{"text":"x"}]}}' },
      { path: '/v1/embeddings', body: JSON.stringify({ model, input: 'x' }) },
      { path: '/v1/completions', body: JSON.stringify({ model, prompt: 'x', stream: true }) },
      { path: '/v1/completions', body: JSON.stringify({ model, prompt: ['x', 'y'] }) },
      { path: '/v1/responses/compact', body: JSON.stringify({ model, input: 'x' }) },
      {
        path: '/v1/responses',
        socket: true,
        body: JSON.stringify({ type: 'response.create', model, input: 'x' }),
      },
      {
        path: '/v1/responses',
        socket: true,
        body: JSON.stringify({ type: 'response.create', model, generate: false }),
      },
    ];
  }),
  ...['images/generations', 'audio/speech', 'images/edits', 'audio/transcriptions'].map((path) => ({
    path: `/v1/${path}`,
    body: JSON.stringify({ model: chat, prompt: 'x', input: 'x' }),
  })),
  { path: '/v1/interactions', body: JSON.stringify({ model: modelOver.gemini, input: 'x' }) },
  // Refused before anybody is asked.
  ...['not json', '{}', '{"model":"nobody"}', '[1]'].map((body) => ({ path: '/v1/chat/completions', body })),
  { path: '/v1/responses', socket: true, body: 'not json' },
  { path: '/v1/responses', socket: true, body: '{"type":"response.append","input":"x"}' },
];

interface Case {
  boundary: Boundary;
  way: Way;
  /** Which of the calls over the boundary is the one that fails, and all behind it. */
  at: number;
  operation: (typeof operations)[number];
  streams: boolean;
  leaves: number | undefined;
  /** Whether services are asked over WebSockets where they have them. */
  sockets: boolean;
  /** Whether it is one of several gateways, which share limits, places, conversations and answers. */
  clustered: boolean;
  /** Milliseconds by which the clock of the computer is set, after so many looks at it. */
  jump: number;
}

const context = {
  request: { model: 'm', stream: true, messages: [user(text('x'))], includeUsage: true },
  model: 'm',
  unixSeconds: () => 0,
  newId: (prefix: string) => `${prefix}_1`,
};
const said = {
  id: 'a1',
  model: 'm',
  parts: [{ type: 'text', text: 'one two' } as const],
  finish: { reason: 'stop' } as const,
};

/** The answer of the upstream that an address belongs to. */
function bodyOf(url: string, streams: boolean): string {
  const found = protocols.find((protocol) => url.includes(protocol)) ?? 'openai-chat';
  const codec = codecs[found];
  if (!streams) return JSON.stringify({ ...codec.encodeResponse(said, context), container: { id: 'c_2' } });
  return writeStream(
    codec,
    [
      { type: 'start', id: 'a1', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
      ...['one ', 'two '].map((word) => ({ type: 'delta', index: 0, text: word }) as const),
      { type: 'part-end', index: 0 },
      { type: 'finish', finish: { reason: 'stop' } },
      { type: 'end' },
    ],
    context,
  );
}

const bases: Record<string, string> = Object.fromEntries(
  protocols.map((one) => [one, `http://127.0.0.1:9/${one}`]),
);
const config = configOf({
  ...Object.assign(
    {},
    ...protocols.map((one) =>
      pick(
        everyUpstream(bases[one] ?? '', (over) => [{ name: 'm', alias: modelOver[over] }], {
          concurrency: 1,
        }),
        one,
      ),
    ),
  ),
  'disable-cooling': true,
  'request-retry': 0,
  routing: { 'session-affinity': true },
  timeouts: { connect: '40ms', 'first-byte': '40ms', stall: '40ms', whole: '40ms' },
  streaming: { 'keepalive-seconds': 0 },
  'api-keys': [{ key: clientKey, concurrency: 1, 'tokens-per-minute': 1_000_000 }, 'another-client-key'],
});
function pick(settings: ReturnType<typeof everyUpstream>, protocol: (typeof protocols)[number]) {
  const own = {
    'openai-chat': 'openai-compatibility',
    'openai-responses': 'codex-api-key',
    'anthropic-messages': 'claude-api-key',
    gemini: 'gemini-api-key',
  }[protocol];
  return { [own]: settings[own] };
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
process.on('uncaughtException', note);
afterAll(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});

/** Sends one request as the case says until it is over; gives what was seen of its ends. */
async function run({
  boundary,
  way,
  at,
  operation,
  streams,
  leaves,
  sockets: overSockets,
  clustered,
  jump,
}: Case) {
  let met = 0;
  let looks = 0;
  const wall = (): number => Date.now() + (looks++ < at ? 0 : jump);
  const failing = (name: Boundary): boolean => boundary === name && met++ >= at;
  /** A boundary that answers at once: all that it can do is throw. */
  const now = (name: Boundary): void => {
    if (failing(name)) throw new Error(`${name} failed`);
  };
  const over =
    <Args extends unknown[], Result>(name: Boundary, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      now(name);
      return call(...args);
    };
  /** One that takes its time. `cancelled` ends what hangs. */
  async function inTime<Result>(
    name: Boundary,
    cancelled: Promise<never> | undefined,
    give: () => Result,
  ): Promise<Result> {
    if (!failing(name)) return give();
    if (way === 'late') await Bun.sleep(60);
    else if (way === 'hangs') await (cancelled ?? new Promise<never>(() => {}));
    else throw new Error(`${name} was rejected`);
    return give();
  }

  const send = (request: HttpRequest, watch: Cancellation): Promise<HttpResponse> => {
    if (way === 'throws') now('http.send');
    if (watch.cancelled !== undefined) return Promise.reject(watch.cancelled);
    const cancelled = new Promise<never>((_, reject) => watch.whenCancelled(reject));
    cancelled.catch(() => undefined);
    if (request.upgrade === 'websocket')
      return inTime('http.send', cancelled, () => switched(request, cancelled));
    const type = streams ? 'text/event-stream' : 'application/json';
    const bytes = new TextEncoder().encode(bodyOf(request.url, streams));
    const size = Math.ceil(bytes.length / 3);
    const pieces = [0, 1, 2].map((part) => bytes.slice(part * size, (part + 1) * size));
    return inTime('http.send', cancelled, () => ({
      status: 200,
      header: (name) => {
        now('answer.headers');
        return name === 'content-type' ? type : null;
      },
      get headers() {
        now('answer.headers');
        return new Headers({ 'content-type': type });
      },
      bytes: () => Promise.race([cancelled, inTime('answer.bytes', cancelled, () => bytes)]),
      body: () => ({
        read: () => {
          if (way === 'throws') now('answer.read');
          const next = inTime('answer.read', cancelled, () => pieces.shift());
          return Promise.race([cancelled, next]).then((value) =>
            value === undefined ? { done: true as const, value } : { done: false as const, value },
          );
        },
        cancel: () => inTime('answer.cancel', undefined, () => {}),
      }),
    }));
  };

  /** A service that answers one request over a WebSocket, a frame an event. */
  function switched({ headers, url }: HttpRequest, cancelled: Promise<never>): HttpResponse {
    const asked = Promise.withResolvers<void>();
    const events = bodyOf(url, true).match(/(?<=^data: )\{.*\}$/gm) ?? [];
    const accept = createHash('sha1')
      .update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    return {
      status: 101,
      header: (name) => (name === 'sec-websocket-accept' ? accept : null),
      headers: new Headers(),
      bytes: async () => new Uint8Array(),
      upgraded: {
        write() {
          now('upstream.write');
          asked.resolve();
        },
      },
      body: () => ({
        async read() {
          if (way === 'throws') now('upstream.read');
          await Promise.race([cancelled, asked.promise]);
          const event = await Promise.race([
            cancelled,
            inTime('upstream.read', cancelled, () => events.shift()),
          ]);
          return event === undefined
            ? { done: true as const, value: undefined }
            : { done: false as const, value: frameOf(event) };
        },
        cancel: async () => asked.resolve(),
      }),
    };
  }

  /** A signed-in account whose token has run out: what is broken is the call that renews it. */
  function accountSource(): TokenSource {
    const expired = {
      type: 'claude',
      access_token: 'a',
      refresh_token: 'r',
      expired: '2026-01-01T00:00:00Z',
    };
    const parsed = parseAccount('/accounts/claude.json', JSON.stringify(expired));
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const deps = {
      ...hurriedDeps(),
      fetch: (): Promise<Response> => {
        if (way === 'throws') now('oauth.fetch');
        return inTime('oauth.fetch', undefined, () => {
          const reply = JSON.stringify({ access_token: 'b', token_type: 'Bearer', expires_in: 3600 });
          const body = new ReadableStream({
            async pull(controller) {
              await inTime('oauth.body', undefined, () => {});
              controller.enqueue(new TextEncoder().encode(reply));
              controller.close();
            },
          });
          return new Response(body, { headers: { 'content-type': 'application/json' } });
        });
      },
    };
    return keepAccount(parsed.account, {
      async refresh(known) {
        const grant = await refreshTokens(clientAt('http://127.0.0.1:9'), 'r', deps);
        if (!grant.ok) return { kind: 'failed', message: grant.failure.message, retryAfter: undefined };
        return {
          kind: 'refreshed',
          account: { ...known, tokens: { ...known.tokens, ...grant.tokens } },
          by: 'us',
        };
      },
      provider: ({ kind }) => accountProvider(kind, config),
      log,
      now: wall,
      onChange: () => {},
      onEnd: () => {},
    }).source;
  }

  let lines = 0;
  const written = createLog({ level: 'debug', format: 'json', sink: { write: () => now('log.file') } });
  const log: Log = {
    ...written,
    debugging: true,
    request(record) {
      lines += 1;
      now('log.request');
      written.request(record);
    },
  };
  const credentials = credentialsFromConfig(config).map((credential) => ({
    ...credential,
    websockets: overSockets,
    secret: boundary.startsWith('oauth')
      ? accountSource()
      : boundary.startsWith('token')
        ? {
            current: () => {
              now('token.current');
              return undefined;
            },
            renew: () => {
              if (way === 'throws') now('token.renew');
              return inTime('token.renew', undefined, () => ({ ok: true as const, token: 'a-token' }));
            },
          }
        : credential.secret,
  }));
  const clock = { ...systemClock, now: wall };
  const cluster = clustered ? clusterOf() : undefined;
  const prices = priceList({});
  const inner = createGateway({
    sinks: [{ add: over('usage', () => {}) }, createUsageQueue(wall)],
    prices: over('usage.prices', () => prices),
    onCooldownChange: over('cooldowns', () => {}),
    onQuotaChange: over('quotas', () => {}),
    onward: over('onward', () => ({ traceparent: '00-0' })),
    sharedBindings: cluster?.sessions,
    sharedPlaces: cluster?.places,
    log,
    clock,
    newId: (prefix) => {
      now('newId');
      return `${prefix}_1`;
    },
    http: { send },
    fetch: () => Promise.reject(new Error('not asked')),
    userAgent: 'test',
    proxies: {
      proxyFor() {
        now('proxies');
        return undefined;
      },
    },
  });
  const transcripts: RequestLog = {
    begin() {
      now('trace.begin');
      const piece = (): void => now('trace.piece');
      return {
        call() {
          now('trace.call');
          return { answered: piece, piece, failed: piece };
        },
        answered: piece,
        piece,
        failed: piece,
        end: () => now('trace.end'),
      };
    },
    lost: () => {},
    written: async () => {},
  };
  type Handle = typeof inner.handle;
  const handle: Handle = boundary.startsWith('trace')
    ? (request) => loggedAnswer(transcripts, request, inner.handle)
    : inner.handle;
  const gateway = {
    ...inner,
    handle: ((request) => handle({ ...request, trace: traceContext(request.headers) })) satisfies Handle,
  };
  gateway.configure(credentials, config);

  let running = 0;
  const trueLimiter = createLimiter({ now: wall, warn: () => {}, shared: cluster?.limits });
  const limiter: Limiter = {
    ...trueLimiter,
    admit(key, expected) {
      now('limiter.admit');
      const entry = trueLimiter.admit(key, expected);
      if (!entry.ok) return entry;
      running += 1;
      let settled = false;
      return {
        ok: true,
        settle(spent) {
          if (!settled) running -= 1;
          settled = true;
          now('limiter.settle');
          entry.settle(spent);
        },
      };
    },
  };
  const trueStore = createResponseStore({
    database: openResponseDatabase(':memory:').database,
    ttl: 60_000,
    maxBytes: 1e7,
    largest: 1e6,
    mostRead: 1e6,
    now: wall,
    later: () => () => {},
    onProblem: () => {},
  });
  const sharedStore =
    cluster &&
    sharedResponses({
      vault: cluster.vault,
      own: trueStore,
      ttl: () => 60_000,
      largest: () => 1e6,
      onProblem: () => {},
    });
  const store: ResponseStore = {
    ...(sharedStore ?? trueStore),
    keep: over('store.keep', (sharedStore ?? trueStore).keep),
    conversation: over('store.conversation', trueStore.conversation),
    find: over('store.find', trueStore.find),
    items: over('store.items', trueStore.items),
    knows: over('store.knows', trueStore.knows),
    native: over('store.native', trueStore.native),
    isForeign: over('store.isForeign', trueStore.isForeign),
    own: over('store.own', (sharedStore ?? trueStore).own),
  };
  const opened = (): ResponseStore => {
    now('store');
    return store;
  };
  const clientLimiter = createClientLimiter(gateway, limiter, () => config.bounds, log);
  const options = { gateway, clientLimiter, store: opened, owners: opened, log, clock, observes: () => true };
  const client = new AbortController();
  if (leaves !== undefined) setTimeout(() => client.abort(), leaves);

  let ending = 'none';
  if (operation.socket) ending = await overSocket();
  else {
    const handler = createHandler({
      ...options,
      version: 'test',
      hasConsole: () => true,
      addressOf: (request, listener) => listener.requestIP(request)?.address,
      refusals: {
        refused: async () => 0,
        counts: () => {
          throw new Error('not asked');
        },
      },
      usage: async () => {
        throw new Error('not asked');
      },
      memory: { took: () => now('memory'), translated: () => now('memory') },
      readiness: () => ({ status: 'ready', reasons: [] }),
    });
    handler.configure(config);
    const body =
      boundary === 'client.body'
        ? new ReadableStream({ pull: (controller) => controller.error(new Error('it broke')) })
        : operation.body;
    const request = new Request(`http://127.0.0.1${operation.path}`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': operation.type ?? 'application/json' },
      signal: client.signal,
    });
    ending = await handler
      .handle(request, { upgrade: () => false, requestIP: () => null, timeout: () => undefined })
      .then(async (response) => {
        await response?.text().catch(() => undefined);
        return 'ended';
      })
      .catch((error: unknown) => `thrown: ${String(error)}`);
  }

  async function overSocket(): Promise<string> {
    const sockets = responsesSockets({ ...options, bounds: () => config.bounds }).handler(1e6);
    const admission = () => ({
      client: { id: 'k', name: 'client' },
      limited,
      ends: undefined,
      presented: 'k',
    });
    const limited = { id: 'k', name: undefined, limits: limitsOfKey };
    const data: SocketState = socketState(
      'k',
      new Headers(),
      admission,
      connectionHistories(() => config.bounds).open(),
    );
    let told = 0;
    const socket = {
      data,
      send(event: string) {
        now('socket.send');
        told += isLast(event) ? 1 : 0;
        return event.length;
      },
      getBufferedAmount: over('socket.buffered', () => 0),
      close: () => {},
    };
    // The runtime's socket has more than is used.
    const given: Parameters<NonNullable<typeof sockets.open>>[0] = Object.assign(Object.create(null), socket);
    sockets.open?.(given);
    client.signal.addEventListener('abort', () => void sockets.close?.(given, 1000, ''));
    await sockets.message?.(given, operation.body);
    expect(data.busy).toBe(false);
    return boundary.startsWith('socket') || client.signal.aborted || told === 1
      ? 'ended'
      : `told ${told} times`;
  }

  const busy = () => credentials.reduce((sum, { id }) => sum + gateway.pool.inFlightOf(id), 0);
  const until = performance.now() + 3000;
  await eventually(() => (busy() === 0 && running === 0) || performance.now() > until);
  await Bun.sleep(0);
  trueStore.close();
  await cluster?.close();
  return { ending, lines, busy: busy(), running };

  /** What replicas share, over engines that fail: their connections end whatever takes too long. */
  function clusterOf() {
    const engine = { state: { kind: 'up' as const }, onState: () => () => {} };
    const ended = <Result>(name: Boundary, give: () => Result): Promise<Result> => {
      const tooLate = Promise.withResolvers<never>();
      tooLate.promise.catch(() => undefined);
      setTimeout(() => tooLate.reject(new Error('it took too long')), 100).unref();
      return inTime(name, tooLate.promise, give);
    };
    const postgres: Postgres = {
      ...engine,
      rows: () => ended('postgres', () => []),
      run: () => ended('postgres', () => 1),
      transaction: () => Promise.reject(new Error('not asked')),
      listen: () => () => {},
      close: async () => {},
    };
    const valkey = {
      engine,
      key: (name: string) => name,
      send: () => ended('valkey', () => null),
    };
    const shared = {
      meters: {
        say: (_name: string, { wanted }: MeterMessage) =>
          ended('valkey', () => ({
            ...{ kind: 'counted' as const, granted: wanted, used: 0, held: wanted },
            ...{ freeIn: undefined, replicas: 1 },
          })),
      },
      replica: 'r1',
      isUp: () => true,
      clock,
      place: () => ({ rank: 0, of: 2 }),
    };
    const limits = createSharedLimits({ ...shared, rule: 'share' });
    const places = createSharedSlots(shared);
    const sessions = valkeySessions(
      valkey,
      over('valkey.notice', () => {}),
      clock,
    );
    const vault = createResponseVault({ postgres, onProblem: () => {} });
    return {
      ...{ limits, places, sessions, vault: { ...vault, onForgotten: () => () => {} } },
      async close() {
        await Promise.all([limits.close(), places.close()]);
        vault.close();
      },
    };
  }
}

/** A text as a server sends it (RFC 6455 §5.2). */
function frameOf(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const size = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255];
  return new Uint8Array([0x81, ...size, ...bytes]);
}

const limitsOfKey = { concurrency: 1 };

function isLast(event: string): boolean {
  const value = parseJson(event);
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : '';
  return (
    ['response.completed', 'response.incomplete', 'response.failed'].includes(String(type)) ||
    isOnlyError(event)
  );
}

function isOnlyError(event: string): boolean {
  return event.includes('"type":"error"') && event.includes('"status"');
}

const cases: fc.Arbitrary<Case> = fc.record({
  boundary: fc.constantFrom(...boundaries),
  way: fc.constantFrom(...ways),
  at: fc.nat({ max: 2 }),
  operation: fc.constantFrom(...operations),
  streams: fc.boolean(),
  leaves: fc.option(fc.nat({ max: 30 }), { freq: 4 }),
  sockets: fc.boolean(),
  clustered: fc.boolean(),
  jump: fc.constantFrom(0, 0, 1, -3_600_000, 86_400_000, -400 * 86_400_000),
});

describe('a request ends once', () => {
  test('H7: whatever breaks at any boundary, in any operation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cases, { minLength: 25, maxLength: 25 }), async (all) => {
        const ends = await Promise.all(all.map(run));
        for (const [at, end] of ends.entries()) {
          const one = all[at];
          // What only prepares the next message asks nobody.
          const quiet = one?.operation.socket && one.operation.body.includes('"generate":false');
          expect({ ...one, ...end }).toEqual({
            ...one,
            ...{ ending: 'ended', busy: 0, running: 0 },
            lines: quiet ? end.lines : 1,
          });
        }
        expect(unhandled).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 120_000);
});
