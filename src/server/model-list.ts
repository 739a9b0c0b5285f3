/** The model lists, in the shapes that clients of each protocol expect. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import { knownModel, modelTraits } from '../models/known-models.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { ProtocolError } from '../protocols/model.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { cursorPage, type Paged, tokenPage } from './model-pages.ts';
import type { VisibleModels } from './visible-models.ts';

/** Who has a model list of its own shape. */
export type ListProtocol = 'openai-chat' | 'anthropic-messages' | 'gemini';

/** Three protocols share `/v1/models`; Google's own client asks there, too. */
export function listProtocol(headers: Headers): ListProtocol {
  if (headers.has('x-goog-api-key')) return 'gemini';
  return headers.has('anthropic-version') ? 'anthropic-messages' : 'openai-chat';
}

/** The list of models, or the one that is asked for, in the shape of a protocol. */
export function modelList(
  protocol: ListProtocol,
  catalog: VisibleModels,
  model: string | undefined,
  query: URLSearchParams | undefined,
): Paged<JsonObject> {
  if (model === undefined) return modelLists[protocol](catalog, query);
  const page = modelsNamed[protocol](catalog, model);
  return page === undefined ? { ok: false, error: noSuchModel(model) } : { ok: true, page };
}

const modelLists: Record<
  ListProtocol,
  (catalog: VisibleModels, query: URLSearchParams | undefined) => Paged<JsonObject>
> = {
  'openai-chat': (catalog) => ({ ok: true, page: openaiModels(catalog) }),
  'anthropic-messages': anthropicModels,
  gemini: geminiModels,
};

const modelsNamed: Record<ListProtocol, (catalog: VisibleModels, id: string) => JsonObject | undefined> = {
  'openai-chat': openaiModelNamed,
  'anthropic-messages': anthropicModelNamed,
  gemini: geminiModelNamed,
};

function noSuchModel(model: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `No credential serves the model "${model}".`,
    code: 'model_not_found',
  };
}

/** OpenAI: `GET /v1/models`. */
function openaiModels(catalog: VisibleModels): JsonObject {
  return {
    object: 'list',
    data: catalog.models().map(({ id, candidates: [first] }) => ({
      id,
      object: 'model',
      created: 0,
      owned_by: first?.credential.provider.name ?? 'cli-proxy-api',
      context_length: contextOf(first),
    })),
  };
}

/** Anthropic: `GET /v1/models` with an `anthropic-version` header; `limit`, `after_id` and `before_id` choose the page. */
function anthropicModels(catalog: VisibleModels, query: URLSearchParams | undefined): Paged<JsonObject> {
  const models = new Map(catalog.models().map((model) => [model.id, model]));
  const paged = cursorPage([...models.keys()], query);
  if (!paged.ok) return paged;
  const data = paged.page.ids.map((id) => anthropicModel(id, models.get(id)?.candidates[0]));
  const ends = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return { ok: true, page: { data, has_more: paged.page.hasMore, ...ends } };
}

/** Anthropic: `GET /v1/models/{id}` with an `anthropic-version` header; undefined when nobody serves it. */
function anthropicModelNamed(catalog: VisibleModels, id: string): JsonObject | undefined {
  const route = catalog.route(id);
  return route && anthropicModel(shownName(route, id), route.tiers[0]?.[0]);
}

function anthropicModel(id: string, candidate: Candidate | undefined) {
  return {
    type: 'model',
    id,
    display_name: displayName(id, candidate),
    created_at: '1970-01-01T00:00:00Z',
    max_input_tokens: contextOf(candidate),
  };
}

/** Gemini: `GET /v1beta/models`; `pageSize` and `pageToken` choose the page. */
function geminiModels(catalog: VisibleModels, query: URLSearchParams | undefined): Paged<JsonObject> {
  const models = new Map(catalog.models().map((model) => [model.id, model]));
  const paged = tokenPage([...models.keys()], query);
  if (!paged.ok) return paged;
  const { ids, nextPageToken } = paged.page;
  const page = ids.map((id) => geminiModel(id, models.get(id)?.candidates[0]));
  return { ok: true, page: { models: page, nextPageToken } };
}

/** Gemini: `GET /v1beta/models/{id}`; undefined when nobody serves it. */
function geminiModelNamed(catalog: VisibleModels, id: string): JsonObject | undefined {
  const route = catalog.route(id);
  return route && geminiModel(shownName(route, id), route.tiers[0]?.[0]);
}

function geminiModel(id: string, candidate: Candidate | undefined): JsonObject {
  return {
    name: `models/${id}`,
    displayName: displayName(id, candidate),
    inputTokenLimit: contextOf(candidate),
    outputTokenLimit: longestAnswer(id, candidate),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  };
}

/** OpenAI: `GET /v1/models/{id}`; undefined when nobody serves it. */
function openaiModelNamed(catalog: VisibleModels, id: string): JsonObject | undefined {
  const route = catalog.route(id);
  const candidate = route?.tiers[0]?.[0];
  const about = {
    owned_by: candidate?.credential.provider.name,
    context_length: contextOf(candidate),
  };
  return route && { id: shownName(route, id), object: 'model', created: 0, ...about };
}

/** The name that a route is shown under; of a pattern, the one that was asked for. */
function shownName({ model, by }: Route, asked: string): string {
  return by?.pattern === true ? splitModelSuffix(asked.trim()).model : model;
}

/** Tokens of a prompt, in the owner's word. A model route's name says nothing of it, so there the table's is given, too. */
function contextOf(candidate: Candidate | undefined): number | undefined {
  const { about, target, model } = candidate ?? {};
  return about?.contextLength ?? (target && model ? knownModel(model)?.context : undefined);
}

function displayName(id: string, candidate: Candidate | undefined): string {
  return candidate?.target === undefined ? (candidate?.about?.displayName ?? id) : id;
}

function longestAnswer(id: string, candidate: Candidate | undefined): number | undefined {
  const limits = [
    modelTraits(candidate?.model ?? id)?.maxOutputTokens,
    candidate?.target?.maxOutputTokens,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
