/** The bounds of the configuration on what clients send, and on what the gateway says of it. */
import { afterAll, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/protocols/json.ts';
import { readBody } from '../../src/server/request-body.ts';
import { callOf, calls, jsonOf, post, send } from '../gateway/calls.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const settings = (bounds: JsonObject = {}): JsonObject => ({
  ...sandboxModels(sandbox.url),
  bounds,
});
const gateway = await startTested(settings());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
/** The body with one more member at its end. */
const withMember = (body: JsonObject, json: string): string =>
  `${JSON.stringify(body).slice(0, -1)},"x":${json}}`;

describe.each(calls)('$protocol', (call) => {
  test.each([false, true])('a request of 257 levels and more is a 400, stream %p', async (stream) => {
    for (const upstream of Object.values(modelOver))
      for (const levels of [256, 100_000, 2_000_000]) {
        const body = withMember(call.body(upstream, 'Hello', stream), deep(levels));
        const response = await post(`${gateway.url}${call.path(upstream, stream)}`, body);
        expect(response.status).toBe(400);
        const { message } = call.errorOf(await jsonOf(response));
        expect(message).toContain('bounds.nesting');
      }
  });

  test('a bound that is configured holds, and what is just within it goes through', async () => {
    await using own = await startTested(settings({ nesting: 20 }));
    const asking = (levels: number) => {
      const model = modelOver[call.protocol];
      const schema = `${'{"type":"object","properties":{"a":'.repeat(levels)}{"type":"string"}${'}}'.repeat(levels)}`;
      return post(
        `${own.url}${call.path(model, false)}`,
        withMember(call.body(model, 'Hello', false), schema),
      );
    };
    expect((await asking(30)).status).toBe(400);
    expect(call.errorOf(await jsonOf(await asking(3))).message ?? '').not.toContain('bounds.nesting');
  });
});

test('a WebSocket stays open when a message of too many levels is refused on it', async () => {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const messages: string[] = [];
  const answers = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      messages.push(String(data));
      if (messages.length === 2) resolve();
    };
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  for (const levels of [100_000, 300])
    socket.send(`{"type":"response.create","model":"${modelOver.gemini}","input":"x","x":${deep(levels)}}`);
  await answers;
  socket.close();
  expect(messages.every((message) => message.includes('bounds.nesting'))).toBe(true);
});

describe('half characters', () => {
  test.each(calls)(
    '$protocol: a lone surrogate for a model is a 404 that every client can read',
    async (call) => {
      for (const stream of [false, true]) {
        const path = call.path(call.protocol === 'gemini' ? '%ED%A0%80' : '', stream);
        const body = JSON.stringify(call.body('MODEL', 'Hello', stream)).replace('MODEL', '\\ud800');
        const response = await post(`${gateway.url}${path}`, body);
        expect(response.status).toBe(404);
        const said = await response.text();
        expect(said).not.toContain('\\ud800');
        expect(call.errorOf(JSON.parse(said)).message).toContain('No credential serves the model');
      }
    },
  );

  test.each([
    ...['/v1/embeddings', '/v1/completions', '/v1/messages/count_tokens', '/v1/images/generations'],
    ...['/v1/audio/speech', '/v1/responses/compact'],
  ])('%s: the same', async (path) => {
    const response = await post(`${gateway.url}${path}`, '{"model":"\\ud800","input":"x","prompt":"x"}');
    expect(response.status).toBe(404);
  });

  test.each(['/v1/models/%ff', '/v1beta/models/%ff', '/v1/responses/%ff', '/v0/management/requests/%ff'])(
    'GET %s is no 500',
    async (path) => {
      const headers = { authorization: `Bearer ${clientKey}` };
      expect((await fetch(`${gateway.url}${path}`, { headers })).status).toBe(404);
    },
  );
});

