import { heapStats } from 'bun:jsc';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { sseText } from '../../src/protocols/sse.ts';
import { eventually } from '../eventually.ts';
import { type Call, calls } from '../gateway/calls.ts';
import { clientKey, everyUpstream, modelOver, startTested, type TestedGateway } from '../gateway-harness.ts';

const size = 300_000;
/** Requests at once, and the size of each. */
const count = 24;
const prompt = 'Every word of a long conversation. '.repeat(size / 35);

/** What an answer begins with, up to its first word. */
const firstEvents: Record<Protocol, string> = {
  'openai-chat': sseText(
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}',
  ),
  'openai-responses':
    sseText(
      '{"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","created_at":1,"model":"m","status":"in_progress","output":[]}}',
      'response.created',
    ) +
    sseText(
      '{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"m","type":"message","status":"in_progress","role":"assistant","content":[]}}',
      'response.output_item.added',
    ) +
    sseText(
      '{"type":"response.output_text.delta","sequence_number":2,"item_id":"m","output_index":0,"content_index":0,"delta":"Hi"}',
      'response.output_text.delta',
    ),
  'anthropic-messages':
    sseText(
      '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}',
      'message_start',
    ) +
    sseText(
      '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
      'content_block_start',
    ) +
    sseText(
      '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
      'content_block_delta',
    ),
  gemini: sseText('{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}]}'),
};

/** Reads requests without keeping them; says nothing until `speak`, then the first words, and never an end. */
function holding() {
  let asked = 0;
  let speak = Promise.withResolvers<void>();
  const protocolOf = (path: string): Protocol =>
    path.includes('/chat/')
      ? 'openai-chat'
      : path.includes('/responses')
        ? 'openai-responses'
        : path.includes('/messages')
          ? 'anthropic-messages'
          : 'gemini';
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      for await (const _ of request.body ?? []) {
        // Only read.
      }
      asked += 1;
      await speak.promise;
      const first = firstEvents[protocolOf(new URL(request.url).pathname)];
      const body = new ReadableStream({ start: (controller) => controller.enqueue(first) });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ''),
    asked: () => asked,
    silence() {
      asked = 0;
      speak = Promise.withResolvers();
    },
    speak: () => speak.resolve(),
    stop: () => server.stop(true),
  };
}

const upstream = holding();
let gateway: TestedGateway;
beforeAll(async () => {
  const models = (protocol: Protocol) => [{ name: 'm', alias: modelOver[protocol] }];
  gateway = await startTested(everyUpstream(upstream.url, models));
});
afterAll(async () => {
  await upstream.stop();
  await gateway.stop();
});

/** Bytes that are in use in this process. */
async function inUse(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    Bun.gc(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return heapStats().heapSize;
}

/** A client that keeps nothing: it sends the bytes, and tells when the first of an answer have come. */
function ask(path: string, body: Buffer): Promise<{ socket: Socket; answered: Promise<void> }> {
  const { hostname, port, host } = new URL(gateway.url);
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${clientKey}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      socket.write(body);
      const answered = new Promise<void>((first) => socket.once('data', () => first()));
      resolve({ socket, answered });
    });
  });
}

/** What each of some large requests keeps while nothing has been answered, and while its answer streams, in its own size. */
async function kept(call: Call, over: Protocol): Promise<{ waiting: number; streaming: number }> {
  const model = modelOver[over];
  const body = Buffer.from(JSON.stringify(call.body(model, prompt, true)));
  const before = await inUse();
  const perRequest = async () => ((await inUse()) - before) / count / body.length;
  upstream.silence();
  const asked = await Promise.all(Array.from({ length: count }, () => ask(call.path(model, true), body)));
  await eventually(() => upstream.asked() === count);
  const waiting = await perRequest();
  upstream.speak();
  await Promise.all(asked.map(({ answered }) => answered));
  const streaming = await perRequest();
  for (const { socket } of asked) socket.destroy();
  return { waiting, streaming };
}

/** Bodies of Responses are read once more when their answers are kept. */
const most = (call: Call): number => (call.protocol === 'openai-responses' ? 1.5 : 0.5);

for (const call of calls)
  for (const over of protocols)
    test(`${call.protocol} over ${over}: a large prompt waits once, and goes when its answer begins`, async () => {
      // Code and connections come with the first.
      await kept(call, over);
      const { waiting, streaming } = await kept(call, over);
      expect(waiting).toBeLessThan(1.5);
      expect(streaming).toBeLessThan(most(call));
    });
