/** Where clients of the Messages API call (platform.claude.com/docs/en/api/messages). */
import { asNumber } from '../json-members.ts';
import { type Addresses, fieldsOf, type TokenCounting } from '../operation.ts';

export const addresses: Addresses = {
  calls: { '/v1/messages': 'generate', '/v1/messages/count_tokens': 'count-tokens' },
  header: 'anthropic-version',
};

/** What the endpoint takes that counts tokens (platform.claude.com/docs/en/api/messages-count-tokens). */
const countedFields = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'];

export const tokenCounting: TokenCounting = {
  address: '/count_tokens',
  ask: (body) => fieldsOf(body, countedFields),
  answer: (tokens) => ({ input_tokens: tokens }),
  member: 'input_tokens',
  read: (answer) => asNumber(answer.input_tokens),
};
