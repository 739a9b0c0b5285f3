/** Google's Code Assist API, with which Gemini CLI and Antigravity are used: the Gemini protocol in an envelope. */
import type { LossReport } from '../protocols/codec.ts';
import { aroundRequest, countRequest, unwrapResponse } from '../protocols/gemini/envelope.ts';
import { asObject, type Json, type JsonObject } from '../protocols/json.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { googleRefusals } from './account-refusals.ts';
import {
  antigravityFamilies,
  antigravityModels,
  antigravityName,
  antigravityOtherNames,
  availableModels,
} from './antigravity-models.ts';
import { type AdaptedCall, bearer, type Provider } from './provider.ts';

type Traits = Pick<
  Provider,
  'name' | 'title' | 'families' | 'otherFamilies' | 'alsoNamed' | 'adapt' | 'streamsOnly'
> & {
  command: string;
  /** The names in the answer of the address that lists models, where this client has one. */
  available?: (body: Json) => readonly string[];
};

/** One API for each project of the account; one without a project where none is known, for Google then takes the account's own. */
function codeAssistApis(
  { command, available, ...traits }: Traits,
  { projects = [] }: AccountFacts,
  { baseUrl }: AccountAddresses,
): AccountApi[] {
  const wanted: (string | undefined)[] = projects.length > 0 ? [...projects] : [undefined];
  return wanted.map((project) => ({
    baseUrl,
    suffix: wanted.length > 1 ? project : undefined,
    provider: {
      ...traits,
      protocol: 'gemini',
      endpoints: {
        generate: ({ stream }) =>
          stream ? '/v1internal:streamGenerateContent?alt=sse' : '/v1internal:generateContent',
        'count-tokens': () => '/v1internal:countTokens',
      },
      authenticate: bearer,
      headers: {},
      forwards: [],
      countBody: countRequest,
      envelope: { around: (model) => aroundRequest(model, project), unwrap: unwrapResponse },
      refusals: googleRefusals(command),
      signIn: command,
      ...(available && {
        offers: {
          path: '/v1internal:fetchAvailableModels',
          body: project === undefined ? {} : { project },
          names: available,
        },
      }),
    },
  }));
}

/** Source: github.com/google-gemini/gemini-cli, packages/core/src/code_assist/server.ts. */
export function geminiCliApis(facts: AccountFacts, addresses: AccountAddresses): AccountApi[] {
  const command = 'cli-proxy-api auth gemini';
  return codeAssistApis(
    { name: 'gemini-cli', title: 'Gemini CLI', families: ['gemini-*'], command },
    facts,
    addresses,
  );
}

/** The same service, with Claude models beside Gemini's. Source: protocol.md §5, row "antigravity". */
export function antigravityApis(facts: AccountFacts, addresses: AccountAddresses): AccountApi[] {
  return codeAssistApis(
    {
      name: 'antigravity',
      title: 'Antigravity',
      families: antigravityModels,
      // Other names of these families belong to the providers that serve them all, where there are any.
      otherFamilies: antigravityFamilies,
      alsoNamed: { own: antigravityName, listed: antigravityOtherNames },
      available: availableModels,
      command: 'cli-proxy-api auth antigravity',
      adapt: adaptAntigravity,
      streamsOnly: isClaude,
    },
    facts,
    addresses,
  );
}

function isClaude(model: string): boolean {
  return model.startsWith('claude-');
}

function adaptAntigravity(body: JsonObject, { model, report }: AdaptedCall): JsonObject {
  const safe = withoutSafety(body, report);
  return isClaude(model) ? validatedCalls(safe) : withoutLimit(safe, report);
}

function withoutSafety(body: JsonObject, report: LossReport): JsonObject {
  const { safetySettings, safety_settings, ...rest } = body;
  if (safetySettings === undefined && safety_settings === undefined) return body;
  report({ kind: 'dropped', field: 'safetySettings', detail: 'Antigravity takes none' });
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
  report({
    kind: 'dropped',
    field: 'max_tokens',
    detail: 'Antigravity sets the limit of Gemini models itself',
  });
  return { ...body, generationConfig: rest };
}
