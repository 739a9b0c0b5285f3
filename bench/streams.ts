/** What it costs to translate a streamed answer: {@link eventCount} events, in this process, without the network. */
import { answerEvents } from '../src/gateway/stream/answer-events.ts';
import type { EncodeContext } from '../src/protocols/codec.ts';
import { type Protocol, protocols } from '../src/protocols/model.ts';
import { codecs } from '../src/protocols/registry.ts';
import type { Request } from '../src/protocols/request.ts';
import { eventCount, streamedAnswer } from './conversation.ts';
import { median } from './process.ts';

/** Microseconds for one answer. */
const mostTime = 60;

export interface StreamCost {
  client: Protocol;
  upstream: Protocol;
  /** Microseconds from the upstream's bytes to the client's: all of them in one chunk, and each event in one of its own. */
  whole: number;
  parted: number;
}

const request: Request = {
  model: 'm',
  stream: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
};
const context: EncodeContext = {
  request,
  model: 'm',
  unixSeconds: () => 1764000000,
  newId: (prefix) => `${prefix}_bench`,
};
const bytes = new TextEncoder();

/** Translates an answer as the gateway does: what a chunk gives the client leaves before the next one is looked at. */
function translate(client: Protocol, upstream: Protocol, chunks: readonly Uint8Array[]): number {
  const encoder = codecs[client].streamEncoder(context);
  let text = '';
  let size = 0;
  const events = answerEvents(codecs[upstream].streamDecoder({ request }), (event) => {
    text += encoder.encode(event);
  });
  for (const chunk of chunks) {
    events.push(chunk);
    size += bytes.encode(text).length;
    text = '';
  }
  events.end();
  return size + bytes.encode(text).length;
}

/** The gateway has answered many requests before the one that counts: this is what they cost once the code is compiled. */
const warmUps = 1500;
const answersARound = 100;

function microseconds(rounds: number, run: () => unknown): number {
  for (let warmUp = 0; warmUp < warmUps; warmUp++) run();
  const times = Array.from({ length: rounds }, () => {
    const start = Bun.nanoseconds();
    for (let answer = 0; answer < answersARound; answer++) run();
    return (Bun.nanoseconds() - start) / 1000 / answersARound;
  });
  return median(times);
}

/** Measures every pair of protocols. */
export function streamCosts(rounds: number): StreamCost[] {
  return protocols.flatMap((client) =>
    protocols
      .filter((upstream) => upstream !== client)
      .map((upstream): StreamCost => {
        const events = streamedAnswer(upstream).map((text) => bytes.encode(text));
        const answer = [Buffer.concat(events)];
        return {
          client,
          upstream,
          whole: microseconds(rounds, () => translate(client, upstream, answer)),
          parted: microseconds(rounds, () => translate(client, upstream, events)),
        };
      }),
  );
}

/** The costs as Markdown. */
export function streamTable(costs: readonly StreamCost[]): string {
  const rows = costs.map(({ client, upstream, whole, parted }) => [
    `${client} → ${upstream}`,
    whole.toFixed(0),
    parted.toFixed(0),
    `≤ ${mostTime} ${whole <= mostTime ? '✓' : '✗'}`,
  ]);
  const head = ['Stream', 'one chunk', `${eventCount} chunks`, 'target'];
  return [
    `Translating a streamed answer of ${eventCount} events, in microseconds:`,
    '',
    [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n'),
  ].join('\n');
}
