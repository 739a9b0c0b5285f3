/** Where clients of the Responses API call (platform.openai.com/docs/api-reference/responses). */
import type { Addresses } from '../addresses.ts';

export const addresses: Addresses = {
  calls: {
    '/v1/responses': 'generate',
    '/v1/responses/compact': 'compact',
    '/v1/responses/input_tokens': 'count-tokens',
  },
  speaks: (path) => /^\/v1\/responses(?:\/|$)/.test(path),
};
