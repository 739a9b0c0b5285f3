/** `POST /v1/messages/count_tokens` (platform.claude.com/docs/en/api/messages-count-tokens). */
import { fieldsOf, type TokenCounting } from '../token-counting.ts';

const fields = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'];

export const tokenCounting: TokenCounting = {
  ask: (body) => fieldsOf(body, fields),
  answer: (tokens) => ({ input_tokens: tokens }),
};
