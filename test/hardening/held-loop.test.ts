/**
 * No request and no answer keeps others waiting, however much work its bytes make. On a quiet machine each of these holds the
 * event loop for about a tenth of a second at most; the patience here is that of a machine that does much else.
 * `MEASURE=1` prints what each took.
 */
import { afterAll, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import {
  answeredInTime,
  answerFloods,
  type Flood,
  otherFloods,
  paths,
  requestFloods,
  startWatched,
  streamFloods,
} from './held-loop.ts';

/** Milliseconds. */
const patience = 600;
/** Bytes that the runtime keeps for itself, or has not given back. */
const runtimesOwn = 64 * 1024 * 1024;

const json = (body: string): Response =>
  new Response(body, { headers: { 'content-type': 'application/json' } });
let answered = (): Response => json('{}');
const upstream = startUpstream(() => answered());
const settings: JsonObject = {
  ...sandboxModels(upstream.url, 'upstream-model'),
  'request-retry': 0,
  'disable-cooling': true,
};
const gateway = await startWatched(settings);
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** What the gateway has not answered: it answers nothing else either, and what would be asked next is not the cause. */
let stuck: unknown;

async function expectServed(
  what: string,
  size: number,
  ask: (signal: AbortSignal) => Promise<Response>,
): Promise<void> {
  if (stuck !== undefined) throw stuck;
  const { status, took, worked, grew } = await answeredInTime(what, async (signal) => {
    await gateway.measure();
    const began = performance.now();
    const response = await ask(signal);
    await response.arrayBuffer();
    const took = performance.now() - began;
    return { status: response.status, took, ...(await gateway.measure()) };
  }).catch((error: unknown) => {
    stuck = error;
    throw error;
  });
  if (process.env.MEASURE !== undefined)
    console.log(
      `${what.padEnd(70)} ${status} held ${worked.toFixed(0).padStart(5)} ms of ${took.toFixed(0).padStart(6)} grew ${(grew / size).toFixed(1)} × ${(size / 1024 / 1024).toFixed(1)} MiB`,
    );
  expect(worked).toBeLessThan(patience);
  expect(grew).toBeLessThan(10 * size + runtimesOwn);
}

/** One whose translation is the most work. */
const otherThan = (protocol: Protocol): Protocol =>
  protocol === 'openai-responses' ? 'anthropic-messages' : 'openai-responses';

const smallRequests: Record<Protocol, string> = {
  'openai-chat': '{"model":"MODEL","messages":[{"role":"user","content":"x"}]}',
  'openai-responses': '{"model":"MODEL","input":"x"}',
  'anthropic-messages': '{"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"x"}]}',
  gemini: '{"contents":[{"role":"user","parts":[{"text":"x"}]}]}',
};

const sent = (
  { path, body }: Pick<Flood, 'path' | 'body'>,
  model: string,
  signal: AbortSignal,
): Promise<Response> =>
  post(`${gateway.url}${path.replace('MODEL', model)}`, body.replaceAll('MODEL', model), { signal });

test.each(protocols)(
  'many small things in a request of %s keep nobody waiting',
  async (protocol) => {
    answered = () => json('{}');
    // What is refused is refused before anybody is chosen.
    for (const flood of requestFloods(protocol))
      for (const over of flood.refused ? [protocol] : [protocol, otherThan(protocol)])
        await expectServed(`${protocol} → ${over}: ${flood.what}`, flood.body.length, (signal) =>
          sent(flood, modelOver[over], signal),
        );
  },
  300_000,
);

test('nor do those of embeddings and counts', async () => {
  for (const flood of otherFloods)
    for (const over of protocols)
      await expectServed(`${flood.what} → ${over}`, flood.body.length, (signal) =>
        sent(flood, modelOver[over], signal),
      );
}, 300_000);

test.each(protocols)(
  'many small things in a whole answer of %s keep nobody waiting',
  async (over) => {
    for (const [what, body] of answerFloods[over]) {
      answered = () => json(body);
      for (const protocol of [over, otherThan(over)]) {
        const small = { path: paths[protocol], body: smallRequests[protocol] };
        await expectServed(`${protocol} ← ${over}: ${what}`, body.length, (signal) =>
          sent(small, modelOver[over], signal),
        );
      }
    }
  },
  300_000,
);

test.each(protocols)(
  'nor do many small events of %s',
  async (over) => {
    for (const [what, body] of streamFloods) {
      answered = () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      for (const protocol of [over, otherThan(over)]) {
        const path = protocol === 'gemini' ? '/v1beta/models/MODEL:streamGenerateContent?alt=sse' : undefined;
        const small = {
          path: path ?? paths[protocol],
          body: smallRequests[protocol].replace('{', protocol === 'gemini' ? '{' : '{"stream":true,'),
        };
        await expectServed(`${protocol} ← ${over}: stream of ${what}`, body.length, (signal) =>
          sent(small, modelOver[over], signal),
        );
      }
    }
  },
  300_000,
);

test('nor do many small things in a message of a WebSocket', async () => {
  answered = () => json('{}');
  for (const flood of requestFloods('openai-responses'))
    await expectServed(`WebSocket: ${flood.what}`, flood.body.length, async (signal) => {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
        headers: { authorization: `Bearer ${clientKey}` },
      });
      signal.addEventListener('abort', () => socket.close());
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      const answer = new Promise((resolve) => {
        socket.addEventListener('message', resolve);
        socket.addEventListener('close', resolve);
      });
      socket.send(
        flood.body.replaceAll('MODEL', modelOver['openai-chat']).replace('{', '{"type":"response.create",'),
      );
      await answer;
      socket.close();
      return new Response();
    });
}, 300_000);

test('a gateway that answers nothing any more is said to, with what it was asked', async () => {
  const signals: AbortSignal[] = [];
  const asked = answeredInTime(
    'a flood',
    (signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
    10,
  );
  await expect(asked).rejects.toThrow('the gateway has not answered within 0.01 s: a flood');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});
