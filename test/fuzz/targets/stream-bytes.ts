/** What looks at the bytes of a stream by hand ends, and sees what a plain reading of the whole text does. */
import fc from 'fast-check';
import type { ChunkReader } from '../../../src/gateway/answer.ts';
import { errorEvents } from '../../../src/gateway/stream/error-events.ts';
import { checkEvents, eventsInBrackets, kindOfData } from '../../../src/gateway/stream/event-check.ts';
import { readFirstEvent } from '../../../src/gateway/stream/first-event.ts';
import { withLineFeeds } from '../../../src/gateway/stream/line-feeds.ts';
import { passThrough } from '../../../src/gateway/stream/pass-stream.ts';
import { saidInWhole, saidTokens } from '../../../src/gateway/stream/said-tokens.ts';
import { createTail, streamEnd, tokenCounts } from '../../../src/gateway/stream/usage-scan.ts';
import { wholeEvents } from '../../../src/gateway/stream/whole-events.ts';
import { yieldingReader } from '../../../src/gateway/stream/yielding-reader.ts';
import { outputTokens } from '../../../src/limits/token-estimate.ts';
import type { StreamEvent } from '../../../src/protocols/answer.ts';
import { eventBytes } from '../../../src/protocols/answer-size.ts';
import { isObject, parseJson } from '../../../src/protocols/json.ts';
import { protocols } from '../../../src/protocols/model.ts';
import { withoutUnaskedUsage } from '../../../src/protocols/openai-chat/stream-usage.ts';
import { codecs } from '../../../src/protocols/registry.ts';
import { type SseEvent, sseReader } from '../../../src/protocols/sse.ts';
import {
  behindEmptyLines,
  behindEvent,
  dataOf,
  eventEnd,
  eventOf,
  wholeEventBytes,
} from '../../../src/protocols/sse-bytes.ts';
import { answeredRequest } from '../../model-arbitraries.ts';
import { arbitraryCuts, hostileText, mutatedText, pieces } from '../hostile.ts';
import { demandSame } from '../oracle.ts';
import { target } from '../target.ts';
import { recorded } from './recorded.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** One byte a character, as the bytes are looked at. */
const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', '\r\n\r\n', '');
const said = fc.oneof(
  hostileText,
  fc.constantFrom(
    ...['{}', '{"usage":null}', '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}', '[DONE]'],
    ...[
      '{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":null}',
      '{"usage":{"usage":{}},"choices":[]}',
    ],
    ...[
      '{"error":{"message":"x"}}',
      '{"type":"response.failed","response":{"error":{}}}',
      '{"a":',
      'x}',
      ']',
    ],
    ...['{"usage":null,"choices":[]}', '{"choices":[],"usage":null,"obfuscation":"x"}', '"usage":"usage":{'],
  ),
);
const line = fc
  .tuple(
    fc.constantFrom('data: ', 'data:', 'event: ', 'event:', ':', 'id: ', ' data: ', '', 'data'),
    said,
    end,
  )
  .map((of) => of.join(''));
const lines = fc
  .tuple(fc.constantFrom('', '', '\ufeff', '\n', '\r\n'), fc.array(line, { maxLength: 14 }))
  .map(([mark, all]) => mark + all.join(''));
const texts = fc.oneof(
  { weight: 3, arbitrary: lines },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom('\n', '\r', 'data:', 'event:', 'x', '}', ' '), { maxLength: 40 })
      .map((of) => of.join('')),
  },
  {
    weight: 1,
    arbitrary: mutatedText(
      protocols.flatMap((protocol) =>
        recorded(protocol)
          .streams.slice(0, 20)
          .map((events) =>
            (Array.isArray(events) ? events : [events])
              .map((one) => `data: ${JSON.stringify(one)}\n\n`)
              .join(''),
          ),
      ),
    ),
  },
);
const cutStreams = fc.record({ stream: texts, cuts: arbitraryCuts });
/** Far longer than what is kept of a stream, so that only parts of it are looked at. */
const longStreams = fc
  .record({ stream: texts, size: fc.constantFrom(0, 0, 17_000, 70_000, 200_000), cuts: arbitraryCuts })
  .map(({ stream, size, cuts }) => ({
    cuts,
    stream: stream.repeat(Math.max(1, Math.ceil(size / Math.max(1, stream.length)))),
  }));

export const streamByteTargets = [
  target('ends of events in bytes', texts, ends, 300),
  target('events in bytes, cut', cutStreams, whole, 200),
  target('data of events in bytes', texts, fields, 200),
  target('events that are checked', texts, checked, 200),
  target('usage that nobody asked for', texts, hidden, 300),
  target('tails of streams', longStreams, tails, 60),
  target('estimates of streams', longStreams, estimates, 40),
  target('first events', cutStreams, first, 100),
  target('streams that pass', longStreams, passed, 40),
  target('streams with carriage returns', cutStreams, returned, 200),
];

