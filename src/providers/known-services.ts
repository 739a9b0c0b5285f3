/** Well-known services with OpenAI's Chat Completions: where they are and what they want otherwise, a row each. */
import type { PricedMaker } from '../models/price-source.ts';
import type { Service } from './service.ts';

export const knownServices: Readonly<Record<string, Service>> = {};

/** Makers of models that other providers serve. */
export const otherMakers: readonly PricedMaker[] = [
  { name: 'deepseek', prices: 'deepseek', models: /^deepseek-/ },
  { name: 'minimax', prices: 'minimax', models: /^minimax-/ },
  { name: 'zai', prices: 'zai', models: /^glm-/ },
];
