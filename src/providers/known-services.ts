/** Well-known services with OpenAI's Chat Completions: where they are and what they want otherwise, a row each. */
import type { PricedMaker } from '../models/price-source.ts';
import type { Service } from './service.ts';

export const knownServices: Readonly<Record<string, Service>> = {
  'openai-api': {
    title: 'OpenAI (Chat Completions)',
    genaiName: 'openai',
    otherNames: ['openai'],
    baseUrl: 'https://api.openai.com/v1',
    hosts: ['*.api.openai.com'],
    // Many call something else by this name.
    isAddress: (baseUrl) => /^https:\/\/(?:\w+\.)?api\.openai\.com(?:[:/]|$)/.test(baseUrl),
    streamUsage: true,
    notes: 'Its Responses API is the better choice: keys under `codex-api-key`.',
    source: 'platform.openai.com/docs/api-reference/chat/create',
  },
  openrouter: {
    title: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    source: 'openrouter.ai/docs/quickstart',
  },
  deepseek: {
    title: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    streamUsage: true,
    source: 'api-docs.deepseek.com; api-docs.deepseek.com/api/create-chat-completion',
  },
  groq: {
    title: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    refuses: { logprobs: [false], top_logprobs: [0], logit_bias: [], n: [1] },
    refusesInMessages: ['name', 'reasoning_content'],
    notes:
      'Its unsupported fields (`logprobs`, `top_logprobs`, `logit_bias`, `n`, names of messages, thoughts of earlier turns) are left out.',
    source: 'console.groq.com/docs/openai; github.com/janhq/jan/issues/8136',
  },
  together: {
    title: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    otherNames: ['together-ai', 'togetherai'],
    hosts: ['api.together.ai'],
    source: 'docs.together.ai/docs/openai-api-compatibility',
  },
  fireworks: {
    title: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    otherNames: ['fireworks-ai'],
    source: 'docs.fireworks.ai/tools-sdks/openai-compatibility',
  },
  zai: {
    title: 'Z.ai',
    baseUrl: 'https://api.z.ai/api/paas/v4',
    otherNames: ['z.ai', 'z-ai'],
    notes: 'Keys of a coding plan go under `zai-coding`.',
    source: 'docs.z.ai/guides/develop/openai/python',
  },
  'zai-coding': {
    title: 'Z.ai (coding plan)',
    baseUrl: 'https://api.z.ai/api/coding/paas/v4',
    otherNames: ['z.ai-coding', 'zai-coding-plan'],
    source: 'docs.z.ai/devpack/overview',
  },
  moonshot: {
    title: 'Moonshot AI',
    genaiName: 'moonshot_ai',
    baseUrl: 'https://api.moonshot.ai/v1',
    otherNames: ['moonshotai', 'moonshot-ai'],
    hosts: ['api.moonshot.cn'],
    notes: 'Keys of the Chinese platform need `base-url: https://api.moonshot.cn/v1`.',
    source: 'platform.moonshot.ai/docs',
  },
  dashscope: {
    title: 'DashScope (Alibaba Cloud Model Studio)',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    otherNames: ['alibaba', 'model-studio'],
    hosts: ['dashscope.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
    streamUsage: true,
    notes: 'Keys of the Chinese platform need `base-url: https://dashscope.aliyuncs.com/compatible-mode/v1`.',
    source: 'alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope',
  },
  cerebras: {
    title: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    refuses: { frequency_penalty: [0], presence_penalty: [0], logit_bias: [] },
    refusesInMessages: ['reasoning_content'],
    notes:
      '`frequency_penalty`, `presence_penalty`, `logit_bias` and thoughts of earlier turns, which it refuses, are left out.',
    source: 'inference-docs.cerebras.ai/resources/openai; github.com/Kilo-Org/kilocode/issues/10375',
  },
  perplexity: {
    title: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    models: ['sonar', 'sonar-pro', 'sonar-reasoning-pro', 'sonar-deep-research'],
    source: 'docs.perplexity.ai/docs/sonar/openai-compatibility',
  },
  sambanova: {
    title: 'SambaNova',
    baseUrl: 'https://api.sambanova.ai/v1',
    otherNames: ['sambanova-cloud', 'sambacloud'],
    streamUsage: true,
    source:
      'docs.sambanova.ai/docs/en/features/openai-compatibility; docs.sambanova.ai/docs/api-reference/models',
  },
  nvidia: {
    title: 'NVIDIA NIM',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    otherNames: ['nvidia-nim', 'nim'],
    notes: 'A NIM on a machine of yours is an entry with a name and a `base-url` of its own.',
    source: 'build.nvidia.com; docs.nvidia.com/nim/large-language-models/latest/reference/api-reference',
  },
  huggingface: {
    title: 'Hugging Face (Inference Providers)',
    baseUrl: 'https://router.huggingface.co/v1',
    otherNames: ['hugging-face', 'hf'],
    source: 'huggingface.co/docs/inference-providers',
  },
  vercel: {
    title: 'Vercel AI Gateway',
    baseUrl: 'https://ai-gateway.vercel.sh/v1',
    otherNames: ['vercel-ai-gateway', 'ai-gateway'],
    source: 'vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions',
  },
  scaleway: {
    title: 'Scaleway Generative APIs',
    baseUrl: 'https://api.scaleway.ai/v1',
    notes: 'Keys for one project need `base-url: https://api.scaleway.ai/PROJECT_ID/v1`.',
    source: 'scaleway.com/en/docs/generative-apis/api-cli/using-chat-api; …/using-models-api',
  },
  nebius: {
    title: 'Nebius Token Factory',
    baseUrl: 'https://api.tokenfactory.nebius.com/v1',
    hosts: ['api.studio.nebius.com', 'api.studio.nebius.ai'],
    streamUsage: true,
    source: 'docs.tokenfactory.nebius.com/api-reference/introduction',
  },
};

/** Makers of models that other providers serve. */
export const otherMakers: readonly PricedMaker[] = [
  { name: 'deepseek', prices: 'deepseek', models: /^deepseek-/ },
  { name: 'minimax', prices: 'minimax', models: /^minimax-/ },
  { name: 'zai', prices: 'zai', models: /^glm-/ },
];
