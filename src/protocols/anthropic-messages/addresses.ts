/** Where clients of the Messages API call (platform.claude.com/docs/en/api/messages). */
import type { Addresses } from '../addresses.ts';

const header = 'anthropic-version';

export const addresses: Addresses = {
  calls: { '/v1/messages': 'generate', '/v1/messages/count_tokens': 'count-tokens' },
  header,
  speaks: (path, headers) => path.startsWith('/v1/messages') || headers.has(header),
};
