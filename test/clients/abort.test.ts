import { describe, expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox, sandboxModels } from '../sandbox-gateway.ts';
import { pairings } from './official.ts';

const { sandbox, gateway } = await overSandbox((url) => sandboxModels(url, 'sandbox-fault-stall-5'));

describe.each(pairings.filter(({ stream }) => stream))('$title', ({ client, upstream }) => {
  test('a client that leaves in the middle of a stream takes its upstream along', async () => {
    const before = sandbox.cancelled;
    const leaving = new AbortController();
    let heard = '';
    const conversation = client.open({
      url: gateway.url,
      key: clientKey,
      model: modelOver[upstream],
      stream: true,
      signal: leaving.signal,
      onText: (piece) => {
        heard += piece;
        leaving.abort();
      },
    });
    await expect(conversation.say('say 100 words')).rejects.toThrow(/abort/i);
    await eventually(() => sandbox.cancelled > before && sandbox.openStreams === 0);
    expect(heard).toStartWith('word1');
  });
});

describe.each(pairings.filter(({ stream }) => !stream))('$title', ({ client, upstream }) => {
  test('a client that does not wait for its answer takes its upstream along', async () => {
    const before = sandbox.cancelled;
    const leaving = new AbortController();
    const conversation = client.open({
      url: gateway.url,
      key: clientKey,
      model: modelOver[upstream],
      stream: false,
      signal: leaving.signal,
    });
    const answer = conversation.say('say 100 words');
    await eventually(() => sandbox.openStreams === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    await eventually(() => sandbox.cancelled > before && sandbox.openStreams === 0);
  });
});
