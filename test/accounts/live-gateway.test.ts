import { afterAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { callOf, send } from '../gateway/calls.ts';
import { claudeAnswer, eventStream, startUpstream } from '../gateway/upstream.ts';
import { configOf, oneUpstream, startTested } from '../gateway-harness.ts';
import { accountFolder } from './account-folder.ts';
import { startRotatingTokens } from './rotating-tokens.ts';

const hour = 3_600_000;
const model = 'claude-sonnet-5';
const messages = callOf('anthropic-messages');

/** The API of Claude, which says with whose token it was asked. */
const claude = startUpstream(({ key, body }) => {
  if (new TextDecoder().decode(body).includes('"stream":true')) return slowStream();
  return claudeAnswer(key, model);
});
const tokens = startRotatingTokens();
afterAll(() => {
  claude[Symbol.dispose]();
  tokens[Symbol.dispose]();
});

/** What streams are held up by. */
let goOn: PromiseWithResolvers<void> = Promise.withResolvers();

function slowStream(): Response {
  goOn = Promise.withResolvers();
  const event = (data: JsonObject) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  return eventStream(
    new ReadableStream({
      async start(controller) {
        const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
        write(event({ type: 'message_start', message }));
        // An answer goes out once it has begun to say something.
        write(event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'One' } }));
        await goOn.promise;
        write(event({ type: 'message_stop' }));
        controller.close();
      },
    }),
  );
}

const settings = (folder: string): JsonObject => ({
  'auth-dir': folder,
  // Where there is a key the program's sandbox does not stand in.
  'openai-compatibility': [{ name: 'another', 'base-url': claude.url, models: [{ name: 'another' }] }],
  providers: { claude: { 'base-url': claude.url, oauth: { 'token-url': tokens.url } } },
});

const account = (token: string, more: JsonObject = {}): JsonObject => ({
  type: 'claude',
  access_token: token,
  refresh_token: `refresh-of-${token}`,
  expiry: new Date(Date.now() + 8 * hour).toISOString(),
  email: `${token}@example.com`,
  ...more,
});

/** The token that answers for a model, or the status of the refusal. */
async function answerOf(url: string, name = model): Promise<string | number> {
  const response = await send(url, messages, { model: name });
  return response.ok ? messages.textOf(parseJson(await response.text()) ?? null) : response.status;
}

/** Asks until the answer is the expected one; the milliseconds that took. */
async function until(url: string, expected: string | number, name = model): Promise<number> {
  const begun = performance.now();
  await eventually(async () => (await answerOf(url, name)) === expected);
  return performance.now() - begun;
}

test('an account is used, changed and gone in under a second, even where no directory was before the start', async () => {
  using folder = accountFolder();
  rmSync(folder.path, { recursive: true });
  await using gateway = await startTested(settings(folder.path));
  expect(await answerOf(gateway.url)).toBe(404);

  folder.write('claude_oauth_ann', account('ann'));
  expect(await until(gateway.url, 'ann')).toBeLessThan(1000);

  folder.write('claude_oauth_ann', account('ann', { prefix: 'work' }));
  expect(await until(gateway.url, 'ann', `work/${model}`)).toBeLessThan(1000);

  folder.write('claude_oauth_ann', account('new-token-of-ann'));
  expect(await until(gateway.url, 'new-token-of-ann')).toBeLessThan(1000);

  rmSync(folder.file('claude_oauth_ann'));
  expect(await until(gateway.url, 404)).toBeLessThan(1000);
});

test('accounts that are there at the start serve the first request, beside the keys of the configuration', async () => {
  using folder = accountFolder();
  folder.write('claude_oauth_ann', account('ann'));
  folder.write('claude_oauth_bob', account('bob', { disabled: true }));
  const key = oneUpstream('anthropic-messages', claude.url, [{ name: model }]);
  await using gateway = await startTested({ ...settings(folder.path), ...key });
  const answers = [await answerOf(gateway.url), await answerOf(gateway.url), await answerOf(gateway.url)];
  expect(new Set(answers)).toEqual(new Set(['ann', 'upstream-key-claude']));
});

test('a token that has run out is renewed before the request goes out', async () => {
  using folder = accountFolder();
  const expired = { ...tokens.signIn('cleo'), expiry: new Date(Date.now() - hour).toISOString() };
  folder.write('claude_oauth_cleo', account('cleo', expired));
  await using gateway = await startTested(settings(folder.path));
  expect(await answerOf(gateway.url)).toBe('access.cleo.2');
  expect(folder.read('claude_oauth_cleo')).toMatchObject(tokens.signIn('cleo'));
  expect(claude.asked.at(-1)?.key).toBe('access.cleo.2');
});

