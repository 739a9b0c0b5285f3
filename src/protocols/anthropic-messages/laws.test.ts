import { describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { answerOf, folded, readSse, readStream, textsOf, writeStream } from '../../../test/codec-runs.ts';
import {
  answeredRequest,
  arbitraryEvents,
  arbitraryRequest,
  arbitraryResponse,
} from '../../../test/model-arbitraries.ts';
import type { Response, StreamEvent } from '../answer.ts';
import { type EncodeContext, type Loss, lossesInto } from '../codec.ts';
import { unfoldResponse } from '../fold.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asArray, asNumber, asObjects, asString } from '../json-members.ts';
import type { Part } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { anthropicMessages as codec } from './index.ts';

const context: EncodeContext = {
  request: answeredRequest,
  model: 'claude-test',
  unixSeconds: () => 1_750_000_000,
  newId: (prefix) => `${prefix}_new`,
};

const traits = fc.constantFrom<ModelTraits | undefined>(
  undefined,
  { maxOutputTokens: 8192 },
  {
    maxOutputTokens: 64_000,
    reasoning: { kind: 'budget', min: 1024, max: 128_000, canDisable: true, canAuto: false },
  },
  {
    maxOutputTokens: 128_000,
    reasoning: { kind: 'levels', levels: ['low', 'medium', 'high', 'max'], canDisable: false, canAuto: true },
  },
  { maxOutputTokens: 4096, reasoning: { kind: 'none' } },
);

function encode(request: Request, modelTraits?: ModelTraits): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const body = codec.encodeRequest(request, {
    model: 'claude-test',
    stream: request.stream,
    ...(modelTraits && { traits: modelTraits }),
    report: lossesInto(losses),
  });
  return { body, losses };
}

// ---------------------------------------------------------------- what the API refuses

/** The first rule of the API that a body breaks, in its words; undefined for a body that it accepts. */
function broken(body: JsonObject): string | undefined {
  return brokenSettings(body) ?? brokenTools(body) ?? brokenConversation(body);
}

function brokenSettings(body: JsonObject): string | undefined {
  const max = asNumber(body.max_tokens);
  if (max === undefined || max < 0 || !Number.isInteger(max)) return 'max_tokens: Field required';
  const temperature = asNumber(body.temperature);
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) return 'temperature: range 0..1';
  const thinking = isObject(body.thinking) ? body.thinking : undefined;
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  if (thinking?.type === 'enabled') {
    const budget = asNumber(thinking.budget_tokens);
    if (budget === undefined || budget < 1024) return 'thinking.budget_tokens: at least 1024';
    if (max <= budget) return '`max_tokens` must be greater than `thinking.budget_tokens`';
  }
  if (thinks && temperature !== undefined && temperature !== 1) return '`temperature` may only be set to 1';
  if (thinks && body.top_k !== undefined) return '`top_k` must be unset when thinking is enabled';
  if (thinks && (asNumber(body.top_p) ?? 1) < 0.95) return '`top_p` must be at least 0.95';
  if (temperature !== undefined && body.top_p !== undefined)
    return '`temperature` and `top_p` cannot both be given';
  const choice = isObject(body.tool_choice) ? body.tool_choice.type : undefined;
  if (thinks && (choice === 'any' || choice === 'tool'))
    return 'Thinking may not be enabled when tool_choice forces';
  if (choice !== undefined && body.tools === undefined) return 'tool_choice: only while providing tools';
  if (asArray(body.stop_sequences).some((stop) => typeof stop !== 'string' || stop.trim() === ''))
    return 'stop_sequences: each stop sequence must contain non-whitespace';
  return undefined;
}

function brokenTools(body: JsonObject): string | undefined {
  const names = asObjects(body.tools).map((tool) => String(tool.name));
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique.';
  for (const tool of asObjects(body.tools)) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name))) return `tools.name: ${String(tool.name)}`;
    const schema = tool.input_schema;
    if (tool.type === undefined && !(isObject(schema) && schema.type === 'object'))
      return 'input_schema.type';
  }
  const choice = isObject(body.tool_choice) ? body.tool_choice : undefined;
  if (choice?.type === 'tool' && !names.includes(String(choice.name))) return 'tool_choice: no such tool';
  return undefined;
}

