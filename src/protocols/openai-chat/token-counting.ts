/** Chat Completions counts no tokens: there is no endpoint to ask. */
import type { TokenCounting } from '../token-counting.ts';

export const tokenCounting: TokenCounting = {
  answer: (tokens) => ({ input_tokens: tokens }),
};
