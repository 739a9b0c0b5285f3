/** `POST /v1/responses/input_tokens` (platform.openai.com/docs/api-reference/responses/input-tokens). */
import { fieldsOf, type TokenCounting } from '../token-counting.ts';

const fields = [
  ...['model', 'input', 'instructions', 'tools', 'tool_choice', 'text', 'reasoning'],
  'parallel_tool_calls',
];

export const tokenCounting: TokenCounting = {
  ask: (body) => fieldsOf(body, fields),
  answer: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
};
