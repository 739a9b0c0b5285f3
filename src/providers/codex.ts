import { createHash } from 'node:crypto';
import { failed } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import type { LossReport } from '../protocols/codec.ts';
import {
  asArray,
  asNumber,
  asObject,
  asObjects,
  asString,
  isObject,
  type Json,
  type JsonObject,
  lookUp,
} from '../protocols/json.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from './account-provider.ts';
import { challengePage, numberIn } from './account-refusals.ts';
import { knownFacts } from './known-facts.ts';
import { openai } from './openai.ts';
import { type AdaptedCall, bearer, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import { type RefusedAnswer, secondsUntil } from './refusal.ts';

/** OpenAI keeps what it says of the account in a claim with the name of an address. */
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
  name: 'codex',
  title: 'Codex',
  protocol: 'openai-responses',
  endpoints: { generate: () => '/responses', compact: () => '/responses/compact' },
  authenticate: bearer,
  headers: {},
  // What Codex itself says about a turn and its conversation; the backend's prompt cache goes by the session.
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
  websocket: { headers: { 'openai-beta': 'responses_websockets=2026-02-06' } },
};

export function codexApis({ accountId, plan }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const headers: Record<string, string> = accountId === undefined ? {} : { 'chatgpt-account-id': accountId };
  return [{ provider: { ...codexApi, headers, listed: modelsOfPlan(plan) }, baseUrl, suffix: undefined }];
}

/** What the Codex backend wants of a Responses body. Source: protocol.md §2.7 to §2.9 and §5. */

/** Fields that the backend refuses, with the reason that the client gets to read. */
const refused: Readonly<Record<string, string>> = {
  max_output_tokens: 'Codex sets the limit itself',
  max_completion_tokens: 'Codex sets the limit itself',
  max_tool_calls: 'Codex has no such parameter',
  temperature: 'Codex has no such parameter',
  top_p: 'Codex has no such parameter',
  top_logprobs: 'Codex has no such parameter',
  truncation: 'Codex has no such parameter',
  metadata: 'Codex has no such parameter',
  safety_identifier: 'Codex has no such parameter',
  stream_options: 'Codex has no such parameter',
  context_management: 'Codex has no such parameter',
  prompt_cache_options: 'Codex has no such parameter',
  prompt_cache_retention: 'Codex keeps its cache itself',
  previous_response_id: 'Codex stores no answers: send the whole conversation',
  background: 'Codex has no background answers',
  conversation: 'Codex stores no conversations: send the whole conversation',
  prompt: 'Codex knows no stored prompts',
};

/** Values that say no more than the field's absence does: leaving them out is no loss. */
const idle: Readonly<Record<string, Json>> = {
  truncation: 'disabled',
  background: false,
  top_p: 1,
  temperature: 1,
};

const sealedReasoning = 'reasoning.encrypted_content';

/** The body as the backend takes it; the very same object when it is already so, as Codex's own are. */
export function adaptCodex(body: JsonObject, { report }: AdaptedCall): JsonObject {
  const changes: JsonObject = {};
  for (const field in refused) {
    const value = body[field];
    if (value === undefined) continue;
    changes[field] = undefined;
    if (value !== null && value !== lookUp(idle, field) && !isEmpty(value))
      report({ kind: 'dropped', field, detail: refused[field] });
  }
  Object.assign(changes, cacheKey(body, report));
  if (body.stream !== true) changes.stream = true;
  if (body.store !== false) {
    changes.store = false;
    if (body.store === true) report({ kind: 'dropped', field: 'store', detail: 'Codex stores no answers' });
  }
  if (typeof body.instructions !== 'string') changes.instructions = '';
  const include = asArray(body.include);
  if (!include.includes(sealedReasoning)) changes.include = [...include, sealedReasoning];
  if (body.service_tier !== undefined && body.service_tier !== 'priority')
    changes.service_tier = tier(body.service_tier, report);
  if (body.parallel_tool_calls !== undefined && asArray(body.tools).length === 0)
    changes.parallel_tool_calls = undefined;
  const input = adaptInput(body.input);
  if (input !== body.input) changes.input = input;
  const tools = mapped(body.tools, asGeneralSearch);
  if (tools !== body.tools) changes.tools = tools;
  const choice = asObject(body.tool_choice);
  if (choice !== undefined && isPreviewSearch(choice)) changes.tool_choice = asGeneralSearch(choice);
  return Object.keys(changes).length === 0 ? body : { ...body, ...changes };
}

