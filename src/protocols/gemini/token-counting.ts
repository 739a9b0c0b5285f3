/** `models/*:countTokens` (ai.google.dev/api/tokens). */
import { isObject } from '../json.ts';
import type { TokenCounting } from '../token-counting.ts';

export const tokenCounting: TokenCounting = {
  /** It may wrap the whole request that is to be counted. */
  counted: (body) => (isObject(body.generateContentRequest) ? body.generateContentRequest : body),
  // One wrapper object takes every field.
  ask: (body, model) => ({ generateContentRequest: { model: `models/${model}`, ...body } }),
  answer: (tokens) => ({ totalTokens: tokens }),
};