test("an account's proxy carries its renewals as well as its requests", async () => {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    const url = request.url ?? '';
    seen.push(url);
    request.pipe(
      forward(url, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  proxy.listen(0, '127.0.0.1', resolve);
  await listening;
  const address = proxy.address();
  using folder = accountFolder();
  folder.write('claude_oauth_eve', {
    ...account('eve', { ...tokens.signIn('eve'), expiry: new Date(Date.now() - hour).toISOString() }),
    proxy_url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
  });
  await using gateway = await startTested(settings(folder.path));
  expect(await answerOf(gateway.url)).toBe('access.eve.2');
  expect(seen).toEqual([tokens.url, `${claude.url}/v1/messages?beta=true`]);
  proxy.close();
});

test('another auth-dir in the configuration brings other accounts', async () => {
  using home = accountFolder();
  using away = accountFolder();
  home.write('claude_oauth_ann', account('ann'));
  away.write('claude_oauth_dee', account('dee'));
  await using gateway = await startTested(settings(home.path));
  expect(await answerOf(gateway.url)).toBe('ann');
  await gateway.reconfigure(settings(away.path));
  expect(await answerOf(gateway.url)).toBe('dee');
});

test('aliases and exclusions of the configuration apply to accounts at once', async () => {
  using folder = accountFolder();
  folder.write('claude_oauth_ann', account('ann'));
  await using gateway = await startTested(settings(folder.path));
  await gateway.reconfigure({
    ...settings(folder.path),
    'oauth-model-alias': { claude: [{ name: model, alias: 'best' }] },
    'oauth-excluded-models': { claude: ['claude-opus-*'] },
  });
  expect(await answerOf(gateway.url, 'best')).toBe('ann');
  expect(await answerOf(gateway.url)).toBe(404);
  expect(await answerOf(gateway.url, 'claude-opus-5')).toBe(404);
});

test('an answer that runs while its account is deleted runs to its end', async () => {
  using folder = accountFolder();
  folder.write('claude_oauth_ann', account('ann'));
  await using gateway = await startTested(settings(folder.path));
  const response = await send(gateway.url, messages, { model, stream: true });
  rmSync(folder.file('claude_oauth_ann'));
  await until(gateway.url, 404);
  goOn.resolve();
  expect(await response.text()).toEndWith('event: message_stop\ndata: {"type":"message_stop"}\n\n');
});

test('a file that is no account is named in the log, and the others serve', async () => {
  using folder = accountFolder();
  folder.write('claude_oauth_ann', account('ann'));
  folder.write('claude_oauth_broken', { type: 'claude', access_token: 7 });
  const written: string[] = [];
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => written.push(line) } });
  const gateway = await startGateway({ config: configOf(settings(folder.path)), version, log });
  try {
    expect(await answerOf(gateway.url)).toBe('ann');
    expect(written.join('')).toContain('claude_oauth_broken');
    expect(written.join('')).not.toMatch(/refresh-of-/);
  } finally {
    await gateway.stop();
  }
});

test('a start that fails, as on a taken port, leaves nobody at the accounts', async () => {
  using folder = accountFolder();
  folder.write('claude_oauth_ann', account('ann'));
  using other = startUpstream(() => new Response());
  const port = Number(new URL(other.url).port);
  const start = (settings: JsonObject) => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
    return { lines, gateway: startGateway({ config: configOf(settings), version, log }) };
  };
  const failing = start({ ...settings(folder.path), port });
  await expect(failing.gateway).rejects.toThrow();
  const running = start(settings(folder.path));
  const gateway = await running.gateway;
  folder.write('claude_oauth_bob', account('bob'));
  await eventually(() => running.lines.join('').includes('claude_oauth_bob'));
  await gateway.stop();
  expect(failing.lines.join('')).not.toContain('claude_oauth_bob');
});

test('the sandbox serves only while there is neither a key nor an account', async () => {
  using folder = accountFolder();
  const sandbox = startSandbox({ pace: 0 });
  let started = 0;
  const gateway = await startGateway({
    config: configOf({ ...settings(folder.path), sandbox: true, 'openai-compatibility': [] }),
    version,
    log: createLog({ level: 'silent', format: 'json' }),
    sandbox: async () => {
      started += 1;
      return sandbox.url;
    },
  });
  try {
    expect(gateway.sandbox).toBeTrue();
    folder.write('claude_oauth_ann', account('ann'));
    await until(gateway.url, 'ann');
    expect(gateway.sandbox).toBeFalse();
    folder.write('claude_oauth_ann', account('ann', { disabled: true }));
    await until(gateway.url, 503);
    expect(gateway.sandbox).toBeFalse();
    rmSync(folder.file('claude_oauth_ann'));
    await eventually(() => gateway.sandbox);
    await gateway.reload(
      configOf({ ...settings(folder.path), ...oneUpstream('gemini', claude.url, [{ name: 'g' }]) }),
    );
    expect(gateway.sandbox).toBeFalse();
  } finally {
    await gateway.stop();
    await sandbox.stop();
  }
  expect(started).toBe(2);
});
