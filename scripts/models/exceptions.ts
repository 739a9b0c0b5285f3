/**
 * What no price list says of models, by hand: output limits, inputs, thinking, refused parameters; each with its source.
 * Exceptions are read from the first to the last, and a later one has the last word. `*` stands for any text.
 */
import type { InputKind, ListPrice, SteppedPrice } from '../../src/models/model-row.ts';
import type { ReasoningTraits, Refusals, ToolsOverChat } from '../../src/protocols/model-traits.ts';
import type { Effort } from '../../src/protocols/request.ts';

export interface Exception {
  /** Ids of rows. */
  models: readonly string[];
  source: string;
  family?: string;
  context?: number;
  /** `context`: the maker names no limit of its own. */
  output?: number | 'context';
  inputs?: readonly InputKind[];
  thinking?: ReasoningTraits;
  refused?: Refusals;
  prefill?: false;
  toolsOverChat?: ToolsOverChat;
  mostOverChat?: Effort;
}

/** A model that the price data has not, or has under another model's name. */
export interface OwnRow {
  id: string;
  names?: readonly string[];
  source: string;
  /** The row whose context and prices it shares; without one it has no list price, for the reason that `source` says. */
  like?: string;
  maker?: string;
  /** Where the price data has the model not yet. */
  price?: ListPrice;
}

const none: ReasoningTraits = { kind: 'none' };
const budget = (min: number, max: number, canDisable: boolean, canAuto: boolean): ReasoningTraits => ({
  kind: 'budget',
  min,
  max,
  canDisable,
  canAuto,
});
const levels = (list: Effort[], canDisable: boolean, canAuto: boolean): ReasoningTraits => ({
  kind: 'levels',
  levels: list,
  canDisable,
  canAuto,
});

const pictures = ['text', 'image'] as const;
const documents = ['text', 'image', 'file'] as const;
const everything = ['text', 'image', 'file', 'audio', 'video'] as const;

/** platform.claude.com/docs/en/about-claude/models/migration-guide, "Sampling parameters removed": 400 but for the defaults. */
const noSampling: Refusals = { parameters: { temperature: 1, top_p: 1, top_k: null } };
/** platform.claude.com/docs/en/models/opus-5-5/overview: forced tool use is an error, too, as on Fable 5.1. */
const noSamplingNorForcedCalls: Refusals = { parameters: { ...noSampling.parameters, tool_choice: null } };
/** developers.openai.com/api/docs/guides/reasoning and the API's answers: "Unsupported parameter … with this model". */
const openaiReasoning: Refusals = {
  parameters: { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: null },
};
const openaiReasoningNoStop: Refusals = { parameters: { ...openaiReasoning.parameters, stop: null } };
/** developers.openai.com/api/docs/guides/latest-model: sampling parameters are for `reasoning.effort: none` only. */
const openaiThinking: Refusals = { ...openaiReasoningNoStop, onlyThinking: true };
/** docs.x.ai/developers/model-capabilities/text/reasoning: requests of reasoning models that include these are errors. */
const grokReasoning: Refusals = { parameters: { presence_penalty: 0, frequency_penalty: 0, stop: null } };
/** google-gemini/cookbook#1290, vercel/ai#8943: "Penalty is not enabled for this model", of all models but Gemini 2.0's. */
const noPenalties: Refusals = { parameters: { presence_penalty: 0, frequency_penalty: 0 } };
/** platform.kimi.ai/docs/api/models-overview: fixed values, others are answered with 400 ("only 1 is allowed for this model"). */
const kimiFixed: Refusals = {
  parameters: { temperature: 1, top_p: 0.95, n: 1, presence_penalty: 0, frequency_penalty: 0 },
};

const claude = 'platform.claude.com/docs/en/about-claude/models/overview';
const openai = 'developers.openai.com/api/docs/models';
const codexCatalog = 'chatgpt.com/backend-api/codex/models as quoted in bman654/clodex#272 (2026-09-22)';
const google = 'ai.google.dev/gemini-api/docs/models, …/thinking';
const xai = 'docs.x.ai/developers/model-capabilities/text/reasoning';
const kimi = 'platform.kimi.ai/docs/guide/use-thinking-effort, …/use-kimi-k2-thinking-model';

