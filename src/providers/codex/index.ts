import { publicClient } from '../../oauth/client.ts';
import { failed } from '../../oauth/failure.ts';
import type { TokenReply } from '../../oauth/grant.ts';
import { idTokenClaims } from '../../oauth/id-token.ts';
import type { Json, JsonObject } from '../../protocols/json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from '../account-provider.ts';
import { challengePage, numberIn } from '../account-refusals.ts';
import { knownFacts } from '../known-facts.ts';
import { openai, responsesApi } from '../openai.ts';
import type { Provider } from '../provider.ts';
import { leftOfPercent, type ReportedWindow, readWindows } from '../quota-report.ts';
import type { ProviderRecord } from '../record.ts';
import { type RefusedAnswer, secondsUntil } from '../refusal.ts';
import { adaptCodex } from './body.ts';

/** OpenAI keeps the account's data in a claim whose name is a URL. */
const accountClaim = 'https://api.openai.com/auth';

function factsOf(tokens: TokenReply): AccountFacts {
  const claims = tokens.idToken === undefined ? undefined : idTokenClaims(tokens.idToken);
  return knownFacts({ email: asString(claims?.email), ...factsOfAccount(claims) });
}

/** Which workspace and plan a token is for. */
function factsOfAccount(claims: JsonObject | undefined): AccountFacts {
  const account = asObject(claims?.[accountClaim]);
  const organizations = asObjects(account?.organizations);
  return knownFacts({
    accountId: asString(account?.chatgpt_account_id),
    plan: asString(account?.chatgpt_plan_type),
    organizations: organizations.length > 0 ? organizations : undefined,
  });
}

/** What the Codex backend serves to a paid plan. */
const models = [
  'gpt-6.2-astra',
  'gpt-6.2-sol',
  'gpt-6.1-sol',
  'gpt-6-astra',
  'gpt-6-sol',
  'gpt-6-luna',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'gpt-5.5',
  'gpt-5.4',
  'gpt-5.4-mini',
  'gpt-5.3-codex',
  'gpt-5.3-codex-spark',
  'gpt-5.2-codex',
  'gpt-5.2',
  'gpt-5.1-codex-max',
  'gpt-5.1-codex',
  'gpt-5.1-codex-mini',
  'gpt-5.1',
  'gpt-5-codex',
  'gpt-5',
];

/** The models of a Codex plan (`chatgpt_plan_type`) where it has not all of them; undefined for the others and unknown ones. */
function modelsOfPlan(plan: string | undefined): readonly string[] | undefined {
  // The spark model is for Pro; Free has no `max` and nothing above 5.4 either.
  if (plan === 'free') return models.filter((name) => !/spark|-max|5\.[356]|gpt-6/.test(name));
  const paid = ['plus', 'team', 'business', 'go', 'edu'];
  return plan !== undefined && paid.includes(plan)
    ? models.filter((name) => !name.endsWith('-spark'))
    : undefined;
}

/** The backend behind Codex: the Responses API without storage, answering with streams only. Source: protocol.md §5, row "codex (OAuth)". */
const codexApi: Provider = {
  ...responsesApi,
  name: 'codex',
  title: 'Codex',
  // The headers of Codex itself about a turn and its conversation; the backend's prompt cache uses the session.
  forwards: [
    'session_id',
    'session-id',
    'conversation_id',
    'thread-id',
    'x-client-request-id',
    'x-codex-turn-metadata',
    'x-codex-window-id',
    'x-codex-beta-features',
    'x-openai-internal-codex-responses-lite',
    'openai-beta',
  ],
  families: ['gpt-5*', 'gpt-6*', 'codex-*'],
  models,
  // Source: developers.openai.com/codex/pricing.
  ownLimits: ['*-spark', '*-spark-*'],
  streamsOnly: () => true,
  adapt: adaptCodex,
  refusals: [
    challengePage,
    { statuses: [429], says: /usage_limit_reached|model is at capacity/i, means: 'quota', wait: codexReset },
    {
      statuses: [403],
      says: /usage_not_included/,
      next: "the account's plan does not include Codex; its owner can change the plan at chatgpt.com",
    },
    {
      statuses: [400, 404],
      says: /model is not supported when using Codex with a ChatGPT account/i,
      means: 'forbidden',
      next: "the account's plan does not have this model; exclude it for this account with excluded_models",
    },
  ],
  signIn: 'cli-proxy-api auth codex',
  // Beside the API: `…/backend-api/codex`. Source: openai/codex, `backend-client`.
  quotaReport: {
    url: (baseUrl) => `${baseUrl.replace(/\/codex\/?$/, '')}/wham/usage`,
    windows: reportedWindows,
  },
  websocket: { headers: { 'openai-beta': 'responses_websockets=2026-02-06' } },
};