function ends(text: string): void {
  const bytes = bytesOf(text);
  const latin1 = plain(bytes);
  for (let from = 0; from <= Math.min(latin1.length, 64); from++) {
    const found = eventEnd(bytes, from);
    const wanted = latin1.slice(from).search(/\n(?=\r?\n)/);
    demandSame(found, wanted < 0 ? -1 : from + wanted, `the end of an event from ${from} on`);
    if (found >= 0)
      demandSame(behindEvent(bytes, found), found + (latin1[found + 1] === '\n' ? 2 : 3), 'behind it');
    const rest = from === 0 ? latin1.replace(/^\u00ef\u00bb\u00bf/, '') : latin1.slice(from);
    const blank = /^(?:\r?\n)*/.exec(rest)?.[0].length ?? 0;
    demandSame(
      behindEmptyLines(bytes, from),
      latin1.length - rest.length + blank,
      `behind empty lines from ${from} on`,
    );
  }
}

function whole({ stream, cuts }: { stream: string; cuts: number[] }): void {
  const bytes = bytesOf(stream);
  const latin1 = plain(bytes);
  const events = wholeEvents();
  let out = '';
  let came = 0;
  for (const piece of pieces(bytes, cuts)) {
    came += piece.length;
    out += plain(events.push(piece) ?? new Uint8Array());
    if (!latin1.startsWith(out)) throw new Error('other bytes than came');
    if (!/^$|\n\r?\n$/.test(out)) throw new Error(`an event goes out before its end, of ${came} bytes`);
    if (blankLine.test(latin1.slice(out.length, came)))
      throw new Error(`an event is held back, of ${came} bytes`);
  }
  demandSame(out + plain(events.rest()), latin1, 'all bytes');
  const inOne = wholeEventBytes(new Uint8Array(), bytes);
  if (inOne < out.length || blankLine.test(latin1.slice(inOne)))
    throw new Error('an event is held back of one piece');
}

const blankLine = /\n\r?\n/;

/** The fields of one event, read line after line. */
function fields(text: string): void {
  const values = (name: string): string[] =>
    text
      .split('\n')
      .filter((one) => one.startsWith(name))
      .map((one) => one.slice(name.length).replace(/^ /, '').replace(/\r$/, ''));
  const data = values('data:');
  demandSame(dataOf(text), data.length > 0 ? data.join('\n') : undefined, 'data');
  demandSame(eventOf(text), { event: values('event:').at(-1), data: data.join('\n') }, 'event');
}

function checked(text: string): void {
  const bytes = bytesOf(text);
  const { good, broken } = checkEvents(bytes);
  const latin1 = plain(bytes);
  const parts = latin1.replace(/^\u00ef\u00bb\u00bf/, '').split(/(?<=\n\r?\n)(?!$)/);
  demandSame(plain(checkEvents(good).good), plain(good), 'what was good');
  const inBrackets = eventsInBrackets(bytes);
  if (inBrackets !== undefined) demandSame([plain(good), broken], [latin1, false], 'events in brackets');
  else if (!broken && plain(good) !== latin1) {
    const kept = parts.filter((part) => kindOfData(dataOf(part) ?? '') !== 'words').length;
    if (kept === parts.length) throw new Error('an event is gone that is none of words');
  }
}

function hidden(text: string): void {
  const bytes = bytesOf(text);
  const latin1 = plain(bytes);
  const shown = plain(withoutUnaskedUsage(bytes));
  let at = 0;
  for (const letter of shown) {
    at = latin1.indexOf(letter, at) + 1;
    if (at === 0) throw new Error('a byte that was not there, or at another place');
  }
  if (!latin1.includes('"usage"')) demandSame(shown, latin1, 'a stream without usage');
  const choices = (stream: string): string[] =>
    eventsOf([Buffer.from(stream, 'latin1')])
      .map(({ data }) => parseJson(data))
      .flatMap((value) => (isObject(value) && Array.isArray(value.choices) ? value.choices : []))
      .map((choice) => JSON.stringify(choice));
  demandSame(choices(shown), choices(latin1), 'choices');
}

