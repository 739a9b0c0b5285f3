import type { Provider } from './provider.ts';

/** The Claude API. Source: docs.claude.com, API reference (headers, endpoints, version 2023-06-01). */
export const claude: Provider = {
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
};
