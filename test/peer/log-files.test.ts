/** `request-log` and `logging-to-file`: what is written where, and what is not. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogFile } from '../../src/telemetry/log-file.ts';
import { emptyDirectory, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { calls } from '../gateway/calls.ts';
import { chatStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { anyUpstream, post } from './any-upstream.ts';

const filesIn = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.log'));
const mode = (path: string) => statSync(path).mode & 0o777;

/** The only file, once it is there. */
async function onlyFile(directory: string): Promise<string> {
  await eventually(() => filesIn(directory).length > 0);
  const [name = ''] = filesIn(directory);
  const path = join(directory, name);
  await eventually(() => readFileSync(path, 'utf8').includes('=== RESPONSE ==='));
  expect(mode(path)).toBe(0o600);
  return readFileSync(path, 'utf8');
}

describe('C: request-log', () => {
  for (const client of calls)
    test(`a request of ${client.protocol}: what was asked, sent, answered, without keys`, async () => {
      using here = emptyDirectory();
      using upstream = anyUpstream();
      const models = sandboxModels(upstream.url, 'up');
      await using gateway = await startTested({
        ...models,
        'request-log': true,
        log: { directory: here.path },
      });
      const model = modelOver['anthropic-messages'];
      const answer = await post(
        gateway,
        client.path(model, false),
        client.body(model, 'the-question', false),
      );
      expect(answer.status).toBe(200);
      const text = await onlyFile(here.path);
      for (const part of [
        'REQUEST INFO',
        'HEADERS',
        'REQUEST BODY',
        'API REQUEST 1',
        'API RESPONSE 1',
        'RESPONSE',
      ])
        expect(text).toContain(`=== ${part} ===`);
      expect(text.split('the-question').length - 1).toBe(2);
      expect(text).toContain(`${upstream.url}/v1/messages`);
      expect(text.split('hello').length - 1).toBe(2);
      expect(text).toContain(answer.headers.get('x-request-id') ?? 'no id');
      expect(text).not.toContain(clientKey);
      expect(text).not.toContain('upstream-key-claude');
    });

  test('M5: what the owner has written into headers is masked, echoed too', async () => {
    using here = emptyDirectory();
    const written = 'written-by-the-owner-1';
    const proof = 'proof-of-the-owner-22';
    using upstream = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: ({ headers }) =>
        Response.json(
          { error: { message: `seen: ${headers.get('x-tenant')}` } },
          { status: 400, headers: { 'x-seen': headers.get('x-tenant') ?? '' } },
        ),
    });
    await using gateway = await startTested({
      'openai-compatibility': [
        {
          name: 'up',
          'base-url': `http://127.0.0.1:${upstream.port}/v1`,
          'api-key-entries': [{ 'api-key': 'upstream-key' }],
          headers: { 'X-Tenant': written, 'X-Proof': `Bearer ${proof}` },
          models: [{ name: 'm' }],
        },
      ],
      'request-log': true,
      'passthrough-headers': true,
      log: { directory: here.path },
    });
    const answer = await post(gateway, '/v1/chat/completions', { model: 'm', messages: [] });
    expect(await answer.text()).not.toContain(written);
    const text = await onlyFile(here.path);
    expect(text).toContain('x-seen');
    expect(text).not.toContain(written);
    expect(text).not.toContain(proof);
  });

  test('a stream is there to its end, as it came and as it went', async () => {
    using here = emptyDirectory();
    using upstream = startUpstream(() => chatStream('streamed'));
    const models = oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]);
    await using gateway = await startTested({
      ...models,
      'request-log': true,
      log: { directory: here.path },
    });
    const asked = { model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] };
    await (await post(gateway, '/v1/messages', asked)).text();
    const text = await onlyFile(here.path);
    expect(text).toContain('data: [DONE]');
    expect(text).toContain('event: message_stop');
  });

  test('secrets in bodies and addresses are masked, and each body has a bound', async () => {
    using here = emptyDirectory();
    using upstream = anyUpstream();
    const models = oneUpstream('gemini', upstream.url, [{ name: 'm' }]);
    await using gateway = await startTested({
      ...models,
      'request-log': true,
      log: { directory: here.path },
    });
    const long = 'x'.repeat(3 * 1024 * 1024);
    const body = {
      contents: [{ role: 'user', parts: [{ text: long }] }],
      labels: { api_key: 'canary-of-a-body' },
    };
    await post(gateway, `/v1beta/models/m:generateContent?key=${clientKey}`, body);
    const text = await onlyFile(here.path);
    expect(text.length).toBeLessThan(3 * 1024 * 1024);
    expect(text).toContain('more bytes]');
    for (const secret of [clientKey, 'canary-of-a-body', 'upstream-key-gemini'])
      expect(text).not.toContain(secret);
  });

  test('a failed call and each further one are there', async () => {
    using here = emptyDirectory();
    let asked = 0;
    using upstream = startUpstream(() => {
      asked += 1;
      return asked === 1
        ? new Response('{"error":{"message":"busy"}}', { status: 503 })
        : chatStream('second');
    });
    const keys = [{ 'api-key': 'upstream-key-one' }, { 'api-key': 'upstream-key-two' }];
    const service = {
      name: 'a',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': keys,
      models: [{ name: 'm' }],
    };
    const settings = {
      'openai-compatibility': [service],
      'request-log': true,
      log: { directory: here.path },
    };
    await using gateway = await startTested(settings);
    const chat = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
    expect(await (await post(gateway, '/v1/chat/completions', chat)).text()).toContain('second');
    const text = await onlyFile(here.path);
    expect(text).toMatch(/=== API RESPONSE 1 ===\s+Status: 503[\s\S]*?busy/);
    expect(text).toMatch(/=== API RESPONSE 2 ===\s+Status: 200/);
  });

  test('is off by default, and goes on and off while it runs', async () => {
    using here = emptyDirectory();
    using upstream = anyUpstream();
    const settings = {
      ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
      log: { directory: here.path },
    };
    const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
    await using gateway = await startTested(settings);
    await post(gateway, '/v1/chat/completions', chat);
    await gateway.reconfigure({ ...settings, 'request-log': true });
    await post(gateway, '/v1/chat/completions', chat);
    await onlyFile(here.path);
    await gateway.reconfigure(settings);
    await post(gateway, '/v1/chat/completions', chat);
    expect(filesIn(here.path)).toHaveLength(1);
  });

  test('the oldest files go when all of them come to too much', async () => {
    using here = emptyDirectory();
    using upstream = anyUpstream();
    writeFileSync(join(here.path, 'old.log'), 'x'.repeat(2 * 1024 * 1024));
    writeFileSync(join(here.path, 'notes.txt'), 'kept');
    const models = oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]);
    await using gateway = await startTested({
      ...models,
      'request-log': true,
      'logs-max-total-size-mb': 1,
      log: { directory: here.path },
    });
    await post(gateway, '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    await eventually(() => !filesIn(here.path).includes('old.log'));
    expect(readdirSync(here.path)).toContain('notes.txt');
  });
});

