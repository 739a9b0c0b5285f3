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
  // At xAI only these take an effort; others refuse the field (docs.x.ai/docs/guides/reasoning).
  {
    pattern: 'grok-3-mini*',
    traits: { reasoning: levels(['low', 'high'], false, false) },
  },
  { pattern: 'grok-4.3*', traits: { reasoning: levels(['low', 'medium', 'high'], true, false) } },
  { pattern: 'grok-4.5*', traits: { reasoning: levels(['low', 'medium', 'high'], true, false) } },
  { pattern: 'grok-*', traits: { reasoning: { kind: 'none' } } },
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

/** What Google's Code Assist and Vertex AI serve of Gemini. */
const codeAssistModels = [
  'gemini-3.1-pro-preview',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
] as const;

/** What the Codex backend serves to a paid plan. */
const codexModels = [
  'gpt-5.5',
  'gpt-5.4',
  'gpt-5.4-mini',
  'gpt-5.3-codex',
  'gpt-5.3-codex-spark',
  'gpt-5.2-codex',
  'gpt-5.2',
  'gpt-5.1-codex-max',
  'gpt-5.1-codex',
  'gpt-5.1-codex-mini',
  'gpt-5.1',
  'gpt-5-codex',
  'gpt-5',
] as const;

/** The models of a Codex plan (`chatgpt_plan_type`) where it has not all of them; undefined for the others and unknown ones. */
export function codexModelsOfPlan(plan: string | undefined): readonly string[] | undefined {
  // The spark model is for Pro; Free has no `max` and nothing above 5.4 either.
  if (plan === 'free') return codexModels.filter((name) => !/spark|-max|5\.5$|5\.3/.test(name));
  const paid = ['plus', 'team', 'business', 'go', 'edu'];
  return plan !== undefined && paid.includes(plan)
    ? codexModels.filter((name) => !name.endsWith('-spark'))
    : undefined;
}

/**
 * The models that model lists name for a credential without a `models` list. Others of the provider's families work too.
 * Those of accounts are what the providers' own programs offered in 2026 (protocol.md §4.1); where a provider lists its
 * models itself, its list takes the place of this one (`offers`).
 */
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
  'gemini-cli': codeAssistModels,
  'claude-code': [
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-opus-4-8',
    'claude-opus-4-7',
    'claude-opus-4-6',
    'claude-sonnet-4-6',
    'claude-opus-4-5-20251101',
    'claude-sonnet-4-5-20250929',
    'claude-haiku-4-5-20251001',
  ],
  codex: codexModels,
  qwen: ['coder-model', 'vision-model', 'qwen3-coder-plus', 'qwen3-coder-flash', 'qwen3-vl-plus'],
  iflow: [
    'glm-5',
    'glm-4.7',
    'glm-4.6',
    'kimi-k2.5',
    'kimi-k2-thinking',
    'kimi-k2',
    'kimi-k2-0905',
    'deepseek-v3.2',
    'deepseek-v3.1',
    'deepseek-v3',
    'deepseek-r1',
    'minimax-m2.5',
    'minimax-m2.1',
    'minimax-m2',
    'qwen3-coder-plus',
    'qwen3-max',
    'qwen3-max-preview',
    'qwen3-vl-plus',
    'qwen3-32b',
    'qwen3-235b',
    'iflow-rome-30ba3b',
    'tstars2.0',
  ],
  antigravity: [
    'gemini-3.1-pro-high',
    'gemini-3.1-pro-low',
    'gemini-3-pro-high',
    'gemini-3-pro-low',
    'gemini-3-flash',
    'gemini-3-pro-image',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
    'claude-opus-4-6-thinking',
    'claude-opus-4-5-thinking',
    'claude-sonnet-4-6',
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-thinking',
    'gpt-oss-120b-medium',
  ],
  kimi: ['kimi-for-coding', 'kimi-for-coding-highspeed', 'kimi-k2.5', 'kimi-k2-thinking', 'kimi-k2'],
  xai: [
    'grok-4.5',
    'grok-4.3',
    'grok-4',
    'grok-4-fast-reasoning',
    'grok-4-fast-non-reasoning',
    'grok-code-fast-1',
    'grok-3',
    'grok-3-mini',
  ],
  'vertex-account': [
    ...codeAssistModels,
    'claude-opus-4-8',
    'claude-opus-4-7',
    'claude-opus-4-6',
    'claude-sonnet-4-6',
    'claude-opus-4-5-20251101',
    'claude-sonnet-4-5-20250929',
    'claude-haiku-4-5-20251001',
  ],
  sandbox: ['sandbox', 'sandbox-chat', 'sandbox-responses', 'sandbox-claude', 'sandbox-gemini'],
};
