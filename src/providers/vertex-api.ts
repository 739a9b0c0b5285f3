/** Vertex AI with a service account: Gemini models of Google and Claude models of Anthropic, each in its own protocol. */
import { asString } from '../protocols/json.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { vertexCountBody } from './gemini.ts';
import { bearer, type Provider } from './provider.ts';
import type { Refusal } from './refusal.ts';

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
export function vertexHost(location: string): string {
  if (location === 'global') return globalHost;
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** `fallbackLocation` where the account names none. An address of the configuration goes before the location's host. */
export function vertexApis(
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

/** Source: cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference. */
function googleModels(path: string): Provider {
  return {
    name: 'vertex-account',
    title: 'Vertex AI',
    protocol: 'gemini',
    endpoints: {
      generate: ({ model, stream }) =>
        `${path}/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      'count-tokens': ({ model }) => `${path}/${encodeURIComponent(model)}:countTokens`,
    },
    authenticate: bearer,
    headers: {},
    forwards: [],
    families: ['gemini-*'],
    countBody: vertexCountBody,
    refusals,
    signIn,
  };
}

/** Source: docs.claude.com/en/api/claude-on-vertex-ai; the version is the one that Vertex knows. */
function anthropicModels(path: string): Provider {
  return {
    name: 'vertex-account',
    title: 'Vertex AI',
    protocol: 'anthropic-messages',
    endpoints: {
      generate: ({ model, stream }) =>
        `${path}/${publishedName(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
      'count-tokens': () => `${path}/count-tokens:rawPredict`,
    },
    authenticate: bearer,
    headers: {},
    forwards: ['anthropic-beta'],
    families: ['claude-*'],
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
    refusals,
    signIn,
  };
}

/** Anthropic's `claude-sonnet-4-5-20250929` is called `claude-sonnet-4-5@20250929` there. */
function publishedName(model: string): string {
  return encodeURIComponent(model.replace(/-(?=20\d{6}$)/, '@')).replace('%40', '@');
}
