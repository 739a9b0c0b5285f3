import { expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { callOf, calls, post, send } from './calls.ts';

const sandbox = sandboxOfTests();

const settings = (key: string): JsonObject =>
  everyUpstream(
    sandbox.url,
    (protocol) => [
      { name: 'sandbox', alias: modelOver[protocol] },
      { name: 'sandbox-fault-slow-5', alias: 'slow' },
    ],
    {
      headers: { 'x-generation': key },
    },
  );

test('no request fails while the configuration changes under load', async () => {
  await using gateway = await startTested(settings('0'));
  let running = true;
  const statuses = new Map<number, number>();
  const workers = calls.map(async (call) => {
    while (running) {
      const response = await send(gateway.url, call, {
        model: modelOver[call.protocol],
        stream: true,
        text: 'say 20 words',
      });
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  });
  for (let generation = 1; generation <= 8; generation++) {
    await gateway.reconfigure(settings(String(generation)));
    await (await send(gateway.url, callOf('openai-chat'), { model: modelOver.gemini })).arrayBuffer();
  }
  running = false;
  await Promise.all(workers);
  expect([...statuses.keys()]).toEqual([200]);
  expect(sandbox.requests.at(-1)?.headers['x-generation']).toBe('8');
});

test('an answer that runs while its credential is taken away runs to its end', async () => {
  await using gateway = await startTested(settings('0'));
  const chat = callOf('openai-chat');
  const response = await send(gateway.url, chat, { model: 'slow', stream: true, text: 'say 30 words' });
  await gateway.reconfigure({});
  expect(await response.text()).toEndWith('data: [DONE]\n\n');
  // Nothing is configured any more that could serve.
  expect((await send(gateway.url, chat, { model: 'slow' })).status).toBe(503);
});

test('client keys change with the configuration', async () => {
  await using gateway = await startTested(settings('0'));
  const ask = (key: string) =>
    post(`${gateway.url}/v1/chat/completions`, callOf('openai-chat').body(modelOver.gemini, 'Hello', false), {
      headers: { authorization: `Bearer ${key}` },
    });
  expect((await ask('another-key')).status).toBe(401);
  await gateway.reconfigure({ ...settings('1'), 'api-keys': ['another-key'] });
  expect((await ask('another-key')).status).toBe(200);
  expect((await ask(clientKey)).status).toBe(401);
});
