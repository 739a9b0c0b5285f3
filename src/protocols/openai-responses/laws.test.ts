import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import OpenAI from 'openai';
import { answerOf, folded, readSse, readStream, textsOf, writeStream } from '../../../test/codec-runs.ts';
import {
  answeredRequest,
  arbitraryEvents,
  arbitraryRequest,
  arbitraryResponse,
} from '../../../test/model-arbitraries.ts';
import type { Response as Answer, StreamEvent } from '../answer.ts';
import { type EncodeContext, type Loss, lossesInto } from '../codec.ts';
import { unfoldResponse } from '../fold.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asArray, asNumber, asObjects, asString } from '../json-members.ts';
import type { Part } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { withTextDocuments } from '../text-documents.ts';
import { openaiResponses as codec } from './index.ts';

/** Ids count on from `first`. */
function context(first = 0): EncodeContext {
  let ids = first;
  return {
    request: answeredRequest,
    model: 'gpt-test',
    unixSeconds: () => 1_750_000_000,
    newId: (prefix) => `${prefix}_${ids++}`,
  };
}

const traits = fc.constantFrom<ModelTraits | undefined>(
  undefined,
  { maxOutputTokens: 8192 },
  {
    maxOutputTokens: 128_000,
    reasoning: { kind: 'levels', levels: ['low', 'medium', 'high'], canDisable: false, canAuto: true },
  },
  { maxOutputTokens: 4096, reasoning: { kind: 'none' } },
);

function encode(request: Request, modelTraits?: ModelTraits): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const body = codec.encodeRequest(request, {
    model: 'gpt-test',
    stream: request.stream,
    ...(modelTraits && { traits: modelTraits }),
    report: lossesInto(losses),
  });
  return { body, losses };
}

// ---------------------------------------------------------------- what the API refuses

const contentOf: Record<string, readonly string[]> = {
  user: ['input_text', 'input_image', 'input_file', 'input_audio'],
  developer: ['input_text'],
  assistant: ['output_text', 'refusal'],
};

/** The first rule of the API that a body breaks; undefined for a body that it accepts. */
function broken(body: JsonObject): string | undefined {
  for (const field of ['stop', 'top_k', 'seed', 'n', 'presence_penalty', 'frequency_penalty']) {
    if (body[field] !== undefined) return `Unknown parameter: '${field}'.`;
  }
  if ((asNumber(body.max_output_tokens) ?? 16) < 16) return 'max_output_tokens: Expected a value >= 16';
  const names = asObjects(body.tools).flatMap((tool) => (typeof tool.name === 'string' ? [tool.name] : []));
  for (const name of names) if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return `tools.name: ${name}`;
  for (const tool of asObjects(body.tools)) {
    if (tool.type === 'function' && !(isObject(tool.parameters) && typeof tool.strict === 'boolean'))
      return 'tools.parameters';
    if (!['function', 'custom', 'web_search', 'code_interpreter'].includes(String(tool.type)))
      return 'tools.type';
  }
  const choice = body.tool_choice;
  if (choice !== undefined && names.length === 0 && asArray(body.tools).length === 0)
    return 'tool_choice without tools';
  if (isObject(choice) && choice.name !== undefined && !names.includes(String(choice.name)))
    return 'tool_choice.name';
  const calls = new Set<string>();
  const results = new Set<string>();
  for (const item of asObjects(body.input)) {
    switch (item.type) {
      case 'message':
        for (const part of asObjects(item.content)) {
          if (!contentOf[String(item.role)]?.includes(String(part.type)))
            return `content ${String(part.type)} of ${String(item.role)}`;
        }
        if (asArray(item.content).length === 0) return 'empty message';
        break;
      case 'function_call':
      case 'custom_tool_call':
        if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(item.name))) return `call name ${String(item.name)}`;
        if (String(item.call_id).length > 64) return 'call_id: string too long';
        calls.add(String(item.call_id));
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        if (!calls.has(String(item.call_id))) return 'No tool call found for function call output';
        results.add(String(item.call_id));
        break;
      case 'reasoning':
        if (!Array.isArray(item.summary)) return 'reasoning.summary';
        if ((asString(item.encrypted_content) ?? 'cpa').startsWith('cpa')) return 'invalid_encrypted_content';
        break;
      default:
        return `input type ${String(item.type)}`;
    }
  }
  if (calls.size !== results.size) return 'No tool output found for function call';
  return body.store === false ? undefined : 'store';
}

// ---------------------------------------------------------------- reading

function wireOf(events: readonly StreamEvent[]): string {
  return writeStream(codec, events, context());
}

function finalOf(text: string): JsonObject {
  return JSON.parse(readSse(text).at(-1)?.data ?? '{}').response;
}

function readAnswer(body: JsonObject): Answer {
  return answerOf(codec.decodeResponse(body, { request: answeredRequest }));
}

/** What clients see of an answer. */
function said(parts: readonly Part[]) {
  return {
    text: parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join(''),
    thinking: parts.flatMap((part) => (part.type === 'reasoning' && part.text !== '' ? [part.text] : [])),
    urls: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).map(({ url }) => url ?? '') : [],
    ),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [`${part.id} ${part.name} ${part.input}`] : [],
    ),
    signatures: parts.flatMap((part) =>
      // An empty one is the mark of thinking that nobody signed.
      'signature' in part && part.signature !== undefined && part.signature.value !== ''
        ? [`${part.type} ${part.signature.family} ${part.signature.value}`]
        : [],
    ),
    redacted: parts.filter((part) => part.type === 'reasoning' && part.redacted === true).length,
  };
}

