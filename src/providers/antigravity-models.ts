/** The models of Antigravity, and the further names under which programs of other gateways ask for them. Data. */

import { asArray, asObject, asString, isObject, type Json, lookUp } from '../protocols/json.ts';

/** What the account is not asked for holds this list. Source: the antigravity section of router-for-me/models, November 2026. */
export const antigravityModels = [
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
] as const;

/** Names of these families that no list has are passed on where nobody else serves them: Google adds models often. */
export const antigravityFamilies = ['gemini-*', 'claude-*', 'gpt-oss-*', 'rev19-*'];

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
export function antigravityName(name: string, offered: readonly string[] | undefined): string | undefined {
  const asked = name.toLowerCase();
  // The account may have a model of that very name one day.
  if (offered?.includes(asked)) return undefined;
  if (asked.startsWith(claudePrefix)) return asked.slice('gemini-'.length);
  const meant = lookUp(otherNames, asked);
  return meant?.find((one) => offered?.includes(one)) ?? meant?.[0];
}

/** The other names to list beside `names`: those of models among them, and where the account was not asked, all. */
export function antigravityOtherNames(
  names: readonly string[],
  offered: readonly string[] | undefined,
): string[] {
  const claude = names.filter((name) => name.startsWith('claude-')).map((name) => `gemini-${name}`);
  const others = Object.entries(otherNames).flatMap(([other, meant]) =>
    offered === undefined || meant.some((name) => names.includes(name)) ? other : [],
  );
  return [...others, ...claude].filter((name) => !names.includes(name));
}

/** Google's helpers for completions and titles, which answer no conversations. */
const helpers = /^(?:chat|tab)_/;

/** The names in an answer of `v1internal:fetchAvailableModels`: `{models: {<name>: {displayName, quotaInfo, …}}}`. */
export function availableModels(body: Json): readonly string[] {
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
