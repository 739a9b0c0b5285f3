import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { sseReader } from '../src/protocols/sse.ts';
import type { DialectName } from './dialect.ts';
import { parseJson } from './json.ts';
import { startSandbox } from './start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

interface Door {
  /** How a stream that ended as it should ends. */
  end: RegExp;
  /** How a stream that failed ends. */
  failed: RegExp;
  send(fault: string, stream: boolean, signal?: AbortSignal): Promise<Response>;
}

function door(path: (stream: boolean) => string, content: object, end: RegExp, failed: RegExp): Door {
  return {
    end,
    failed,
    send: (fault, stream, signal) =>
      fetch(`${sandbox.url}${path(stream)}`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          authorization: 'Bearer key',
          'anthropic-version': '2023-06-01',
          ...(fault === '' ? {} : { 'x-sandbox-fault': fault }),
        },
        body: JSON.stringify(stream && 'model' in content ? { stream, ...content } : content),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

const said = 'repeat: one two three four';
const messages = [{ role: 'user', content: said }];
const doors: Record<DialectName, Door> = {
  'openai-chat': door(
    () => '/v1/chat/completions',
    { model: 'm', messages },
    /data: \[DONE\]/,
    /^data: \{"error":\{"message":.*"type":"server_error"/,
  ),
  'openai-responses': door(
    () => '/v1/responses',
    { model: 'm', input: said },
    /event: response\.completed/,
    /^event: error\ndata: \{"type":"error","error":/,
  ),
  'anthropic-messages': door(
    () => '/v1/messages',
    { model: 'm', max_tokens: 100, messages },
    /event: message_stop/,
    /^event: error\ndata: \{"type":"error","error":\{"type":"api_error"/,
  ),
  gemini: door(
    (stream) => `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ parts: [{ text: said }] }] },
    /"finishReason":"STOP"/,
    /^data: \{"error":\{"code":500,.*"status":"INTERNAL"\}\}$/,
  ),
};
const all = Object.entries(doors);

/** Everything that came until the end or the break, and whether it broke. */
async function received(response: Response): Promise<{ text: string; broke: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text, broke: false };
  } catch {
    return { text, broke: true };
  }
}

function eventsOf(text: string): number {
  let count = 0;
  const reader = sseReader(() => count++);
  reader.push(new TextEncoder().encode(text));
  return count;
}

describe.each(all)('%s', (_, { send, end, failed }) => {
  test('without a fault a stream ends as it should', async () => {
    expect((await received(await send('', true))).text).toMatch(end);
  });

  test.each([
    [400, 'x'],
    [401, 'x'],
    [403, 'x'],
    [404, 'x'],
    [413, 'x'],
    [429, 'retry-after=7'],
    [500, 'x'],
    [503, 'x'],
    [529, 'x'],
  ])('status %d comes with a body in the provider’s shape', async (status, more) => {
    const response = await send(`status=${status};${more === 'x' ? '' : more}`, true);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(parseJson(text)).toHaveProperty('error.message');
    if (status === 429)
      expect(`${response.headers.get('retry-after')}${text}`).toMatch(/^7|"retryDelay":"7s"/);
  });

  test('html is a page', async () => {
    const response = await send('html', true);
    expect(response.status).toBe(502);
    expect(await response.text()).toStartWith('<!DOCTYPE html>');
  });

  test('redirect leads to another place', async () => {
    const response = await send('redirect', true);
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe(`${sandbox.url}/sandbox/redirected`);
  });

  test('empty is an answer without a body', async () => {
    const response = await send('empty', true);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('drop closes the connection without an answer', async () => {
    await expect(send('drop', true)).rejects.toThrow();
  });

  test('slow-first-byte and slow only take time', async () => {
    const start = performance.now();
    const { text } = await received(await send('slow-first-byte=4; slow=1', true));
    expect(text).toMatch(end);
    expect(performance.now() - start).toBeGreaterThan(5);
  });

  test('cut resets the connection after that many events', async () => {
    const { text, broke } = await received(await send('cut=2', true));
    expect(broke).toBe(true);
    expect(eventsOf(text)).toBe(2);
  });

  test('cut-bytes resets it inside an event', async () => {
    const { text, broke } = await received(await send('cut-bytes=50', true));
    expect(broke).toBe(true);
    expect(text).toHaveLength(50);
  });

  test('garbage is a line that is not JSON among the others', async () => {
    const { text } = await received(await send('garbage=2', true));
    expect(text).toContain('data: {"garbage": not JSON\n\n');
    expect(text).toMatch(end);
  });

  test('error-event ends the stream with the provider’s error', async () => {
    const { text } = await received(await send('error-event=2', true));
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(failed);
    expect(eventsOf(text)).toBe(3);
  });

  test('no-terminal ends the stream before it says how', async () => {
    const { text, broke } = await received(await send('no-terminal', true));
    expect(broke).toBe(false);
    expect(text).toContain('four');
    expect(text).not.toMatch(end);
  });

  test('stall keeps the stream open until the client leaves, which is counted', async () => {
    const client = new AbortController();
    const response = await send('stall=2', true, client.signal);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(eventsOf(new TextDecoder().decode(first?.value))).toBeGreaterThan(0);
    expect(sandbox.openStreams).toBe(1);
    client.abort();
    while (sandbox.openStreams > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(sandbox.cancelled).toBe(1);
  });

  test.each([
    ['garbage', false],
    ['no-terminal', false],
    ['cut', true],
  ])('%s breaks an answer that is not a stream', async (fault, breaks) => {
    const { text, broke } = await received(await send(fault, false));
    expect(broke).toBe(breaks);
    expect(parseJson(text)).toBeUndefined();
  });

  test('error-event is an error with status 200 where nothing streams', async () => {
    const response = await send('error-event', false);
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('error.message');
  });
});

test('a fault that no table knows is refused', async () => {
  const response = await doors['openai-chat'].send('explode', false);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('explode');
});
