/** Where clients of the Gemini API call (ai.google.dev/api): older and Vertex-minded ones with `/v1` or `/v1alpha`. */
import type { Addresses } from '../addresses.ts';

export const addresses: Addresses = {
  calls: { '/v1/interactions': 'interact', '/v1beta/interactions': 'interact-beta' },
  methods: {
    generateContent: { operation: 'generate', stream: false },
    streamGenerateContent: { operation: 'generate', stream: true },
    countTokens: { operation: 'count-tokens', stream: false },
    embedContent: { operation: 'embed-content', stream: false },
    batchEmbedContents: { operation: 'embed', stream: false },
  },
  header: 'x-goog-api-key',
  // `/v1/models/{model}` without a method is OpenAI's.
  speaks: (path) => /^\/v1(?:beta|alpha|\/interactions|\/models\/.*:)/.test(path),
};