/** Longest `prompt_cache_key` that is taken. */
const longestKey = 64;

/**
 * `prompt_cache_key` is what `user` was for to caches (platform.openai.com/docs/api-reference/responses/create). Claude
 * Code's user names the session, so that its conversation finds its cache again.
 */
function cacheKey({ user, prompt_cache_key }: JsonObject, report: LossReport): JsonObject {
  if (user === undefined) return {};
  if (typeof user !== 'string' || prompt_cache_key !== undefined) {
    report({ kind: 'dropped', field: 'user', detail: 'Codex has no such parameter' });
    return { user: undefined };
  }
  report({ kind: 'renamed', field: 'user', detail: 'prompt_cache_key' });
  const key = user.length <= longestKey ? user : createHash('sha256').update(user).digest('hex');
  return { user: undefined, prompt_cache_key: key };
}

function isEmpty(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function tier(value: Json, report: LossReport): undefined {
  if (value !== 'auto' && value !== 'default' && value !== null)
    report({ kind: 'dropped', field: 'service_tier', detail: 'Codex has the tier "priority" only' });
  return undefined;
}

/** A text becomes a message; system messages, which the backend refuses among the input, become the developer's. */
function adaptInput(input: Json | undefined): Json | undefined {
  if (typeof input === 'string')
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  return mapped(input, (item) => (item.role === 'system' ? { ...item, role: 'developer' } : item));
}

/** The list with each object changed; the very same list when none is. */
function mapped(list: Json | undefined, change: (item: JsonObject) => JsonObject): Json | undefined {
  if (!Array.isArray(list)) return list;
  return asObjects(list).some((item) => change(item) !== item)
    ? list.map((item) => (isObject(item) ? change(item) : item))
    : list;
}

function isPreviewSearch({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.startsWith('web_search_preview');
}

/** The backend knows the tool by its later name. */
function asGeneralSearch(tool: JsonObject): JsonObject {
  return isPreviewSearch(tool) ? { ...tool, type: 'web_search' } : tool;
}

/** The Codex backend tells when a plan's quota begins anew: `resets_at` in Unix seconds, or `resets_in_seconds`. */
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
  factsInFile: (_content, claims) => factsOfAccount(claims),
  identifiesOnRefresh: false,
  // One e-mail has an account in each of its workspaces, and each is signed in to on its own.
  identity: ({ email, accountId }) => [email, accountId].filter(Boolean).join('-') || undefined,
  apis: codexApis,
};

/** Its API keys are those of OpenAI: the peer's name of the list. */
export const codex = {
  account,
  keys: {
    provider: openai,
    baseUrl: 'https://api.openai.com/v1',
    words: {
      api: 'OpenAI API, up to and including the version',
      entries: 'OpenAI credentials',
      list: 'Keys of the OpenAI API, or of another service that speaks OpenAI Responses.',
    },
    websockets: true,
  },
  maker: { name: 'openai', prices: 'openai', models: /^(?:gpt-|o\d|chatgpt-|codex-)/ },
  unusedKeys: [
    { key: 'codex.stream-bootstrap-buffering', reason: 'not-yet' },
    { key: 'codex.optimize-multi-agent-v2', reason: 'not-yet' },
    { key: 'codex.live-media-relay', reason: 'not-yet' },
    { key: 'codex-api-key[].alpha-search', reason: 'not-yet' },
    { key: 'codex.identity-confuse', reason: 'by-design' },
    { key: 'codex.disable-codex-cloaking', reason: 'by-design' },
    { key: 'codex-header-defaults', reason: 'by-design' },
  ],
} satisfies ProviderRecord;
