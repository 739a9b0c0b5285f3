import { expect, test } from 'bun:test';
import { mayUseModel, mayUseProvider } from './permission.ts';

test.each([
  [undefined, 'anything', true],
  [['claude-*'], 'claude-opus-5', true],
  [['claude-*'], 'Claude-Opus-5', true],
  [['claude-*'], 'work/claude-opus-5', false],
  [['*/claude-*'], 'work/claude-opus-5', true],
  [['gpt-5'], 'gpt-5', true],
  [['gpt-5'], 'gpt-5(high)', true],
  [['gpt-5'], 'gpt-5-mini', false],
  [['gpt-5', 'o3'], 'o3', true],
])('a key for the models %j asks for %s: %p', (models, model, allowed) => {
  expect(mayUseModel(models === undefined ? {} : { models }, model)).toBe(allowed);
});

test.each([
  [undefined, ['claude'], true],
  [['claude'], ['claude'], true],
  [['claude'], ['claude-code'], false],
  [['claude*'], ['claude-code'], true],
  [['openrouter'], ['openai-compatibility', 'openrouter'], true],
  [['openai-compatibility'], ['openai-compatibility', 'openrouter'], true],
])('a key for the providers %j meets %j: %p', (providers, names, allowed) => {
  expect(mayUseProvider(providers === undefined ? {} : { providers }, names)).toBe(allowed);
});
