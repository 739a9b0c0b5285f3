import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { challengePage, claudeReset, ownProgramsOnly } from './account-refusals.ts';
import { claude } from './claude.ts';
import { bearer, listedIds, type Provider } from './provider.ts';

/**
 * The Claude API with a subscription's token: a bearer, and the beta header that lets one in.
 * Source: protocol.md §5, row "claude (OAuth & api-key)".
 */
const claudeCodeApi: Provider = {
  ...claude,
  name: 'claude-code',
  title: 'Claude',
  endpoints: {
    generate: () => '/v1/messages?beta=true',
    'count-tokens': () => '/v1/messages/count_tokens?beta=true',
  },
  authenticate: bearer,
  offers: { path: '/v1/models?limit=1000', names: listedIds },
  headers: { ...claude.headers, 'anthropic-beta': 'oauth-2025-04-20' },
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
};

export function claudeCodeApis(_facts: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  return [{ provider: claudeCodeApi, baseUrl, suffix: undefined }];
}
