import { failed } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asObject, asObjects, asString } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { codexApis } from './codex-api.ts';
import { knownFacts } from './known-facts.ts';

/** OpenAI keeps what it says of the account in a claim with the name of an address. */
const accountClaim = 'https://api.openai.com/auth';

function factsOf(tokens: TokenReply): AccountFacts {
  const claims = tokens.idToken === undefined ? undefined : idTokenClaims(tokens.idToken);
  const account = asObject(claims?.[accountClaim]);
  return knownFacts({
    email: asString(claims?.email),
    accountId: asString(account?.chatgpt_account_id),
    plan: asString(account?.chatgpt_plan_type),
    organizations: account?.organizations === undefined ? undefined : asObjects(account.organizations),
  });
}

/** Codex through a ChatGPT subscription. */
export const codex: AccountProvider = {
  kind: 'codex',
  title: 'Codex',
  oauth: {
    title: 'OpenAI (Codex)',
    authorizeUrl: 'https://auth.openai.com/oauth/authorize',
    tokenUrl: 'https://auth.openai.com/oauth/token',
    deviceAuthorizationUrl: 'https://auth.openai.com/api/accounts/deviceauth/usercode',
    userinfoUrl: undefined,
    clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
    clientSecret: undefined,
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    redirect: { host: 'localhost', port: 1455, path: '/auth/callback' },
    pkce: true,
    devicePkce: false,
    authorizeParameters: {
      prompt: 'login',
      id_token_add_organizations: 'true',
      codex_cli_simplified_flow: 'true',
    },
    tokenRequest: 'form',
    clientAuthentication: 'none',
    refreshScopes: ['openid', 'profile', 'email'],
    deviceDialect: 'openai',
    headers: {},
  },
  signIn: ['browser', 'device'],
  baseUrl: 'https://chatgpt.com/backend-api/codex',
  refreshLead: 5 * 24 * 3_600_000,
  identify: async (tokens, client) => {
    const facts = factsOf(tokens);
    if (facts.accountId !== undefined || facts.email !== undefined) return { ok: true, facts };
    const message = `${client.title} gave a token without an id_token that says whose it is.`;
    return failed('refused', message);
  },
  factsFromReply: factsOf,
  identifiesOnRefresh: false,
  // One e-mail has an account in each of its workspaces, and each is signed in to on its own.
  identity: ({ email, accountId }) => [email, accountId].filter(Boolean).join('-') || undefined,
  apis: codexApis,
};
