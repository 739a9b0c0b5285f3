import { afterAll, describe, expect, test } from 'bun:test';
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import fc from 'fast-check';
import { answerOf, folded, readSse, readStream, textsOf, writeStream } from '../../../test/codec-runs.ts';
import { broken } from '../../../test/gemini-rules.ts';
import {
  answeredRequest,
  arbitraryEvents,
  arbitraryRequest,
  arbitraryResponse,
} from '../../../test/model-arbitraries.ts';
import type { Response as Answer, FinishReason, StreamEvent } from '../answer.ts';
import { type EncodeContext, type Loss, lossesInto } from '../codec.ts';
import { unfoldResponse } from '../fold.ts';
import { type JsonObject, parseJson } from '../json.ts';
import { asArray, asNumber, asObject, asObjects } from '../json-members.ts';
import type { Part, SignatureFamily } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { withTextDocuments } from '../text-documents.ts';
import { gemini as codec } from './index.ts';
import { jsonArrayFraming } from './query-forms.ts';
import { decodeChunks } from './response.ts';

const context: EncodeContext = {
  request: { ...answeredRequest, reasoning: { show: 'auto' } },
  model: 'gemini-test',
  unixSeconds: () => 1_750_000_000,
  newId: (prefix) => `${prefix}_new`,
};

const traits = fc.constantFrom<ModelTraits | undefined>(
  undefined,
  { maxOutputTokens: 8192 },
  { reasoning: { kind: 'budget', min: 128, max: 32_768, canDisable: false, canAuto: true } },
  { reasoning: { kind: 'levels', levels: ['low', 'high'], canDisable: false, canAuto: true } },
  { reasoning: { kind: 'none' } },
);

function encode(request: Request, model = 'gemini-3-pro', modelTraits?: ModelTraits): JsonObject {
  const losses: Loss[] = [];
  return codec.encodeRequest(request, {
    model,
    stream: request.stream,
    ...(modelTraits && { traits: modelTraits }),
    report: lossesInto(losses),
  });
}

// ---------------------------------------------------------------- streams

function decoded(text: string): Answer {
  return folded(readStream(codec, text, answeredRequest));
}

function wireOf(events: readonly StreamEvent[]): string {
  return writeStream(codec, events, context);
}

/** What clients see of an answer. */
function said(parts: readonly Part[]): JsonObject {
  const joined = (types: Part['type'][]): string =>
    parts.map((part) => (types.includes(part.type) && 'text' in part ? part.text : '')).join('');
  return {
    text: joined(['text', 'refusal']),
    thinking: joined(['reasoning']),
    urls: [
      ...new Set(
        parts.flatMap((part) =>
          part.type === 'text' ? (part.citations ?? []).map(({ url }) => url ?? '') : [],
        ),
      ),
    ].sort(),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [`${part.id} ${part.name} ${JSON.stringify(parseJson(part.input))}`] : [],
    ),
  };
}

/** What the whole answer says in the protocol's words: refusals are filtered there. */
function reasonOf(answer: Answer): FinishReason {
  const { reason } = answer.finish;
  if (reason === 'stop-sequence') return 'stop';
  return reason;
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    const text = Buffer.from(request.headers.get('x-stream') ?? '', 'base64').toString();
    return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  },
});
afterAll(() => server.stop(true));

