/** A bug bundle: the next requests on both sides in a file, and played again by a gateway of its own. */
import { expect, test } from 'bun:test';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Bundle, readBundle } from '../../src/recording/bundle.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, run, serving, started } from './program.ts';

/** Whatever proves who asks, in every place where it may stand. */
const secrets = {
  client: 'sk-client-canary-0123456789abcdef',
  other: 'another-client-canary-key',
  upstream: 'sk-ant-upstream-canary-0123456789',
  management: 'management-canary-0123456789',
  inText: 'sk-proj-canary0123456789abcdefghij',
  header: 'canary-header-value-of-the-owner',
};

const clients: Record<string, { path: string; body: JsonObject }> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: { model: 'm', messages: [{ role: 'user', content: 'Hello, Ann Müller 42' }] },
  },
  'openai-responses': { path: '/v1/responses', body: { model: 'm', input: 'Hello, Ann Müller 42' } },
  'anthropic-messages': {
    path: '/v1/messages',
    body: { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hello, Ann Müller 42' }] },
  },
  gemini: {
    path: '/v1beta/models/m:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello, Ann Müller 42' }] }] },
  },
};

const pieces = ['Hello ', 'Ann Mü', 'ller, 你好: ', '{"a":1}'];
const event = (data: JsonObject) => `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;

/** Anthropic's API with text and a call of a tool, in pieces that end anywhere. */
function claude(): Disposable & { url: string } {
  const usage = { input_tokens: 9, output_tokens: 20 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    stop_sequence: null,
  };
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { stream } = JSON.parse(await request.text());
      const headers = { 'anthropic-organization-id': 'org-canary', 'set-cookie': 'sid=cookie-canary' };
      if (stream !== true)
        return Response.json(
          {
            ...message,
            content: [
              { type: 'text', text: `${pieces.join('')} key ${secrets.inText}` },
              { type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Köln', ok: true, n: 12.5 } },
            ],
            stop_reason: 'tool_use',
            usage,
          },
          { headers },
        );
      const text = [
        event({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } }),
        event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
        ...pieces.map((piece) =>
          event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }),
        ),
        event({ type: 'content_block_stop', index: 0 }),
        event({
          type: 'content_block_start',
          index: 1,
          content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
        }),
        ...['{"ci', 'ty":"K\\u00f6', 'ln","ok":tr', 'ue,"n":12.5,"s":"a\\"b"}'].map((partial_json) =>
          event({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } }),
        ),
        event({ type: 'content_block_stop', index: 1 }),
        event({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage }),
        event({ type: 'message_stop' }),
      ].join('');
      const bytes = new TextEncoder().encode(text);
      return new Response(
        new ReadableStream({
          async start(controller) {
            for (let at = 0; at < bytes.length; at += 131) {
              controller.enqueue(bytes.slice(at, at + 131));
              await Bun.sleep(1);
            }
            controller.close();
          },
        }),
        { headers: { ...headers, 'content-type': 'text/event-stream' } },
      );
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

function settings(upstream: string, cwd: string): string {
  return JSON.stringify({
    port: 0,
    'auth-dir': join(cwd, 'accounts'),
    'api-keys': [secrets.client, secrets.other],
    'remote-management': { 'secret-key': secrets.management },
    'claude-api-key': [
      {
        'api-key': secrets.upstream,
        name: 'ann@example.com',
        'base-url': upstream,
        headers: { 'X-Owner': secrets.header },
        models: [{ name: 'claude-sonnet-4-5', alias: 'm' }],
      },
    ],
  });
}

function send(url: string, protocol: string, stream: boolean): Promise<Response> {
  const { path, body } = clients[protocol] ?? { path: '', body: {} };
  const address = protocol === 'gemini' && stream ? '/v1beta/models/m:streamGenerateContent?alt=sse' : path;
  const key = protocol === 'anthropic-messages' ? 'x-api-key' : 'authorization';
  return fetch(`${url}${address}`, {
    method: 'POST',
    headers: {
      [key]: key === 'x-api-key' ? secrets.client : `Bearer ${secrets.client}`,
      'content-type': 'application/json',
      cookie: 'sid=cookie-canary',
      'x-forwarded-for': '203.0.113.7',
    },
    body: JSON.stringify({
      ...body,
      ...(protocol === 'gemini' ? {} : { stream, user: `mine is ${secrets.inText}` }),
    }),
  });
}

/** A recording of a stream and a whole answer for each client. */
async function recorded(
  cwd: string,
  url: string,
  ...more: string[]
): Promise<{ file: string; bundle: Bundle; text: string }> {
  const file = join(cwd, 'bundle.json');
  await using recording = started(['record', '--next', '8', '--file', file, ...more], { cwd });
  await recording.says(/Recording: send 8 requests now/);
  for (const protocol of Object.keys(clients))
    for (const stream of [false, true]) {
      const answer = await send(url, protocol, stream);
      expect({ protocol, stream, status: answer.status }).toEqual({ protocol, stream, status: 200 });
      await answer.text();
    }
  expect(await recording.exited).toBe(0);
  expect(recording.answer()).toBe(`${file}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  const read = readBundle(text);
  if (!read.ok) throw new Error(read.sentence);
  return { file, bundle: read.bundle, text };
}

const named = /canary|ann@example|203\.0\.113/;

