/** A stream that ends after any of its bytes: an answer that is not whole never looks like one. */
import { afterAll, describe, expect, test } from 'bun:test';
import { startSandbox } from '../../sandbox/start.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { protocols } from '../../src/protocols/model.ts';
import { type Pairing, pairings } from '../clients/official.ts';
import { callOf, send } from '../gateway/calls.ts';
import { type Asked, eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';

const text = 'say 3 words';
const words = 'word1 word2 word3';

/** The streams of the sandbox, as bytes. */
const streams = new Map<string, Uint8Array<ArrayBuffer>>();
const sandbox = startSandbox({ pace: 0 });
for (const protocol of protocols) {
  const models = [{ name: 'sandbox', alias: 'm' }];
  await using direct = await startTested(oneUpstream(protocol, sandbox.url, models));
  const answer = await send(direct.url, callOf(protocol), { model: 'm', text, stream: true });
  streams.set(protocol, new Uint8Array(await answer.arrayBuffer()));
}
await sandbox.stop();

/** Ends the stream after as many bytes as the request says, as if that were all. */
const upstream = startUpstream((asked) => eventStream(bytesOf(protocolOf(asked)).slice(0, cutOf(asked))));
const gateway = await startTested({
  'disable-cooling': true,
  ...everyUpstream(upstream.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
    headers: { 'x-cut': '$x-cut' },
  }),
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

function bytesOf(protocol: Protocol): Uint8Array<ArrayBuffer> {
  return streams.get(protocol) ?? new Uint8Array();
}

function protocolOf({ path }: Asked): Protocol {
  if (path.startsWith('/v1/chat')) return 'openai-chat';
  if (path.startsWith('/v1/responses')) return 'openai-responses';
  return path.startsWith('/v1/messages') ? 'anthropic-messages' : 'gemini';
}

function cutOf({ headers }: Asked): number {
  return Number(headers.get('x-cut'));
}

/** What tells a client that an answer is complete, and that it is not. */
const complete: Record<Protocol, RegExp> = {
  'openai-chat': /"finish_reason":"/,
  'openai-responses': /"type":"response.completed"/,
  'anthropic-messages': /"type":"message_stop"/,
  gemini: /"finishReason":"/,
};
const error: Record<Protocol, RegExp> = {
  'openai-chat': /(?:^|\n)data: \{"error":\{.*\}\}\n\n(data: \[DONE\]\n\n)?$/,
  'openai-responses': /(?:^|\n)event: (error|response\.failed)\ndata: \{.*\}\n\n$/,
  'anthropic-messages': /(?:^|\n)event: error\ndata: \{.*\}\n\n$/,
  gemini: /(?:^|\n)data: \{"error":\{.*\}\}\n\n$/,
};

const pairs = protocols.flatMap((client) => protocols.map((over) => ({ client, over })));

/** Every byte where bytes go through; a translation sees whole events, so that a byte here and there in each will do. */
function cuts(size: number, same: boolean): number[] {
  return Array.from({ length: size + 1 }, (_, at) => at).filter((at) => same || at % 7 === 0 || at === size);
}

/** Does it for all, a few at a time, and gives the results in their order. */
async function forAll<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return results;
}

describe.each(pairs)('$client over $over', ({ client, over }) => {
  test('cut after any byte: an error status, an error in the stream, or all of the answer', async () => {
    const places = cuts(bytesOf(over).length, client === over);
    const ends = await forAll(places, async (cut) => {
      const response = await send(gateway.url, callOf(client), {
        model: modelOver[over],
        text,
        stream: true,
        headers: { 'x-cut': String(cut) },
      });
      const answer = await response.text();
      if (response.status !== 200) return response.status === 502 ? 'refused' : `status ${response.status}`;
      if (error[client].test(answer)) return 'error';
      return complete[client].test(answer) && answer.includes('word3') ? 'complete' : `neither: ${answer}`;
    });
    // First nothing that can be used, then a part, then all: in this order, and each of them at some place.
    expect(ends.filter((end, index) => end !== ends[index - 1])).toEqual(['refused', 'error', 'complete']);
  });
});

const own = pairings.filter(({ client, upstream: over, stream }) => stream && client.protocol === over);

test.each(own)(
  '$title: the official client has the whole answer, or an error',
  async ({ client, upstream: over }: Pairing) => {
    const size = bytesOf(over).length;
    const places = cuts(size, false);
    const ends = await forAll(places, async (cut) => {
      const headers = { 'x-cut': String(cut) };
      const model = modelOver[over];
      const conversation = client.open({ url: gateway.url, key: clientKey, model, stream: true, headers });
      return conversation.say(text).then(
        (told) => told.text,
        () => 'error',
      );
    });
    expect(ends.filter((end, index) => end !== ends[index - 1])).toEqual(['error', words]);
  },
);
