import { modelTraits } from '../models/known-models.ts';
import { publicClient } from '../oauth/client.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import type { JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from './account-provider.ts';
import { knownFacts } from './known-facts.ts';
import { responsesApi } from './openai.ts';
import { type AdaptedCall, listedIds, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import { withoutFields } from './service.ts';

function factsOf(tokens: TokenReply): AccountFacts {
  const claims = tokens.idToken === undefined ? undefined : idTokenClaims(tokens.idToken);
  return knownFacts({ email: asString(claims?.email), accountId: asString(claims?.sub) });
}

const baseUrl = 'https://api.x.ai/v1';

/** Fields of the Responses API that xAI refuses. Source: protocol.md §5, row "xai". */
const refused = { prompt_cache_retention: [], safety_identifier: [], stream_options: [], stop: [] };

/** Seconds: no answer has the reset of the free usage; one try a day is left. */
const aDay = 86_400;

/** xAI's Responses API, with an account's token or a key. Source of the latter: docs.x.ai/docs/api-reference. */
const api: Provider = {
  ...responsesApi,
  name: 'xai',
  title: 'xAI',
  // Requests of one conversation reach the server that has its cache.
  forwards: ['x-grok-conv-id'],
  offers: { path: '/models', names: listedIds },
  families: ['grok-*'],
  models: [
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
  adapt: adaptXai,
  refusals: [
    { statuses: [403], says: /bad-credentials/i, means: 'token' },
    {
      statuses: [402, 403, 429],
      says: /free[ _-]usage[^"]*exhausted/i,
      means: 'quota',
      wait: () => aDay,
      next: "the account's free usage is used up for about a day",
    },
  ],
  signIn: 'cli-proxy-api auth xai',
};

function adaptXai(body: JsonObject, call: AdaptedCall): JsonObject {
  const { model, report } = call;
  const known = withoutFields(body, refused, 'xAI', call);
  const { effort, ...reasoning } = asObject(body.reasoning) ?? {};
  if (effort === undefined || modelTraits(model)?.reasoning?.kind !== 'none') return known;
  if (effort !== null) report('dropped', 'reasoning.effort', `${model} has no levels`);
  return { ...known, reasoning: Object.keys(reasoning).length > 0 ? reasoning : undefined };
}

function apis(_facts: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  return [{ provider: api, baseUrl, suffix: undefined }];
}

/** Grok through an xAI account. Endpoints as auth.x.ai/.well-known/openid-configuration names them. */
const account: AccountProvider = {
  name: 'xai',
  title: 'xAI',
  account: 'a Grok account',
  files: { names: ['grok', 'x-ai'], issuer: 'https://auth.x.ai' },
  peerFlags: { 'xai-login': [] },
  oauth: {
    ...publicClient,
    title: 'xAI',
    tokenUrl: 'https://auth.x.ai/oauth2/token',
    deviceAuthorizationUrl: 'https://auth.x.ai/oauth2/device/code',
    clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'grok-cli:access', 'api:access'],
  },
  signIn: ['device'],
  baseUrl,
  refreshLead: 5 * 60_000,
  identify: async (tokens) => ({ ok: true, facts: factsOf(tokens) }),
  factsFromReply: factsOf,
  factsInFile: ({ sub }, claims) => knownFacts({ accountId: asString(sub) ?? asString(claims?.sub) }),
  identifiesOnRefresh: false,
  identity: (facts) => facts.email ?? facts.accountId,
  apis,
};

export const xai = {
  account,
  genaiName: 'x_ai',
  tokenHosts: ['cli-chat-proxy.grok.com'],
  keys: {
    provider: api,
    baseUrl,
    keyStart: 'xai-',
    words: {
      api: 'xAI API, up to and including the version',
      entries: 'xAI credentials',
      list: 'Keys of the xAI API.',
    },
  },
  maker: { name: 'xai', prices: 'x-ai', models: /^grok-/ },
  unusedKeys: {
    'not-yet': ['xai.inject-x-search', 'xai-api-key[].alpha-search', 'xai-api-key[].websockets'],
  },
} satisfies ProviderRecord;
