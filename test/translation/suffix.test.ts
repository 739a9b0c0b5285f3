/** How hard to think, said behind the model's name: `model(high)`, `model(8192)`, `model(none)`, `model(auto)`. */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { factsNames } from '../facts.ts';
import { at, greeting } from './feature.ts';

/** Models of no known limits. */
const models: Record<Protocol, string> = {
  'openai-chat': 'a-model',
  'openai-responses': 'a-model',
  'anthropic-messages': 'a-model',
  gemini: 'gemini-experimental',
};

/** Where each protocol says it, and in which words. */
const words: Record<Protocol, { path: string; said: Record<string, Json> }> = {
  'openai-chat': {
    path: 'reasoning_effort',
    said: {
      high: 'high',
      minimal: 'minimal',
      '8192': 'medium',
      '30000': 'xhigh',
      none: 'none',
      auto: 'medium',
    },
  },
  'openai-responses': {
    path: 'reasoning.effort',
    said: {
      high: 'high',
      minimal: 'minimal',
      '8192': 'medium',
      '30000': 'xhigh',
      none: 'none',
      auto: 'medium',
    },
  },
  'anthropic-messages': {
    path: 'thinking.type',
    said: {
      high: 'adaptive',
      minimal: 'adaptive',
      '8192': 'enabled',
      '30000': 'enabled',
      none: 'disabled',
      auto: 'adaptive',
    },
  },
  gemini: {
    path: 'generationConfig.thinkingConfig',
    said: {
      high: { thinkingLevel: 'HIGH', includeThoughts: true },
      minimal: { thinkingLevel: 'MINIMAL', includeThoughts: true },
      '8192': { thinkingBudget: 8192, includeThoughts: true },
      '30000': { thinkingBudget: 30_000, includeThoughts: true },
      none: { thinkingBudget: 0 },
      auto: { thinkingBudget: -1, includeThoughts: true },
    },
  },
};

/** What the body of the client says of it: the suffix wins. */
const spoken: Record<Protocol, JsonObject> = {
  'openai-chat': { reasoning_effort: 'low' },
  'openai-responses': { reasoning: { effort: 'low' } },
  'anthropic-messages': { thinking: { type: 'enabled', budget_tokens: 1024 } },
  gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } } },
};

function upstreamBody(from: Protocol, to: Protocol, suffix: string, more: JsonObject): JsonObject {
  const body = new TextEncoder().encode(JSON.stringify({ ...greeting[factsNames[from]], ...more }));
  return translateRequest(body, { from, to, model: `${models[to]}(${suffix})`, stream: false }).body;
}

const pairs = protocols.flatMap((from) => protocols.map((to) => [from, to] as const));

describe.each(pairs)('%s to %s', (from, to) => {
  const { path, said } = words[to];
  test.each(Object.entries(said))('model(%s)', (suffix, expected) => {
    for (const more of [{}, spoken[from]]) {
      const body = upstreamBody(from, to, suffix, more);
      expect(at(body, path)).toEqual(expected);
      expect(body.model).toBe(to === 'gemini' ? undefined : models[to]);
    }
  });
});

test.each([...protocols])('budgets and efforts reach Anthropic as they are said by %s', (from) => {
  expect(at(upstreamBody(from, 'anthropic-messages', '8192', {}), 'thinking.budget_tokens')).toBe(8192);
  expect(at(upstreamBody(from, 'anthropic-messages', 'high', {}), 'output_config.effort')).toBe('high');
});