function tails({ stream, cuts }: { stream: string; cuts: number[] }): void {
  const bytes = bytesOf(stream);
  const tail = createTail();
  const all = pieces(bytes, cuts);
  for (const piece of all) tail.push(piece);
  const latin1 = plain(bytes);
  const { chunks, size, gone } = tail.kept();
  demandSame(gone + size, bytes.length, 'bytes');
  if (plain(Buffer.concat(chunks)) !== latin1.slice(gone))
    throw new Error('other bytes are kept than came last');
  for (const last of [0, 1, 7, 1024, 8192, 65_536])
    if (tail.last(last) !== (last === 0 ? '' : latin1.slice(-last)))
      throw new Error(`other ${last} last bytes`);
  demandSame(tail.head(16), plain((all[0] ?? new Uint8Array()).subarray(0, 16)), 'head');
  demandSame(tail.holds(1024, [Buffer.from('"usage"')]), latin1.slice(-1024).includes('"usage"'), 'a word');
  for (const protocol of protocols) {
    const { counts } = streamEnd(protocol, tail);
    demandCounts(counts);
    demandCounts(tokenCounts(codecs[protocol].usage, latin1.slice(0, 4096), latin1.slice(-8192)) ?? {});
  }
}

function demandCounts(counts: object): void {
  for (const [name, value] of Object.entries(counts))
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0))
      throw new Error(`${name} is ${value}`);
}

/** Bytes up to which every event is looked at. */
const lookedAt = 16_384;

function estimates({ stream, cuts }: { stream: string; cuts: number[] }): void {
  const bytes = bytesOf(stream);
  for (const protocol of protocols) {
    const codec = codecs[protocol];
    const tail = createTail();
    for (const piece of pieces(bytes, cuts)) tail.push(piece);
    const tokens = saidTokens(codec, tail);
    // Each byte is at most one that was said, and a share of one of a few tokens is rounded up.
    if (!(tokens >= 0 && tokens <= bytes.length + 4))
      throw new Error(`${tokens} tokens in ${bytes.length} bytes of ${protocol}`);
    const { chunks, gone } = tail.kept();
    const isJson = gone === 0 && /^[\0-\x20]*[{[]/.test(plain(bytes));
    if (isJson) demandSame(tokens, saidInWhole(codec, Buffer.concat(chunks)), protocol);
    else if (bytes.length <= lookedAt) demandSame(tokens, outputTokens(saidBy(codec, bytes)), protocol);
  }
}

function saidBy({ streamDecoder }: (typeof codecs)[(typeof protocols)[number]], bytes: Uint8Array): number {
  let sum = 0;
  const emit = (event: StreamEvent): void => {
    sum += eventBytes(event);
  };
  const decoder = streamDecoder({ request: { model: '', stream: true, messages: [] } });
  for (const event of eventsOf([bytes])) decoder.decode(event, emit);
  return sum;
}

async function first({ stream, cuts }: { stream: string; cuts: number[] }): Promise<void> {
  const bytes = bytesOf(stream);
  for (const protocol of protocols) {
    const look = async (at: readonly number[]): Promise<string> =>
      (await readFirstEvent(protocol, readerOf(pieces(bytes, at)))).kind;
    demandSame(await look(cuts), await look([]), `${protocol}, cut at ${cuts}`);
  }
}

async function passed({ stream, cuts }: { stream: string; cuts: number[] }): Promise<void> {
  const bytes = bytesOf(stream);
  for (const protocol of protocols)
    for (const hidesUsage of [false, true]) {
      const [one = new Uint8Array(), ...others] = pieces(bytes, cuts);
      let ended = 0;
      const showing = { mask: (text: string) => text, mostBytes: 8192, id: 'req_1' };
      const context = () => ({ request: answeredRequest });
      const body = passThrough(
        codecs[protocol],
        one,
        yieldingReader(readerOf(others)),
        ({ said, error: _error, upstreamError: _upstream, stalled: _stalled, ...counts }) => {
          ended += 1;
          demandCounts({ ...counts, said });
        },
        context,
        showing,
        undefined,
        hidesUsage,
      );
      await new Response(body).text();
      if (ended !== 1) throw new Error(`a stream of ${protocol} has ended ${ended} times`);
      const shown = await errorEvents(codecs[protocol], context, showing)(bytes);
      if (!/error|failed/i.test(stream)) demandSame(plain(shown), plain(bytes), 'events without an error');
    }
}

async function returned({ stream, cuts }: { stream: string; cuts: number[] }): Promise<void> {
  for (const ending of ['\r', '\n', '\r\n']) {
    const text = stream.replaceAll(/\r\n|\r|\n/g, ending);
    const reader = withLineFeeds(readerOf(pieces(bytesOf(text), cuts).filter(({ length }) => length > 0)));
    const read: Uint8Array[] = [];
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) read.push(piece.value);
    demandSame(eventsOf(read), eventsOf([bytesOf(text)]), `events with ${JSON.stringify(ending)}`);
  }
}

function readerOf(all: readonly Uint8Array[]): ChunkReader {
  const waiting = [...all];
  return {
    async read() {
      const value = waiting.shift();
      return value === undefined ? { done: true } : { done: false, value };
    },
    cancel: () => Promise.resolve(),
  };
}

function eventsOf(chunks: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}
