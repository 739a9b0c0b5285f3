import { modelTraits } from '../models/known-models.ts';
import { asObject, type JsonObject } from '../protocols/json.ts';
import type { AccountAddresses, AccountApi, AccountFacts } from './account-provider.ts';
import { aDay } from './account-refusals.ts';
import { type AdaptedCall, bearer, listedIds, type Provider } from './provider.ts';

/** Fields of the Responses API that xAI refuses. Source: protocol.md §5, row "xai". */
const refused = ['prompt_cache_retention', 'safety_identifier', 'stream_options', 'stop'] as const;

/** xAI's Responses API, with an account's token or a key. Source of the latter: docs.x.ai/docs/api-reference. */
export const xaiApi: Provider = {
  name: 'xai',
  title: 'xAI',
  protocol: 'openai-responses',
  endpoints: { generate: () => '/responses', compact: () => '/responses/compact' },
  authenticate: bearer,
  headers: {},
  // Requests of one conversation reach the server that has its cache.
  forwards: ['x-grok-conv-id'],
  offers: { path: '/models', names: listedIds },
  families: ['grok-*'],
  adapt: adaptXai,
  refusals: [
    { statuses: [403], says: /bad-credentials/i, means: 'token' },
    {
      statuses: [402, 403, 429],
      says: /free[ _-]usage[^"]*exhausted/i,
      means: 'quota',
      wait: aDay,
      next: "the account's free usage is used up for about a day",
    },
  ],
  signIn: 'cli-proxy-api auth xai',
};

function adaptXai(body: JsonObject, { model, report }: AdaptedCall): JsonObject {
  const changes: JsonObject = {};
  for (const field of refused) {
    if (body[field] === undefined) continue;
    changes[field] = undefined;
    report({ kind: 'dropped', field, detail: 'xAI has no such parameter' });
  }
  const { effort, ...reasoning } = asObject(body.reasoning) ?? {};
  if (effort !== undefined && modelTraits(model)?.reasoning?.kind === 'none') {
    changes.reasoning = Object.keys(reasoning).length > 0 ? reasoning : undefined;
    if (effort !== null)
      report({ kind: 'dropped', field: 'reasoning.effort', detail: `${model} has no levels` });
  }
  return Object.keys(changes).length === 0 ? body : { ...body, ...changes };
}

export function xaiApis(_facts: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  return [{ provider: xaiApi, baseUrl, suffix: undefined }];
}
