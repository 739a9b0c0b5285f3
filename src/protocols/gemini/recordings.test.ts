import { describe, expect, test } from 'bun:test';
import { answerOf, readSse, readStream, writeStream } from '../../../test/codec-runs.ts';
import { type Exchange, exchanges } from '../../../test/corpus.ts';
import type { EncodeContext } from '../codec.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asArray, asObject, asObjects } from '../json-members.ts';
import type { Request } from '../request.ts';
import { joinGrounding } from './grounding.ts';
import { gemini as codec } from './index.ts';
import { decodeChunks } from './response.ts';

const recorded = exchanges('gemini').filter(({ endpoint }) => endpoint === 'generate');

// ---------------------------------------------------------------- what may differ

/** A content without parts says nothing, and a candidate without an index is the first. */
function plainAnswer(answer: JsonObject): JsonObject {
  const candidates = asObjects(answer.candidates).map((candidate) => {
    const { content, ...rest } = candidate;
    const parts = asArray(asObject(content)?.parts);
    return { index: 0, ...rest, ...(parts.length > 0 && { content: { role: 'model', parts } }) };
  });
  const usage = asObject(answer.usageMetadata);
  return {
    ...answer,
    ...(candidates.length > 0 && { candidates }),
    ...(usage && { usageMetadata: withoutZeros(usage) }),
  };
}

/** A count of zero is none. */
function withoutZeros(usage: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(usage).filter(([key, value]) => value !== 0 || key === 'promptTokenCount'),
  );
}

// ---------------------------------------------------------------- harness

function requestOf(exchange: Exchange): Request {
  const body = exchange.request?.body;
  const usable = isObject(body) ? body : { contents: [] };
  return codec.decodeRequest(usable, { model: 'gemini-2.5-flash', stream: true });
}

function context(request: Request, model: string): EncodeContext {
  return { request, model, unixSeconds: () => 0, newId: (prefix) => `${prefix}_new` };
}

const chunksOf = (text: string): JsonObject[] =>
  readSse(text).map(({ data }) => asObject(parseJson(data)) ?? {});

/** What a stream says: its chunks as one answer, with runs of text joined as Google's documentation describes. */
function folded(chunks: JsonObject[]): JsonObject {
  const answer: JsonObject = {};
  const candidate: JsonObject = {};
  const parts: JsonObject[] = [];
  for (const chunk of chunks) {
    const { candidates, usageMetadata, ...rest } = chunk;
    Object.assign(answer, rest);
    if (isObject(usageMetadata))
      answer.usageMetadata = { ...asObject(answer.usageMetadata), ...usageMetadata };
    for (const { content, ...fields } of asObjects(candidates)) {
      const before = asObject(candidate.groundingMetadata);
      const after = asObject(fields.groundingMetadata);
      Object.assign(candidate, fields);
      if (before && after) candidate.groundingMetadata = joinGrounding(before, after);
      for (const part of asObjects(asObject(content)?.parts)) {
        const last = parts.at(-1);
        const joins =
          typeof part.text === 'string' &&
          typeof last?.text === 'string' &&
          (last.thought === true) === (part.thought === true) &&
          last.thoughtSignature === undefined;
        if (joins && last !== undefined)
          Object.assign(last, part, { text: String(last.text) + String(part.text) });
        else if (part.text !== '' || part.thoughtSignature !== undefined) parts.push({ ...part });
      }
    }
  }
  const first = chunks.some((chunk) => Array.isArray(chunk.candidates));
  return plainAnswer({
    ...answer,
    ...(first && { candidates: [{ ...candidate, content: { parts, role: 'model' } }] }),
  });
}

// ---------------------------------------------------------------- specifications

describe('recorded answers', () => {
  const answers = recorded.filter(
    ({ response }) => response?.status === 200 && (isObject(response.body) || Array.isArray(response.body)),
  );
  test.each(answers)('$id is written back as it was', (exchange) => {
    const body = exchange.response?.body;
    const request = requestOf(exchange);
    const chunks = Array.isArray(body) ? asObjects(body) : undefined;
    const whole = asObject(body) ?? {};
    const response = answerOf(
      chunks === undefined ? codec.decodeResponse(whole, { request }) : decodeChunks(chunks, { request }),
    );
    const model = chunks?.[0]?.modelVersion ?? whole.modelVersion;
    const written = codec.encodeResponse(response, context(request, typeof model === 'string' ? model : ''));
    if (model === undefined) delete written.modelVersion;
    expect(plainAnswer(written)).toEqual(chunks === undefined ? plainAnswer(whole) : folded(chunks));
  });
});

describe('recorded streams', () => {
  const streams = recorded.filter(({ response }) => response?.status === 200 && response.sse !== undefined);
  const apart = ['partial-args', 'no-terminal-event'];
  const common = streams.filter(({ tags }) => !tags.some((tag) => apart.includes(tag)));
  test.each(common)('$id says the same after decoding and encoding', (exchange) => {
    const text = exchange.response?.sse ?? '';
    const request = requestOf(exchange);
    const wanted = folded(chunksOf(text));
    const model = typeof wanted.modelVersion === 'string' ? wanted.modelVersion : '';
    const events = readStream(codec, text, request);
    const told = folded(chunksOf(writeStream(codec, events, context(request, model))));
    if (wanted.modelVersion === undefined) delete told.modelVersion;
    expect(told).toEqual(wanted);
    expect(events.at(-1)?.type).toBe('end');
  });

  test.each([
    ['gemini-js-genai-2b8bec4bdceb', { greeting: 'Hello', name: 'jone smith' }],
    [
      'gemini-js-genai-b97a24a500d1',
      { country: 'USA', location: 'NewYorkCity', purpose: 'to know what to wear today', unit: 'C' },
    ],
    ['gemini-js-genai-eb66e7e4864d', { denominator: 2, numerator: 100 }],
  ])('%s: arguments that come piece by piece are one call', (id, args) => {
    const exchange = streams.find((stream) => stream.id === id);
    // The project's own samples are fewer than the shared recordings.
    if (exchange === undefined) return;
    const request = requestOf(exchange);
    const events = readStream(codec, exchange.response?.sse ?? '', request);
    const text = writeStream(codec, events, context(request, 'm'));
    const parts = asObjects(folded(chunksOf(text)).candidates).flatMap((candidate) =>
      asObjects(asObject(candidate.content)?.parts),
    );
    expect(parts.map((part) => asObject(part.functionCall)?.args)).toEqual([args]);
    expect(parts[0]?.thoughtSignature).toBeString();
  });

  test.each(streams.filter(({ tags }) => tags.includes('no-terminal-event')))(
    '$id never says that it is complete',
    (exchange) => {
      const events = readStream(codec, exchange.response?.sse ?? '', requestOf(exchange));
      expect(events.map(({ type }) => type)).not.toContain('end');
    },
  );
});

describe('recorded errors', () => {
  const failures = recorded.flatMap(({ id, response }) => {
    const body = response?.body ?? response?.sse;
    return response !== null && response.status >= 400 && body !== undefined
      ? [{ id, status: response.status, body }]
      : [];
  });
  test.each(failures)('$id keeps status, code and message', ({ status, body }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const value = typeof body === 'string' ? parseJson(body.replace(/^data: /, '')) : body;
    const told = asObject(asObject(Array.isArray(value) ? value[0] : value)?.error) ?? {};
    const error = codec.decodeError(status, text);
    expect(error.status).toBe(status);
    expect(error.message).toBe(String(told.message));
    const written = asObject(codec.encodeError(error).error) ?? {};
    expect(written).toMatchObject({ code: status, message: error.message, status: told.status });
  });
});