/** The chunks as the official client reads them. */
async function officiallyRead(text: string): Promise<GenerateContentResponse[]> {
  const client = new GoogleGenAI({
    apiKey: 'test',
    httpOptions: {
      baseUrl: `http://127.0.0.1:${server.port}`,
      headers: { 'x-stream': Buffer.from(text).toString('base64') },
    },
  });
  const chunks: GenerateContentResponse[] = [];
  const stream = await client.models.generateContentStream({ model: 'gemini-test', contents: 'Hello' });
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

// ---------------------------------------------------------------- laws

describe('a request from another protocol', () => {
  test.each(['gemini-3-pro', 'gemini-2.5-flash'])('becomes one that %s accepts', (model) => {
    fc.assert(
      fc.property(arbitraryRequest(), traits, (request, modelTraits) => {
        expect(broken(encode(request, model, modelTraits), model)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('keeps every text, tool and call in place', () => {
    fc.assert(
      fc.property(arbitraryRequest(), (request) => {
        const again = codec.decodeRequest(encode(request), { model: 'm', stream: false });
        const asked = { ...request, messages: withTextDocuments(request.messages, () => {}) };
        expect(textsOf(again, ['system'])).toBe(textsOf(asked, ['system', 'developer']));
        expect(textsOf(again, ['assistant'])).toBe(textsOf(asked, ['assistant']));
        // Only a turn that the API demands is added.
        expect(textsOf(again, ['user']).replace(/^ /, '')).toBe(textsOf(asked, ['user']).replace(/^ /, ''));
        const ids = (of: Request): string[] =>
          of.messages.flatMap(({ parts }) =>
            parts.flatMap((part) =>
              part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : [],
            ),
          );
        expect(ids(again)).toEqual(ids(request));
      }),
    );
  });

  test('brings the calls of its tools back under their own names', () => {
    fc.assert(
      fc.property(arbitraryRequest(), (request) => {
        const declared = asObjects(encode(request).tools).flatMap((tool) =>
          asObjects(tool.functionDeclarations),
        );
        const body = {
          candidates: [
            {
              content: { parts: declared.map(({ name }) => ({ functionCall: { name, args: {} } })) },
              finishReason: 'STOP',
            },
          ],
        };
        const answer = answerOf(codec.decodeResponse(body, { request }));
        const names = (request.tools ?? []).filter(({ type }) => type !== 'hosted').map(({ name }) => name);
        expect(answer.parts.map((part) => (part.type === 'tool-call' ? part.name : ''))).toEqual(names);
      }),
    );
  });
});

describe('an answer', () => {
  test('tells a client of this protocol everything that it says', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const again = answerOf(
          codec.decodeResponse(codec.encodeResponse(response, context), { request: answeredRequest }),
        );
        expect(said(again.parts)).toEqual(said(response.parts));
        expect(again.finish.reason).toBe(reasonOf(response));
        if (response.usage === undefined) return;
        const { cacheWrite: _unsaid, ...usage } = response.usage;
        const { extra: _extra, ...counted } = again.usage ?? { input: 0, output: 0 };
        expect({ cacheRead: 0, reasoning: 0, ...counted }).toEqual({ cacheRead: 0, reasoning: 0, ...usage });
      }),
    );
  });

  test('of this protocol is the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const body = codec.encodeResponse(response, context);
        const once = answerOf(codec.decodeResponse(body, { request: answeredRequest }));
        expect(codec.encodeResponse(once, context)).toEqual(body);
      }),
    );
  });

  test.each(['whole', 'streamed'])('%s brings all signatures back to the parts that had them', (way) => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const events: StreamEvent[] = [];
        unfoldResponse(response, (event) => events.push(event));
        const chunks =
          way === 'whole'
            ? [codec.encodeResponse(response, context)]
            : readSse(wireOf(events)).map(({ data }) => asObject(parseJson(data)) ?? {});
        const parts = chunks.flatMap(({ candidates }) =>
          asObjects(candidates).flatMap(({ content }) => asObjects(asObject(content)?.parts)),
        );
        for (const { thoughtSignature } of parts) {
          // Clients that know the field as bytes write it anew.
          if (typeof thoughtSignature === 'string' && thoughtSignature.startsWith('Y3Bh'))
            expect(Buffer.from(thoughtSignature, 'base64').toString('base64')).toBe(thoughtSignature);
        }
        const next = codec.decodeRequest(
          {
            contents: [
              { role: 'user', parts: [{ text: 'Hello' }] },
              { role: 'model', parts },
            ],
          },
          { model: 'm', stream: false },
        );
        // That of another family is one of a thought: it stands before the call that has carried it.
        const placeOf = (type: Part['type'], family: SignatureFamily): Part['type'] =>
          type === 'tool-call' && family !== 'gemini' ? 'reasoning' : type;
        const signatures = (of: readonly Part[]): JsonObject[] =>
          of.flatMap((part) =>
            'signature' in part && part.signature !== undefined
              ? [
                  {
                    on: placeOf(part.type, part.signature.family),
                    family: part.signature.family,
                    value: part.signature.value,
                    redacted: part.type === 'reasoning' && part.redacted === true,
                  },
                ]
              : [],
          );
        expect(signatures(next.messages.at(-1)?.parts ?? [])).toEqual(signatures(response.parts));
      }),
    );
  });
});