describe('C: error-logs-max-files', () => {
  const chat = (text: string, more: object = {}) => ({
    model: 'm',
    messages: [{ role: 'user', content: text }],
    ...more,
  });
  const settings = (url: string, directory: string, most: number) => ({
    ...oneUpstream('openai-chat', url, [{ name: 'm' }]),
    'disable-cooling': true,
    'error-logs-max-files': most,
    log: { directory },
  });
  const failing = () =>
    startUpstream(
      () => new Response('{"error":{"message":"bad, upstream-key-compatible"}}', { status: 400 }),
    );

  test('the newest failed requests are kept whole, so many of them, without keys', async () => {
    using here = emptyDirectory();
    using upstream = failing();
    writeFileSync(join(here.path, 'other.log'), 'kept');
    await using gateway = await startTested(settings(upstream.url, here.path, 2));
    for (const text of ['question-1', 'question-2', 'question-3'])
      expect((await post(gateway, '/v1/chat/completions', chat(text))).status).toBe(400);
    const textsOf = () =>
      filesIn(here.path)
        .filter((name) => name.startsWith('error-openai-chat-generate-'))
        .map((name) => readFileSync(join(here.path, name), 'utf8'))
        .join('');
    await eventually(() => textsOf().includes('question-3') && !textsOf().includes('question-1'));
    expect(filesIn(here.path)).toHaveLength(3);
    expect(textsOf()).toContain('question-2');
    expect(textsOf()).toContain('=== API RESPONSE 1 ===\nStatus: 400');
    for (const secret of [clientKey, 'upstream-key-compatible']) expect(textsOf()).not.toContain(secret);
    for (const name of filesIn(here.path))
      if (name.startsWith('error-')) expect(mode(join(here.path, name))).toBe(0o600);
  });

  test('a stream that breaks after its beginning is a failed request', async () => {
    using here = emptyDirectory();
    using upstream = startUpstream(
      () =>
        new Response(
          'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"begun"}}]}\n\n',
          {
            headers: { 'content-type': 'text/event-stream' },
          },
        ),
    );
    await using gateway = await startTested(settings(upstream.url, here.path, 5));
    for (const path of ['/v1/chat/completions', '/v1/messages'])
      await (await post(gateway, path, chat('asked', { stream: true, max_tokens: 9 }))).text();
    // A file is there before what it holds.
    const told = () =>
      filesIn(here.path).filter((name) => readFileSync(join(here.path, name), 'utf8').includes('begun'));
    await eventually(() => told().length === 2);
    for (const name of filesIn(here.path)) expect(name).toStartWith('error-');
  });

  test.each([
    ['0', 0, 400],
    ['a request that succeeds', 3, 200],
  ])('%s writes nothing', async (_, most, status) => {
    using here = emptyDirectory();
    using upstream = status === 400 ? failing() : anyUpstream();
    await using gateway = await startTested(settings(upstream.url, here.path, most));
    expect((await post(gateway, '/v1/chat/completions', chat('asked'))).status).toBe(status);
    await gateway.stop();
    expect(filesIn(here.path)).toEqual([]);
  });
});

