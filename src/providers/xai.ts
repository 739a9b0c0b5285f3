import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asString } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { knownFacts } from './known-facts.ts';
import { xaiApis } from './xai-api.ts';

function factsOf(tokens: TokenReply): AccountFacts {
  const claims = tokens.idToken === undefined ? undefined : idTokenClaims(tokens.idToken);
  return knownFacts({ email: asString(claims?.email), accountId: asString(claims?.sub) });
}

/** Grok through an xAI account. Endpoints as auth.x.ai/.well-known/openid-configuration names them. */
export const xai: AccountProvider = {
  kind: 'xai',
  title: 'xAI',
  oauth: {
    title: 'xAI',
    authorizeUrl: undefined,
    tokenUrl: 'https://auth.x.ai/oauth2/token',
    deviceAuthorizationUrl: 'https://auth.x.ai/oauth2/device/code',
    userinfoUrl: undefined,
    clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
    clientSecret: undefined,
    scopes: ['openid', 'profile', 'email', 'offline_access', 'grok-cli:access', 'api:access'],
    redirect: undefined,
    pkce: true,
    devicePkce: false,
    authorizeParameters: {},
    tokenRequest: 'form',
    clientAuthentication: 'none',
    refreshScopes: [],
    deviceDialect: 'rfc8628',
    headers: {},
  },
  signIn: ['device'],
  baseUrl: 'https://api.x.ai/v1',
  refreshLead: 5 * 60_000,
  identify: async (tokens) => ({ ok: true, facts: factsOf(tokens) }),
  factsFromReply: factsOf,
  identifiesOnRefresh: false,
  identity: (facts) => facts.email ?? facts.accountId,
  apis: xaiApis,
};