describe('x-translation-loss', () => {
  const manyLosses = (count: number): JsonObject => ({
    ...callOf('openai-chat').body(modelOver['anthropic-messages'], 'Hello', false),
    tools: Array.from({ length: count }, (_, at) => ({
      type: 'function',
      function: { name: `a tool ${at}`, parameters: { type: 'object', properties: {} } },
    })),
  });
  const lossOf = async (url: string, count: number) => {
    const response = await post(`${url}/v1/chat/completions`, manyLosses(count));
    expect(response.status).toBe(200);
    return response.headers.get('x-translation-loss') ?? '';
  };

  test('is at most 2 KB long, and says how much is left out', async () => {
    const loss = await lossOf(gateway.url, 1000);
    expect(loss.length).toBeLessThanOrEqual(2048);
    expect(loss.length).toBeGreaterThan(1900);
    const [, left] = /, \.\.\.\+(\d+)$/.exec(loss) ?? [];
    expect(Number(left) + loss.split(', ').length - 1).toBeGreaterThanOrEqual(1000);
  });

  test('L: a name of 100 kB is cut in it, and in the log', async () => {
    const tools = ['a', 'b', 'c'].map((letter) => ({
      type: 'function',
      function: { name: `${letter} ${letter.repeat(100_000)}`, parameters: { type: 'object' } },
    }));
    const response = await post(`${gateway.url}/v1/chat/completions`, { ...manyLosses(0), tools });
    expect(response.status).toBe(200);
    const loss = response.headers.get('x-translation-loss') ?? '';
    for (const letter of ['a', 'b', 'c']) expect(loss).toContain(`tools.${letter} ${letter}${letter}`);
    expect(loss).not.toContain('...+');
    expect(loss.length).toBeLessThan(2048);
  });

  test('is as long as it is where that is little, and as the configuration says', async () => {
    expect(await lossOf(gateway.url, 3)).not.toContain('...+');
    await using own = await startTested(settings({ 'loss-header': '100' }));
    expect((await lossOf(own.url, 1000)).length).toBeLessThanOrEqual(100);
  });
});

describe('compressed requests', () => {
  const bounds = {
    'request-body': 1_000_000,
    'unpacked-request': 8_000_000,
    'all-requests-unpacked': 16_000_000,
  };
  const packed = (bytes: number) => gzipSync(Buffer.alloc(bytes, 0x20));
  const read = (body: Uint8Array, coding = 'gzip') => {
    const headers = new Headers({ 'content-encoding': coding, 'content-length': String(body.byteLength) });
    return readBody(
      new Request('http://localhost', { method: 'POST', body: Buffer.from(body) }),
      headers,
      bounds,
    );
  };

  test('more than `unpacked-request` is a 413 that names it', async () => {
    const result = await read(packed(8_000_001));
    expect(result).toMatchObject({ ok: false, error: { status: 413 } });
    expect(!result.ok && result.error.message).toContain('bounds.unpacked-request');
  });

  test('what is just as long is read', async () => {
    const result = await read(packed(8_000_000));
    expect(result.ok && result.body.byteLength).toBe(8_000_000);
  });

  test('beyond `all-requests-unpacked` at the same time it is a 503; later it is read', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, () => read(packed(8_000_000))));
    const refused = results.flatMap((result) => (result.ok ? [] : [result.error]));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(12);
    for (const error of refused) expect(error).toMatchObject({ status: 503, retryAfter: 1 });
    expect((await read(packed(8_000_000))).ok).toBe(true);
  });

  test('many small ones at the same time are all read', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, () => read(packed(10_000))));
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test('a body that is packed again and again is refused', async () => {
    expect(await read(packed(10), 'gzip, gzip, gzip, gzip, gzip')).toMatchObject({ error: { status: 400 } });
  });

  test('a bomb is a 413 in the protocol of each client', async () => {
    await using own = await startTested(settings({ 'unpacked-request': '1MB' }));
    for (const call of calls) {
      const response = await send(own.url, call, {
        model: modelOver[call.protocol],
        body: packed(20_000_000),
        headers: { 'content-encoding': 'gzip' },
      });
      expect(response.status).toBe(413);
      expect(call.errorOf(await jsonOf(response)).message).toContain('bounds.unpacked-request');
    }
  });
});
