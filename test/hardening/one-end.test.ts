/**
 * A request always ends once: whatever breaks on its way, it has one log line, settles what it was let in for once, and
 * gives back its place.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import type { Answer, ClientRequest, Settlement } from '../../src/gateway/answer.ts';
import { scanEnvelope } from '../../src/gateway/body-scan.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { Outcome } from '../../src/gateway/stream/pass-stream.ts';
import { openTranslated } from '../../src/gateway/stream/translate-stream.ts';
import { systemClock } from '../../src/ground/clock.ts';
import type { Cancellation, HttpRequest, HttpResponse } from '../../src/http-client/message.ts';
import type { StreamEvent } from '../../src/protocols/answer.ts';
import type { StreamDecoder, StreamEncoder } from '../../src/protocols/codec.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { outgoingBody } from '../../src/server/outgoing-body.ts';
import type { Log } from '../../src/telemetry/log.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { writeStream } from '../codec-runs.ts';
import { eventually } from '../eventually.ts';
import { callOf } from '../gateway/calls.ts';
import { configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { text, user } from '../messages.ts';

/** Where an upstream's call goes wrong. */
const faults = [
  ...[
    'none',
    'none',
    'send throws',
    'send rejects',
    'send hangs',
    'status 500',
    'status 302',
    'header throws',
  ],
  ...[
    'headers throw',
    'body throws',
    'read throws',
    'read rejects',
    'read hangs',
    'ends early',
    'ends at once',
  ],
  ...['not json', 'half json', 'encoder breaks', 'proxy throws', 'cancel rejects'],
] as const;
type Fault = (typeof faults)[number];

/** What goes wrong beside it. */
const troubles = [
  'none',
  'none',
  'none',
  'settled throws',
  'log throws',
  'sink throws',
  'answered late',
] as const;

/** What the client does. */
const behaviours = [
  'reads',
  'reads',
  'leaves before',
  'leaves soon',
  'leaves while reading',
  'leaves unread',
  'cancels',
] as const;

interface Case {
  client: Protocol;
  upstream: Protocol;
  stream: boolean;
  upstreamStreams: boolean;
  fault: Fault;
  trouble: (typeof troubles)[number];
  behaviour: (typeof behaviours)[number];
  at: number;
}

