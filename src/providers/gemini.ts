import { asObject, type JsonObject } from '../protocols/json.ts';
import type { Provider } from './provider.ts';

const action = (model: string, stream: boolean): string =>
  `${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;

/** The Gemini API of Google AI Studio. Source: ai.google.dev/api. */
export const gemini: Provider = {
  name: 'gemini',
  title: 'Gemini API',
  protocol: 'gemini',
  endpoints: {
    generate: ({ model, stream }) => `/v1beta/models/${action(model, stream)}`,
    'count-tokens': ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:countTokens`,
    embed: ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`,
    'embed-content': ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:embedContent`,
  },
  authenticate: (secret) => ({ 'x-goog-api-key': secret }),
  headers: {},
  forwards: ['x-goog-api-client'],
  families: ['gemini-*', 'gemma-*', 'learnlm-*', 'text-embedding-*', 'embedding-*'],
};

/** Vertex takes the fields themselves, and not all of them, where the Gemini API takes a wrapped request. */
export function vertexCountBody(body: JsonObject): JsonObject {
  const { contents, systemInstruction, system_instruction, tools } =
    asObject(body.generateContentRequest) ?? body;
  return { contents, systemInstruction: systemInstruction ?? system_instruction, tools };
}

/** Vertex AI in express mode: Gemini models with an API key. Source: cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode. */
export const vertex: Provider = {
  ...gemini,
  name: 'vertex',
  title: 'Vertex AI (express mode)',
  endpoints: {
    generate: ({ model, stream }) => `/v1/publishers/google/models/${action(model, stream)}`,
    'count-tokens': ({ model }) => `/v1/publishers/google/models/${encodeURIComponent(model)}:countTokens`,
  },
  countBody: vertexCountBody,
  families: ['gemini-*'],
};
