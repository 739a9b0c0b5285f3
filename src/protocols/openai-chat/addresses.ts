/** Where clients of the Chat Completions API, and of what OpenAI has beside it, call (platform.openai.com/docs/api-reference). */
import { asNumber } from '../json-members.ts';
import type { Addresses, TokenCounting } from '../operation.ts';

export const addresses: Addresses = {
  calls: {
    '/v1/chat/completions': 'generate',
    '/v1/embeddings': 'embed',
    '/v1/images/generations': 'generate-image',
    '/v1/images/edits': 'edit-image',
    '/v1/audio/transcriptions': 'transcribe',
    '/v1/audio/translations': 'translate-speech',
    '/v1/audio/speech': 'speak',
  },
  isUsual: true,
  completions: '/v1/completions',
  further: /^\/v1\/completions(?:\/|$)/,
};

/** There is no endpoint to ask. */
export const tokenCounting: TokenCounting = {
  answer: (tokens) => ({ input_tokens: tokens }),
  member: 'input_tokens',
  read: (answer) => asNumber(answer.input_tokens),
};