const said: StreamEvent[] = [
  { type: 'start', id: 'a1', model: 'm' },
  { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
  ...['one ', 'two ', 'three'].map((word): StreamEvent => ({ type: 'delta', index: 0, text: word })),
  { type: 'part-end', index: 0 },
  { type: 'usage', usage: { input: 3, output: 3 } },
  { type: 'finish', finish: { reason: 'stop' } },
  { type: 'end' },
];
const asked = { model: 'm', stream: true, messages: [user(text('Hello'))], includeUsage: true };
const context = {
  request: asked,
  model: 'm',
  unixSeconds: () => 0,
  newId: (prefix: string) => `${prefix}_1`,
};

/** The answer of an upstream, as a stream or whole, in pieces. */
function piecesOf({ upstream, upstreamStreams, fault }: Case): Uint8Array[] {
  const codec = codecs[upstream];
  const whole = JSON.stringify(
    codec.encodeResponse(
      { id: 'a1', model: 'm', parts: [{ type: 'text', text: 'one two' }], finish: { reason: 'stop' } },
      context,
    ),
  );
  let body = upstreamStreams ? writeStream(codec, said, context) : whole;
  if (fault === 'ends at once') body = '';
  if (fault === 'not json') body = upstreamStreams ? `data: words\n\n${body}` : '<html>';
  if (fault === 'half json') body = upstreamStreams ? body.replace('}\n\n', '\n\n') : whole.slice(0, -9);
  const bytes = new TextEncoder().encode(body);
  const size = Math.ceil(bytes.length / 4);
  return [0, 1, 2, 3].map((at) => bytes.slice(at * size, (at + 1) * size));
}

/** An upstream that fails as the case says; what hangs ends when the call is cancelled. */
function scripted(one: Case): (request: HttpRequest, watch: Cancellation) => Promise<HttpResponse> {
  return (_request, watch) => {
    const { fault } = one;
    const cancelled = new Promise<never>((_, reject) => watch.whenCancelled(reject));
    cancelled.catch(() => undefined);
    if (watch.cancelled !== undefined) return Promise.reject(watch.cancelled);
    if (fault === 'send throws') throw new Error('send threw');
    if (fault === 'send rejects') return Promise.reject(new Error('send was rejected'));
    if (fault === 'send hangs') return cancelled;
    const pieces = piecesOf(one);
    let reads = 0;
    let gone = false;
    const next = () => {
      const at = reads++;
      if (at === one.at && fault === 'read throws') throw new Error('read threw');
      if (at === one.at && fault === 'read rejects') return Promise.reject(new Error('read was rejected'));
      if (at === one.at && fault === 'read hangs') return cancelled;
      const value = gone || (at >= one.at && fault === 'ends early') ? undefined : pieces[at];
      return Promise.resolve(
        value === undefined ? { done: true as const, value: undefined } : { done: false as const, value },
      );
    };
    const read = () => {
      const piece = next();
      return Promise.race([piece, cancelled]);
    };
    const reader = {
      read,
      cancel: () => {
        gone = true;
        return fault === 'cancel rejects'
          ? Promise.reject(new Error('cancel was rejected'))
          : Promise.resolve();
      },
    };
    const type = one.upstreamStreams ? 'text/event-stream' : 'application/json';
    const status = fault === 'status 500' ? 500 : fault === 'status 302' ? 302 : 200;
    return Promise.resolve({
      status,
      header(name: string) {
        if (fault === 'header throws') throw new Error('header threw');
        return name === 'content-type' ? type : null;
      },
      get headers() {
        if (fault === 'headers throw') throw new Error('headers threw');
        return new Headers({ 'content-type': type });
      },
      async bytes() {
        const all: Uint8Array[] = [];
        for (let piece = await read(); !piece.done; piece = await read()) all.push(piece.value);
        return new Uint8Array(Buffer.concat(all));
      },
      body() {
        if (fault === 'body throws') throw new Error('body threw');
        return reader;
      },
    });
  };
}

const config = configOf({
  ...everyUpstream('http://127.0.0.1:9', (protocol) => [{ name: 'm', alias: modelOver[protocol] }], {
    concurrency: 1,
  }),
  'disable-cooling': true,
  'request-retry': 0,
  timeouts: { connect: '40ms', 'first-byte': '40ms', stall: '40ms', whole: '40ms' },
  streaming: { 'keepalive-seconds': 0 },
});
const credentials = credentialsFromConfig(config);

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
afterAll(() => void process.off('unhandledRejection', note));

interface Ended {
  lines: number;
  settled: number;
  records: UsageRecord[];
  busy: number;
  answered: boolean;
}

/** Sends one request as the case says, until it is over; gives what was told of its ends. */
async function run(one: Case): Promise<Ended> {
  const records: UsageRecord[] = [];
  let lines = 0;
  let settled = 0;
  const silent = () => {};
  const log: Log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: silent,
    flush: silent,
    debugging: false,
    request() {
      lines += 1;
      if (one.trouble === 'log throws') throw new Error('the log threw');
    },
  };
  const gateway = createGateway({
    log,
    clock: systemClock,
    newId: (prefix) => {
      if (one.fault === 'encoder breaks') throw new Error('an encoder broke');
      return `${prefix}_1`;
    },
    http: { send: scripted(one) },
    fetch: () => Promise.reject(new Error('not asked')),
    userAgent: 'test',
    sinks: [
      {
        add() {
          if (one.trouble === 'sink throws') throw new Error('a sink threw');
        },
      },
      { add: (record) => void records.push(record) },
    ],
    proxies: {
      proxyFor() {
        if (one.fault === 'proxy throws') throw new Error('the proxy threw');
        return undefined;
      },
    },
  });
  gateway.configure(credentials, config);
  const client = new AbortController();
  const call = callOf(one.client);
  const model = modelOver[one.upstream];
  const body = new TextEncoder().encode(JSON.stringify(call.body(model, 'Hello', one.stream)));
  const request: ClientRequest = {
    id: 'req_1',
    protocol: one.client,
    operation: 'generate',
    model,
    stream: one.stream,
    body,
    modelSpan: one.client === 'gemini' ? undefined : scanEnvelope(body)?.modelSpan,
    query: one.client === 'gemini' && one.stream ? 'alt=sse' : '',
    headers: new Headers(),
    signal: client.signal,
    receivedAt: performance.now(),
    settled(_settlement: Settlement) {
      settled += 1;
      if (one.trouble === 'settled throws') throw new Error('settling threw');
    },
  };
  if (one.behaviour === 'leaves before') client.abort();
  const answering = gateway.handle(request);
  if (one.behaviour === 'leaves soon') setTimeout(() => client.abort(), one.at);
  let answer: Answer | undefined;
  try {
    answer = await answering;
  } catch {
    // Where not even the log can be written to.
  }
  if (answer?.body instanceof ReadableStream) await take(answer.body, one, client);
  const busy = () => credentials.reduce((sum, { id }) => sum + gateway.pool.inFlightOf(id), 0);
  await eventually(() => lines > 0 && busy() === 0);
  await Bun.sleep(0);
  return { lines, settled, records, busy: busy(), answered: answer !== undefined };
}

async function take(
  body: ReadableStream<Uint8Array>,
  { behaviour, at }: Case,
  client: AbortController,
): Promise<void> {
  if (behaviour === 'leaves unread') return client.abort();
  const reader = body.getReader();
  try {
    for (let reads = 0; ; reads += 1) {
      if (behaviour === 'leaves while reading' && reads === at) client.abort();
      if (behaviour === 'cancels' && reads === at) return await reader.cancel();
      if ((await reader.read()).done) return;
    }
  } catch {
    // The stream broke: that is an end, too.
  }
}

