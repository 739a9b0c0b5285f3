/** An upstream's stream, whatever is in it and however it is cut, is a stream of every protocol that ends once. */
import fc from 'fast-check';
import { openTranslated } from '../../../src/gateway/stream/translate-stream.ts';
import type { Json } from '../../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../../src/protocols/model.ts';
import { codecs } from '../../../src/protocols/registry.ts';
import { mendedJson } from '../../../src/protocols/well-formed.ts';
import { answeredRequest } from '../../model-arbitraries.ts';
import { arbitraryCuts, mutated, mutatedText, pieces } from '../hostile.ts';
import { dataOf, demandSame, objectOf } from '../oracle.ts';
import { target } from '../target.ts';
import { encodeContext } from './client.ts';
import { recorded } from './recorded.ts';

export const streamTargets = protocols.map((protocol) => {
  const { streams } = recorded(protocol);
  const texts = fc.oneof(
    { weight: 4, arbitrary: mutated(streams).map((events) => streamText(protocol, events)) },
    { weight: 1, arbitrary: mutatedText(streams.map((events) => streamText(protocol, events))) },
  );
  return target(
    `streams of ${protocol}`,
    fc.record({ stream: texts, cuts: arbitraryCuts }),
    async ({ stream, cuts }) => {
      for (const client of protocols) {
        const whole = await translated(protocol, client, stream, []);
        demandSame(await translated(protocol, client, stream, cuts), whole, `${client}, cut at ${cuts}`);
      }
    },
    40,
  );
});

/** The events as the protocol frames them; what is no list is one event. */
function streamText(protocol: Protocol, events: Json): string {
  const framed = (Array.isArray(events) ? events : [events]).map((event) => {
    const type =
      typeof event === 'object' && event !== null && !Array.isArray(event) ? event.type : undefined;
    const named = typeof type === 'string' && !/[\r\n]/.test(type) && protocol !== 'openai-chat';
    return `${named ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
  });
  return framed.join('') + (protocol === 'openai-chat' ? 'data: [DONE]\n\n' : '');
}

/** What the client gets: its stream, or the error in its words. */
async function translated(
  upstream: Protocol,
  client: Protocol,
  stream: string,
  cuts: readonly number[],
): Promise<string> {
  const waiting = pieces(new TextEncoder().encode(stream), cuts);
  let ended = 0;
  const opened = await openTranslated(
    {
      async read() {
        const value = waiting.shift();
        return value === undefined ? { done: true } : { done: false, value };
      },
      cancel: () => Promise.resolve(),
    },
    upstream,
    codecs[upstream].streamDecoder({ request: answeredRequest }),
    codecs[client].streamEncoder(encodeContext),
    () => {
      ended += 1;
    },
    undefined,
    upstream === client ? undefined : codecs[client].answerRoom,
    () => {},
    { mask: (text) => text, mostBytes: 8192, id: 'req_1' },
  );
  // It is no stream: whole answers have a target of their own.
  if (opened.kind === 'json') return '';
  if (opened.kind === 'failed') {
    const text = mendedJson(JSON.stringify(codecs[client].encodeError(opened.error)));
    objectOf(text);
    return text;
  }
  const text = await new Response(opened.body).text();
  if (ended !== 1) throw new Error(`the stream has ended ${ended} times`);
  const data = dataOf(text);
  if (data.length === 0) throw new Error('a stream without an event');
  for (const [index, one] of data.entries())
    if (one !== '[DONE]') objectOf(one);
    else if (index !== data.length - 1) throw new Error('events behind [DONE]');
  return text;
}
