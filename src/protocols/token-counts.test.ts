import { expect, test } from 'bun:test';
import type { JsonObject } from './json.ts';
import { type Protocol, protocols } from './model.ts';
import { codecs } from './registry.ts';
import type { TokenCounts } from './token-counts.ts';

/** What services have written, and what it counts. */
const spellings: readonly [string, Protocol, JsonObject, TokenCounts | undefined][] = [
  [
    'OpenAI’s details',
    'openai-chat',
    {
      service_tier: 'flex',
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 12 },
      },
    },
    { input: 100, output: 20, cacheRead: 64, reasoning: 12, serviceTier: 'flex' },
  ],
  [
    'DeepSeek’s hits and misses',
    'openai-chat',
    {
      usage: {
        prompt_tokens: 1000,
        completion_tokens: 5,
        total_tokens: 1005,
        prompt_cache_hit_tokens: 900,
        prompt_cache_miss_tokens: 100,
      },
    },
    { input: 1000, output: 5, cacheRead: 900 },
  ],
  [
    'DeepSeek’s hits and misses alone',
    'openai-chat',
    { usage: { completion_tokens: 5, prompt_cache_hit_tokens: 900, prompt_cache_miss_tokens: 100 } },
    { input: 1000, output: 5, cacheRead: 900 },
  ],
  [
    'Moonshot’s stream, in its choice',
    'openai-chat',
    { choices: [{ index: 0, usage: { prompt_tokens: 19, completion_tokens: 13, cached_tokens: 10 } }] },
    { input: 19, output: 13, cacheRead: 10 },
  ],
  [
    'vLLM, whose details are null',
    'openai-chat',
    { usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: null } },
    { input: 7, output: 3 },
  ],
  [
    'OpenRouter, with its cost',
    'openai-chat',
    {
      usage: {
        prompt_tokens: 50,
        completion_tokens: 4,
        total_tokens: 54,
        cost: 0.25,
        is_byok: false,
        cost_details: { upstream_inference_cost: 0.25 },
        prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 15 },
      },
    },
    { input: 50, output: 4, cacheRead: 30, cacheWrite: 15, cost: 0.25 },
  ],
  [
    'OpenRouter, with a key of the owner’s own',
    'openai-chat',
    {
      usage: {
        prompt_tokens: 50,
        completion_tokens: 4,
        cost: 0.25,
        is_byok: true,
        cost_details: { upstream_inference_cost: 5 },
      },
    },
    { input: 50, output: 4, cost: 5.25 },
  ],
  [
    'xAI: reasoning beside the answer, money in ticks',
    'openai-chat',
    {
      usage: {
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 135,
        completion_tokens_details: { reasoning_tokens: 94 },
        cost_in_usd_ticks: 37_756_000,
      },
    },
    { input: 32, output: 103, reasoning: 94, cost: 0.0037756 },
  ],
  [
    'Google’s endpoint for Chat: thoughts in the total alone',
    'openai-chat',
    { usage: { prompt_tokens: 9, completion_tokens: 15, total_tokens: 429 } },
    { input: 9, output: 420 },
  ],
  [
    'Groq’s stream',
    'openai-chat',
    {
      choices: [],
      x_groq: { id: 'r', usage: { prompt_tokens: 201, completion_tokens: 55, total_tokens: 256 } },
    },
    { input: 201, output: 55 },
  ],
  [
    'LiteLLM, for Claude',
    'openai-chat',
    {
      usage: {
        prompt_tokens: 22,
        completion_tokens: 4,
        cache_read_input_tokens: 8,
        cache_creation_input_tokens: 6,
      },
    },
    { input: 22, output: 4, cacheRead: 8, cacheWrite: 6 },
  ],
  ['embeddings', 'openai-chat', { usage: { prompt_tokens: 8, total_tokens: 8 } }, { input: 8 }],
  [
    'a completed response',
    'openai-responses',
    {
      type: 'response.completed',
      response: {
        service_tier: 'priority',
        usage: {
          input_tokens: 36,
          output_tokens: 87,
          total_tokens: 123,
          input_tokens_details: { cached_tokens: 12, cache_write_tokens: 20 },
          output_tokens_details: { reasoning_tokens: 64 },
        },
      },
    },
    { input: 36, output: 87, cacheRead: 12, cacheWrite: 20, reasoning: 64, serviceTier: 'priority' },
  ],
  [
    'Claude’s cache by time, and its speed',
    'anthropic-messages',
    {
      usage: {
        input_tokens: 4,
        output_tokens: 9,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 7,
        cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 },
        output_tokens_details: { thinking_tokens: 6 },
        service_tier: 'standard',
        speed: 'fast',
      },
    },
    {
      ...{ input: 14, output: 9, cacheRead: 3, cacheWrite: 7, cacheWrite1h: 2, reasoning: 6 },
      serviceTier: 'fast',
    },
  ],
  [
    'Claude’s cache by time alone',
    'anthropic-messages',
    {
      usage: {
        input_tokens: 4,
        cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 },
      },
    },
    { input: 11, cacheWrite: 7, cacheWrite1h: 2 },
  ],
  [
    'Gemini: tools and thoughts are counts of their own',
    'gemini',
    {
      usageMetadata: {
        ...{ promptTokenCount: 5, toolUsePromptTokenCount: 2, candidatesTokenCount: 1 },
        ...{ thoughtsTokenCount: 2, cachedContentTokenCount: 4, totalTokenCount: 10, serviceTier: 'FLEX' },
      },
    },
    { input: 7, output: 3, cacheRead: 4, reasoning: 2, serviceTier: 'flex' },
  ],
  [
    'Vertex AI in snake_case, wrapped, of a priority request',
    'gemini',
    {
      response: {
        usage_metadata: {
          prompt_token_count: 5,
          candidates_token_count: 1,
          traffic_type: 'ON_DEMAND_PRIORITY',
        },
      },
    },
    { input: 5, output: 1, serviceTier: 'priority' },
  ],
  [
    'Gemini’s zero, which only the total says',
    'gemini',
    { usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 } },
    { input: 5, output: 0 },
  ],
  [
    'an interaction’s totals',
    'gemini',
    {
      usage: {
        total_input_tokens: 30,
        total_cached_tokens: 10,
        total_output_tokens: 5,
        total_thought_tokens: 7,
      },
    },
    { input: 30, output: 12, cacheRead: 10, reasoning: 7 },
  ],
  ['Vertex AI’s first chunk', 'gemini', { usageMetadata: { trafficType: 'ON_DEMAND' } }, undefined],
];