const cases: fc.Arbitrary<Case> = fc.record({
  client: fc.constantFrom(...protocols),
  upstream: fc.constantFrom(...protocols),
  stream: fc.boolean(),
  upstreamStreams: fc.boolean(),
  fault: fc.constantFrom(...faults),
  trouble: fc.constantFrom(...troubles),
  behaviour: fc.constantFrom(...behaviours),
  at: fc.nat({ max: 3 }),
});

describe('a request ends once', () => {
  test('H7: whatever breaks, there is one log line, record, settlement, and the place is free', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cases, { minLength: 20, maxLength: 20 }), async (all) => {
        const ends = await Promise.all(all.map(run));
        for (const [at, { records, ...end }] of ends.entries()) {
          expect({ ...all[at], ...end }).toEqual({
            ...all[at],
            lines: 1,
            settled: 1,
            busy: 0,
            answered: end.answered,
          });
          expect(records).toHaveLength(1);
          for (const { id, served, attempts, status, error } of records) {
            expect({ id, served: served?.model, attempts: attempts.length }).toEqual({
              id: 'req_1',
              served: 'm',
              attempts: 1,
            });
            if (status >= 400) expect(error).toBeDefined();
          }
        }
        expect(unhandled).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

test.each([1, 2])('H7: a decoder that breaks at event %i ends the stream as a broken one', async (at) => {
  const outcomes: Outcome[] = [];
  let events = 0;
  const decoder: StreamDecoder = {
    decode(_event, emit) {
      if (events++ === at) throw new TypeError('a decoder broke');
      emit({ type: 'start', id: 'a1', model: 'm' });
      emit({ type: 'part-start', index: 0, part: { type: 'text', text: 'one' } });
    },
    end: () => {},
  };
  const chunks = ['data: {}\n\n', 'data: {}\n\n', 'data: {}\n\n'].map((chunk) =>
    new TextEncoder().encode(chunk),
  );
  const opened = await openTranslated(
    {
      read: async () => {
        const value = chunks.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      cancel: async () => {},
    },
    'openai-chat',
    decoder,
    codecs['openai-chat'].streamEncoder(context),
    (outcome) => outcomes.push(outcome),
    undefined,
    codecs['openai-chat'].answerRoom,
    () => {},
    { mask: (told) => told, mostBytes: 8192, id: 'req_1' },
  );
  if (opened.kind !== 'open') throw new Error('it had content');
  const told = await new Response(outgoingBody(opened.body)).text();
  expect(told).toContain('upstream_stream_broken');
  expect(outcomes.map(({ error }) => error)).toEqual(['the answer could not be read: a decoder broke']);
});

test('H7: an encoder that breaks behind a long text ends the stream as a broken one, once that has gone out', async () => {
  const outcomes: Outcome[] = [];
  const chat = codecs['openai-chat'].streamEncoder(context);
  const broken: StreamEncoder = {
    encode(event) {
      if (event.type === 'part-end') throw new TypeError('an encoder broke');
      return chat.encode(event);
    },
  };
  const long = 'word '.repeat(200_000);
  const decoder: StreamDecoder = {
    decode(_event, emit) {
      emit({ type: 'start', id: 'a1', model: 'm' });
      emit({ type: 'part-start', index: 0, part: { type: 'text', text: '' } });
      emit({ type: 'delta', index: 0, text: long });
      emit({ type: 'delta', index: 0, text: 'behind it' });
      emit({ type: 'part-end', index: 0 });
      emit({ type: 'finish', finish: { reason: 'stop' } });
      emit({ type: 'end' });
    },
    end: () => {},
  };
  let read = false;
  const opened = await openTranslated(
    {
      read: async () => {
        if (read) return { done: true };
        read = true;
        return { done: false, value: new TextEncoder().encode('data: {}\n\n') };
      },
      cancel: async () => {},
    },
    'openai-chat',
    decoder,
    broken,
    (outcome) => outcomes.push(outcome),
    undefined,
    codecs['openai-chat'].answerRoom,
    () => {},
    { mask: (told) => told, mostBytes: 8192, id: 'req_1' },
  );
  if (opened.kind !== 'open') throw new Error('it had content');
  const told = await new Response(outgoingBody(opened.body)).text();
  expect(told.indexOf(long)).toBeGreaterThan(0);
  expect(told.indexOf('behind it')).toBeGreaterThan(told.indexOf(long));
  expect(told.indexOf('upstream_stream_broken')).toBeGreaterThan(told.indexOf('behind it'));
  expect(outcomes.map(({ error }) => error)).toEqual(['the answer could not be read: an encoder broke']);
});
