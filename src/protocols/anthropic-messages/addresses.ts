/** Where clients of the Messages API call (platform.claude.com/docs/en/api/messages). */
import type { Addresses } from '../addresses.ts';

export const addresses: Addresses = {
  calls: { '/v1/messages': 'generate', '/v1/messages/count_tokens': 'count-tokens' },
  header: 'anthropic-version',
  speaks: (path) => /^\/v1\/messages(?:\/|$)/.test(path),
};
