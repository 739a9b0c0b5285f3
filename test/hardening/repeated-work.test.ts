/**
 * Texts that make the same work again and again: each of these took seconds to hours, or more memory than there is, by looking at all of a text once for
 * each of its parts. What is measured is the processor's time of this process, far above what they take on a busy machine.
 */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { parsePath, placesOf, withValue } from '../../src/gateway/payload/json-path.ts';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import { askedInBody } from '../../src/limits/asked-in-body.ts';
import type { Response } from '../../src/protocols/answer.ts';
import { withoutInventedCitations } from '../../src/protocols/anthropic-messages/citations.ts';
import { parseDataUrl } from '../../src/protocols/base64.ts';
import { isProtocolError } from '../../src/protocols/codec.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { eventOf } from '../../src/protocols/sse-bytes.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Milliseconds of the processor. */
const patience = 2000;
let began = process.cpuUsage();
beforeEach(() => {
  began = process.cpuUsage();
});
afterEach(() => {
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(patience);
});

const image: Record<Protocol, (url: string) => string> = {
  'openai-chat': (url) =>
    `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"${url}"}}]}]}`,
  'openai-responses': (url) =>
    `{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"${url}"}]}]}`,
  'anthropic-messages': (url) =>
    `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"${url}"}}]}]}`,
  gemini: (url) =>
    `{"contents":[{"role":"user","parts":[{"fileData":{"mimeType":"image/png","fileUri":"${url}"}}]}]}`,
};

describe.each([...protocols])('addresses in a request of %s', (from) => {
  test.each([
    ['a host again and again', 'generativelanguage'.repeat(12_000)],
    ['a host of Google at its end', `${'generativelanguage.'.repeat(12_000)}googleapis.com/v1/files/a`],
    ['the parameters of a data URL', `data:${';'.repeat(2_000_000)},x`],
    ['letters of base64 as escapes', `data:image/png;base64,${'%2b'.repeat(400_000)}`],
  ])('%s', (_what, url) => {
    for (const to of protocols)
      if (to !== from) translateRequest(bytes(image[from](url)), { from, to, model: 'm', stream: false });
  });
});

test('a data URL is one whatever its parameters, as far as they are short', () => {
  const source = { kind: 'base64', mediaType: 'image/png', data: 'ab+/' } as const;
  expect(parseDataUrl('data:image/png;base64,ab%2b%2F')).toEqual({ source, exact: false });
  expect(parseDataUrl(`data:image/png;x=${'y'.repeat(900)};base64,ab+/`)?.source).toEqual(source);
  expect(parseDataUrl(`data:image/png;x=${'y'.repeat(9000)};base64,ab+/`)).toBeUndefined();
});

test('blocks deep inside of blocks are looked through for citations once', () => {
  const cited =
    '{"type":"text","text":"x","citations":[{"encrypted_index":"","type":"web_search_result_location"}]}';
  const open = '{"type":"tool_result","content":[';
  const nested = (levels: number): string =>
    `{"messages":[{"role":"user","content":[${open.repeat(levels)}${Array.from({ length: 5000 }, () => cited).join()}${']}'.repeat(levels)}]}]}`;
  expect(withoutInventedCitations(bytes(nested(100)))).toHaveLength(nested(100).length);
  expect(new TextDecoder().decode(withoutInventedCitations(bytes(nested(2))))).not.toContain('citations');
});

test('as many models as a body may name are not all looked up', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `"m${at}"`).join();
  expect(
    askedInBody(bytes(`{"models":[${names}]}`), { models: true, answer: false, contentType: null }).models
      .length,
  ).toBe(257);
});

test('of many names of an event the last counts', () => {
  expect(eventOf(`${'event: x\n'.repeat(500_000)}event: error\r\ndata: 1`)).toEqual({
    event: 'error',
    data: '1',
  });
  expect(eventOf('event:a\ndata: event: b')).toEqual({ event: 'a', data: 'event: b' });
  expect(eventOf('data: 1')).toEqual({ event: undefined, data: '1' });
});

test('a rule for each of many messages copies their list once', () => {
  const messages = Array.from({ length: 30_000 }, () => ({ role: 'user', content: 'x' }));
  const body: JsonObject = { messages };
  const path = parsePath('messages.#.seen') ?? [];
  const fresh = new Set<JsonObject[string]>();
  let changed: JsonObject[string] = body;
  for (const place of placesOf(body, path)) changed = withValue(changed, place, true, fresh);
  // Whoever has the body sees nothing of it.
  expect(messages.some((message) => 'seen' in message)).toBe(false);
  expect(JSON.stringify(changed).split('"seen":true').length - 1).toBe(1024);
});

const request: Request = { model: 'm', stream: false, messages: [] };
const newId = (prefix: string): string => `${prefix}_1`;

