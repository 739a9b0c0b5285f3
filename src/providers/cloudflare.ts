/** Cloudflare Workers AI: open models in an account of one's own, which is part of the address. */

import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asObject, asObjects, asString } from '../protocols/json-members.ts';

import type { Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import type { Refusal } from './refusal.ts';

/**
 * Ends of the addresses that its documentation, the dashboard and other clients show, and the place of the API in each. The
 * second is the same API behind a gateway of Cloudflare's.
 */
const ends: readonly (readonly [end: RegExp, place: string])[] = [
  [/(\/accounts\/[^/?#]+)(?:\/ai)?(?:\/(?:v1|run))?\/?$/, '$1/ai'],
  [/\/workers-ai(?:\/v1)?\/?$/, '/workers-ai'],
];

const endpoints: Record<'openai-chat' | 'openai-responses', Provider['endpoints']> = {
  'openai-chat': { generate: () => '/v1/chat/completions', embed: () => '/v1/embeddings' },
  'openai-responses': { generate: () => '/v1/responses', embed: () => '/v1/embeddings' },
};

/**
 * Most of its models take texts as contents and nothing else: no list of texts, no `null` beside calls. A list with an image
 * stays a list, for the models that see.
 * Source: github.com/cloudflare/cloudflare-os/issues/54, anomalyco/opencode/issues/30381, diegosouzapw/OmniRoute/pull/12002.
 */
function withTextContents(body: JsonObject): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const own = messages.map((message) => (isObject(message) ? withTextContent(message) : message));
  return own.some((message, index) => message !== messages[index]) ? { ...body, messages: own } : body;
}

function withTextContent(message: JsonObject): JsonObject {
  const content = textOf(message.content);
  return content === undefined ? message : { ...message, content };
}

/** The content as a text; undefined where it may stay unchanged. */
function textOf(content: Json | undefined): string | undefined {
  if (content === undefined || content === null) return '';
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part) => {
    const fields = asObject(part);
    return fields?.type === 'text' ? asString(fields.text) : undefined;
  });
  return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
}

const day = 86_400_000;

/** Source: developers.cloudflare.com/workers-ai/platform/errors; those of the whole API: …/workers/tooling/api/requests. */
const refusals: readonly Refusal[] = [
  {
    statuses: [429],
    says: /\b3036\b|daily free allocation/,
    means: 'quota',
    // "All limits reset daily at 00:00 UTC": developers.cloudflare.com/workers-ai/platform/pricing.
    wait: (_answer, now) => Math.ceil((day - (now % day)) / 1000),
    next: 'the free allocation of the account begins anew at 00:00 UTC; a paid Workers plan has no such limit',
  },
  {
    // 6003: the token has a form that none has. 10000: it is another account's, or has no permission for Workers AI.
    statuses: [400, 401, 403],
    says: /"code":\s*(?:6003|10000)\b/,
    means: 'token',
    next: 'the token must have the permission "Workers AI" in the account that base-url names',
  },
  {
    statuses: [404],
    says: /"code":\s*7003\b/,
    next: 'base-url names no account: write https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1',
  },
];

/** `{result: [{name, task: {name}}]}`: those that talk. Source: developers.cloudflare.com/api/resources/ai/subresources/models. */
function listedModels(body: Json): readonly string[] {
  const texts = asObjects(asObject(body)?.result).filter(
    ({ task }) => (asString(asObject(task)?.name) ?? 'Text Generation') === 'Text Generation',
  );
  return texts.flatMap(({ name }) => asString(name) ?? []);
}

export const cloudflare = {
  service: {
    title: 'Cloudflare Workers AI',
    baseUrl: undefined,
    otherNames: ['workers-ai', 'cloudflare-workers-ai'],
    hosts: ['api.cloudflare.com'],
    isAddress: (baseUrl) => ends.some(([end]) => end.test(baseUrl)),
    addressOf: (baseUrl) => ends.reduce((address, [end, place]) => address.replace(end, place), baseUrl),
    offers: { path: '/models/search?task=Text+Generation&per_page=100', names: listedModels },
    differences: ({ protocol }) => ({
      endpoints: endpoints[protocol],
      refusals,
      ...(protocol === 'openai-chat' && { adapt: withTextContents }),
    }),
    notes:
      'Needs `base-url` (`https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1`). Contents that are lists of texts, or `null` beside calls, become texts. See [Cloudflare Workers AI](providers/cloudflare.md).',
    source: 'developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility',
  },
} satisfies ProviderRecord;
