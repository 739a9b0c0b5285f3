import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { startSandbox } from '../../sandbox/start.ts';
import { officialClients } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { limitedKeys, refusal } from './keys.ts';

const faults = [
  'status=400',
  'status=401',
  'status=429; retry-after=7',
  'status=500',
  'error-event=3',
  'cut=3',
  'cut-bytes=150',
  'no-terminal',
  'drop',
  'html',
  'empty',
];

describe.each(
  officialClients.flatMap((client) => [false, true].map((stream) => ({ client, stream, name: client.name }))),
)('$name, stream $stream', ({ client, stream }) => {
  test('however a request fails, its place is free for the next, and what it reserved too', async () => {
    const sandbox = startSandbox({ pace: 0 });
    const keys = limitedKeys();
    // Less than one of these requests reserves: what was not given back would refuse the next.
    const key = keys.key({ concurrency: 1, 'tokens-per-minute': 4000 });
    await using gateway = await startTested({
      'disable-cooling': true,
      ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
        headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
      }),
      'api-keys': keys.entries,
    });
    for (const model of Object.values(modelOver)) {
      const to = { url: gateway.url, key, model, stream };
      for (const fault of faults) {
        const failed = await client
          .open({ ...to, headers: { 'x-sandbox-fault': fault } })
          .say('say 10 words')
          .then(
            () => '',
            (error: unknown) => String(error),
          );
        expect(failed).not.toContain('(limit ');
      }
      expect((await client.open(to).say('say 3 words')).text).toBe('word1 word2 word3');
    }
    await sandbox.stop();
  });

  test('a client that leaves before the first byte gives its place back', async () => {
    const keys = limitedKeys();
    const key = keys.key({ concurrency: 1 });
    const upstream = startUpstream(() => new Promise<Response>(() => undefined));
    await using gateway = await startTested({
      ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
      'api-keys': keys.entries,
    });
    const to = { url: gateway.url, key, model: 'm', stream };
    for (let i = 1; i <= 3; i++) {
      const leaving = new AbortController();
      const left = client
        .open({ ...to, signal: leaving.signal })
        .say('Hello')
        .catch(() => undefined);
      await eventually(() => upstream.asked.length >= i);
      const shown = await refusal({ client, stream }, to);
      expect(shown.message).toContain('(limit concurrency)');
      leaving.abort();
      await left;
      await eventually(() => upstream.asked[i - 1]?.signal.aborted === true);
    }
    upstream[Symbol.dispose]();
  });
});

test('a WebSocket that is closed in the middle of an answer gives its place back', async () => {
  const keys = limitedKeys();
  const key = keys.key({ concurrency: 1 });
  const upstream = startUpstream(() =>
    eventStream(
      new ReadableStream<Uint8Array>({
        start: (controller) =>
          controller.enqueue(
            new TextEncoder().encode(
              `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'word' }, finish_reason: null }] })}\n\n`,
            ),
          ),
      }),
    ),
  );
  await using gateway = await startTested({
    ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
    'api-keys': keys.entries,
  });
  for (let i = 1; i <= 3; i++) {
    const socket = new ResponsesWS(new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 }));
    const begun = Promise.withResolvers<unknown>();
    socket.on('event', (event) => {
      if (event.type === 'response.output_text.delta' || event.type === 'error') begun.resolve(event);
    });
    socket.on('error', () => undefined);
    socket.sendRaw(JSON.stringify({ type: 'response.create', model: 'm', input: 'Hello' }));
    expect(await begun.promise).toMatchObject({ type: 'response.output_text.delta', delta: 'word' });
    socket.close();
    await eventually(() => upstream.asked[i - 1]?.signal.aborted === true);
  }
  upstream[Symbol.dispose]();
});
