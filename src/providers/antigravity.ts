import type { LossReport } from '../protocols/codec.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asArray, asObject, asString } from '../protocols/json-members.ts';
import { lookUp } from '../protocols/word-table.ts';
import type { AccountProvider } from './account-provider.ts';
import { googleAccount, identifyGoogle } from './google/account.ts';
import { type CodeAssistTraits, codeAssistApis } from './google/code-assist-api.ts';
import { googleOAuth, googleScope, googleScopes } from './google/oauth.ts';
import { projectAsItIs } from './google/project.ts';
import type { AdaptedCall } from './provider.ts';
import { googleWindow, type ReportedWindow } from './quota-report.ts';
import type { ProviderRecord } from './record.ts';

/** What the account is not asked for holds this list. Source: the antigravity section of router-for-me/models, November 2026. */
const models = [
  'claude-opus-4-6-thinking',
  'claude-sonnet-4-6',
  'gemini-3.8-flash-high',
  'gemini-3.8-flash-medium',
  'gemini-3.7-flash-high',
  'gemini-3.6-flash-high',
  'gemini-3.5-flash-lite',
  'gemini-3.1-flash-image',
  'gemini-3.1-flash-lite',
  'gemini-3.1-pro-low',
  'gemini-3-flash',
  'gemini-pro-agent',
  'gpt-oss-120b-medium',
];

/** Names of these families that no list has are passed on where no other credential serves them: Google adds models often. */
const families = ['gemini-*', 'claude-*', 'gpt-oss-*', 'rev19-*'];

/**
 * Names that clients of the peer ask for, and which model is meant: the first that the account has, else the first.
 * Source: the peer's default aliases (router-for-me/CLIProxyAPI, oauth-model-alias of the channel antigravity).
 */
const otherNames: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'gemini-3-pro-preview': [
    'gemini-3-pro-high',
    'gemini-3.1-pro-high',
    'gemini-pro-agent',
    'gemini-3.1-pro-low',
  ],
  'gemini-3.1-pro-preview': ['gemini-3.1-pro-high', 'gemini-pro-agent', 'gemini-3.1-pro-low'],
  'gemini-3-flash-preview': ['gemini-3-flash'],
  'gemini-3-pro-image-preview': ['gemini-3-pro-image', 'gemini-3.1-flash-image'],
  'gemini-2.5-computer-use-preview-10-2025': ['rev19-uic3-1p'],
};

/** `gemini-claude-sonnet-4-5` is `claude-sonnet-4-5`: so the peer kept Google's Claude models apart from Anthropic's. */
const claudePrefix = 'gemini-claude-';

/** Google's name for a name that clients use; undefined where it is none of these. `offered`: what the account has, if known. */
function ownName(name: string, offered: readonly string[] | undefined): string | undefined {
  const asked = name.toLowerCase();
  // The account may have a model of that very name one day.
  if (offered?.includes(asked)) return undefined;
  if (asked.startsWith(claudePrefix)) return asked.slice('gemini-'.length);
  const meant = lookUp(otherNames, asked);
  return meant?.find((one) => offered?.includes(one)) ?? meant?.[0];
}

/** The other names to list beside `names`: those of models among them, and where the account was not asked, all. */
function furtherNames(names: readonly string[], offered: readonly string[] | undefined): string[] {
  const claude = names.filter((name) => name.startsWith('claude-')).map((name) => `gemini-${name}`);
  const others = Object.entries(otherNames).flatMap(([other, meant]) =>
    offered === undefined || meant.some((name) => names.includes(name)) ? other : [],
  );
  return [...others, ...claude].filter((name) => !names.includes(name));
}

/** Google's helpers for completions and titles, which answer no conversations. */
const helpers = /^(?:chat|tab)_/;

/** The names in an answer of `v1internal:fetchAvailableModels`: `{models: {<name>: {displayName, quotaInfo, …}}}`. */
function availableModels(body: Json): readonly string[] {
  const { models } = asObject(body) ?? {};
  const named = isObject(models)
    ? Object.entries(models).map(([name, value]) => ({ name, facts: asObject(value) }))
    : asArray(models ?? []).map((value) => {
        const facts = asObject(value);
        return { name: asString(facts?.name ?? facts?.id ?? facts?.model) ?? '', facts };
      });
  return named.flatMap(({ name, facts }) =>
    name === '' || facts?.isInternal === true || helpers.test(name) ? [] : name,
  );
}