function answerOf(over: Protocol, body: JsonObject, asked = request): Response | string {
  try {
    const read = codecs[over].decodeResponse(body, { request: asked });
    return isProtocolError(read) ? read.message : read;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function written(answer: Response | string, asked = request): string[] {
  if (typeof answer === 'string') return [answer];
  const context = { request: asked, model: 'm', unixSeconds: () => 1, newId };
  return protocols.map((client) => JSON.stringify(codecs[client].encodeResponse(answer, context)));
}

const said = 'é'.repeat(500_000);

function grounded(text: string, source: JsonObject, supports: JsonObject[]): JsonObject {
  return {
    candidates: [
      {
        finishReason: 'STOP',
        content: { parts: [{ text }] },
        groundingMetadata: { groundingChunks: [source], groundingSupports: supports },
      },
    ],
  };
}

describe('sources of an answer', () => {
  const web = { web: { uri: 'http://x', title: 'x' } };
  const many = <T>(make: (at: number) => T): T[] => Array.from({ length: 4000 }, (_, at) => make(at));

  test('places in a long text', () => {
    const supports = many((at) => ({
      segment: { startIndex: 999_000 - 2 * (at % 100), endIndex: 999_998 },
      groundingChunkIndices: [0],
    }));
    const answer = answerOf('gemini', grounded(said, web, supports));
    const [chat = ''] = written(answer);
    expect(chat).toContain('"start_index":499500,"end_index":499999');
  });

  test('words that are looked for in a long text', () => {
    const supports = many((at) => ({ segment: { text: `éé${at}` }, groundingChunkIndices: [0] }));
    expect(typeof answerOf('gemini', grounded(said.repeat(3), web, supports))).toBe('object');
  });

  test('one place with a source again and again', () => {
    const supports = [{ segment: { endIndex: 2 }, groundingChunkIndices: Array(200_000).fill(0) }];
    expect(answerOf('gemini', grounded(said, web, supports))).toContain('bounds.answer-items');
  });

  test('a long source that is repeated', () => {
    const quote = { retrievedContext: { uri: 'http://x', title: 'x', text: 'word '.repeat(200_000) } };
    const supports = many((at) => ({
      segment: { startIndex: 0, endIndex: 2 * at + 2 },
      groundingChunkIndices: [0],
    }));
    for (const text of written(answerOf('gemini', grounded(said, quote, supports))))
      expect(text.length).toBeLessThan(40_000_000);
    const address = { web: { uri: `http://${'x'.repeat(1_000_000)}`, title: 'x' } };
    for (const text of written(answerOf('gemini', grounded(said, address, supports))))
      expect(text.length).toBeLessThan(10_000_000);
  });

  test('places of other protocols in a long text', () => {
    const annotations = many((at) => ({
      type: 'url_citation',
      url_citation: { url: 'http://x', title: 'x', start_index: at, end_index: 499_999 },
    }));
    const answer = answerOf('openai-chat', {
      id: 'c',
      choices: [
        { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: said, annotations } },
      ],
    });
    const texts = written(answer);
    expect(texts.at(-1)).toContain('"startIndex":7998,"endIndex":999998');
    for (const text of texts) expect(text.length).toBeLessThan(20_000_000);
  });
});

test('calls of as many tools as a request may have', () => {
  const tools: NonNullable<Request['tools']> = Array.from({ length: 16_000 }, (_, at) => ({
    type: 'function',
    name: `t${at}`,
    parameters: { type: 'object' },
  }));
  const asked: Request = { ...request, tools };
  const content = Array.from({ length: 4000 }, (_, at) => ({
    ...{ type: 'tool_use', id: `c${at}`, name: `t${15_999 - at}` },
    input: {},
  }));
  const answer = answerOf(
    'anthropic-messages',
    { id: 'm', type: 'message', role: 'assistant', content, stop_reason: 'tool_use' },
    asked,
  );
  expect(written(answer, asked)[0]).toContain('"t12000"');
});

test('the free text of a call that was cut', () => {
  const asked: Request = { ...request, tools: [{ type: 'custom', name: 'f' }] };
  const cut = (written: string): Response | string =>
    answerOf(
      'openai-chat',
      {
        id: 'c',
        choices: [
          {
            ...{ index: 0, finish_reason: 'length' },
            message: {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: written } }],
            },
          },
        ],
      },
      asked,
    );
  const inputIn = (answer: Response | string) =>
    typeof answer === 'object' && answer.parts[0]?.type === 'tool-call' ? answer.parts[0].input : undefined;
  expect(inputIn(cut(`{"input":"${'a"'.replace('"', '\\"').repeat(1_000_000)}`))).toHaveLength(2_000_000);
  expect(inputIn(cut('{"input":"abc\\u00'))).toBe('abc');
  expect(inputIn(cut('{"inp\\"ut" : "abc","x":"y'))).toBe('abc');
});
