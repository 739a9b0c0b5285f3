import { describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { parseCounters } from '../../src/limits/counter-file.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { emptyDirectory, serving } from '../cli/program.ts';
import { officialClients } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { callOf, send } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { limitedKeys, refusal } from './keys.ts';

describe('a restart', () => {
  test('keeps what every key has used, in the four protocols', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'limits-restart-'));
    const keys = limitedKeys();
    const rows = officialClients.map((client) => ({
      client,
      requests: keys.key({ 'requests-per-minute': 1 }),
      tokens: keys.key({ 'tokens-per-minute': 150 }),
      budget: keys.key({ budget: { month: { tokens: 150 } } }),
    }));
    const sandbox = startSandbox({ pace: 0 });
    const settings = {
      ...sandboxModels(sandbox.url),
      'api-keys': keys.entries,
      'auth-dir': directory,
    };
    const model = modelOver['openai-chat'];
    try {
      const first = await startTested(settings);
      for (const { client, requests, tokens, budget } of rows)
        for (const key of [requests, tokens, budget])
          await client.open({ url: first.url, key, model, stream: true }).say('say 200 words');
      await first.stop();
      const file = join(directory, '.client-limits.json');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).not.toContain('limited-client-key');

      await using second = await startTested(settings);
      for (const { client, requests, tokens, budget } of rows)
        for (const [key, limit] of [
          [requests, 'requests-per-minute'],
          [tokens, 'tokens-per-minute'],
          [budget, 'budget.month.tokens'],
        ] as const) {
          const shown = await refusal({ client, stream: false }, { url: second.url, key, model });
          expect(shown.status).toBe(429);
          expect(shown.message).toContain(`(limit ${limit})`);
        }
    } finally {
      await sandbox.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

test('a server that is killed has lost nothing that was counted a second before', async () => {
  const sandbox = startSandbox({ pace: 0 });
  using directory = emptyDirectory();
  const file = join(directory.path, '.client-limits.json');
  const config = join(directory.path, 'config.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      host: '127.0.0.1',
      port: 0,
      'auth-dir': directory.path,
      'api-keys': [{ key: clientKey, 'requests-per-minute': 20 }],
      ...sandboxModels(sandbox.url),
    }),
  );
  const chat = callOf('openai-chat');
  const ask = async (url: string) => (await send(url, chat, { model: modelOver.gemini })).status;
  {
    await using server = await serving(['serve', '--config', config], { cwd: directory.path });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(server.url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const counted = () =>
      existsSync(file) ? parseCounters(readFileSync(file, 'utf8'), Date.now()) : undefined;
    const requests = () =>
      [...(counted()?.values() ?? [])].flatMap((ledger) => ledger.requests.map(({ amount }) => amount));
    await eventually(() => requests().reduce((sum, amount) => sum + amount, 0) === 20);
    await server.end('SIGKILL');
  }
  await using server = await serving(['serve', '--config', config], { cwd: directory.path });
  expect(await ask(server.url)).toBe(429);
  await sandbox.stop();
}, 20_000);

test('a limit that is changed holds at once, for what was used before too', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const upstreams = sandboxModels(sandbox.url);
  const limited = (limits: object) => ({ ...upstreams, 'api-keys': [{ key: clientKey, ...limits }] });
  await using gateway = await startTested(limited({ 'requests-per-minute': 1 }));
  const chat = callOf('openai-chat');
  const ask = async () => (await send(gateway.url, chat, { model: modelOver['openai-chat'] })).status;
  expect([await ask(), await ask()]).toEqual([200, 429]);
  await gateway.reconfigure(limited({ 'requests-per-minute': 2 }));
  expect([await ask(), await ask()]).toEqual([200, 429]);
  await gateway.reconfigure(limited({}));
  expect([await ask(), await ask()]).toEqual([200, 200]);
  await sandbox.stop();
});

test('a refusal stands in the log like any other request, and nobody was asked', async () => {
  const sandbox = startSandbox({ pace: 0 });
  const directory = mkdtempSync(join(tmpdir(), 'limits-log-'));
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => void lines.push(line) } });
  const config = configOf({
    ...sandboxModels(sandbox.url),
    'api-keys': [{ key: clientKey, models: ['*-chat'], 'requests-per-minute': 1 }],
    'auth-dir': directory,
  });
  const gateway = await startGateway({ config, version, log });
  const chat = callOf('openai-chat');
  const ids: (string | null)[] = [];
  for (const model of [modelOver['openai-chat'], modelOver['openai-chat'], modelOver.gemini])
    ids.push((await send(gateway.url, chat, { model })).headers.get('x-request-id'));
  await gateway.stop();
  await sandbox.stop();
  rmSync(directory, { recursive: true });
  const records: JsonObject[] = lines.map((line) => JSON.parse(line));
  expect(records.filter(({ msg }) => msg === 'request')).toEqual([
    expect.objectContaining({ id: ids[0], status: 200, attempts: 1 }),
    expect.objectContaining({
      id: ids[1],
      status: 429,
      attempts: 0,
      error: expect.stringContaining('(limit requests-per-minute)'),
    }),
    expect.objectContaining({
      id: ids[2],
      status: 404,
      attempts: 0,
      error: expect.stringContaining('this key'),
    }),
  ]);
});

/** An upstream that says so many words and then nothing more, without ever ending. */
function endless(words: number): { upstream: ReturnType<typeof startUpstream>; closed: () => boolean } {
  let closed = false;
  const chunk = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'word ' }, finish_reason: null }] })}\n\n`;
  const upstream = startUpstream(({ signal }) => {
    signal.addEventListener('abort', () => {
      closed = true;
    });
    return eventStream(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let i = 0; i < words; i++) controller.enqueue(new TextEncoder().encode(chunk));
        },
      }),
    );
  });
  return { upstream, closed: () => closed };
}

describe.each(officialClients.map((client) => ({ client, name: client.name })))(
  '$name: a client that leaves in the middle of a stream',
  ({ client }) => {
    test('gives its place back, and what it got until then counts', async () => {
      const { upstream, closed } = endless(300);
      const keys = limitedKeys();
      const key = keys.key({ concurrency: 1, budget: { day: { tokens: 250 } } });
      await using gateway = await startTested({
        ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
        'api-keys': keys.entries,
      });
      const leaving = new AbortController();
      let pieces = '';
      const told = client
        .open({
          url: gateway.url,
          key,
          model: 'm',
          stream: true,
          signal: leaving.signal,
          onText(piece) {
            pieces += piece;
            if (pieces.length >= 300 * 'word '.length) leaving.abort();
          },
        })
        .say('Hello')
        .catch((error: unknown) => error);
      await told;
      await eventually(closed);
      const to = { url: gateway.url, key, model: 'm' };
      // The place is given back when the gateway has heard that the client is gone.
      let shown = await refusal({ client, stream: true }, to);
      while (shown.message.includes('(limit concurrency)'))
        shown = await refusal({ client, stream: true }, to);
      expect(shown.message).toContain('(limit budget.day.tokens)');
      upstream[Symbol.dispose]();
    });
  },
);
