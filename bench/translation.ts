/** How fast requests are translated: a long conversation, in this process, without the network. */
import { type Message, type Protocol, protocols } from '../src/protocols/model.ts';
import { codecs } from '../src/protocols/registry.ts';
import type { Request } from '../src/protocols/request.ts';
import { median } from './process.ts';

/** Megabytes of the client's body in a second of one core. */
const leastSpeed = 100;

export interface TranslationCost {
  client: Protocol;
  upstream: Protocol;
  /** Of the client's body, in bytes. */
  size: number;
  /** Milliseconds: the client's request from JSON value to canonical, and from there to the upstream's. */
  decode: number;
  encode: number;
  /** Milliseconds from bytes to text, JSON reading and writing included. */
  whole: number;
  /** Milliseconds of JSON reading and writing alone: what the translation's share is compared with. */
  json: number;
}

const messageCount = 500;
const readFile = 'read_file';

/** What an agent's conversation looks like: text, a call, its result, text; half of it code. */
function conversation(): Request {
  const lines = (count: number, seed: number): string =>
    Array.from({ length: count }, (_, i) => `const value${(i * 7919 + seed) % 1000} = "text";\n`).join('');
  const messages: Message[] = [{ role: 'system', parts: [{ type: 'text', text: lines(20, 0) }] }];
  for (let i = 0; messages.length < messageCount; i++) {
    const id = `call_${i}`;
    const input = JSON.stringify({ path: `/src/file${i}.ts`, content: lines(60, i) });
    messages.push(
      { role: 'user', parts: [{ type: 'text', text: lines(70, i) }] },
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: lines(40, i) },
          { type: 'tool-call', id, name: readFile, kind: 'function', input },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            type: 'tool-result',
            callId: id,
            name: readFile,
            content: [{ type: 'text', text: lines(70, i) }],
          },
        ],
      },
      { role: 'assistant', parts: [{ type: 'text', text: lines(50, i) }] },
    );
  }
  const parameters = {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
  };
  return { model: 'm', stream: true, messages, tools: [{ type: 'function', name: readFile, parameters }] };
}

const target = { model: 'm', stream: true, report: () => {} };
const envelope = { model: 'm', stream: true };

function milliseconds(rounds: number, run: () => unknown): number {
  for (let warmUp = 0; warmUp < 3; warmUp++) run();
  const times = Array.from({ length: rounds }, () => {
    const start = Bun.nanoseconds();
    run();
    return (Bun.nanoseconds() - start) / 1e6;
  });
  return median(times);
}

/** Measures every pair of protocols. */
export function translationCosts(rounds: number): TranslationCost[] {
  const request = conversation();
  return protocols.flatMap((client) => {
    const from = codecs[client];
    const bytes = new TextEncoder().encode(JSON.stringify(from.encodeRequest(request, target)));
    const text = new TextDecoder().decode(bytes);
    const body = JSON.parse(text);
    const canonical = from.decodeRequest(body, envelope);
    const decode = milliseconds(rounds, () => from.decodeRequest(body, envelope));
    const json = milliseconds(rounds, () => JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))));
    return protocols
      .filter((upstream) => upstream !== client)
      .map((upstream): TranslationCost => {
        const to = codecs[upstream];
        return {
          client,
          upstream,
          size: bytes.length,
          decode,
          encode: milliseconds(rounds, () => to.encodeRequest(canonical, target)),
          whole: milliseconds(rounds, () => {
            const read = from.decodeRequest(JSON.parse(new TextDecoder().decode(bytes)), envelope);
            return JSON.stringify(to.encodeRequest(read, target));
          }),
          json,
        };
      });
  });
}

/** The costs as Markdown. */
export function translationTable(costs: readonly TranslationCost[]): string {
  const speed = (size: number, time: number): number => size / 1000 / time;
  const rows = costs.map(({ client, upstream, size, decode, encode, whole, json }) => {
    const slowest = Math.min(speed(size, decode), speed(size, encode), speed(size, whole));
    return [
      `${client} → ${upstream}`,
      (size / 1e6).toFixed(2),
      ...[decode, encode, whole].map((time) => Math.round(speed(size, time)).toLocaleString('en-US')),
      `${(whole / json).toFixed(2)}×`,
      `≥ ${leastSpeed} ${slowest >= leastSpeed ? '✓' : '✗'}`,
    ];
  });
  const head = ['Request', 'MB', 'decode', 'encode', 'bytes to text', 'of JSON alone', 'target'];
  return [
    `Translating a request of ${messageCount} messages, in megabytes a second of one core:`,
    '',
    [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n'),
  ].join('\n');
}
