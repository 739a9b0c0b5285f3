/**
 * What is known of models: shipped data, one row a family. `listed` names are what a credential without a `models`
 * list shows; rows are read top down and the first pattern that fits counts (`*` stands for any text).
 * Sources: docs.claude.com/en/docs/about-claude/models, ai.google.dev/gemini-api/docs/{models,thinking},
 * platform.openai.com/docs/models (read August 2026).
 */
import type { Effort, ModelTraits } from '../protocols/model.ts';
import { matchesPattern } from './pattern.ts';
import type { ProviderName } from './provider.ts';

interface Family {
  pattern: string;
  traits: ModelTraits;
}

const budget = (min: number, max: number, canDisable: boolean, canAuto: boolean) =>
  ({ kind: 'budget', min, max, canDisable, canAuto }) as const;
const levels = (list: Effort[], canDisable: boolean, canAuto: boolean) =>
  ({ kind: 'levels', levels: list, canDisable, canAuto }) as const;

const families: readonly Family[] = [
  { pattern: 'claude-3-5-*', traits: { maxOutputTokens: 8192, reasoning: { kind: 'none' } } },
  { pattern: 'claude-3-haiku-*', traits: { maxOutputTokens: 4096, reasoning: { kind: 'none' } } },
  { pattern: 'claude-3-opus-*', traits: { maxOutputTokens: 4096, reasoning: { kind: 'none' } } },
  {
    pattern: 'claude-3-7-*',
    traits: { maxOutputTokens: 64_000, reasoning: budget(1024, 63_999, true, false) },
  },
  {
    pattern: 'claude-opus-4-1*',
    traits: { maxOutputTokens: 32_000, reasoning: budget(1024, 31_999, true, false) },
  },
  {
    pattern: 'claude-opus-4-20*',
    traits: { maxOutputTokens: 32_000, reasoning: budget(1024, 31_999, true, false) },
  },
  {
    pattern: 'claude-sonnet-4-20*',
    traits: { maxOutputTokens: 64_000, reasoning: budget(1024, 63_999, true, false) },
  },
  {
    pattern: 'claude-*-4-5*',
    traits: { maxOutputTokens: 64_000, reasoning: budget(1024, 63_999, true, false) },
  },
  {
    pattern: 'claude-sonnet-4-6*',
    traits: { maxOutputTokens: 64_000, reasoning: levels(['low', 'medium', 'high', 'max'], true, true) },
  },
  {
    pattern: 'claude-opus-4-*',
    traits: { maxOutputTokens: 128_000, reasoning: levels(['low', 'medium', 'high', 'max'], true, true) },
  },
  {
    pattern: 'claude-*-5',
    traits: {
      maxOutputTokens: 128_000,
      reasoning: levels(['low', 'medium', 'high', 'xhigh', 'max'], true, true),
    },
  },
  {
    pattern: 'gemini-2.5-pro*',
    traits: { maxOutputTokens: 65_536, reasoning: budget(128, 32_768, false, true) },
  },
  { pattern: 'gemini-2.5-flash-image*', traits: { maxOutputTokens: 32_768, reasoning: { kind: 'none' } } },
  {
    pattern: 'gemini-2.5-flash*',
    traits: { maxOutputTokens: 65_536, reasoning: budget(0, 24_576, true, true) },
  },
  { pattern: 'gemini-2.0-*', traits: { maxOutputTokens: 8192, reasoning: { kind: 'none' } } },
  {
    pattern: 'gemini-3-pro*',
    traits: { maxOutputTokens: 65_536, reasoning: levels(['low', 'high'], false, true) },
  },
  {
    pattern: 'gemini-3.1-pro*',
    traits: { maxOutputTokens: 65_536, reasoning: levels(['low', 'medium', 'high'], false, true) },
  },
  {
    pattern: 'gemini-3*',
    traits: { maxOutputTokens: 65_536, reasoning: levels(['minimal', 'low', 'medium', 'high'], false, true) },
  },
  { pattern: 'gpt-4*', traits: { reasoning: { kind: 'none' } } },
  {
    pattern: 'gpt-5',
    traits: {
      maxOutputTokens: 128_000,
      reasoning: levels(['minimal', 'low', 'medium', 'high'], false, false),
    },
  },
  {
    pattern: 'gpt-5-*',
    traits: {
      maxOutputTokens: 128_000,
      reasoning: levels(['minimal', 'low', 'medium', 'high'], false, false),
    },
  },
  {
    pattern: 'gpt-5.1*',
    traits: { maxOutputTokens: 128_000, reasoning: levels(['low', 'medium', 'high'], true, false) },
  },
  {
    pattern: 'gpt-5.*',
    traits: { maxOutputTokens: 128_000, reasoning: levels(['low', 'medium', 'high', 'xhigh'], true, false) },
  },
  {
    pattern: 'o1*',
    traits: { maxOutputTokens: 100_000, reasoning: levels(['low', 'medium', 'high'], false, false) },
  },
  {
    pattern: 'o3*',
    traits: { maxOutputTokens: 100_000, reasoning: levels(['low', 'medium', 'high'], false, false) },
  },
  {
    pattern: 'o4*',
    traits: { maxOutputTokens: 100_000, reasoning: levels(['low', 'medium', 'high'], false, false) },
  },
];

const known = new Map<string, ModelTraits | undefined>();
/** Names come from clients, so the memory for them is bounded. */
const rememberedNames = 1024;

/** What a model can do; undefined for models that the table does not know: they get the client's wishes as they are. */
export function modelTraits(model: string): ModelTraits | undefined {
  if (known.has(model)) return known.get(model);
  const traits = families.find((family) => matchesPattern(model, family.pattern))?.traits;
  if (known.size >= rememberedNames) known.clear();
  known.set(model, traits);
  return traits;
}

/** The models that model lists name for a credential without a `models` list. Others of the provider's families work too. */
export const listedModels: Record<ProviderName, readonly string[]> = {
  claude: [
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-opus-4-8',
    'claude-opus-4-7',
    'claude-opus-4-6',
    'claude-sonnet-4-6',
    'claude-opus-4-5-20251101',
    'claude-sonnet-4-5-20250929',
    'claude-haiku-4-5-20251001',
    'claude-opus-4-1-20250805',
    'claude-3-7-sonnet-20250219',
    'claude-3-5-haiku-20241022',
  ],
  gemini: [
    'gemini-3.1-pro-preview',
    'gemini-3-pro-preview',
    'gemini-3-flash-preview',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
  ],
  vertex: [
    'gemini-3.1-pro-preview',
    'gemini-3-pro-preview',
    'gemini-3-flash-preview',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
  ],
  openai: [
    'gpt-5.5',
    'gpt-5.4',
    'gpt-5.4-mini',
    'gpt-5.2',
    'gpt-5.1',
    'gpt-5',
    'gpt-5-mini',
    'gpt-4.1',
    'gpt-4o',
    'o3',
    'o4-mini',
  ],
  'openai-compatibility': [],
  sandbox: ['sandbox', 'sandbox-chat', 'sandbox-responses', 'sandbox-claude', 'sandbox-gemini'],
};
