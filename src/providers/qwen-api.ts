import { isSafeAddress } from '../oauth/endpoint.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { untilBeijingMidnight } from './account-refusals.ts';
import { openaiCompatible } from './openai.ts';
import { listedIds, type Provider } from './provider.ts';

const portal = 'https://portal.qwen.ai/v1';

/** Qwen behind DashScope's OpenAI-compatible API. Source: protocol.md §5, row "qwen"; auth.md §1.8. */
const qwenApi: Provider = {
  ...openaiCompatible,
  name: 'qwen',
  title: 'Qwen',
  endpoints: { generate: () => '/chat/completions' },
  // How DashScope is told what kind of token comes, and that it may cache prompts.
  headers: { 'x-dashscope-authtype': 'qwen-oauth', 'x-dashscope-cachecontrol': 'enable' },
  offers: { path: '/models', names: listedIds },
  families: ['qwen*', 'coder-model', 'vision-model'],
  refusals: [
    {
      statuses: [403, 429],
      says: /insufficient_quota|quota_exceeded|free allocated quota exceeded/i,
      means: 'quota',
      wait: untilBeijingMidnight,
      next: "the account's quota of the day is used up; it begins anew at midnight in Beijing",
    },
  ],
  signIn: 'cli-proxy-api auth qwen',
};

/** The token says at which host it is good; an address of the configuration goes before it. */
export function qwenApis({ resourceUrl }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const own = baseUrl === portal && resourceUrl !== undefined && resourceUrl !== '';
  return [{ provider: qwenApi, baseUrl: own ? apiAt(resourceUrl) : baseUrl, suffix: undefined }];
}

function apiAt(resource: string): string {
  const address = isSafeAddress(resource) ? resource : `https://${resource.replace(/^http:\/\//, '')}`;
  const base = address.replace(/\/+$/, '');
  return base.endsWith('/v1') ? base : `${base}/v1`;
}