test('record keeps exchanges of all clients without a secret, and replay plays them the same', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = claude();
  writeFileSync(join(cwd, 'config.yaml'), settings(upstream.url, cwd));
  await using server = await serving(['serve'], { cwd });
  // It has prompts in it: no key of the management API gets one.
  const overHttp = await fetch(`${server.url}/v0/management/recordings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets.management}` },
  });
  expect(overHttp.status).toBe(403);
  const { file, bundle, text } = await recorded(cwd, server.url);
  expect(named.exec(text)?.[0]).toBeUndefined();
  expect(text).toContain('Ann Müller 42');
  expect(bundle.exchanges).toHaveLength(8);
  for (const { request, attempts, answer, trace } of bundle.exchanges) {
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({
      provider: 'claude',
      account: false,
      baseUrl: 'http://upstream.invalid/',
    });
    expect(attempts[0]?.answer?.status).toBe(200);
    expect(answer?.status).toBe(200);
    expect(trace?.outcome?.status).toBe(200);
    // A stream is kept in the pieces in which it came. On a busy machine several of what was sent come in one.
    if (request.stream) expect(attempts[0]?.answer?.pieces.length).toBeGreaterThan(1);
  }
  const played = await run(['replay', file, '--json'], { cwd });
  expect(JSON.parse(played.out).exchanges.filter(({ same }: { same: boolean }) => !same)).toEqual([]);
  expect({ code: played.code, err: played.err }).toEqual({ code: 0, err: '' });

  // Another answer is told where it differs.
  const [first] = bundle.exchanges;
  if (first?.answer === undefined) throw new Error('no answer');
  const changed = first.answer.body.text?.replace('Hello', 'Howdy');
  const other = { ...first, answer: { ...first.answer, body: { text: changed } } };
  writeFileSync(file, JSON.stringify({ ...bundle, exchanges: [other] }));
  const differs = await run(['replay', file], { cwd });
  expect(differs.code).toBe(1);
  expect(differs.out).toContain('200 then, 200 now; not the same');
  expect(differs.out).toMatch(/choices\[0\]\.message\.content\n {4}- "Howdy .*\n {4}\+ "Hello /);

  const inSandbox = await run(['replay', file, '--sandbox'], { cwd });
  expect(inSandbox).toMatchObject({ code: 0, err: '' });
  expect(inSandbox.out).toContain('200 then, 200 now; the same');
}, 120_000);

test('record --filler has no word of anybody, and is played all the same', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = claude();
  writeFileSync(join(cwd, 'config.yaml'), settings(upstream.url, cwd));
  await using server = await serving(['serve'], { cwd });
  const { file, text } = await recorded(cwd, server.url, '--filler');
  expect(named.exec(text)?.[0]).toBeUndefined();
  expect(/Hello|Ann|Müller|你|Köln|K\\\\u00f6/.exec(text)?.[0]).toBeUndefined();
  expect(text).toContain('Xxxxx, Xxx Xéxxxx 11');
  const played = await run(['replay', file, '--json'], { cwd });
  expect(JSON.parse(played.out).exchanges.filter(({ same }: { same: boolean }) => !same)).toEqual([]);
}, 120_000);

test('an attempt that failed and the one after it are kept, and played in their order', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = startUpstream(({ key }) =>
    key === 'first-key-canary'
      ? Response.json({ error: { message: 'slow down, please' } }, { status: 429 })
      : chatAnswer('fine'),
  );
  writeFileSync(
    join(cwd, 'config.yaml'),
    JSON.stringify({
      port: 0,
      'auth-dir': join(cwd, 'accounts'),
      'api-keys': [secrets.client],
      'request-log': true,
      'openai-compatibility': [
        {
          name: 'groq',
          'base-url': `${upstream.url}/openai/v1`,
          'api-key-entries': [{ 'api-key': 'first-key-canary' }, { 'api-key': 'second-key-canary' }],
          models: [{ name: 'up/stream', alias: 'm' }],
        },
      ],
    }),
  );
  await using server = await serving(['serve'], { cwd });
  await using recording = started(['record', '--file', 'one.json'], { cwd });
  await recording.says(/send the request now/);
  const second = await run(['record', '--file', 'two.json'], { cwd });
  expect(second).toMatchObject({ code: 1 });
  expect(second.err).toContain('A recording is under way already.');
  expect((await send(server.url, 'anthropic-messages', false)).status).toBe(200);
  expect(await recording.exited).toBe(0);
  const text = readFileSync(join(cwd, 'one.json'), 'utf8');
  expect(named.exec(text)?.[0]).toBeUndefined();
  const read = readBundle(text);
  expect(read.ok && read.bundle.exchanges[0]?.attempts.map(({ answer }) => answer?.status)).toEqual([
    429, 200,
  ]);
  const played = await run(['replay', 'one.json'], { cwd });
  expect(played).toEqual({
    code: 0,
    err: '',
    out: '1. anthropic-messages generate, m: 200 then, 200 now; the same\n',
  });
}, 60_000);

test('record without a gateway, and replay of what is no recording, say so', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  const alone = await run(['record'], { cwd });
  expect(alone.code).toBe(69);
  expect(alone.err).toContain('no gateway runs with the auth-dir');
  for (const [content, sentence] of [
    ['{"a": 1}', 'it is no recording'],
    ['{"bundle": 9}', 'it has the form 9'],
    ['no', 'it is not JSON'],
  ] as const) {
    writeFileSync(join(cwd, 'x.json'), content);
    const played = await run(['replay', 'x.json'], { cwd });
    expect({ code: played.code, said: played.err.includes(sentence) }).toEqual({ code: 1, said: true });
  }
}, 60_000);