/** The list of models has what is left of each: `{models: {<name>: {quotaInfo: {remainingFraction, resetTime}}}}`. */
function reportedWindows(answer: Json): readonly ReportedWindow[] {
  const { models } = asObject(answer) ?? {};
  return Object.entries(asObject(models) ?? {}).flatMap(([name, value]) => {
    const facts = asObject(value);
    if (facts?.isInternal === true || helpers.test(name)) return [];
    return googleWindow('requests', name, facts?.quotaInfo) ?? [];
  });
}

function isClaude(model: string): boolean {
  return model.startsWith('claude-');
}

function adapt(body: JsonObject, { model, report }: AdaptedCall): JsonObject {
  const safe = withoutSafety(body, report);
  return isClaude(model) ? validatedCalls(safe) : withoutLimit(safe, report);
}

function withoutSafety(body: JsonObject, report: LossReport): JsonObject {
  const { safetySettings, safety_settings, ...rest } = body;
  if (safetySettings === undefined && safety_settings === undefined) return body;
  report('dropped', 'safetySettings', 'Antigravity takes none');
  return rest;
}

/** Claude behind Google keeps to the tools' schemas only when asked to. */
function validatedCalls(body: JsonObject): JsonObject {
  if (body.tools === undefined) return body;
  const config = asObject(body.toolConfig) ?? {};
  const calling = asObject(config.functionCallingConfig) ?? {};
  // A choice that the client made stays.
  if (calling.mode !== undefined && calling.mode !== 'AUTO') return body;
  return { ...body, toolConfig: { ...config, functionCallingConfig: { ...calling, mode: 'VALIDATED' } } };
}

function withoutLimit(body: JsonObject, report: LossReport): JsonObject {
  const config = asObject(body.generationConfig);
  if (config?.maxOutputTokens === undefined) return body;
  const { maxOutputTokens: _limit, ...rest } = config;
  report('dropped', 'max_tokens', 'Antigravity sets the limit of Gemini models itself');
  return { ...body, generationConfig: rest };
}

/** The same service as Gemini CLI's, with Claude models beside Gemini's. */
const traits: CodeAssistTraits = {
  name: 'antigravity',
  title: 'Antigravity',
  families: models,
  models,
  // Other names of these families belong to the providers that serve them all, where there are any.
  otherFamilies: families,
  alsoNamed: { own: ownName, listed: furtherNames },
  available: availableModels,
  quotaOf: { path: '/v1internal:fetchAvailableModels', windows: reportedWindows },
  command: 'cli-proxy-api auth antigravity',
  adapt,
  streamsOnly: isClaude,
};

/** Antigravity through a Google account: the same Code Assist API under another client. */
const account: AccountProvider = {
  name: 'antigravity',
  title: 'Antigravity',
  account: 'a Google account with Antigravity',
  peerFlags: { 'antigravity-login': [] },
  ...googleAccount,
  oauth: {
    ...googleOAuth,
    title: 'Google (Antigravity)',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    clientId: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
    clientSecret: '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',
    scopes: [...googleScopes, googleScope('cclog'), googleScope('experimentsandconfigs')],
    redirect: { host: 'localhost', port: 51121, path: '/oauth-callback' },
    anyRedirectPort: true,
  },
  identify: identifyGoogle({ ideType: 'ANTIGRAVITY', projects: projectAsItIs }),
  // Source: protocol.md §5, row "antigravity".
  apis: (facts, addresses) => codeAssistApis(traits, facts, addresses),
};

export const antigravity = {
  account,
  genaiName: 'gcp.gemini',
  tokenHosts: [
    'cloudcode-pa.googleapis.com',
    'daily-cloudcode-pa.googleapis.com',
    'daily-cloudcode-pa.sandbox.googleapis.com',
  ],
  unusedKeys: {
    'not-yet': [
      'antigravity-signature-cache-enabled',
      'antigravity-signature-bypass-strict',
      'quota-exceeded.antigravity-credits',
    ],
    'by-design': ['antigravity.sensitive-words'],
  },
  version8: {
    'oauth.providers.antigravity.signature-cache-enabled': 'antigravity-signature-cache-enabled',
    'oauth.providers.antigravity.signature-bypass-strict': 'antigravity-signature-bypass-strict',
    'oauth.providers.antigravity.antigravity-credits': 'quota-exceeded.antigravity-credits',
  },
} satisfies ProviderRecord;
