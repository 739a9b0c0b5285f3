import { expect, test } from 'bun:test';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { modelChoice } from './model-choice.ts';

const served = [
  'claude-haiku-4-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-10',
  'claude-opus-5',
  'gemini-3-pro',
  'gemini-3-flash',
  'gpt-5.6',
  'text-embedding-3-large',
];

test('a client gets what it is made for, the newest first', () => {
  expect(modelChoice(claude, served)).toMatchObject({
    model: 'claude-sonnet-4-10',
    small: 'claude-haiku-4-5',
    tiers: { opus: 'claude-opus-5', sonnet: 'claude-sonnet-4-10', haiku: 'claude-haiku-4-5' },
  });
  expect(modelChoice(codex, served)?.model).toBe('gpt-5.6');
});

test('first-hour 2: subagents ask for served models, whatever the model is', () => {
  expect(modelChoice(claude, served, 'gemini-3-pro')?.tiers).toEqual({
    opus: 'gemini-3-pro',
    sonnet: 'gemini-3-pro',
    haiku: 'gemini-3-flash',
  });
  expect(modelChoice(claude, ['sandbox-gemini'])?.tiers.haiku).toBe('sandbox-gemini');
});

test('nothing is chosen for a conversation that is not made for one', () => {
  expect(modelChoice(codex, ['text-embedding-3-large', 'llama'])?.model).toBe('llama');
  expect(modelChoice(codex, [])).toBeUndefined();
});
