import { failed } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { asObject, asString } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { claudeCodeApis } from './claude-code-api.ts';
import { knownFacts } from './known-facts.ts';

/** The token reply of Claude names organisation and account. */
function factsOf({ body }: TokenReply): AccountFacts {
  const organization = asObject(body.organization);
  const account = asObject(body.account);
  return knownFacts({
    email: asString(account?.email_address),
    accountId: asString(account?.uuid),
    organizationId: asString(organization?.uuid),
    organizationName: asString(organization?.name),
  });
}

/** Claude through a subscription (Pro, Max, Team). */
export const claudeCode: AccountProvider = {
  kind: 'claude',
  title: 'Claude',
  oauth: {
    title: 'Claude',
    authorizeUrl: 'https://claude.ai/oauth/authorize',
    tokenUrl: 'https://api.anthropic.com/v1/oauth/token',
    deviceAuthorizationUrl: undefined,
    userinfoUrl: undefined,
    clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    clientSecret: undefined,
    scopes: ['org:create_api_key', 'user:profile', 'user:inference'],
    redirect: { host: 'localhost', port: 54545, path: '/callback' },
    anyRedirectPort: true,
    pkce: true,
    devicePkce: false,
    authorizeParameters: { code: 'true' },
    tokenRequest: 'json',
    clientAuthentication: 'none',
    refreshScopes: [],
    deviceDialect: 'rfc8628',
    headers: {},
  },
  signIn: ['browser'],
  baseUrl: 'https://api.anthropic.com',
  refreshLead: 4 * 3_600_000,
  identify: async (tokens, client) => {
    const facts = factsOf(tokens);
    if (facts.organizationId !== undefined || facts.email !== undefined) return { ok: true, facts };
    const message = `${client.title} gave a token but did not say whose it is: neither organisation nor e-mail.`;
    return failed('refused', message);
  },
  factsFromReply: factsOf,
  identifiesOnRefresh: false,
  identity: (facts) => facts.organizationId ?? facts.email,
  apis: claudeCodeApis,
};