/** `rate_limit` of the plan, and `additional_rate_limits` of families of models: named as in the headers of answers. */
function reportedWindows(answer: Json): readonly ReportedWindow[] {
  const report = asObject(answer);
  const further = asObjects(asArray(report?.additional_rate_limits ?? []));
  return readWindows([
    ...windowsOf(report?.rate_limit, '', undefined),
    ...further.flatMap(({ limit_name, metered_feature, rate_limit }) => {
      const limit = asString(metered_feature)?.replace(/^codex[_-]/, '');
      const model = asString(limit_name)?.trim().toLowerCase();
      return limit && model ? windowsOf(rate_limit, `${limit}-`, model) : [];
    }),
  ]);
}

function windowsOf(value: Json | undefined, prefix: string, model: string | undefined) {
  const limit = asObject(value);
  return (['primary', 'secondary'] as const).map((name) => {
    const window = asObject(limit?.[`${name}_window`]);
    const seconds = asNumber(window?.limit_window_seconds);
    const resetsAt = asNumber(window?.reset_at);
    return {
      name: `${prefix}${name}`,
      model,
      left: leftOfPercent(window?.used_percent),
      resetsAt: resetsAt === undefined ? undefined : resetsAt * 1000,
      length: seconds === undefined ? undefined : seconds * 1000,
    };
  });
}

function codexApis({ accountId, plan }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const headers: Record<string, string> = accountId === undefined ? {} : { 'chatgpt-account-id': accountId };
  return [{ provider: { ...codexApi, headers, listed: modelsOfPlan(plan) }, baseUrl, suffix: undefined }];
}

/** The Codex backend sends a quota's reset: `resets_at` in Unix seconds, or `resets_in_seconds`. */
function codexReset({ body, headers }: RefusedAnswer, now: number): number | undefined {
  const error = asObject(body.error) ?? body;
  return (
    secondsUntil(asNumber(error.resets_at), now) ??
    asNumber(error.resets_in_seconds) ??
    secondsUntil(numberIn(headers.get('x-codex-primary-reset-at')), now)
  );
}

/** Codex through a ChatGPT subscription. */
const account: AccountProvider = {
  name: 'codex',
  title: 'Codex',
  account: 'a ChatGPT Plus, Pro, Team or Enterprise subscription',
  files: { names: ['openai', 'chatgpt'], issuer: 'https://auth.openai.com' },
  peerFlags: { 'codex-login': [], 'codex-device-login': ['--device'] },
  oauth: {
    ...publicClient,
    title: 'OpenAI (Codex)',
    authorizeUrl: 'https://auth.openai.com/oauth/authorize',
    tokenUrl: 'https://auth.openai.com/oauth/token',
    deviceAuthorizationUrl: 'https://auth.openai.com/api/accounts/deviceauth/usercode',
    clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    redirect: { host: 'localhost', port: 1455, path: '/auth/callback' },
    authorizeParameters: {
      prompt: 'login',
      id_token_add_organizations: 'true',
      codex_cli_simplified_flow: 'true',
    },
    refreshScopes: ['openid', 'profile', 'email'],
    deviceDialect: 'openai',
  },
  signIn: ['browser', 'device'],
  baseUrl: 'https://chatgpt.com/backend-api/codex',
  refreshLead: 5 * 24 * 3_600_000,
  identify: async (tokens, client) => {
    const facts = factsOf(tokens);
    if (facts.accountId !== undefined || facts.email !== undefined) return { ok: true, facts };
    const message = `${client.title} returned a token without an id_token that identifies the account.`;
    return failed('refused', message);
  },
  factsFromReply: factsOf,
  factsInFile: (_content, claims) => factsOfAccount(claims),
  identifiesOnRefresh: false,
  // One e-mail has an account in each of its workspaces, and each is signed in to on its own.
  identity: ({ email, accountId }) => [email, accountId].filter(Boolean).join('-') || undefined,
  apis: codexApis,
};

/** Its API keys are those of OpenAI: the peer's name of the list. */
export const codex = {
  account,
  genaiName: 'openai',
  keys: {
    provider: openai,
    baseUrl: 'https://api.openai.com/v1',
    words: {
      api: 'OpenAI API, up to and including the version',
      entries: 'OpenAI credentials',
      list: 'Keys of the OpenAI API, or of another service with OpenAI Responses.',
    },
    websockets: true,
  },
  maker: { name: 'openai', prices: 'openai', models: /^(?:gpt-|o\d|chatgpt-|codex-)/ },
  unusedKeys: {
    'not-yet': [
      'codex.stream-bootstrap-buffering',
      'codex.optimize-multi-agent-v2',
      'codex.live-media-relay',
      'codex-api-key[].alpha-search',
    ],
    'by-design': ['codex.identity-confuse', 'codex.disable-codex-cloaking', 'codex-header-defaults'],
  },
} satisfies ProviderRecord;