describe('a stream', () => {
  test('says what the whole answer says, however parts interleave', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const wanted = folded(events);
        const told = decoded(wireOf(events));
        expect(said(told.parts)).toEqual(said(wanted.parts));
        expect(told.finish.reason).toBe(reasonOf(wanted));
        if (wanted.usage !== undefined)
          expect(told.usage).toMatchObject({ input: wanted.usage.input, output: wanted.usage.output });
      }),
    );
  });

  test('is read by the official client, which sees the same answer', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents(), async (events) => {
        const wanted = said(folded(events).parts);
        const chunks = await officiallyRead(wireOf(events));
        const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
        expect(parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('')).toBe(
          String(wanted.text),
        );
        expect(chunks.flatMap((chunk) => chunk.functionCalls ?? []).length).toBe(
          asArray(wanted.calls).length,
        );
        expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBeString();
        const usage = folded(events).usage;
        expect(chunks.at(-1)?.usageMetadata?.promptTokenCount).toBe(usage?.input);
      }),
      { numRuns: 40 },
    );
  });

  test('without alt=sse is one JSON array with the same chunks', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const framed = jsonArrayFraming(codec.streamEncoder(context));
        const value = parseJson(events.map((event) => framed.encode(event)).join(''));
        expect(value).toEqual(readSse(wireOf(events)).map(({ data }) => parseJson(data) ?? null));
        const answer = answerOf(decodeChunks(asArray(value), { request: answeredRequest }));
        expect(answer).toEqual(decoded(wireOf(events)));
      }),
    );
  });

  test('made from a whole answer says the same', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const events: StreamEvent[] = [];
        unfoldResponse(response, (event) => events.push(event));
        const own = answerOf(
          codec.decodeResponse(codec.encodeResponse(response, context), { request: answeredRequest }),
        );
        unfoldResponse(own, (event) => events.push(event));
        expect(said(decoded(wireOf(events.slice(0, -1))).parts)).toBeDefined();
        expect(said(decoded(wireOf(events)).parts)).toEqual(said(response.parts));
      }),
    );
  });

  test('is the same however its bytes and chunks are cut', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const wire = wireOf(events);
        const told = decoded(wire);
        expect(decoded(wire.replaceAll('\n', '\r\n'))).toEqual(told);
        // Code Assist wraps each chunk.
        const wrapped = readSse(wire)
          .map(({ data }) => `data: {"response":${data}}\n\n`)
          .join('');
        expect(decoded(wrapped)).toEqual(told);
      }),
      { numRuns: 30 },
    );
  });

  test('that is cut short never says that it is complete', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const chunks = readSse(wireOf(events)).slice(0, -1);
        const seen: string[] = [];
        const decoder = codec.streamDecoder({ request: answeredRequest });
        for (const chunk of chunks) decoder.decode(chunk, ({ type }) => seen.push(type));
        decoder.end(({ type }) => seen.push(type));
        expect(seen).not.toContain('end');
      }),
      { numRuns: 30 },
    );
  });

  test('decodes and encodes a chunk of text in microseconds', () => {
    const decoder = codec.streamDecoder({ request: answeredRequest });
    const encoder = codec.streamEncoder(context);
    const data = JSON.stringify({
      candidates: [{ content: { parts: [{ text: ' some words of an answer' }], role: 'model' }, index: 0 }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      modelVersion: 'gemini-test',
      responseId: 'r-1',
    });
    let length = 0;
    const emit = (event: StreamEvent): void => {
      length += encoder.encode(event).length;
    };
    const run = (count: number): number => {
      const before = performance.now();
      for (let i = 0; i < count; i++) decoder.decode({ event: undefined, data }, emit);
      return ((performance.now() - before) * 1000) / count;
    };
    run(20_000);
    const best = Math.min(run(20_000), run(20_000), run(20_000));
    expect(length).toBeGreaterThan(0);
    // Some 2 µs on an idle core; the bound leaves room for a busy one.
    expect(best).toBeLessThan(30);
  });
});

test('numbers that the API has no field for are told as losses', () => {
  fc.assert(
    fc.property(arbitraryRequest(), (request) => {
      const config = asObject(encode(request).generationConfig) ?? {};
      expect(asNumber(config.maxOutputTokens)).toBe(request.maxTokens);
      expect(asNumber(config.temperature)).toBe(request.temperature);
      expect(asNumber(config.topP)).toBe(request.topP);
    }),
  );
});
