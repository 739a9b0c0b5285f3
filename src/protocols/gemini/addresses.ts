/** Where clients of the Gemini API call (ai.google.dev/api): older and Vertex-minded ones with `/v1` or `/v1alpha`. */

import { isObject } from '../json.ts';
import { asNumber } from '../json-members.ts';
import type { Addresses, TokenCounting } from '../operation.ts';

const methods = {
  generateContent: { operation: 'generate', stream: false },
  streamGenerateContent: { operation: 'generate', stream: true },
  countTokens: { operation: 'count-tokens', stream: false },
  embedContent: { operation: 'embed-content', stream: false },
  batchEmbedContents: { operation: 'embed', stream: false },
} as const;

/** `/v1/models/{model}` without one of the methods is OpenAI's: names of models may have colons. */
const further = new RegExp(`^/v1(?:beta|alpha|/models/.*:(?:${Object.keys(methods).join('|')})$)`);

export const addresses: Addresses = {
  calls: { '/v1/interactions': 'interact', '/v1beta/interactions': 'interact-beta' },
  methods,
  models: '/v1beta/models',
  // As Vertex AI names them.
  otherModels: /^\/v1(?:beta1?|alpha)?\/(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/models\//,
  header: 'x-goog-api-key',
  further,
  // cloud.google.com/apis/docs/system-parameters. `fields` leaves out what an answer has used, and with it what a budget counts;
  // others are credentials, or name whose quota is used.
  query: new Set(['alt', '$alt', 'prettyPrint', '$prettyPrint']),
};

/** `models/*:countTokens` (ai.google.dev/api/tokens). */
export const tokenCounting: TokenCounting = {
  address: ':countTokens',
  /** It may wrap the whole request that is to be counted. */
  counted: (body) => (isObject(body.generateContentRequest) ? body.generateContentRequest : body),
  // One wrapper object takes every field.
  ask: (body, model) => ({ generateContentRequest: { model: `models/${model}`, ...body } }),
  answer: (tokens) => ({ totalTokens: tokens }),
  member: 'totalTokens',
  read: (answer) => asNumber(answer.totalTokens),
};
