import type { Json, JsonObject } from '../protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../protocols/json-members.ts';
import { bearer, type Provider } from './provider.ts';

/** Images and sound: all services of OpenAI's kind that have them have them here. */
const media: Provider['endpoints'] = {
  'generate-image': () => '/images/generations',
  'edit-image': () => '/images/edits',
  transcribe: () => '/audio/transcriptions',
  'translate-speech': () => '/audio/translations',
  speak: () => '/audio/speech',
};

/** The OpenAI API in its Responses form. Source: platform.openai.com/docs/api-reference. */
export const openai: Provider = {
  name: 'openai',
  title: 'OpenAI API',
  protocol: 'openai-responses',
  endpoints: {
    generate: () => '/responses',
    'count-tokens': () => '/responses/input_tokens',
    compact: () => '/responses/compact',
    embed: () => '/embeddings',
    ...media,
  },
  authenticate: bearer,
  headers: {},
  forwards: ['openai-beta'],
  keepsResponses: true,
  websocket: { headers: { 'openai-beta': 'responses_websockets=2026-02-06' } },
  models: [
    'gpt-6.2-astra',
    'gpt-6.2-sol',
    'gpt-6.1-sol',
    'gpt-6.1-terra',
    'gpt-6-astra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
    'gpt-5.5',
    'gpt-5.4',
    'gpt-5.4-mini',
    'gpt-5.2',
    'gpt-5.1',
    'gpt-5',
    'gpt-5-mini',
    'gpt-4.1',
    'gpt-4o',
    'o3',
    'o4-mini',
  ],
  families: [
    ...['gpt-*', 'chatgpt-*', 'o1*', 'o3*', 'o4*', 'codex-*', 'text-embedding-3-*'],
    ...['dall-e-*', 'whisper-*', 'tts-*'],
  ],
};

/** What those have in common that speak the Responses API with a bearer token. */
export const responsesApi = {
  protocol: 'openai-responses',
  endpoints: { generate: () => '/responses', compact: () => '/responses/compact' },
  authenticate: bearer,
  headers: {},
} satisfies Partial<Provider>;

/** Any service with OpenAI's Chat Completions; what it serves is in its entry of the configuration. */
export const openaiCompatible: Provider = {
  name: 'openai-compatibility',
  title: 'OpenAI-compatible service',
  protocol: 'openai-chat',
  endpoints: { generate: () => '/chat/completions', embed: () => '/embeddings', ...media },
  authenticate: bearer,
  headers: {},
  forwards: ['openai-beta'],
  families: [],
  models: [],
};

/** Any service with OpenAI's Responses API. */
const responsesCompatible: Provider = {
  ...openaiCompatible,
  protocol: 'openai-responses',
  endpoints: {
    generate: () => '/responses',
    compact: () => '/responses/compact',
    embed: () => '/embeddings',
    ...media,
  },
  keepsResponses: true,
};

/**
 * The ids in a service's list: OpenAI's `{data: [{id}]}`, a bare array (Together AI), `{models: [{name}]}` (local servers). Names
 * with `*` are left out: in our lists it matches any text.
 */
function serviceModels(body: Json): readonly string[] {
  const fields = asObject(body);
  const entries = fields === undefined ? asArray(body) : asArray(fields.data ?? fields.models);
  const ids = asObjects(entries).map(
    ({ id, name, model }) => asString(id) ?? asString(name) ?? asString(model) ?? '',
  );
  return ids.filter((id) => !id.includes('*'));
}

const offers: Provider['offers'] = { path: '/models', names: serviceModels };

/** Any compatible service; with `lists` it is asked for its models. */
export function compatible(protocol: 'openai-chat' | 'openai-responses', lists: boolean): Provider {
  const provider = protocol === 'openai-chat' ? openaiCompatible : responsesCompatible;
  return lists ? { ...provider, offers } : provider;
}

/** Some services refuse a list of tools that is empty; none at all means the same. */
export function withoutEmptyTools(body: JsonObject): JsonObject {
  if (!Array.isArray(body.tools) || body.tools.length > 0) return body;
  const { tools: _none, tool_choice: _choice, parallel_tool_calls: _parallel, ...rest } = body;
  return rest;
}