function brokenConversation(body: JsonObject): string | undefined {
  const messages = asObjects(body.messages);
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  let markers = asObjects(body.tools).filter((tool) => tool.cache_control !== undefined).length;
  const system =
    typeof body.system === 'string' ? [{ type: 'text', text: body.system }] : asObjects(body.system);
  for (const block of system)
    if (!asString(block.text)?.trim()) return 'system: text content blocks must be non-empty';
  let due: string[] = [];
  for (const [i, message] of messages.entries()) {
    if (message.role !== (i % 2 === 0 ? 'user' : 'assistant')) return `messages.${i}: roles must alternate`;
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : asObjects(message.content);
    if (blocks.length === 0) return `messages.${i}: must have non-empty content`;
    const results: string[] = [];
    const calls: string[] = [];
    let others = false;
    for (const block of blocks as JsonObject[]) {
      if (block.cache_control !== undefined) markers++;
      switch (block.type) {
        case 'text':
          if (!asString(block.text)?.trim()) return `messages.${i}: text content blocks must be non-empty`;
          break;
        case 'thinking':
          if (!block.signature || asString(block.signature)?.startsWith('cpasig'))
            return 'thinking.signature: invalid';
          break;
        case 'image':
        case 'document':
          if (message.role !== 'user') return `messages.${i}: ${block.type} blocks in assistant turns`;
          break;
        case 'tool_use':
          if (message.role !== 'assistant' || !isObject(block.input)) return `messages.${i}: tool_use`;
          if (blocks.at(-1)?.type !== 'tool_use') return `messages.${i}: text behind tool_use`;
          if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(block.id))) return `tool_use.id: ${String(block.id)}`;
          calls.push(String(block.id));
          break;
        case 'tool_result':
          if (others) return `messages.${i}: tool_result blocks come first`;
          results.push(String(block.tool_use_id));
          break;
      }
      if (block.type !== 'tool_result') others = true;
    }
    if (results.join() !== due.join()) return `messages.${i}: tool_use ids without tool_result blocks`;
    due = calls;
  }
  if (markers > 4) return 'A maximum of 4 blocks with cache_control may be provided';
  return undefined;
}

// ---------------------------------------------------------------- streams

function wireOf(events: readonly StreamEvent[]): string {
  return writeStream(codec, events, context);
}

/** What clients see of an answer. */
function said(parts: readonly Part[]): { text: string; thinking: string; urls: string[]; calls: string[] } {
  return {
    text: parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    urls: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).map(({ url }) => url ?? '') : [],
    ),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [`${part.id} ${part.name} ${part.input}`] : [],
    ),
  };
}

async function accumulated(text: string) {
  const client = new Anthropic({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return await client.messages
    .stream({ model: 'claude-test', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] })
    .finalMessage();
}

/** The blocks of an answer; thinking that nobody signed loses the mark that says so. */
function withoutUnsigned(body: JsonObject): JsonObject[] {
  return asObjects(body.content).map((block) => {
    const { signature, ...rest } = block;
    return signature === 'cpasig1c' ? rest : block;
  });
}

const grammar =
  /^message_start (?:content_block_start (?:content_block_delta )*content_block_stop )*message_delta message_stop $/;

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
        expect(textsOf(again, ['system'])).toBe(textsOf(request, ['system', 'developer']));
        expect(textsOf(again, ['assistant'])).toBe(textsOf(request, ['assistant']));
        // Only a turn that the API demands is added.
        expect(textsOf(again, ['user']).replace(/^\./, '')).toBe(
          textsOf(request, ['user']).replace(/^\./, ''),
        );
      }),
    );
  });
});

describe('a request of this protocol', () => {
  test('is the same after any number of round trips', () => {
    fc.assert(
      fc.property(arbitraryRequest(), traits, (request, modelTraits) => {
        const first = encode(request, modelTraits).body;
        const once = codec.decodeRequest(first, { model: 'claude-test', stream: request.stream });
        expect(encode(once).body).toEqual(first);
      }),
    );
  });
});