/** Ids as they were first seen, so that two writings of one answer compare. */
function withoutIds(value: JsonObject): JsonObject {
  const ids = new Map<string, string>();
  return JSON.parse(
    JSON.stringify(value).replace(/"(msg|rs|fc|ctc|ig)_\d+"/g, (id) => {
      const name = ids.get(id) ?? `"id-${ids.size}"`;
      ids.set(id, name);
      return name;
    }),
  );
}

async function accumulated(text: string) {
  const client = new OpenAI({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return await client.responses.stream({ model: 'gpt-test', input: 'Hello' }).finalResponse();
}

// ---------------------------------------------------------------- laws

describe('a request from another protocol', () => {
  test('becomes one that the API accepts', () => {
    fc.assert(
      fc.property(arbitraryRequest(), traits, (request, modelTraits) => {
        expect(broken(encode(request, modelTraits).body)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('keeps every text and tool call in place', () => {
    fc.assert(
      fc.property(arbitraryRequest(), (request) => {
        const again = codec.decodeRequest(encode(request).body, { model: 'm', stream: false });
        const texts = (of: Request, roles: string[]): string => textsOf(of, roles).replace(/\n\n/g, '');
        const asked = { ...request, messages: withTextDocuments(request.messages, () => {}) };
        for (const roles of [['system', 'developer'], ['user'], ['assistant']]) {
          expect(texts(again, roles)).toBe(texts(asked, roles));
        }
        const calls = (of: Request): string[] =>
          of.messages.flatMap(({ parts }) =>
            parts.flatMap((part) => (part.type === 'tool-call' ? [part.input] : [])),
          );
        expect(calls(again)).toEqual(calls(request));
      }),
    );
  });
});

describe('an answer', () => {
  test('tells a client of this protocol everything that it says', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const again = readAnswer(codec.encodeResponse(response, context()));
        expect(said(again.parts)).toEqual(said(response.parts));
        if (response.usage !== undefined) {
          // The tier stands beside the usage: it is that of the request, written back.
          const { extra: _extra, serviceTier: _tier, ...usage } = again.usage ?? { input: 0, output: 0 };
          expect(usage).toEqual({ cacheRead: 0, cacheWrite: 0, reasoning: 0, ...response.usage });
        }
      }),
    );
  });

  test('of this protocol is the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const body = codec.encodeResponse(response, context());
        expect(withoutIds(codec.encodeResponse(readAnswer(body), context(100)))).toEqual(withoutIds(body));
      }),
    );
  });

  test('brings foreign signatures back to the part that had them', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const { output } = codec.encodeResponse(response, context());
        const next = codec.decodeRequest({ input: output }, { model: 'm', stream: false });
        const parts = next.messages.flatMap((message) => message.parts);
        expect(said(parts).signatures).toEqual(said(response.parts).signatures);
        expect(said(parts).redacted).toBe(said(response.parts).redacted);
      }),
    );
  });
});

describe('a stream', () => {
  test('numbers its events from zero and ends in its terminal event', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const wire = readSse(wireOf(events));
        wire.forEach(({ event, data }, i) => {
          const { type, sequence_number } = JSON.parse(data);
          expect([type, sequence_number]).toEqual([event, i]);
        });
        expect(wire[0]?.event).toBe('response.created');
        expect(wire.at(-1)?.event).toMatch(/^response\.(completed|incomplete)$/);
      }),
    );
  });

  test('says what the whole answer says', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const wanted = folded(events);
        const wire = wireOf(events);
        const told = folded(readStream(codec, wire, answeredRequest));
        // A reader begins an item of reasoning with its first text, which may not be the first to be announced.
        const inAnyOrder = (parts: readonly Part[]) => ({
          ...said(parts),
          thinking: said(parts).thinking.sort(),
          signatures: 0,
        });
        expect(inAnyOrder(told.parts)).toEqual(inAnyOrder(wanted.parts));
        expect(told.finish.reason).toBe(readAnswer(finalOf(wire)).finish.reason);
        expect(said(readAnswer(finalOf(wire)).parts).signatures.sort()).toEqual(
          said(wanted.parts).signatures.sort(),
        );
        if (wanted.usage !== undefined) {
          expect(told.usage).toMatchObject({ input: wanted.usage.input, output: wanted.usage.output });
        }
      }),
    );
  });

  test('is accepted by the official accumulator, which reads the same answer', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents(), async (events) => {
        const wire = wireOf(events);
        const { output_text: _text, ...response } = await accumulated(wire);
        const output = response.output.map((item) => {
          const { parsed_arguments: _arguments, ...rest } = { parsed_arguments: undefined, ...item };
          return rest;
        });
        const read = JSON.parse(
          JSON.stringify({ ...response, output, output_parsed: undefined }, (key, value) =>
            key === 'parsed' ? undefined : value,
          ),
        );
        expect(read).toEqual(finalOf(wire));
      }),
      { numRuns: 60 },
    );
  });

  test('makes the official client throw what the upstream said when it fails', async () => {
    const events: StreamEvent[] = [
      { type: 'start', id: 'resp_1', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text', text: '' } },
      { type: 'delta', index: 0, text: 'Hel' },
      {
        type: 'error',
        error: { status: 429, kind: 'rate-limit', message: 'Slow down.', code: 'rate_limit_exceeded' },
      },
    ];
    const wire = wireOf(events);
    await expect(accumulated(wire)).rejects.toThrow('Slow down.');
    expect(finalOf(wire)).toMatchObject({
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message: 'Slow down.' },
      output: [{ type: 'message', content: [{ text: 'Hel' }] }],
    });
  });

  test('made from a whole answer says the same', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const events: StreamEvent[] = [];
        unfoldResponse(response, (event) => events.push(event));
        const final = finalOf(wireOf(events));
        expect(said(readAnswer(final).parts)).toEqual(said(response.parts));
      }),
    );
  });
});
