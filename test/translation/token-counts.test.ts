/** Tokens are the same whatever the client speaks: of bytes that pass and of answers that are translated, streamed and whole. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createTail, streamEnd, tokenCounts } from '../../src/gateway/stream/usage-scan.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { countsOf, type TokenCounts } from '../../src/protocols/token-counts.ts';
import { answerOf, folded, readStream } from '../codec-runs.ts';
import { text, user } from '../messages.ts';

const request: Request = { model: 'm', stream: true, messages: [user(text('Hello'))], includeUsage: true };

const count = fc.nat(90_000);
const tier = fc.constantFrom('default', 'flex', 'priority', null, undefined);

/** An object with some of its members, as services leave out what they do not count; null where they count nothing. */
function some(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  return fc
    .record(members, { requiredKeys: [], noNullPrototype: true })
    .map((made): JsonObject => JSON.parse(JSON.stringify(made)));
}

const orNull = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: null });

/** What each protocol's services write of one answer's costs. */
const usages: Record<Protocol, fc.Arbitrary<JsonObject>> = {
  'openai-chat': some({
    ...{ prompt_tokens: count, completion_tokens: count, total_tokens: orNull(count) },
    prompt_tokens_details: orNull(some({ cached_tokens: orNull(count), cache_write_tokens: count })),
    completion_tokens_details: orNull(some({ reasoning_tokens: orNull(count) })),
    ...{ prompt_cache_hit_tokens: count, prompt_cache_miss_tokens: count, cached_tokens: count },
    ...{ cost: orNull(fc.double({ min: 0, max: 5, noNaN: true })), cost_in_usd_ticks: count },
  }),
  'openai-responses': some({
    ...{ input_tokens: count, output_tokens: count, total_tokens: count },
    input_tokens_details: orNull(some({ cached_tokens: count, cache_write_tokens: count })),
    output_tokens_details: orNull(some({ reasoning_tokens: count })),
    cost_in_usd_ticks: count,
  }),
  'anthropic-messages': some({
    ...{ input_tokens: count, output_tokens: count, cache_read_input_tokens: orNull(count) },
    cache_creation_input_tokens: orNull(count),
    cache_creation: orNull(some({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })),
    output_tokens_details: orNull(some({ thinking_tokens: count })),
    ...{ service_tier: fc.constantFrom('standard', 'priority'), speed: fc.constantFrom('fast', 'standard') },
  }),
  gemini: some({
    ...{ promptTokenCount: count, candidatesTokenCount: count, thoughtsTokenCount: count },
    ...{ cachedContentTokenCount: count, toolUsePromptTokenCount: count, totalTokenCount: count },
    ...{ serviceTier: fc.constantFrom('FLEX', 'STANDARD'), trafficType: fc.constant('ON_DEMAND') },
  }),
};

/** One answer with these costs, whole and as the text of a stream. */
type Written = { whole: JsonObject; stream: string };
const events = (...data: JsonObject[]): string =>
  data
    .map(
      (one) =>
        `${typeof one.type === 'string' ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`,
    )
    .join('');

const answers: Record<Protocol, (usage: JsonObject, beside: { service_tier?: string | null }) => Written> = {
  'openai-chat'(usage, beside) {
    const head = { id: 'c', model: 'm', ...beside };
    const chunk = (delta: JsonObject, finish_reason: string | null) => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason }],
    });
    return {
      whole: {
        ...head,
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        usage,
      },
      stream: `${events(chunk({ content: 'Hi' }, null), chunk({}, 'stop'), { ...head, choices: [], usage })}data: [DONE]\n\n`,
    };
  },
  'openai-responses'(usage, beside) {
    const output = [
      {
        type: 'message',
        id: 'i',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
      },
    ];
    const whole = { id: 'r', object: 'response', status: 'completed', model: 'm', output, ...beside, usage };
    const created = { ...whole, status: 'in_progress', output: [], usage: null };
    return {
      whole,
      stream: events(
        { type: 'response.created', response: created },
        { type: 'response.completed', response: whole },
      ),
    };
  },
  'anthropic-messages'(usage) {
    const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [] };
    const { output_tokens, output_tokens_details, ...start } = usage;
    const end = JSON.parse(JSON.stringify({ output_tokens, output_tokens_details }));
    return {
      whole: { ...message, content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn', usage },
      stream: events(
        { type: 'message_start', message: { ...message, usage: start } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: end },
        { type: 'message_stop' },
      ),
    };
  },
  gemini(usageMetadata) {
    const candidate = { content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 };
    const whole = { candidates: [candidate], usageMetadata, modelVersion: 'm' };
    return { whole, stream: events(whole) };
  },
};

/** Without the fields that say nothing. */
const said = (counts: TokenCounts | undefined): JsonObject => JSON.parse(JSON.stringify(counts ?? {}));

/** A decoder has no usage where there is neither input nor output. */
const counted = (counts: TokenCounts | undefined): boolean =>
  counts?.input !== undefined || counts?.output !== undefined;

test.each(protocols)('one usage of %s is the same on every path', (protocol) => {
  const codec = codecs[protocol];
  fc.assert(
    fc.property(usages[protocol], tier, (usage, service_tier) => {
      const { whole, stream } = answers[protocol](usage, service_tier === undefined ? {} : { service_tier });
      const told = codec.usage.inAnswer(whole);
      const expected = said(told);

      expect(said(tokenCounts(codec.usage, '', JSON.stringify(whole)))).toEqual(expected);
      const tail = createTail();
      tail.push(new TextEncoder().encode(stream));
      const { kind, counts: passed } = streamEnd(protocol, tail);
      expect(kind).toBe('complete');
      expect(said(passed)).toEqual(expected);

      const translated = answerOf(codec.decodeResponse(whole, { request })).usage;
      const streamed = folded(readStream(codec, stream, request)).usage;
      if (!counted(told)) return;
      expect(said(countsOf(translated))).toEqual(expected);
      expect(said(countsOf(streamed))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('a tier in the beginning of a stream that counts nothing there is read', () => {
  const { whole, stream } = answers['anthropic-messages']({ output_tokens: 7, service_tier: 'priority' }, {});
  const tail = createTail();
  tail.push(new TextEncoder().encode(stream));
  const { counts: passed } = streamEnd('anthropic-messages', tail);
  expect(said(passed)).toEqual({ output: 7, serviceTier: 'priority' });
  expect(said(codecs['anthropic-messages'].usage.inAnswer(whole))).toEqual(said(passed));
});

test('a budget of tokens ends after as many requests over Messages as over Chat', () => {
  // The usage of DeepSeek that used to be read in two ways.
  const usage = {
    ...{ prompt_tokens: 1000, completion_tokens: 5, total_tokens: 1005 },
    ...{ prompt_cache_hit_tokens: 900, prompt_cache_miss_tokens: 100 },
  };
  const { whole, stream } = answers['openai-chat'](usage, {});
  const codec = codecs['openai-chat'];
  const tail = createTail();
  tail.push(new TextEncoder().encode(stream));
  const { counts: chat } = streamEnd('openai-chat', tail);
  const messages = countsOf(folded(readStream(codec, stream, request)).usage);
  expect(said(chat)).toEqual({ input: 1000, output: 5, cacheRead: 900 });
  expect(said(messages)).toEqual(said(chat));
  expect(said(codec.usage.inAnswer(whole))).toEqual(said(chat));
});
