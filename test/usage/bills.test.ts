/**
 * Bills worked out by hand, to the nano-dollar, of requests that really went through the gateway: each in the words of the
 * provider's protocol, asked for by clients of all four protocols, as a stream and whole.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import type { Counted } from '../../src/usage/record.ts';
import { calls, send } from '../gateway/calls.ts';
import { type Asked, startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, everyUpstream } from '../gateway-harness.ts';
import { type BilledAnswer, billedAnswer } from './billed-answers.ts';

interface Bill extends BilledAnswer {
  what: string;
  /** Nano-dollars; undefined where nobody knows the price. Prices a million tokens in dollars are nano-dollars a thousandth of a token. */
  nano: number | undefined;
  source?: 'list' | 'owner' | 'upstream';
  counted?: 'odd' | 'estimate';
}

/** What a million tokens cost in dollars is what a token costs in thousands of nano-dollars. */
const k = 1000;
const chat = (input: number, output: number, cached = 0, more: JsonObject = {}): JsonObject => ({
  ...{ prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  ...(cached > 0 && { prompt_tokens_details: { cached_tokens: cached } }),
  ...more,
});
const responses = (input: number, output: number, cached = 0, reasoning = 0): JsonObject => ({
  ...{ input_tokens: input, output_tokens: output, total_tokens: input + output },
  input_tokens_details: { cached_tokens: cached },
  output_tokens_details: { reasoning_tokens: reasoning },
});
/** `fresh` leaves out what came from the cache and what was put there, as Anthropic counts. */
const claude = (
  fresh: number,
  output: number,
  read = 0,
  five = 0,
  hour = 0,
  more: JsonObject = {},
): JsonObject => ({
  ...{ input_tokens: fresh, output_tokens: output, cache_read_input_tokens: read },
  cache_creation_input_tokens: five + hour,
  cache_creation: { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour },
  ...more,
});
/** Counts by modality, in Google's words. */
const modalities = (counts: Record<string, number>): JsonObject[] =>
  Object.entries(counts).map(([modality, tokenCount]) => ({ modality, tokenCount }));
/** `output` leaves out the thoughts, as Google counts. */
const gemini = (
  input: number,
  output: number,
  cached = 0,
  thoughts = 0,
  more: JsonObject = {},
): JsonObject => ({
  ...{ promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output + thoughts },
  ...(cached > 0 && { cachedContentTokenCount: cached }),
  ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
  ...more,
});

const bills: readonly Bill[] = [
  // Chat Completions. gpt-5.4: 2.5, 0.25 from the cache, 15; above 272,000 tokens 5, 0.5, 22.5.
  ...(
    [
      ['one token each', chat(1, 1), undefined, 2.5 * k + 15 * k],
      [
        'cached reads are part of the input',
        chat(1000, 100, 800),
        undefined,
        200 * 2.5 * k + 800 * 0.25 * k + 100 * 15 * k,
      ],
      ['all of it cached', chat(2048, 1, 2048), undefined, 2048 * 0.25 * k + 15 * k],
      [
        'reasoning is part of the output',
        chat(10, 500, 0, { completion_tokens_details: { reasoning_tokens: 450 } }),
        undefined,
        10 * 2.5 * k + 500 * 15 * k,
      ],
      ['a prompt at the threshold', chat(272_000, 1000), undefined, 272_000 * 2.5 * k + 1000 * 15 * k],
      ['a prompt one token past it', chat(272_001, 1000), undefined, 272_001 * 5 * k + 1000 * 22.5 * k],
      [
        'past it with its cached part alone',
        chat(300_000, 10, 290_000),
        undefined,
        10_000 * 5 * k + 290_000 * 0.5 * k + 10 * 22.5 * k,
      ],
      ['flex', chat(1000, 100, 400), 'flex', 600 * 1.25 * k + 400 * 130 + 100 * 7.5 * k],
      ['flex above the threshold', chat(300_000, 100), 'flex', 300_000 * 2.5 * k + 100 * 11.25 * k],
      ['priority', chat(1000, 100, 400), 'priority', 600 * 5 * k + 400 * 0.5 * k + 100 * 30 * k],
      ['batch', chat(1000, 100), 'batch', 1000 * 1.25 * k + 100 * 7.5 * k],
      ['the default tier by its name', chat(1000, 100), 'default', 1000 * 2.5 * k + 100 * 15 * k],
      ['a tier that nobody knows', chat(1000, 100), 'turbo', 1000 * 2.5 * k + 100 * 15 * k],
      ['nothing at all', chat(0, 0), undefined, 0],
    ] as const
  ).map(
    ([what, usage, tier, nano]): Bill => ({
      what: `Chat: ${what}`,
      over: 'openai-chat',
      model: 'gpt-5.4',
      usage,
      nano,
      source: 'list',
      ...(tier !== undefined && { tier }),
    }),
  ),
  // gpt-5.6-sol has a price for cache writes: 4, 0.4, 5, 20.
  {
    what: 'Chat: cache writes of OpenRouter',
    over: 'openai-chat',
    model: 'gpt-5.6-sol',
    usage: chat(1000, 10, 0, { prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 500 } }),
    nano: 200 * 4 * k + 300 * 0.4 * k + 500 * 5 * k + 10 * 20 * k,
    source: 'list',
  },
  {
    what: 'Chat: hits and misses of DeepSeek, at the owner’s price',
    over: 'openai-chat',
    model: 'mine',
    usage: {
      prompt_tokens: 1000,
      completion_tokens: 5,
      total_tokens: 1005,
      prompt_cache_hit_tokens: 900,
      prompt_cache_miss_tokens: 100,
    },
    nano: 100 * 3 * k + 900 * 0.3 * k + 5 * 15 * k,
    source: 'owner',
  },
  {
    what: 'Chat: reasoning beside the output, as xAI counts it',
    over: 'openai-chat',
    model: 'mine',
    usage: chat(32, 9, 0, { total_tokens: 135, completion_tokens_details: { reasoning_tokens: 94 } }),
    nano: 32 * 3 * k + 103 * 15 * k,
    source: 'owner',
  },
  {
    what: 'Chat: the upstream’s own cost goes first',
    over: 'openai-chat',
    model: 'gpt-5.4',
    usage: chat(1000, 100, 0, { cost: 0.0123456789 }),
    nano: 12_345_679,
    source: 'upstream',
  },
  {
    what: 'Chat: an upstream that asks nothing',
    over: 'openai-chat',
    model: 'gpt-5.4',
    usage: chat(1000, 100, 0, { cost: 0 }),
    nano: 0,
    source: 'upstream',
  },
  {
    what: 'Chat: ticks of xAI',
    over: 'openai-chat',
    model: 'nobody-knows',
    usage: chat(1, 1, 0, { cost_in_usd_ticks: 37_756_000 }),
    nano: 3_775_600,
    source: 'upstream',
  },
  {
    what: 'Chat: the total of Perplexity',
    over: 'openai-chat',
    model: 'nobody-knows',
    usage: chat(1, 1, 0, { cost: { total_cost: 0.006 } }),
    nano: 6_000_000,
    source: 'upstream',
  },
  {
    what: 'Chat: the owner’s own key at OpenRouter',
    over: 'openai-chat',
    model: 'nobody-knows',
    usage: chat(1, 1, 0, { cost: 0.25, is_byok: true, cost_details: { upstream_inference_cost: 5 } }),
    nano: 5_250_000_000,
    source: 'upstream',
  },
  {
    what: 'Chat: a cost beyond all measure is none',
    over: 'openai-chat',
    model: 'mine',
    usage: chat(10, 1, 0, { cost: 1e30 }),
    nano: 10 * 3 * k + 15 * k,
    source: 'owner',
  },
  {
    what: 'Chat: a model that nobody knows has no price',
    over: 'openai-chat',
    model: 'nobody-knows',
    usage: chat(1000, 100),
    nano: undefined,
  },
  {
    what: 'Chat: a name with the day of its snapshot',
    over: 'openai-chat',
    model: 'gpt-5-2025-08-07',
    usage: chat(1000, 100),
    nano: 1000 * 1.25 * k + 100 * 10 * k,
    source: 'list',
  },
  {
    what: 'Chat: long prompts at the owner’s price',
    over: 'openai-chat',
    model: 'mine-long',
    usage: chat(1001, 1),
    nano: 1001 * 10 * k + 20 * k,
    source: 'owner',
  },
  {
    what: 'Chat: a long prompt at the owner’s threshold',
    over: 'openai-chat',
    model: 'mine-long',
    usage: chat(1000, 1),
    nano: 1000 * 1 * k + 2 * k,
    source: 'owner',
  },
  {
    what: 'Chat: prices of less than a nano-dollar, rounded once',
    over: 'openai-chat',
    model: 'tiny',
    usage: chat(3, 1, 1),
    nano: 229,
    source: 'owner',
  },
  // Responses.
  ...(
    [
      [
        'cached reads and reasoning',
        responses(1000, 300, 640, 256),
        undefined,
        360 * 2.5 * k + 640 * 0.25 * k + 300 * 15 * k,
      ],
      ['a long prompt', responses(272_001, 1), undefined, 272_001 * 5 * k + 22.5 * k],
      ['flex', responses(100, 10), 'flex', 100 * 1.25 * k + 10 * 7.5 * k],
      ['priority', responses(100, 10), 'priority', 100 * 5 * k + 10 * 30 * k],
      ['batch', responses(100, 10, 50), 'batch', 50 * 1.25 * k + 50 * 130 + 10 * 7.5 * k],
      ['the usual tier', responses(100, 10), 'default', 100 * 2.5 * k + 10 * 15 * k],
    ] as const
  ).map(
    ([what, usage, tier, nano]): Bill => ({
      what: `Responses: ${what}`,
      over: 'openai-responses',
      model: 'gpt-5.4',
      usage,
      nano,
      source: 'list',
      ...(tier !== undefined && { tier }),
    }),
  ),
  {
    what: 'Responses: a model that nobody knows has no price',
    over: 'openai-responses',
    model: 'nobody-knows',
    usage: responses(1, 1),
    nano: undefined,
  },
  {
    what: 'Responses: an owner’s pattern',
    over: 'openai-responses',
    model: 'house-9',
    usage: responses(1000, 100, 500),
    nano: 500 * 7 * k + 500 * 7 * k + 100 * 8 * k,
    source: 'owner',
  },
  // Anthropic. claude-opus-5: 5, read 0.5, written 6.25 for five minutes and 10 for an hour, 25.
  ...(
    [
      ['nothing of the cache', claude(100, 10), 100 * 5 * k + 10 * 25 * k],
      [
        'cached reads stand beside the input',
        claude(100, 10, 5000),
        100 * 5 * k + 5000 * 0.5 * k + 10 * 25 * k,
      ],
      ['written for five minutes', claude(0, 10, 0, 18_000), 18_000 * 6.25 * k + 10 * 25 * k],
      ['written for an hour', claude(0, 10, 0, 0, 18_000), 18_000 * 10 * k + 10 * 25 * k],
      [
        'new, read, and both writes',
        claude(2000, 800, 12_000, 4000, 2000),
        2000 * 5 * k + 12_000 * 0.5 * k + 4000 * 6.25 * k + 2000 * 10 * k + 800 * 25 * k,
      ],
      [
        'thinking is part of the output',
        claude(10, 900, 0, 0, 0, { output_tokens_details: { thinking_tokens: 850 } }),
        10 * 5 * k + 900 * 25 * k,
      ],
      [
        'batch',
        claude(100, 10, 50, 40, 20, { service_tier: 'batch' }),
        100 * 2.5 * k + 50 * 0.25 * k + 40 * 3.125 * k + 20 * 5 * k + 10 * 12.5 * k,
      ],
      [
        'fast',
        claude(100, 10, 50, 40, 20, { speed: 'fast' }),
        100 * 10 * k + 50 * 1 * k + 40 * 12.5 * k + 20 * 20 * k + 10 * 50 * k,
      ],
      [
        'a priority that has no price of its own',
        claude(100, 10, 0, 0, 0, { service_tier: 'priority' }),
        100 * 5 * k + 10 * 25 * k,
      ],
    ] as const
  ).map(
    ([what, usage, nano]): Bill => ({
      what: `Anthropic: ${what}`,
      over: 'anthropic-messages',
      model: 'claude-opus-5',
      usage,
      nano,
      source: 'list',
    }),
  ),
  // claude-haiku-5-5 has a step at 100,000: 0.1, 0.01, 0.125, 0.2, 0.5, and five times that.
  {
    what: 'Anthropic: a long prompt, most of it cached',
    over: 'anthropic-messages',
    model: 'claude-haiku-5-5',
    usage: claude(1, 10, 90_000, 6000, 4000),
    nano: 1 * 0.5 * k + 90_000 * 50 + 6000 * 625 + 4000 * 1 * k + 10 * 2.5 * k,
    source: 'list',
  },
  {
    what: 'Anthropic: the same, at the threshold',
    over: 'anthropic-messages',
    model: 'claude-haiku-5-5',
    usage: claude(0, 10, 90_000, 6000, 4000),
    nano: 90_000 * 10 + 6000 * 125 + 4000 * 200 + 10 * 500,
    source: 'list',
  },
  {
    what: 'Anthropic: a model that nobody knows has no price',
    over: 'anthropic-messages',
    model: 'nobody-knows',
    usage: claude(1, 1),
    nano: undefined,
  },
  // Gemini. gemini-2.5-pro: 1.25, 0.125, 10; above 200,000 tokens 2.5, 0.25, 15.
  ...(
    [
      ['thoughts stand beside the answer', gemini(100, 10, 0, 90), 100 * 1.25 * k + 100 * 10 * k],
      [
        'cached reads are part of the prompt',
        gemini(5000, 10, 4096),
        904 * 1.25 * k + 4096 * 125 + 10 * 10 * k,
      ],
      ['a long prompt', gemini(200_001, 10, 100_000), 100_001 * 2.5 * k + 100_000 * 0.25 * k + 10 * 15 * k],
      [
        'what tools brought in is input',
        gemini(100, 10, 0, 0, { toolUsePromptTokenCount: 50, totalTokenCount: 160 }),
        150 * 1.25 * k + 10 * 10 * k,
      ],
      [
        'thoughts alone',
        { promptTokenCount: 100, thoughtsTokenCount: 30, totalTokenCount: 130 },
        100 * 1.25 * k + 30 * 10 * k,
      ],
    ] as const
  ).map(
    ([what, usage, nano]): Bill => ({
      what: `Gemini: ${what}`,
      over: 'gemini',
      model: 'gemini-2.5-pro',
      usage,
      nano,
      source: 'list',
    }),
  ),
  // gemini-2.5-flash: 0.3, 0.03, 2.5; sound 1, and 0.1 from the cache. In a batch 0.15, 1.25, sound 0.5.
  ...(
    [
      [
        'sound has a price of its own',
        gemini(1000, 10, 0, 0, { promptTokensDetails: modalities({ TEXT: 400, AUDIO: 600 }) }),
        400 * 0.3 * k + 600 * 1 * k + 10 * 2.5 * k,
      ],
      [
        'pictures, documents and video cost what text does here',
        gemini(1000, 10, 0, 0, {
          promptTokensDetails: modalities({ TEXT: 100, IMAGE: 258, DOCUMENT: 342, VIDEO: 300 }),
        }),
        1000 * 0.3 * k + 10 * 2.5 * k,
      ],
      [
        'sound from the cache, and new sound beside it',
        gemini(1000, 10, 500, 0, {
          promptTokensDetails: modalities({ TEXT: 300, AUDIO: 700 }),
          cacheTokensDetails: modalities({ TEXT: 100, AUDIO: 400 }),
        }),
        200 * 0.3 * k + 300 * 1 * k + 100 * 0.03 * k + 400 * 0.1 * k + 10 * 2.5 * k,
      ],
      [
        'sound of which nobody says that it was cached is new, as far as there is room',
        gemini(1000, 10, 900, 0, { promptTokensDetails: modalities({ TEXT: 300, AUDIO: 700 }) }),
        100 * 1 * k + 600 * 0.1 * k + 300 * 0.03 * k + 10 * 2.5 * k,
      ],
      [
        'sound that a tool brought in',
        gemini(100, 10, 0, 0, {
          ...{ toolUsePromptTokenCount: 50, totalTokenCount: 160 },
          promptTokensDetails: modalities({ TEXT: 100 }),
          toolUsePromptTokensDetails: modalities({ AUDIO: 50 }),
        }),
        100 * 0.3 * k + 50 * 1 * k + 10 * 2.5 * k,
      ],
      [
        'more sound than the prompt has tokens',
        gemini(100, 10, 0, 0, { promptTokensDetails: modalities({ AUDIO: 900 }) }),
        100 * 1 * k + 10 * 2.5 * k,
      ],
    ] as const
  ).map(
    ([what, usage, nano]): Bill => ({
      what: `Gemini: ${what}`,
      over: 'gemini',
      model: 'gemini-2.5-flash',
      usage,
      nano,
      source: 'list',
      ...(what.startsWith('more sound') && { counted: 'odd' }),
    }),
  ),
  {
    what: 'Gemini: pictures that a model makes, beside its words and thoughts',
    over: 'gemini',
    model: 'gemini-2.5-flash-image',
    usage: gemini(270, 1310, 0, 40, {
      promptTokensDetails: modalities({ TEXT: 12, IMAGE: 258 }),
      candidatesTokensDetails: modalities({ TEXT: 20, IMAGE: 1290 }),
    }),
    nano: 270 * 0.3 * k + 60 * 2.5 * k + 1290 * 30 * k,
    source: 'list',
  },
  {
    what: 'Gemini: pictures at twelve times the price of text, all of the answer',
    over: 'gemini',
    model: 'gemini-3-pro-image',
    usage: gemini(10, 1120, 0, 0, { candidatesTokensDetails: modalities({ IMAGE: 1120 }) }),
    nano: 10 * 2 * k + 1120 * 120 * k,
    source: 'list',
  },
  {
    what: 'Gemini: a model without a price of sound takes that of text, never none',
    over: 'gemini',
    model: 'gemini-2.5-pro',
    usage: gemini(1000, 10, 0, 0, { promptTokensDetails: modalities({ AUDIO: 1000 }) }),
    nano: 1000 * 1.25 * k + 10 * 10 * k,
    source: 'list',
  },
  {
    what: 'Gemini: each of the owner’s prices',
    over: 'gemini',
    model: 'mine-media',
    usage: gemini(1500, 300, 350, 0, {
      promptTokensDetails: modalities({ TEXT: 200, AUDIO: 500, IMAGE: 600, VIDEO: 200 }),
      cacheTokensDetails: modalities({ AUDIO: 150, IMAGE: 200 }),
      candidatesTokensDetails: modalities({ TEXT: 40, AUDIO: 60, IMAGE: 200 }),
    }),
    nano:
      200 * 1 * k +
      (350 * 3 + 150 * 0.5) * k +
      (400 * 4 + 200 * 0.7) * k +
      200 * 5 * k +
      (40 * 2 + 60 * 6 + 200 * 7) * k,
    source: 'owner',
  },
  // gpt-audio: 2.5 and 10; sound 32 and 64.
  {
    what: 'Chat: sound asked and answered',
    over: 'openai-chat',
    model: 'gpt-audio',
    usage: chat(500, 200, 0, {
      prompt_tokens_details: { audio_tokens: 320, cached_tokens: 0, text_tokens: 180 },
      completion_tokens_details: { audio_tokens: 150, reasoning_tokens: 0, text_tokens: 50 },
    }),
    nano: 180 * 2.5 * k + 320 * 32 * k + 50 * 10 * k + 150 * 64 * k,
    source: 'list',
  },
  {
    what: 'Chat: cached sound at the price of sound where nobody says another',
    over: 'openai-chat',
    model: 'gpt-audio',
    usage: chat(500, 1, 100, {
      prompt_tokens_details: {
        ...{ audio_tokens: 320, cached_tokens: 100 },
        cached_tokens_details: { audio_tokens: 60, text_tokens: 40 },
      },
    }),
    nano: (180 - 40) * 2.5 * k + 40 * 2.5 * k + 320 * 32 * k + 10 * k,
    source: 'list',
  },
  {
    what: 'Chat: no sound at all, as most answers say it',
    over: 'openai-chat',
    model: 'gpt-5.4',
    usage: chat(1000, 100, 0, {
      prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
      completion_tokens_details: { audio_tokens: 0, reasoning_tokens: 0 },
    }),
    nano: 1000 * 2.5 * k + 100 * 15 * k,
    source: 'list',
  },
  {
    what: 'Responses: sound asked and answered',
    over: 'openai-responses',
    model: 'gpt-audio-mini',
    usage: {
      ...{ input_tokens: 100, output_tokens: 50, total_tokens: 150 },
      input_tokens_details: { cached_tokens: 0, audio_tokens: 80 },
      output_tokens_details: { reasoning_tokens: 0, audio_tokens: 30 },
    },
    nano: 20 * 0.6 * k + 80 * 10 * k + 20 * 2.4 * k + 30 * 20 * k,
    source: 'list',
  },
  // Several of them at once.
  {
    what: 'Responses: flex, above the threshold, most of it cached, nearly all of the answer reasoning',
    over: 'openai-responses',
    model: 'gpt-5.4',
    tier: 'flex',
    usage: responses(300_000, 5000, 250_000, 4900),
    nano: 50_000 * 2.5 * k + 250_000 * 0.25 * k + 5000 * 11.25 * k,
    source: 'list',
  },
  {
    what: 'Chat: priority has one price, however long the prompt is',
    over: 'openai-chat',
    model: 'gpt-5.4',
    tier: 'priority',
    usage: chat(300_000, 100, 200_000),
    nano: 100_000 * 5 * k + 200_000 * 0.5 * k + 100 * 30 * k,
    source: 'list',
  },
  {
    what: 'Chat: sound in a batch that has no price of its own costs what it always does',
    over: 'openai-chat',
    model: 'gpt-audio',
    tier: 'batch',
    usage: chat(500, 200, 0, {
      prompt_tokens_details: { audio_tokens: 320 },
      completion_tokens_details: { audio_tokens: 150, reasoning_tokens: 40 },
    }),
    nano: 180 * 2.5 * k + 320 * 32 * k + 50 * 10 * k + 150 * 64 * k,
    source: 'list',
  },
  {
    what: 'Responses: an upstream that counts the money of a priority answer itself',
    over: 'openai-responses',
    model: 'gpt-5.4',
    tier: 'priority',
    usage: { ...responses(300_000, 100, 200_000), cost: 0.000000001 },
    nano: 1,
    source: 'upstream',
  },
  // Broken off behind "Hi", which is one token of an estimate.
  {
    what: 'Anthropic: broken off: new, read and both writes as the beginning has counted them',
    over: 'anthropic-messages',
    model: 'claude-opus-5',
    usage: claude(2000, 800, 12_000, 4000, 2000),
    aborted: true,
    nano: 2000 * 5 * k + 12_000 * 0.5 * k + 4000 * 6.25 * k + 2000 * 10 * k + 25 * k,
    source: 'list',
    counted: 'estimate',
  },
  {
    what: 'Anthropic: a long prompt of a batch that broke off',
    over: 'anthropic-messages',
    model: 'claude-haiku-5-5',
    usage: claude(1, 900, 90_000, 6000, 4000, { service_tier: 'batch' }),
    aborted: true,
    nano: 250 + 90_000 * 25 + 6000 * 312.5 + 4000 * 500 + 1250,
    source: 'list',
    counted: 'estimate',
  },
  // gemini-3.1-pro above 200,000: 4, 0.4, 18. Each of its chunks counts all that was used until then.
  {
    what: 'Gemini: a long prompt, half of it cached, thoughts, and then nothing more',
    over: 'gemini',
    model: 'gemini-3.1-pro',
    usage: gemini(200_001, 10, 100_000, 90),
    aborted: true,
    nano: 100_001 * 4 * k + 100_000 * 0.4 * k + 100 * 18 * k,
    source: 'list',
    counted: 'estimate',
  },
  {
    what: 'Gemini: a model that nobody knows has no price',
    over: 'gemini',
    model: 'nobody-knows',
    usage: gemini(1, 1),
    nano: undefined,
  },
];

