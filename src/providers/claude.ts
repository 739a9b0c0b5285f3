import { publicClient } from '../oauth/client.ts';
import { failed } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { Json } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { challengePage, numberIn, ownProgramsOnly } from './account-refusals.ts';
import { knownFacts } from './known-facts.ts';
import { bearer, endpointUrl, listedIds, type Provider } from './provider.ts';
import { leftOfPercent, type ReportedWindow, readWindows, timeOf } from './quota-report.ts';
import type { ProviderRecord } from './record.ts';
import { type RefusedAnswer, secondsUntil } from './refusal.ts';

/** Claude models that keys, subscriptions and Vertex accounts serve alike. */
export const claudeModels = [
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5-20251101',
  'claude-sonnet-4-5-20250929',
  'claude-haiku-4-5-20251001',
];

/** The Claude API. Source: docs.claude.com, API reference (headers, endpoints, version 2023-06-01). */
const api: Provider = {
  name: 'claude',
  title: 'Claude API',
  protocol: 'anthropic-messages',
  endpoints: {
    generate: () => '/v1/messages',
    'count-tokens': () => '/v1/messages/count_tokens',
  },
  // Other services that speak this protocol often want a bearer token; Anthropic itself wants x-api-key alone.
  authenticate: (secret, baseUrl): Record<string, string> =>
    new URL(baseUrl).hostname === 'api.anthropic.com'
      ? { 'x-api-key': secret }
      : { 'x-api-key': secret, authorization: `Bearer ${secret}` },
  headers: { 'anthropic-version': '2023-06-01' },
  forwards: ['anthropic-version', 'anthropic-beta'],
  families: ['claude-*'],
  models: [
    'claude-fable-5-2',
    'claude-fable-5-1',
    ...claudeModels,
    'claude-opus-4-1-20250805',
    'claude-3-7-sonnet-20250219',
    'claude-3-5-haiku-20241022',
  ],
};

/**
 * The Claude API with a subscription's token: a bearer, and the beta header that lets one in.
 * Source: protocol.md §5, row "claude (OAuth & api-key)".
 */
const subscriptionApi: Provider = {
  ...api,
  name: 'claude-code',
  title: 'Claude',
  models: claudeModels,
  endpoints: {
    generate: () => '/v1/messages?beta=true',
    'count-tokens': () => '/v1/messages/count_tokens?beta=true',
  },
  authenticate: bearer,
  offers: { path: '/v1/models?limit=1000', names: listedIds },
  headers: { ...api.headers, 'anthropic-beta': 'oauth-2025-04-20' },
  joinedHeaders: ['anthropic-beta'],
  refusals: [
    ownProgramsOnly(
      [400, 401, 403],
      /only authorized for use with Claude Code|OAuth authentication is (?:currently )?not (?:supported|allowed)/i,
      'claude-api-key',
    ),
    challengePage,
    { statuses: [429], wait: claudeReset },
  ],
  signIn: 'cli-proxy-api auth claude',
  quotaReport: { url: (baseUrl) => endpointUrl(baseUrl, '/api/oauth/usage'), windows: reportedWindows },
};

/**
 * `{five_hour: {utilization, resets_at}, seven_day: …}` in percent. Windows of single families of models (`seven_day_opus`) are
 * left out: the headers of answers have them under other names. Source: management/api.md §9; what Claude Code's `/usage` shows.
 */
function reportedWindows(answer: Json): readonly ReportedWindow[] {
  const report = asObject(answer);
  const hour = 3_600_000;
  return readWindows(
    (
      [
        ['5h', 5 * hour, report?.five_hour],
        ['7d', 7 * 24 * hour, report?.seven_day],
      ] as const
    ).map(([name, length, value]) => {
      const window = asObject(value);
      return { name, length, left: leftOfPercent(window?.utilization), resetsAt: timeOf(window?.resets_at) };
    }),
  );
}

/** Claude's subscriptions: the latest of the limits that are used up. Source: auth.md §5.3, headers of api.anthropic.com. */
function claudeReset({ headers }: RefusedAnswer, now: number): number | undefined {
  const windows = ['', '-5h', '-7d', '-7d_oi'];
  const resets = windows.flatMap((window) => {
    const name = `anthropic-ratelimit-unified${window}`;
    const rejected = window === '' || headers.get(`${name}-status`) === 'rejected';
    const wait = rejected ? secondsUntil(numberIn(headers.get(`${name}-reset`)), now) : undefined;
    return wait === undefined ? [] : [wait];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

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
const account: AccountProvider = {
  name: 'claude-code',
  title: 'Claude',
  account: 'a Claude Pro, Max, Team or Enterprise subscription',
  files: { names: ['anthropic', 'claude-code'], tokenStart: 'sk-ant-' },
  peerFlags: { 'claude-login': [] },
  oauth: {
    ...publicClient,
    title: 'Claude',
    authorizeUrl: 'https://claude.ai/oauth/authorize',
    tokenUrl: 'https://api.anthropic.com/v1/oauth/token',
    clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    scopes: ['org:create_api_key', 'user:profile', 'user:inference'],
    redirect: { host: 'localhost', port: 54545, path: '/callback' },
    anyRedirectPort: true,
    authorizeParameters: { code: 'true' },
    tokenRequest: 'json',
  },
  signIn: ['browser'],
  baseUrl: 'https://api.anthropic.com',
  refreshLead: 4 * 3_600_000,
  identify: async (tokens, client) => {
    const facts = factsOf(tokens);
    if (facts.organizationId !== undefined || facts.email !== undefined) return { ok: true, facts };
    const message = `${client.title} returned a token without an account: it has neither organisation nor e-mail.`;
    return failed('refused', message);
  },
  factsFromReply: factsOf,
  identifiesOnRefresh: false,
  identity: (facts) => facts.organizationId ?? facts.email,
  apis: (_facts, { baseUrl }) => [{ provider: subscriptionApi, baseUrl, suffix: undefined }],
};

export const claude = {
  account,
  genaiName: 'anthropic',
  keys: {
    provider: api,
    baseUrl: account.baseUrl,
    words: {
      api: 'Claude API',
      entries: 'Claude credentials',
      list: 'Keys of the Claude API, or of another service with Anthropic Messages.',
    },
  },
  maker: { name: 'anthropic', prices: 'anthropic', models: /^claude-/ },
  unusedKeys: {
    'not-yet': ['claude-api-key[].rebuild-mid-system-message'],
    'by-design': [
      'claude-code.disable-cloaking-model-list',
      'disable-claude-cloak-mode',
      'claude-header-defaults',
      'claude-api-key[].cloak',
      'claude-api-key[].fingerprint-profile',
      'claude-api-key[].experimental-cch-signing',
    ],
  },
} satisfies ProviderRecord;
