import { publicClient } from '../oauth/client.ts';
import { isSafeAddress } from '../oauth/endpoint.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asString } from '../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from './account-provider.ts';
import { knownFacts } from './known-facts.ts';
import { openaiCompatible } from './openai.ts';
import { listedIds, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import type { RefusedAnswer } from './refusal.ts';

/** Qwen reports the host of its token. The account is in an id_token, or in an access token that is a JWT, or unknown. */
function factsOf(tokens: TokenReply): AccountFacts {
  const claims = idTokenClaims(tokens.idToken ?? tokens.accessToken);
  return knownFacts({
    resourceUrl: asString(tokens.body.resource_url),
    email: asString(claims?.email),
    accountId: asString(claims?.sub),
  });
}

const portal = 'https://portal.qwen.ai/v1';

/** Qwen behind DashScope's OpenAI-compatible API. Source: protocol.md §5, row "qwen"; auth.md §1.8. */
const qwenApi: Provider = {
  ...openaiCompatible,
  name: 'qwen',
  title: 'Qwen',
  endpoints: { generate: () => '/chat/completions' },
  streamUsage: true,
  // How DashScope learns what kind of token comes, and that it may cache prompts.
  headers: { 'x-dashscope-authtype': 'qwen-oauth', 'x-dashscope-cachecontrol': 'enable' },
  offers: { path: '/models', names: listedIds },
  families: ['qwen*', 'coder-model', 'vision-model'],
  models: ['coder-model', 'vision-model', 'qwen3-coder-plus', 'qwen3-coder-flash', 'qwen3-vl-plus'],
  refusals: [
    {
      statuses: [403, 429],
      says: /insufficient_quota|quota_exceeded|free allocated quota exceeded/i,
      means: 'quota',
      wait: untilBeijingMidnight,
      next: "the account's daily quota is used up; it resets at midnight in Beijing",
    },
  ],
  signIn: 'cli-proxy-api auth qwen',
};

/** The token names its host; a configured address overrides it. */
function qwenApis({ resourceUrl }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const own = baseUrl === portal && resourceUrl !== undefined && resourceUrl !== '';
  return [{ provider: qwenApi, baseUrl: own ? apiAt(resourceUrl) : baseUrl, suffix: undefined }];
}

function apiAt(resource: string): string {
  const address = isSafeAddress(resource) ? resource : `https://${resource.replace(/^http:\/\//, '')}`;
  const base = address.replace(/\/+$/, '');
  return base.endsWith('/v1') ? base : `${base}/v1`;
}

const day = 86_400;
/** Beijing is eight hours ahead of UTC all year. */
const beijing = 8 * 3600;

/** Seconds until the next midnight in Beijing, when the quota of the day begins anew. */
function untilBeijingMidnight(_answer: RefusedAnswer, now: number): number {
  const seconds = Math.floor(now / 1000) + beijing;
  return day - (seconds % day);
}

/** Qwen Code through an account at chat.qwen.ai. */
const account: AccountProvider = {
  name: 'qwen',
  title: 'Qwen',
  account: 'a Qwen Chat account',
  files: { names: ['qwen-code'], fields: ['resource_url'] },
  peerFlags: { 'qwen-login': [] },
  oauth: {
    ...publicClient,
    title: 'Qwen',
    tokenUrl: 'https://chat.qwen.ai/api/v1/oauth2/token',
    deviceAuthorizationUrl: 'https://chat.qwen.ai/api/v1/oauth2/device/code',
    clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
    scopes: ['openid', 'profile', 'email', 'model.completion'],
    devicePkce: true,
  },
  signIn: ['device'],
  baseUrl: 'https://portal.qwen.ai/v1',
  refreshLead: 3 * 3_600_000,
  identify: async (tokens) => ({ ok: true, facts: factsOf(tokens) }),
  factsFromReply: factsOf,
  identifiesOnRefresh: false,
  identity: (facts) => facts.accountId ?? facts.email,
  apis: qwenApis,
};

export const qwen = {
  account,
  // The maker's own prices are not in the source: those of its models at OpenRouter are used.
  maker: { name: 'qwen', prices: 'openrouter', models: /^qwen\/[^:]+$/ },
} satisfies ProviderRecord;
