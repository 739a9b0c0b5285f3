/** H7: words from outside that every object inherits are words like any other, wherever a codec looks one up. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { StreamEvent } from '../../src/protocols/answer.ts';
import { InvalidRequest } from '../../src/protocols/invalid-request.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { readSse } from '../codec-runs.ts';
import { type Exchange, exchanges } from '../corpus.ts';
import { text, user } from '../messages.ts';

const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

type Path = (string | number)[];

/** Where strings stand in a value, but for long ones: those are texts. */
function stringsIn(value: Json | undefined, path: Path = []): Path[] {
  if (typeof value === 'string') return value.length < 60 ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((inner, at) => stringsIn(inner, [...path, at]));
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => stringsIn(value[key], [...path, key]));
}

function withWord(value: Json, [step, ...rest]: Path, word: string): Json {
  if (step === undefined) return word;
  if (Array.isArray(value))
    return value.map((inner, at) => (at === step ? withWord(inner, rest, word) : inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === step ? withWord(inner ?? null, rest, word) : (inner ?? null),
    ]),
  );
}

/** The name of the member that a path leads to, as a word. */
function withName(value: Json, [step, ...rest]: Path, word: string): Json {
  if (Array.isArray(value))
    return value.map((inner, at) => (at === step ? withName(inner, rest, word) : inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key !== step
        ? [key, inner ?? null]
        : rest.length === 0
          ? [word, inner ?? null]
          : [key, withName(inner ?? null, rest, word)],
    ),
  );
}

/** What `value` is with a word from outside at some place. */
function changed(value: Json): fc.Arbitrary<Json> {
  const places = stringsIn(value);
  if (places.length === 0) return fc.constant(value);
  return fc
    .tuple(fc.constantFrom(...places), fc.constantFrom(...words), fc.constantFrom(withWord, withName))
    .map(([place, word, change]) => change(value, place, word));
}

function expectData(value: unknown): void {
  if (typeof value === 'function') throw new Error(`a function: ${String(value).slice(0, 80)}`);
  if (typeof value !== 'object' || value === null) return;
  const made = Object.getPrototypeOf(value);
  if (made !== Object.prototype && made !== Array.prototype && made !== null && !(value instanceof Map))
    throw new Error(`not data: ${JSON.stringify(value)}`);
  for (const inner of Object.values(value)) expectData(inner);
}

/** Whatever `read` gives is data; all that it may throw is that the request is wrong. */
function expectRead<T>(read: () => T): T | undefined {
  try {
    const value = read();
    expectData(value);
    return value;
  } catch (error) {
    if (error instanceof InvalidRequest) return undefined;
    throw error;
  }
}

const request: Request = { model: 'm', stream: true, messages: [user(text('Hello'))] };
const context = { request, model: 'm', unixSeconds: () => 0, newId: (prefix: string) => `${prefix}_1` };
const all = { numRuns: 250 };
const short = (value: Json | undefined): boolean => JSON.stringify(value ?? null).length < 40_000;

describe.each(protocols)('%s', (protocol) => {
  const codec = codecs[protocol];
  const recorded = exchanges(protocol)
    .filter(({ endpoint }) => endpoint === 'generate')
    .slice(0, 400);
  const pick = <T>(take: (exchange: Exchange) => T | undefined): T[] =>
    recorded.map(take).filter((taken) => taken !== undefined);

  test('H7: requests with such words are read and written as data', () => {
    const bodies = pick(({ request: asked }) =>
      short(asked?.body) ? (asked?.body ?? undefined) : undefined,
    );
    const body = fc.constantFrom(...bodies).chain(changed);
    fc.assert(
      fc.property(body, fc.constantFrom(...protocols), (value, upstream) => {
        if (!isObject(value)) return;
        const read = expectRead(() => codec.decodeRequest(value, { model: 'm', stream: false }));
        if (read === undefined) return;
        const target = { model: 'm', stream: false, report: () => {} };
        const written = codecs[upstream].encodeRequest(read, target);
        expectData(JSON.parse(JSON.stringify(written, noFunction)));
      }),
      all,
    );
  });

  test('H7: whole answers with such words are read and written as data', () => {
    const bodies = pick(({ response }) => {
      const body = response?.body;
      return response !== null && response.status < 400 && isObject(body) && short(body) ? body : undefined;
    });
    if (bodies.length === 0) return;
    const body = fc.constantFrom<JsonObject[]>(...bodies).chain(changed);
    fc.assert(
      fc.property(body, fc.constantFrom(...protocols), (value, client) => {
        if (!isObject(value)) return;
        const read = expectRead(() => codec.decodeResponse(value, { request }));
        if (read === undefined || 'status' in read) return;
        JSON.stringify(codecs[client].encodeResponse(read, context), noFunction);
      }),
      all,
    );
  });

  test('H7: streams with such words are read and written as data', () => {
    const streams = pick(({ response }) => {
      const sse = response?.sse;
      return sse !== undefined && sse.length < 40_000 ? readSse(sse) : undefined;
    }).filter((events) => events.length > 1);
    const changedStream = fc
      .constantFrom(...streams)
      .chain((events) => fc.tuple(fc.constant(events), fc.nat({ max: events.length - 1 })))
      .chain(([events, at]) =>
        changed(parseJson(events[at]?.data ?? '') ?? null).map((value) =>
          events.map((event, place) => (place === at ? { ...event, data: JSON.stringify(value) } : event)),
        ),
      );
    fc.assert(
      fc.property(changedStream, fc.constantFrom(...protocols), (events, client) => {
        const decoder = codec.streamDecoder({ request });
        const encoder = codecs[client].streamEncoder(context);
        const emit = (event: StreamEvent): void => {
          expectData(event);
          expect(encoder.encode(event)).not.toContain('native code');
        };
        for (const event of events) expectRead(() => decoder.decode(event, emit));
        decoder.end(emit);
      }),
      all,
    );
  });

  test('H7: errors with such words are read and written as data', () => {
    const bodies = [
      ...pick(({ response }) => {
        const body = response?.body;
        return response !== null && response.status >= 400 && isObject(body) && short(body)
          ? body
          : undefined;
      }),
      ...protocols.map((other) =>
        codecs[other].encodeError({ status: 429, kind: 'rate-limit', message: 'slow', type: 'x', code: 'y' }),
      ),
    ];
    const body = fc.constantFrom(...bodies).chain(changed);
    fc.assert(
      fc.property(body, fc.constantFrom(...protocols), (value, client) => {
        const read = expectRead(() => codec.decodeError(400, JSON.stringify(value)));
        if (read === undefined) return;
        expect([typeof read.status, typeof read.kind, typeof read.message]).toEqual([
          'number',
          'string',
          'string',
        ]);
        JSON.stringify(codecs[client].encodeError(read), noFunction);
      }),
      all,
    );
  });
});

function noFunction(_key: string, value: unknown): unknown {
  if (typeof value === 'function') throw new Error('a function is written');
  return value;
}