const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-bills-'));
const upstream = startUpstream(answer);
const gateway = await startGateway({
  version,
  log: createLog({ level: 'silent', format: 'json', sink: { write() {} } }),
  config: configOf({
    'auth-dir': folder,
    'api-keys': [clientKey],
    'remote-management': { 'secret-key': managementKey },
    'disable-cooling': true,
    ...everyUpstream(upstream.url, (protocol) =>
      [...new Set(bills.filter(({ over }) => over === protocol).map(({ model }) => model))].map((name) => ({
        name,
        alias: `${name}-over-${protocol}`,
      })),
    ),
    prices: {
      mine: { input: 3, output: 15, 'cache-read': 0.3 },
      'house-*': { input: 7, output: 8 },
      'mine-long': { input: 1, output: 2, 'long-prompts': { 'longer-than': 1000, input: 10, output: 20 } },
      tiny: { input: 0.0375, output: 0.15, 'cache-read': 0.003625 },
      'mine-media': {
        ...{ input: 1, output: 2, 'audio-input': 3, 'audio-cache-read': 0.5, 'image-input': 4 },
        ...{ 'image-cache-read': 0.7, 'video-input': 5, 'audio-output': 6, 'image-output': 7 },
      },
    },
  }),
});
afterAll(async () => {
  await gateway.stop();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The bill that the prompt names. */
function answer({ path, body }: Asked): Response {
  const text = Buffer.from(body).toString();
  const bill = bills[Number(/bill (\d+)/.exec(text)?.[1])];
  if (bill === undefined) throw new Error(`no bill in ${text}`);
  return billedAnswer(bill, path.includes(':stream') || JSON.parse(text).stream === true);
}

test('there are bills of every protocol, 40 and more', () => {
  expect(bills.length).toBeGreaterThanOrEqual(40);
  expect(new Set(bills.map(({ over }) => over)).size).toBe(protocols.length);
});

test.each(bills.map((bill, index) => ({ ...bill, index })))(
  '15: $what',
  async ({ over, model, nano, source, index, aborted, counted: odd }) => {
    const wanted: Counted = odd ?? 'provider';
    for (const call of calls)
      for (const stream of aborted ? [true] : [false, true]) {
        const how = `${call.protocol}${stream ? ', stream' : ''}`;
        const response = await send(gateway.url, call, {
          model: `${model}-over-${over}`,
          text: `bill ${index}`,
          stream,
        });
        await response.text();
        expect([how, response.status]).toEqual([how, 200]);
        const kept = await fetch(
          `${gateway.url}/v0/management/usage/requests/${response.headers.get('x-request-id')}`,
          {
            headers: { 'x-management-key': managementKey },
          },
        );
        const { request }: { request: ListedRequest } = JSON.parse(await kept.text());
        const { cost, costSource, counted, tokens } = request;
        expect({
          how,
          nano: cost === null ? undefined : Math.round(Number(cost) * 1e9),
          source: costSource ?? undefined,
          counted,
          tokens: cost === null && tokens.input === null ? 'none' : 'some',
        }).toEqual({
          ...{
            how,
            nano,
            source: nano === undefined ? undefined : source,
            counted: wanted,
            tokens: 'some',
          },
        });
      }
  },
);