export const exceptions: readonly Exception[] = [
  // ---------------------------------------------------------------- Anthropic
  { models: ['claude-*'], source: claude, inputs: documents },
  {
    models: ['claude-2', 'claude-3-opus', 'claude-3-sonnet', 'claude-3-haiku'],
    source: claude,
    output: 4096,
    thinking: none,
  },
  { models: ['claude-3-5-*'], source: claude, output: 8192, thinking: none },
  {
    models: ['claude-3-7-sonnet'],
    source: claude,
    output: 64_000,
    thinking: budget(1024, 63_999, true, false),
  },
  {
    models: ['claude-opus-4-0', 'claude-opus-4-1'],
    source: claude,
    output: 32_000,
    thinking: budget(1024, 31_999, true, false),
  },
  {
    models: ['claude-sonnet-4-0', 'claude-*-4-5'],
    source: claude,
    output: 64_000,
    thinking: budget(1024, 63_999, true, false),
  },
  {
    models: ['claude-sonnet-4-6'],
    source: claude,
    output: 64_000,
    thinking: levels(['low', 'medium', 'high', 'max'], true, true),
  },
  {
    models: ['claude-opus-4-6'],
    source: claude,
    output: 128_000,
    thinking: levels(['low', 'medium', 'high', 'max'], true, true),
  },
  {
    models: ['claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5-5'],
    source: 'platform.claude.com/docs/en/about-claude/models/migration-guide; RooCodeInc/Roo-Code#12162',
    output: 128_000,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max'], true, true),
    refused: noSampling,
  },
  {
    models: ['claude-sonnet-5-5'],
    source: 'platform.claude.com/docs/en/models/sonnet-5-5/migration-guide: thinking cannot be disabled',
    output: 128_000,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max'], false, true),
    refused: noSampling,
  },
  {
    models: ['claude-opus-5-5', 'claude-fable-*', 'claude-mythos-*'],
    source:
      'platform.claude.com/docs/en/models/opus-5-5/overview: thinking is always on, forced tool use an error',
    output: 128_000,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max'], false, true),
    refused: noSamplingNorForcedCalls,
  },
  {
    models: [
      ...[
        'claude-*-4-6',
        'claude-*-4-7',
        'claude-*-4-8',
        'claude-opus-5*',
        'claude-sonnet-5*',
        'claude-haiku-5*',
      ],
      ...['claude-fable-*', 'claude-mythos-*'],
    ],
    source: 'platform.claude.com/docs/en/about-claude/models/migration-guide: prefill removed with 4.6',
    prefill: false,
  },

  // ---------------------------------------------------------------- OpenAI
  { models: ['gpt-3.5*'], source: openai, output: 4096, inputs: ['text'], thinking: none },
  { models: ['gpt-4', 'gpt-4-32k'], source: openai, output: 8192, inputs: ['text'], thinking: none },
  {
    models: ['gpt-4-turbo', 'gpt-4-vision-preview'],
    source: openai,
    output: 4096,
    inputs: pictures,
    thinking: none,
  },
  { models: ['gpt-4.1*', 'gpt-4.5*'], source: openai, output: 32_768, inputs: documents, thinking: none },
  {
    models: ['gpt-4.5*', 'gpt-4o*', 'chatgpt-4o*'],
    source: openai,
    output: 16_384,
    inputs: documents,
    thinking: none,
  },
  {
    models: ['gpt-image*', 'chatgpt-image*', 'gpt-5*-image*'],
    source: openai,
    inputs: pictures,
    thinking: none,
  },
  {
    models: ['gpt-oss-*'],
    source: 'huggingface.co/openai/gpt-oss-120b',
    output: 131_072,
    inputs: ['text'],
    thinking: levels(['low', 'medium', 'high'], false, false),
  },
  {
    models: ['o1*', 'o3*', 'o4*'],
    source: openai,
    output: 100_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high'], false, false),
    refused: openaiReasoning,
  },
  { models: ['o1-mini', 'o1-preview'], source: openai, output: 65_536, inputs: ['text'], thinking: none },
  {
    models: ['o3', 'o3-pro', 'o4-mini'],
    source:
      'node_modules/openai completions.d.ts: "Not supported with latest reasoning models `o3` and `o4-mini`"',
    refused: openaiReasoningNoStop,
  },
  {
    models: ['codex-mini'],
    source: openai,
    output: 100_000,
    inputs: pictures,
    thinking: levels(['low', 'medium', 'high'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'gpt-5-search-api'],
    source: `${openai}; huggingface/smolagents#1662 on \`stop\``,
    output: 128_000,
    inputs: documents,
    thinking: levels(['minimal', 'low', 'medium', 'high'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5-codex', 'gpt-5.1-codex', 'gpt-5.1-codex-mini'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5.1-codex-max', 'gpt-5.2-codex', 'gpt-5.3-codex', 'gpt-5.3-codex-spark'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high', 'xhigh'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5-pro'],
    source: `${openai}/gpt-5-pro: high only`,
    output: 272_000,
    inputs: documents,
    thinking: levels(['high'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5.1'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high'], true, false),
    refused: openaiThinking,
  },
  {
    models: ['gpt-5.2', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.5'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high', 'xhigh'], true, false),
    refused: openaiThinking,
  },
  {
    models: ['gpt-5.2-pro', 'gpt-5.4-pro', 'gpt-5.5-pro'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['medium', 'high', 'xhigh'], false, false),
    refused: openaiReasoningNoStop,
  },
  { models: ['gpt-5.3-codex-spark'], source: `${openai}/gpt-5.3-codex-spark`, context: 128_000 },
  {
    models: ['gpt-5.5-cyber'],
    source: openai,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high', 'xhigh'], true, false),
    refused: openaiThinking,
  },
  {
    models: ['gpt-5-chat', 'gpt-5.1-chat', 'gpt-5.2-chat', 'gpt-5.3', 'gpt-5.5-chat', 'gpt-chat'],
    source: openai,
    output: 16_384,
    inputs: pictures,
    thinking: none,
  },
  {
    models: ['gpt-5.6-*', 'gpt-6-*'],
    source: `${openai}: none to max; itzcrazykns/vane#1173 on temperature`,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max'], true, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-6-sol'],
    source: `${codexCatalog}: up to ultra`,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max', 'ultra'], true, false),
  },
  {
    models: ['gpt-6-astra'],
    source: `${codexCatalog}: up to ultra; bolna-ai/bolna#1019, BerriAI/litellm-docs#1173: neither none nor minimal`,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max', 'ultra'], false, false),
  },
  {
    models: ['gpt-6.1-*', 'gpt-6.2-*'],
    source: `${openai}/gpt-6.1-sol, ${openai}/gpt-6.2-sol: neither none nor minimal`,
    output: 128_000,
    inputs: documents,
    thinking: levels(['low', 'medium', 'high', 'xhigh', 'max', 'ultra'], false, false),
    refused: openaiReasoningNoStop,
  },
  {
    models: ['gpt-5.2', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.5'],
    source: 'openai/openai-openapi#541; livekit/agents#5088: over Chat no effort with function tools',
    toolsOverChat: 'no-effort',
  },
  {
    models: ['gpt-5.6-*', 'gpt-6-*'],
    source: "BerriAI/litellm#34569: over Chat with function tools effort 'none', which must be said",
    toolsOverChat: 'effort-none',
  },
  {
    models: ['gpt-5.6-*', 'gpt-6-*', 'gpt-6.1-*', 'gpt-6.2-*'],
    source:
      'livekit/agents#7169, BerriAI/litellm-docs#1173, docs.laozhang.ai (gpt-6-chat-tools): over Chat up to xhigh',
    mostOverChat: 'xhigh',
  },
  // A model without a line: what is new is of one.
  { models: ['claude-2'], source: claude, family: 'claude-2' },
  // The alias `gpt-5.6` is `gpt-5.6-sol` (developers.openai.com/api/docs/guides/latest-model): sol goes on with the plain line.
  { models: ['gpt-*-sol'], source: 'developers.openai.com/api/docs/guides/latest-model', family: 'gpt' },

  // ---------------------------------------------------------------- Google
  { models: ['gemini-*'], source: google, inputs: everything, output: 65_536, refused: noPenalties },
  {
    models: ['gemini-1.5-*', 'gemini-pro', 'gemini-pro-1.5', 'gemini-flash-1.5*', 'gemini-1.0*'],
    source: google,
    output: 8192,
    thinking: none,
  },
  { models: ['gemini-2.0-*'], source: google, output: 8192, thinking: none, refused: { parameters: {} } },
  {
    models: ['gemini-2.5-pro'],
    source: google,
    context: 1_048_576,
    thinking: budget(128, 32_768, false, true),
  },
  {
    models: ['gemini-2.5-flash', 'gemini-2.5-flash-preview'],
    source: google,
    thinking: budget(0, 24_576, true, true),
  },
  { models: ['gemini-2.5-flash-lite'], source: google, thinking: budget(512, 24_576, true, true) },
  {
    models: ['gemini-3-pro'],
    source: google,
    context: 1_048_576,
    thinking: levels(['low', 'high'], false, true),
  },
  {
    models: ['gemini-3.1-pro', 'gemini-pro-agent'],
    source: google,
    context: 1_048_576,
    thinking: levels(['low', 'medium', 'high'], false, true),
  },
  {
    models: [
      'gemini-3-flash',
      'gemini-3.1-flash-lite',
      'gemini-3.5-flash',
      'gemini-3.5-flash-lite',
      'gemini-3.6-flash',
    ],
    source: google,
    thinking: levels(['minimal', 'low', 'medium', 'high'], false, true),
  },
  {
    models: ['gemini-3.7-flash', 'gemini-3.8-flash'],
    source:
      'ai.google.dev/gemini-api/docs/generate-content/thinking#thinking-levels, tetsuo-ai/agenc-core#2393: minimal is a 400',
    thinking: levels(['low', 'medium', 'high'], false, true),
  },
  {
    models: ['gemini-4-argon'],
    source: 'ai.google.dev/gemini-api/docs/generate-content/latest-model: low, medium, high; no off',
    thinking: levels(['low', 'medium', 'high'], false, true),
  },
  {
    models: ['gemini-*-image*', 'gemini-nano-banana*'],
    source: google,
    output: 32_768,
    inputs: pictures,
    thinking: none,
  },
  { models: ['gemini-embedding*'], source: google, output: 1, inputs: ['text'], thinking: none },

  // ---------------------------------------------------------------- xAI
  {
    models: ['grok-*'],
    source: `${xai}, docs.x.ai/docs/models`,
    output: 'context',
    inputs: pictures,
    thinking: none,
    refused: grokReasoning,
  },
  {
    models: ['grok-2*', 'grok-3', 'grok-3-fast', 'grok-*-non-reasoning'],
    source: `${xai}: these do not reason`,
    refused: { parameters: {} },
  },
  { models: ['grok-*-fast-reasoning'], source: xai, family: 'grok-fast' },
  {
    models: ['grok-3-mini', 'grok-3-mini-fast'],
    source: xai,
    thinking: levels(['low', 'high'], false, false),
  },
  {
    models: ['grok-4.3'],
    source: `${xai}: none to high`,
    thinking: levels(['low', 'medium', 'high'], true, false),
  },
  {
    models: ['grok-4.5'],
    source: 'docs.x.ai/developers/grok-4-5 (anomalyco/opencode#39448): low to high, no none',
    thinking: levels(['low', 'medium', 'high'], false, false),
  },
  {
    models: ['grok-4.6', 'grok-4.7'],
    source: 'chenyme/grok2api#901: xhigh is a level of its own since 4.6',
    thinking: levels(['low', 'medium', 'high', 'xhigh'], false, false),
  },
  {
    models: ['grok-4.20-multi-agent'],
    source: `${xai}: the effort is the number of agents`,
    thinking: levels(['low', 'medium', 'high', 'xhigh'], false, false),
  },

  // ---------------------------------------------------------------- Moonshot
  { models: ['kimi-*'], source: kimi, inputs: ['text'], output: 131_072 },
  {
    models: ['kimi-k2.5', 'kimi-k2.6', 'kimi-k2.7*', 'kimi-k3*'],
    source: kimi,
    inputs: ['text', 'image', 'video'],
    refused: kimiFixed,
  },
  {
    models: ['kimi-k3*'],
    source: `${kimi}: low, high, max; always on`,
    thinking: levels(['low', 'high', 'max'], false, false),
  },
  {
    models: ['moonshot-*', 'kimi-k2', 'kimi-k2-0711', 'kimi-k2-0905', 'kimi-k2-turbo'],
    source: kimi,
    inputs: ['text'],
    context: 262_144,
    output: 131_072,
    thinking: none,
  },

  // ---------------------------------------------------------------- Z.ai, DeepSeek, MiniMax, Qwen
  {
    models: ['glm-*'],
    source: 'docs.z.ai/guides/overview/concept-param',
    inputs: ['text'],
    output: 131_072,
    context: 204_800,
  },
  { models: ['glm-*v*', 'glm-ocr'], source: 'docs.z.ai/guides/overview/overview', inputs: pictures },
  {
    models: ['glm-5.2', 'glm-5.3', 'glm-5.3-flash', 'glm-5.3-flashx'],
    source: 'docs.z.ai/guides/llm/glm-5.3',
    context: 1_048_576,
  },
  {
    models: ['glm-5.3', 'glm-5.3-flash', 'glm-5.3-flashx'],
    source: 'openrouter.ai/z-ai/glm-5.3: low, high and max, always on',
    thinking: levels(['low', 'high', 'max'], false, false),
  },
  {
    models: ['deepseek-*'],
    source: 'api-docs.deepseek.com/quick_start/pricing',
    inputs: ['text'],
    output: 65_536,
  },
  { models: ['minimax-*', 'm2-her'], source: 'platform.minimax.io/docs', inputs: ['text'], output: 131_072 },
  {
    models: ['qwen*', 'coder-model', 'vision-model'],
    source: 'alibabacloud.com/help/en/model-studio/models',
    inputs: ['text'],
    output: 65_536,
  },
  {
    models: ['qwen*-vl-*', 'qwen3.5-*', 'qwen3.6-*', 'qwen3.7-*', 'qwen3.8-*', 'vision-model'],
    source: 'alibabacloud.com/help/en/model-studio/models',
    inputs: ['text', 'image', 'video'],
  },
];

/** OpenAI's price for all of a request above 272,000 tokens: input and cache double, output one and a half times. */
const openaiSteps = (input: number, output: number, cacheRead: number): SteppedPrice => ({
  ...{ input, output, cacheRead, cacheWrite: input * 1.25 },
  above: [
    {
      ...{ tokens: 272_000, input: input * 2, output: output * 1.5 },
      ...{ cacheRead: cacheRead * 2, cacheWrite: input * 2.5 },
    },
  ],
});
/** "Batch costs 50% of Standard rates. Fast mode costs twice the Standard rate": developers.openai.com/api/docs/models/gpt-6.2-sol. */
const openaiPrice = (input: number, output: number, cacheRead: number): ListPrice => ({
  ...openaiSteps(input, output, cacheRead),
  tiers: {
    flex: openaiSteps(input / 2, output / 2, cacheRead / 2),
    priority: openaiSteps(input * 2, output * 2, cacheRead * 2),
    fast: openaiSteps(input * 2, output * 2, cacheRead * 2),
    batch: openaiSteps(input / 2, output / 2, cacheRead / 2),
  },
});

/** Dollars for a million tokens of text asked and answered, and of sound. */
const soundPrices: readonly (readonly [string, number, number, number, number])[] = [
  ['gpt-audio-1.5', 2.5, 10, 32, 64],
  ['gpt-audio', 2.5, 10, 32, 64],
  ['gpt-audio-mini', 0.6, 2.4, 10, 20],
  ['gpt-4o-audio-preview', 2.5, 10, 40, 80],
  ['gpt-4o-mini-audio-preview', 0.15, 0.6, 10, 20],
];

export const ownRows: readonly OwnRow[] = [
  {
    id: 'gpt-6.2-astra',
    like: 'gpt-6-astra',
    source: `${openai}/gpt-6.2-astra, BerriAI/litellm#52347: cached input 60 % below that of GPT-6 Astra`,
    price: openaiPrice(8, 40, 0.4),
  },
  {
    id: 'gpt-6.2-sol',
    names: ['gpt-6.2'],
    like: 'gpt-6.1-sol',
    source: `${openai}/gpt-6.2-sol`,
    price: openaiPrice(2, 10, 0.1),
  },
  { id: 'gpt-5-chat', names: ['gpt-5-chat-latest'], like: 'gpt-5', source: openai },
  // Of these the price data has none: they answer in sound, too.
  ...soundPrices.map(
    ([id, input, output, audioInput, audioOutput]): OwnRow => ({
      id,
      maker: 'openai',
      source: 'developers.openai.com/api/docs/pricing, "Audio tokens"',
      price: { input, output, audioInput, audioOutput },
    }),
  ),
  // Antigravity's name for it: "Gemini 3.1 Pro (High)".
  { id: 'gemini-pro-agent', like: 'gemini-3.1-pro', source: 'router-for-me/models, section antigravity' },
  { id: 'gpt-5-codex', like: 'gpt-5', source: openai },
  { id: 'gpt-5.1-codex', like: 'gpt-5.1', source: openai },
  { id: 'gpt-5.1-codex-max', like: 'gpt-5.1', source: openai },
  { id: 'gpt-5.1-chat', like: 'gpt-5.1', source: openai },
  { id: 'gpt-5.2-codex', like: 'gpt-5.2', source: openai },
  { id: 'gpt-5.2-chat', like: 'gpt-5.2', source: openai },
  { id: 'gpt-5.5-chat', like: 'gpt-5.5', source: openai },
  { id: 'gpt-5.3-codex-spark', maker: 'openai', source: 'a research preview of Codex without a list price' },
  { id: 'grok-4.20-non-reasoning', names: ['grok-4.20-0309-non-reasoning'], like: 'grok-4.20', source: xai },
  {
    id: 'kimi-for-coding',
    like: 'kimi-k2.7-code',
    source: "kimi.com/code/docs: the plan's name of its coding model",
  },
  { id: 'kimi-for-coding-highspeed', like: 'kimi-k2.7-code-highspeed', source: 'kimi.com/code/docs' },
  { id: 'coder-model', like: 'qwen3-coder-plus', source: "Qwen Code's name of qwen3-coder-plus" },
  {
    id: 'qwen3-vl-plus',
    like: 'qwen3-vl-235b-a22b-instruct',
    source: 'priced as the open model of its size',
  },
  { id: 'vision-model', like: 'qwen3-vl-235b-a22b-instruct', source: "Qwen Code's name of qwen3-vl-plus" },
  { id: 'qwen3-235b', like: 'qwen3-235b-a22b', source: "iFlow's name of it" },
  { id: 'deepseek-v3.1', like: 'deepseek-v3.1-terminus', source: 'its revision of the same price' },
  { id: 'deepseek-v3', like: 'deepseek-chat', source: 'what deepseek-chat was' },
  { id: 'iflow-rome-30ba3b', maker: 'iflow', source: "a model of iFlow's own without a list price" },
  { id: 'tstars2.0', maker: 'iflow', source: "a model of Taobao's at iFlow without a list price" },
];