test.each(spellings)('usage of %s', (_name, protocol, answer, counts) => {
  expect(codecs[protocol].usage.inAnswer(answer)).toEqual(counts);
});

test.each(protocols)('%s: what was not reported is missing, not 0', (protocol) => {
  const { usage } = codecs[protocol];
  expect(usage.inAnswer({})).toBeUndefined();
  for (const member of usage.members) {
    expect(usage.inAnswer({ [member]: null })).toBeUndefined();
    expect(usage.inAnswer({ [member]: {} })).toBeUndefined();
    expect(usage.inAnswer({ [member]: { input_tokens: 'many', prompt_tokens: null } })).toBeUndefined();
  }
});

test.each([-1, Number.POSITIVE_INFINITY, Number.NaN])(
  '%p is no count, and costs nobody a budget',
  (wrong) => {
    expect(
      codecs['openai-chat'].usage.read({ prompt_tokens: wrong, completion_tokens: 2, cost: wrong }),
    ).toEqual({
      output: 2,
    });
  },
);

test.each(protocols)('15: %s: fractions are rounded, and what cannot be a count is none', (protocol) => {
  const named: Record<Protocol, readonly [string, string]> = {
    'openai-chat': ['prompt_tokens', 'completion_tokens'],
    'openai-responses': ['input_tokens', 'output_tokens'],
    'anthropic-messages': ['input_tokens', 'output_tokens'],
    gemini: ['promptTokenCount', 'candidatesTokenCount'],
  };
  const [input, output] = named[protocol];
  const read = (one: number, other: number) => codecs[protocol].usage.read({ [input]: one, [output]: other });
  expect(read(10.5, 2.2)).toMatchObject({ input: 11, output: 2 });
  expect(read(1e13, 2)?.input).toBeUndefined();
  expect(read(2, 1e300)?.output).toBeUndefined();
});

test('15: money that no request costs is none', () => {
  const read = (more: JsonObject) =>
    codecs['openai-chat'].usage.read({ prompt_tokens: 1, completion_tokens: 1, ...more })?.cost;
  expect(read({ cost: 1e30 })).toBeUndefined();
  expect(read({ cost: { total_cost: 1e9 } })).toBeUndefined();
  expect(read({ cost_in_usd_ticks: 1e300 })).toBeUndefined();
  expect(read({ cost: 99_999.5 })).toBe(99_999.5);
});
