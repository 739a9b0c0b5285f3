import type { Json } from '../protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../protocols/json-members.ts';
import type { AccountProvider } from './account-provider.ts';
import { googleAccount, identifyGoogle } from './google/account.ts';
import { codeAssistApis } from './google/code-assist-api.ts';
import { googleOAuth, googleScopes } from './google/oauth.ts';
import { projectsSetUp } from './google/project.ts';
import type { Provider } from './provider.ts';
import { googleWindow, type ReportedWindow } from './quota-report.ts';
import type { ProviderRecord } from './record.ts';

/** What the Gemini API and Vertex AI serve. */
export const geminiModels = [
  'gemini-4-argon',
  'gemini-3.8-flash',
  'gemini-3.7-flash',
  'gemini-3.6-flash',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
];

/** What Google's Code Assist serves of Gemini. */
const codeAssistModels = [
  'gemini-3.1-pro-preview',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
];

/** A model and what it is to do, as paths of Google end. */
export const generateAction = (model: string, stream: boolean): string =>
  `${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;

/** The Gemini API of Google AI Studio. Source: ai.google.dev/api. */
export const geminiApi: Provider = {
  name: 'gemini',
  title: 'Gemini API',
  protocol: 'gemini',
  endpoints: {
    generate: ({ model, stream }) => `/v1beta/models/${generateAction(model, stream)}`,
    'count-tokens': ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:countTokens`,
    embed: ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`,
    'embed-content': ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:embedContent`,
    interact: () => '/v1/interactions',
    'interact-beta': () => '/v1beta/interactions',
  },
  authenticate: (secret) => ({ 'x-goog-api-key': secret }),
  headers: {},
  forwards: ['x-goog-api-client', 'api-revision'],
  models: geminiModels,
  families: ['gemini-*', 'gemma-*', 'learnlm-*', 'text-embedding-*', 'embedding-*'],
};

/** `{buckets: [{modelId, tokenType, remainingFraction, resetTime}]}`. Source: google-gemini/gemini-cli, code_assist/types.ts. */
function reportedWindows(answer: Json): readonly ReportedWindow[] {
  return asObjects(asArray(asObject(answer)?.buckets ?? [])).flatMap((bucket) => {
    const model = asString(bucket.modelId);
    const name = (asString(bucket.tokenType) ?? 'requests').toLowerCase();
    return (model === undefined ? undefined : googleWindow(name, model, bucket)) ?? [];
  });
}

/** Gemini through a Google account: the Code Assist API that Gemini CLI uses. */
const account: AccountProvider = {
  name: 'gemini-cli',
  title: 'Gemini CLI',
  account: 'a Google account with Gemini Code Assist, the free tier too',
  // Only its files nest their tokens.
  files: { names: ['gemini-cli', 'google'], tokenStart: 'ya29.', fields: ['token', 'Token'] },
  peerFlags: { login: [] },
  ...googleAccount,
  oauth: {
    ...googleOAuth,
    title: 'Google (Gemini CLI)',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/auth',
    clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
    clientSecret: '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',
    scopes: googleScopes,
    redirect: { host: 'localhost', port: 8085, path: '/oauth2callback' },
    anyRedirectPort: true,
  },
  identify: identifyGoogle({ ideType: 'IDE_UNSPECIFIED', projects: projectsSetUp }),
  // Source: github.com/google-gemini/gemini-cli, packages/core/src/code_assist/server.ts.
  apis: (facts, addresses) =>
    codeAssistApis(
      {
        name: 'gemini-cli',
        title: 'Gemini CLI',
        families: ['gemini-*'],
        models: codeAssistModels,
        quotaOf: { path: '/v1internal:retrieveUserQuota', windows: reportedWindows },
        command: 'cli-proxy-api auth gemini',
      },
      facts,
      addresses,
    ),
};

export const gemini = {
  account,
  genaiName: 'gcp.gemini',
  keys: {
    provider: geminiApi,
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyStart: 'AIza',
    words: {
      api: 'Gemini API',
      entries: 'Gemini credentials',
      list: 'Keys of the Gemini API (Google AI Studio).',
    },
  },
  maker: { name: 'google', prices: 'google', models: /^(?:gemini-|gemma-)/ },
} satisfies ProviderRecord;
