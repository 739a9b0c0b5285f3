/** H4: an event that never ends is ended, in however many lines it comes, from every upstream to every client. */
import { afterAll, expect, test } from 'bun:test';
import { protocols } from '../../src/protocols/model.ts';
import { calls } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';

let line = '';
let left: Promise<void> = Promise.resolve();

/** The same lines until nobody reads them any more. */
function endless(): Response {
  const { promise, resolve } = Promise.withResolvers<void>();
  left = promise;
  const piece = new TextEncoder().encode(line.repeat(1000));
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(piece),
    cancel: () => resolve(),
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const upstream = startUpstream(endless);
const gateway = await startTested({
  ...sandboxModels(upstream.url, 'upstream-model'),
  bounds: { 'sse-line': '100KiB', 'held-events': '10KiB', 'whole-answer': '200KiB' },
  'request-retry': 0,
  'disable-cooling': true,
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const lines = {
  'lines of data': 'data: x\n',
  'empty lines of data': 'data:\n',
  comments: ': x\n',
  names: 'event: x\r\n',
};

test.each(Object.entries(lines))('H4: an event of %s without end is ended', async (_, one) => {
  line = one;
  for (const over of protocols)
    for (const call of calls)
      for (const stream of [true, false]) {
        const response = await fetch(gateway.url + call.path(modelOver[over], stream), {
          method: 'POST',
          headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(call.body(modelOver[over], 'x', stream)),
        });
        const text = await response.text();
        await left;
        expect([call.protocol, over, stream, text]).toEqual([
          call.protocol,
          over,
          stream,
          expect.stringContaining('error'),
        ]);
      }
});