describe('C: logging-to-file', () => {
  test('the log is in logs/main.log, for its owner alone, and not on standard output', async () => {
    using here = emptyDirectory();
    const config = `port: 0\napi-keys: [${clientKey}]\nlogging-to-file: true\nsandbox: true\n`;
    writeFileSync(join(here.path, 'config.yaml'), config);
    await using gateway = await serving(['serve'], { cwd: here.path });
    const chat = { model: 'sandbox', messages: [{ role: 'user', content: 'hi' }] };
    expect((await post(gateway, '/v1/chat/completions', chat)).status).toBe(200);
    const path = join(here.path, 'logs', 'main.log');
    await eventually(() => readFileSync(path, 'utf8').includes('"msg":"request"'));
    expect(mode(path)).toBe(0o600);
    expect(mode(join(here.path, 'logs'))).toBe(0o700);
    expect(gateway.output()).not.toContain('"msg":"request"');
    expect(gateway.output()).not.toContain('sandbox-');
    await gateway.end('SIGTERM');
  });

  test('$WRITABLE_PATH has the directory, as for the peer', async () => {
    using here = emptyDirectory();
    writeFileSync(
      join(here.path, 'config.yaml'),
      `port: 0\napi-keys: [${clientKey}]\nlogging-to-file: true\n`,
    );
    const env = { WRITABLE_PATH: join(here.path, 'data') };
    await using gateway = await serving(['serve'], { cwd: here.path, env });
    expect(readdirSync(join(here.path, 'data', 'logs'))).toEqual(['main.log']);
    await gateway.end('SIGTERM');
  });

  test('a new file begins when one is full, and the oldest are removed', () => {
    using here = emptyDirectory();
    let time = Date.UTC(2026, 0, 1);
    const now = () => {
      time += 1000;
      return time;
    };
    const file = openLogFile({ directory: here.path, rotateAt: 100, mostBytes: 350, now });
    for (let line = 0; line < 20; line++) {
      file.write(`${'x'.repeat(59)}\n`);
      file.flush();
    }
    file.close();
    const names = filesIn(here.path);
    expect(names).toContain('main.log');
    expect(names.length).toBeGreaterThan(1);
    const bytes = names.reduce((sum, name) => sum + statSync(join(here.path, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(350);
    for (const name of names) expect(mode(join(here.path, name))).toBe(0o600);
  });
});
