/** LiteLLM's names for providers: what each is here, and where it is reached. */
import type { ImportedCredential, ImportPlan } from './plan.ts';

/** A text of it, or the variable that it names. */
export type LiteLlmText = { value: string } | { variable: string };

interface KnownProvider {
  list?: ImportedCredential['list'];
  /** The service of this name in `openai-compatibility`. */
  service?: string;
  /** The variable that has the key where none is written. */
  variable?: string;
}

/** The part of a model's name before the slash. Source: docs.litellm.ai/docs/providers, a page each. */
export const providers: Readonly<Record<string, KnownProvider>> = {
  openai: { service: 'openai', variable: 'OPENAI_API_KEY' },
  text_completion_openai: { service: 'openai', variable: 'OPENAI_API_KEY' },
  anthropic: { list: 'claude-api-key', variable: 'ANTHROPIC_API_KEY' },
  gemini: { list: 'gemini-api-key', variable: 'GEMINI_API_KEY' },
  xai: { list: 'xai-api-key', variable: 'XAI_API_KEY' },
  openrouter: { service: 'openrouter', variable: 'OPENROUTER_API_KEY' },
  deepseek: { service: 'deepseek', variable: 'DEEPSEEK_API_KEY' },
  groq: { service: 'groq', variable: 'GROQ_API_KEY' },
  mistral: { service: 'mistral', variable: 'MISTRAL_API_KEY' },
  together_ai: { service: 'together', variable: 'TOGETHERAI_API_KEY' },
  fireworks_ai: { service: 'fireworks', variable: 'FIREWORKS_AI_API_KEY' },
  perplexity: { service: 'perplexity', variable: 'PERPLEXITYAI_API_KEY' },
  cerebras: { service: 'cerebras', variable: 'CEREBRAS_API_KEY' },
  nebius: { service: 'nebius', variable: 'NEBIUS_API_KEY' },
  moonshot: { service: 'moonshot', variable: 'MOONSHOT_API_KEY' },
  dashscope: { service: 'dashscope', variable: 'DASHSCOPE_API_KEY' },
  zai: { service: 'zai', variable: 'ZAI_API_KEY' },
  sambanova: { service: 'sambanova', variable: 'SAMBANOVA_API_KEY' },
  nvidia_nim: { service: 'nvidia', variable: 'NVIDIA_NIM_API_KEY' },
  vercel_ai_gateway: { service: 'vercel', variable: 'VERCEL_AI_GATEWAY_API_KEY' },
  cloudflare: { service: 'cloudflare', variable: 'CLOUDFLARE_API_KEY' },
  azure: { service: 'azure', variable: 'AZURE_API_KEY' },
  ollama: { service: 'ollama' },
  ollama_chat: { service: 'ollama' },
  lm_studio: { service: 'lm-studio' },
  hosted_vllm: { service: 'vllm' },
  custom_openai: {},
  litellm_proxy: {},
};

/** Services whose addresses end with a version that is not written there. */
const withoutVersion = new Set(['ollama', 'ollama_chat']);

/** `openai` marks any service with its protocol: such an entry is named after its host. */
export function nameOf({ service }: KnownProvider, address: string | undefined): string {
  const isOpenAi = address === undefined || /^https:\/\/api\.openai\.com\b/.test(address);
  if (service !== undefined && (service !== 'openai' || isOpenAi)) return service;
  const host = address === undefined ? '' : hostOf(address);
  return (
    host
      .replace(/^os\.environ\//, '')
      .replace(/[^\w.-]+/g, '-')
      .toLowerCase() || 'openai-compatible'
  );
}

export function baseUrlOf(
  address: string,
  named: string,
  secretOf: (written: string) => LiteLlmText,
  plan: ImportPlan,
): string {
  const read = secretOf(address);
  if ('variable' in read) {
    plan.variables.push(read.variable);
    return `\${${read.variable}:-http://127.0.0.1:9}`;
  }
  const base = read.value.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  return withoutVersion.has(named) && !/\/v1$/.test(base) ? `${base}/v1` : base;
}

export function hostOf(address: string): string {
  // What is no address may be anything, a key that was pasted in the wrong line, too.
  return URL.parse(address)?.host ?? (/^os\.environ\/\w+$/.test(address) ? address : '…');
}
