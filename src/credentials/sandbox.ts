/** The credentials of the built-in sandbox: one per protocol, so that any client's usual model name finds an answer. */
import { claude } from '../providers/claude.ts';
import { geminiApi } from '../providers/gemini.ts';
import { openai, openaiCompatible } from '../providers/openai.ts';
import type { Provider } from '../providers/provider.ts';
import type { Credential } from './credential.ts';

interface SandboxAccount {
  provider: Provider;
  /** The sandbox's own model of this protocol. */
  model: string;
  /** Other names that it answers to; `*` matches any text. */
  families: readonly string[];
}

const accounts: readonly SandboxAccount[] = [
  { provider: claude.keys.provider, model: 'sandbox-claude', families: ['claude-*', 'sandbox-claude*'] },
  { provider: geminiApi, model: 'sandbox-gemini', families: ['gemini-*', 'sandbox-gemini*'] },
  {
    provider: openai,
    model: 'sandbox-responses',
    families: ['gpt-*', 'o1*', 'o3*', 'o4*', 'codex-*', 'sandbox-responses*'],
  },
  {
    provider: openaiCompatible,
    model: 'sandbox-chat',
    families: ['sandbox', 'sandbox-chat*', 'sandbox-fault*', 'sandbox-bench*', 'text-embedding-*'],
  },
];

/** Credentials for a sandbox at `url`. */
export function sandboxCredentials(url: string): Credential[] {
  return accounts.map(({ provider, model, families }) => ({
    id: `sandbox:${model}`,
    label: 'sandbox',
    provider: { ...provider, name: 'sandbox', families, models: ['sandbox', model] },
    secret: 'sandbox',
    // OpenAI's base addresses end with the version.
    baseUrl: provider.protocol.startsWith('openai') ? `${url}/v1` : url,
    prefix: undefined,
    models: [],
    aliases: [],
    excludedModels: [],
    headers: {},
    // The computer's own loopback needs no proxy.
    proxyUrl: 'direct',
    priority: 0,
    weight: 1,
    disableCooling: true,
    requestRetry: undefined,
    websockets: false,
  }));
}
