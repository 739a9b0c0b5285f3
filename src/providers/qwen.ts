import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asString } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { knownFacts } from './known-facts.ts';
import { qwenApis } from './qwen-api.ts';

/** Qwen says where its token is good for. Whose it is stands in an id_token, or in an access token that is a JWT, or nowhere. */
function factsOf(tokens: TokenReply): AccountFacts {
  const claims = idTokenClaims(tokens.idToken ?? tokens.accessToken);
  return knownFacts({
    resourceUrl: asString(tokens.body.resource_url),
    email: asString(claims?.email),
    accountId: asString(claims?.sub),
  });
}

/** Qwen Code through an account at chat.qwen.ai. */
export const qwen: AccountProvider = {
  kind: 'qwen',
  title: 'Qwen Code',
  oauth: {
    title: 'Qwen',
    authorizeUrl: undefined,
    tokenUrl: 'https://chat.qwen.ai/api/v1/oauth2/token',
    deviceAuthorizationUrl: 'https://chat.qwen.ai/api/v1/oauth2/device/code',
    userinfoUrl: undefined,
    clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
    clientSecret: undefined,
    scopes: ['openid', 'profile', 'email', 'model.completion'],
    redirect: undefined,
    pkce: true,
    devicePkce: true,
    authorizeParameters: {},
    tokenRequest: 'form',
    clientAuthentication: 'none',
    refreshScopes: [],
    deviceDialect: 'rfc8628',
    headers: {},
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
