/** Where clients of the Responses API call (platform.openai.com/docs/api-reference/responses). */
import { asNumber } from '../json-members.ts';
import { type Addresses, fieldsOf, type TokenCounting } from '../operation.ts';

export const addresses: Addresses = {
  calls: {
    '/v1/responses': 'generate',
    '/v1/responses/compact': 'compact',
    '/v1/responses/input_tokens': 'count-tokens',
  },
  // Where Codex looks when it has only the address of ChatGPT.
  otherBases: ['/backend-api/codex'],
  keptAnswers: '/v1/responses',
};

/** What the endpoint takes that counts tokens (platform.openai.com/docs/api-reference/responses/input-tokens). */
const countedFields = [
  ...['model', 'input', 'instructions', 'tools', 'tool_choice', 'text', 'reasoning'],
  'parallel_tool_calls',
];

export const tokenCounting: TokenCounting = {
  address: '/input_tokens',
  ask: (body) => fieldsOf(body, countedFields),
  answer: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  member: 'input_tokens',
  read: (answer) => asNumber(answer.input_tokens),
};
