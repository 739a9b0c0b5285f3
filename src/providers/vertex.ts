/** Vertex AI: with an API key (express mode), and with a service account of Google Cloud. */

import type { JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { AccountAddresses, AccountApi, AccountFacts, AccountProvider } from './account-provider.ts';
import { claudeModels } from './claude.ts';
import { geminiApi, geminiModels, generateAction } from './gemini.ts';
import { bearer, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import type { Refusal } from './refusal.ts';
import { defaultVertexLocation } from './service-account.ts';

/** Vertex takes the fields themselves, and not all of them, where the Gemini API takes a wrapped request. */
function vertexCountBody(body: JsonObject): JsonObject {
  const { contents, systemInstruction, system_instruction, tools } =
    asObject(body.generateContentRequest) ?? body;
  return { contents, systemInstruction: systemInstruction ?? system_instruction, tools };
}

/** Vertex AI in express mode: Gemini models with an API key. Source: cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode. */
const expressApi: Provider = {
  ...geminiApi,
  name: 'vertex',
  title: 'Vertex AI (express mode)',
  endpoints: {
    generate: ({ model, stream }) => `/v1/publishers/google/models/${generateAction(model, stream)}`,
    'count-tokens': ({ model }) => `/v1/publishers/google/models/${encodeURIComponent(model)}:countTokens`,
  },
  countBody: vertexCountBody,
  families: ['gemini-*'],
};

const globalHost = 'https://aiplatform.googleapis.com';
const signIn = 'cli-proxy-api auth vertex --file <key.json>';

const refusals: readonly Refusal[] = [
  {
    statuses: [403],
    says: /SERVICE_DISABLED|has not been used in project/,
    next: 'switch on the Vertex AI API (aiplatform.googleapis.com) in the project of the service account',
  },
  {
    statuses: [403],
    says: /PERMISSION_DENIED|aiplatform\.endpoints\.predict/,
    next: 'give the service account the role "Vertex AI User" (roles/aiplatform.user) in its project',
  },
];

/**
 * The host of a location (cloud.google.com/vertex-ai/docs/general/locations): `global` has none of its own, the continents
 * `us` and `eu` have their own form.
 */
function vertexHost(location: string): string {
  if (location === 'global') return globalHost;
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** `fallbackLocation` where the account names none. An address of the configuration goes before the location's host. */
function vertexApis(
  facts: AccountFacts,
  { baseUrl }: AccountAddresses,
  fallbackLocation: string,
): AccountApi[] {
  const project = facts.projects?.[0] ?? asString(facts.serviceAccount?.project_id);
  if (project === undefined) return [];
  const location = facts.location ?? fallbackLocation;
  const base = baseUrl === globalHost ? vertexHost(location) : baseUrl;
  const path = `/v1/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}/publishers`;
  return [
    { provider: googleModels(`${path}/google/models`), baseUrl: base, suffix: 'gemini' },
    { provider: anthropicModels(`${path}/anthropic/models`), baseUrl: base, suffix: 'claude' },
  ];
}

/** What the models of both makers have in common there. */
const platform = {
  name: 'vertex-account',
  title: 'Vertex AI',
  billed: true,
  authenticate: bearer,
  headers: {},
  refusals,
  signIn,
} satisfies Partial<Provider>;

/** Source: cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference. */
function googleModels(path: string): Provider {
  return {
    ...platform,
    protocol: 'gemini',
    endpoints: {
      generate: ({ model, stream }) =>
        `${path}/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      'count-tokens': ({ model }) => `${path}/${encodeURIComponent(model)}:countTokens`,
    },
    forwards: [],
    families: ['gemini-*'],
    models: geminiModels,
    countBody: vertexCountBody,
  };
}

/** Source: docs.claude.com/en/api/claude-on-vertex-ai; the version is the one that Vertex knows. */
function anthropicModels(path: string): Provider {
  return {
    ...platform,
    protocol: 'anthropic-messages',
    endpoints: {
      generate: ({ model, stream }) =>
        `${path}/${publishedName(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
      'count-tokens': () => `${path}/count-tokens:rawPredict`,
    },
    forwards: ['anthropic-beta'],
    families: ['claude-*'],
    models: claudeModels,
    adapt: ({ model: _inTheAddress, ...body }) => ({ anthropic_version: 'vertex-2023-10-16', ...body }),
    // Unlike generating, counting names the model in the body.
    countBody: ({ messages, system, tools, tool_choice, thinking }, model) => ({
      model: publishedName(model),
      messages,
      system,
      tools,
      tool_choice,
      thinking,
    }),
  };
}

/** Anthropic's `claude-sonnet-4-5-20250929` is called `claude-sonnet-4-5@20250929` there. */
function publishedName(model: string): string {
  return encodeURIComponent(model.replace(/-(?=20\d{6}$)/, '@')).replace('%40', '@');
}

/** Vertex AI through a service account of Google Cloud; tokens come from its key (RFC 7523), not from a login. */
const account: AccountProvider = {
  name: 'vertex-account',
  title: 'Vertex AI',
  account: 'a service account of Google Cloud',
  files: { names: ['vertex-ai', 'vertexai', 'service_account'], fields: ['service_account'] },
  peerFlags: { 'vertex-import': ['--file'] },
  oauth: undefined,
  signIn: ['file'],
  // Regions have hosts of their own, made from this one.
  baseUrl: globalHost,
  refreshLead: 5 * 60_000,
  identify: async () => {
    const message =
      'Vertex AI takes a service-account file, not a login: cli-proxy-api auth vertex --file key.json';
    return { ok: false, failure: { kind: 'refused', message } };
  },
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  // The address of a service account has its project in it. One account may be used in several places.
  identity: ({ serviceAccount, email, location }) => {
    const address = asString(serviceAccount?.client_email) ?? email;
    const place = location === undefined || location === defaultVertexLocation ? [] : [location];
    return address === undefined ? undefined : [address, ...place].join('-');
  },
  apis: (facts, addresses) => vertexApis(facts, addresses, defaultVertexLocation),
};

export const vertex = {
  account,
  genaiName: 'gcp.vertex_ai',
  keys: {
    provider: expressApi,
    baseUrl: globalHost,
    words: {
      api: 'Vertex AI API',
      entries: 'Vertex AI credentials',
      list: 'Keys of Vertex AI in express mode.',
    },
  },
} satisfies ProviderRecord;
