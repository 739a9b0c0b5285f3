/** The models that providers are shown to serve where they do not list them themselves. What they can do: `src/models`. */
import { antigravityModels } from './antigravity-models.ts';
import type { ProviderName } from './provider.ts';

/** What the Gemini API and Vertex AI serve. */
const geminiModels = [
  'gemini-4-argon',
  'gemini-3.8-flash',
  'gemini-3.7-flash',
  'gemini-3.6-flash',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
] as const;

/** What Google's Code Assist serves of Gemini. */
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
  'gpt-6.1-sol',
  'gpt-6-astra',
  'gpt-6-sol',
  'gpt-6-luna',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
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
  if (plan === 'free') return codexModels.filter((name) => !/spark|-max|5\.[356]|gpt-6/.test(name));
  const paid = ['plus', 'team', 'business', 'go', 'edu'];
  return plan !== undefined && paid.includes(plan)
    ? codexModels.filter((name) => !name.endsWith('-spark'))
    : undefined;
}

/** Claude models that keys, subscriptions and Vertex accounts serve alike. */
const claudeModels = [
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5-20251101',
  'claude-sonnet-4-5-20250929',
  'claude-haiku-4-5-20251001',
];

/**
 * The models that model lists name for a credential without a `models` list. Others of the provider's families work too.
 * Those of accounts are what the providers' own programs offered in 2026 (protocol.md §4.1); where a provider lists its
 * models itself, its list takes the place of this one (`offers`).
 */
export const listedModels: Record<ProviderName, readonly string[]> = {
  claude: [
    'claude-fable-5-2',
    'claude-fable-5-1',
    ...claudeModels,
    'claude-opus-4-1-20250805',
    'claude-3-7-sonnet-20250219',
    'claude-3-5-haiku-20241022',
  ],
  gemini: geminiModels,
  vertex: geminiModels,
  openai: [
    'gpt-6.1-sol',
    'gpt-6.1-terra',
    'gpt-6-astra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
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
  'claude-code': claudeModels,
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
  antigravity: antigravityModels,
  kimi: [
    'kimi-for-coding',
    'kimi-for-coding-highspeed',
    'kimi-k3',
    'kimi-k2.7-code',
    'kimi-k2.6',
    'kimi-k2.5',
    'kimi-k2-thinking',
    'kimi-k2',
  ],
  xai: [
    'grok-4.7',
    'grok-4.6',
    'grok-4.5',
    'grok-4.3',
    'grok-4.20',
    'grok-4',
    'grok-4-fast-reasoning',
    'grok-4-fast-non-reasoning',
    'grok-code-fast-1',
    'grok-3',
    'grok-3-mini',
  ],
  'vertex-account': [...geminiModels, ...claudeModels],
  sandbox: ['sandbox', 'sandbox-chat', 'sandbox-responses', 'sandbox-claude', 'sandbox-gemini'],
};