describe('an answer', () => {
  test('tells a client of this protocol everything that it says', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const body = codec.encodeResponse(response, context);
        const again = answerOf(codec.decodeResponse(body, { request: answeredRequest }));
        expect(said(again.parts)).toEqual(said(response.parts));
        expect(again.finish.reason).toBe(response.finish.reason);
        if (response.usage !== undefined) {
          const { extra: _extra, ...usage } = again.usage ?? { input: 0, output: 0 };
          expect(usage).toEqual({ cacheRead: 0, cacheWrite: 0, ...response.usage });
        }
      }),
    );
  });

  test('of this protocol is the same after a round trip', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const body = codec.encodeResponse(response, context);
        const once = answerOf(codec.decodeResponse(body, { request: answeredRequest }));
        expect(codec.encodeResponse(once, context)).toEqual({ ...body, content: withoutUnsigned(body) });
      }),
    );
  });

  /** The parts up to the last that a client sees: a signature behind it would end the answer with an empty block. */
  function upToLastSeen(response: Response): Part[] {
    const { parts } = response;
    const blocksOf = (part: Part) =>
      asObjects(codec.encodeResponse({ ...response, parts: [part] }, context).content);
    const spoken = parts.some((part) =>
      blocksOf(part).some(({ type }) => !asString(type)?.endsWith('thinking')),
    );
    if (!spoken || response.extra?.protocol === 'anthropic-messages') return parts;
    const last = parts.findLastIndex((part) => blocksOf(part).some(({ thinking }) => thinking !== ''));
    return parts.slice(0, last + 1);
  }

  test('brings foreign signatures back to the part that had them', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const body = codec.encodeResponse(response, context);
        const next = codec.decodeRequest(
          {
            messages: [
              { role: 'user', content: 'Hello' },
              { role: 'assistant', content: body.content ?? [] },
            ],
          },
          { model: 'm', stream: false },
        );
        const signatures = (parts: readonly Part[]): string[] =>
          parts.flatMap((part) =>
            'signature' in part && part.signature !== undefined
              ? [`${part.signature.family} ${part.signature.value}`]
              : [],
          );
        const parts = next.messages.at(-1)?.parts ?? [];
        expect(signatures(parts).sort()).toEqual(signatures(upToLastSeen(response)).sort());
        for (const part of response.parts) {
          if (part.type !== 'tool-call' || part.signature?.family !== 'gemini') continue;
          const same = parts.find((other) => other.type === 'tool-call' && other.id === part.id);
          expect(same).toMatchObject({ signature: part.signature });
        }
      }),
    );
  });
});

describe('a stream', () => {
  test('keeps the strict order of events, however parts interleave', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const names = readSse(wireOf(events)).map(({ event }) => `${event} `);
        expect(names.join('')).toMatch(grammar);
      }),
    );
  });

  test('says what the whole answer says', () => {
    fc.assert(
      fc.property(arbitraryEvents(), (events) => {
        const wanted = folded(events);
        const told = folded(readStream(codec, wireOf(events), answeredRequest));
        expect(said(told.parts)).toEqual(said(wanted.parts));
        expect(told.finish.reason).toBe(wanted.finish.reason);
        if (wanted.usage !== undefined) {
          expect(told.usage).toMatchObject({ input: wanted.usage.input, output: wanted.usage.output });
        }
        // A whole body and a stream are read alike.
        const whole = answerOf(
          codec.decodeResponse(codec.encodeResponse(wanted, context), {
            request: answeredRequest,
          }),
        );
        expect(told.parts).toEqual(whole.parts);
      }),
    );
  });

  test('is accepted by the official accumulator, which reads the same answer', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents(), async (events) => {
        const wanted = codec.encodeResponse(folded(events), context);
        const message = await accumulated(wireOf(events));
        // The accumulator adds fields of its own.
        const { usage, stop_details: _told, ...rest } = wanted;
        const { usage: counted, stop_details: _details, parsed_output: _parsed, ...read } = message;
        expect(JSON.parse(JSON.stringify(read))).toEqual(rest);
        expect(counted.output_tokens).toBe(isObject(usage) ? (asNumber(usage.output_tokens) ?? 0) : 0);
      }),
      { numRuns: 60 },
    );
  });

  test('starts before all else and ends once, whatever order events come in', () => {
    fc.assert(
      fc.property(
        arbitraryEvents().chain((events) => fc.shuffledSubarray(events)),
        (events) => {
          const names = readSse(wireOf([...events, { type: 'end' }])).map(({ event }) => `${event} `);
          expect(names.join('')).toMatch(grammar);
        },
      ),
    );
  });

  test('made from a whole answer says the same', () => {
    fc.assert(
      fc.property(arbitraryResponse(), (response) => {
        const events: StreamEvent[] = [];
        unfoldResponse(response, (event) => events.push(event));
        expect(said(folded(readStream(codec, wireOf(events), answeredRequest)).parts)).toEqual(
          said(response.parts),
        );
      }),
    );
  });
});
