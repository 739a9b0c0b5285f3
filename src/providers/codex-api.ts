import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { challengePage, codexReset } from './account-refusals.ts';
import { adaptCodex } from './codex-body.ts';
import { codexModelsOfPlan } from './listed-models.ts';
import { bearer, type Provider } from './provider.ts';

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
  return [
    { provider: { ...codexApi, headers, listed: codexModelsOfPlan(plan) }, baseUrl, suffix: undefined },
  ];
}
