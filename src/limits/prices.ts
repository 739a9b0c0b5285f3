/**
 * What models cost at their makers' list prices, in US dollars for a million tokens: shipped data, one row a model.
 * Prompts are priced as those up to 200,000 tokens are; writing to a cache as Anthropic's cache of five minutes.
 * The Claude rows were checked on platform.claude.com/docs/en/about-claude/pricing; the others are as far as known in
 * November 2026 and were not: their makers' pages are developers.openai.com/api/docs/pricing,
 * ai.google.dev/gemini-api/docs/pricing, docs.x.ai/docs/models and platform.moonshot.ai/docs/pricing. `prices` in the
 * configuration has the last word.
 */
import type { ModelPrice } from '../config/client-keys.ts';

export interface PriceRow {
  /** As providers name them, without the date of a snapshot; `*` stands for any text. */
  models: readonly string[];
  price: ModelPrice;
}

const price = (input: number, output: number, cacheRead?: number, cacheWrite?: number): ModelPrice => ({
  input,
  output,
  'cache-read': cacheRead,
  'cache-write': cacheWrite,
});

export const shippedPrices: readonly PriceRow[] = [
  {
    models: ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6*', 'claude-opus-4-5*'],
    price: price(5, 25, 0.5, 6.25),
  },
  { models: ['claude-opus-4-1', 'claude-opus-4'], price: price(15, 75, 1.5, 18.75) },
  { models: ['claude-sonnet-5'], price: price(2, 10, 0.2, 2.5) },
  {
    models: ['claude-sonnet-4-6', 'claude-sonnet-4-5*', 'claude-sonnet-4', 'claude-3-7-sonnet'],
    price: price(3, 15, 0.3, 3.75),
  },
  { models: ['claude-haiku-4-5'], price: price(1, 5, 0.1, 1.25) },
  { models: ['claude-3-5-haiku'], price: price(0.8, 4, 0.08, 1) },

  { models: ['gpt-5.5'], price: price(5, 30, 0.5) },
  { models: ['gpt-5.4'], price: price(2.5, 15, 0.25) },
  { models: ['gpt-5.4-mini'], price: price(0.75, 4.5, 0.075) },
  { models: ['gpt-5.3-codex', 'gpt-5.2-codex', 'gpt-5.2'], price: price(1.75, 14, 0.175) },
  {
    models: ['gpt-5.1-codex-max', 'gpt-5.1-codex', 'gpt-5.1', 'gpt-5-codex', 'gpt-5'],
    price: price(1.25, 10, 0.125),
  },
  { models: ['gpt-5.1-codex-mini', 'gpt-5-mini'], price: price(0.25, 2, 0.025) },
  { models: ['gpt-4.1', 'o3'], price: price(2, 8, 0.5) },
  { models: ['gpt-4o'], price: price(2.5, 10, 1.25) },
  { models: ['o4-mini'], price: price(1.1, 4.4, 0.275) },

  {
    models: [
      'gemini-3.1-pro-preview',
      'gemini-3.1-pro-high',
      'gemini-3.1-pro-low',
      'gemini-3-pro-preview',
      'gemini-3-pro-high',
      'gemini-3-pro-low',
    ],
    price: price(2, 12, 0.2),
  },
  { models: ['gemini-3-flash', 'gemini-3-flash-preview'], price: price(0.5, 3, 0.05) },
  { models: ['gemini-2.5-pro'], price: price(1.25, 10, 0.125) },
  { models: ['gemini-2.5-flash'], price: price(0.3, 2.5, 0.03) },
  { models: ['gemini-2.5-flash-lite'], price: price(0.1, 0.4, 0.01) },

  { models: ['grok-4.5'], price: price(2, 6, 0.5) },
  { models: ['grok-4.3'], price: price(1.25, 2.5, 0.2) },
  { models: ['grok-4', 'grok-3'], price: price(3, 15, 0.75) },
  { models: ['grok-4-fast-reasoning', 'grok-4-fast-non-reasoning'], price: price(0.2, 0.5, 0.05) },
  { models: ['grok-code-fast-1'], price: price(0.2, 1.5, 0.02) },
  { models: ['grok-3-mini'], price: price(0.3, 0.5, 0.075) },

  { models: ['kimi-k2.5'], price: price(0.6, 3, 0.1) },
  { models: ['kimi-k2-thinking', 'kimi-k2', 'kimi-k2-0905'], price: price(0.6, 2.5, 0.15) },
];
