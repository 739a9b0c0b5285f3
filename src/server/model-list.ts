/** The models that a client sees, in the shape of its protocol. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import { knownModel, modelTraits } from '../models/known-models.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import type { ListedModel, Paged } from '../protocols/model-list.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { codecs } from '../protocols/registry.ts';
import type { VisibleModels } from './visible-models.ts';

/** The list of models, or the one that is asked for, in the shape of a protocol. */
export function modelList(
  protocol: Protocol,
  catalog: VisibleModels,
  model: string | undefined,
  query: URLSearchParams | undefined,
): Paged<JsonObject> {
  const form = codecs[protocol].modelList;
  if (model === undefined) {
    const models = new Map(catalog.models().map((listed) => [listed.id, listed]));
    return form.list([...models.keys()], query, (id) => listedModel(id, models.get(id)?.candidates[0]));
  }
  const route = catalog.route(model);
  if (route === undefined) return { ok: false, error: noSuchModel(model) };
  return { ok: true, page: form.one(listedModel(shownName(route, model), route.tiers[0]?.[0])) };
}

function listedModel(id: string, candidate: Candidate | undefined): ListedModel {
  return {
    id,
    displayName: displayName(id, candidate),
    owner: candidate?.credential.provider.name,
    context: contextOf(candidate),
    longestAnswer: () => longestAnswer(id, candidate),
  };
}

function noSuchModel(model: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `No credential serves the model "${model}".`,
    code: 'model_not_found',
  };
}

/** The name that a route is shown under; of a pattern, the one that was asked for. */
function shownName({ model, by }: Route, asked: string): string {
  return by?.pattern === true ? splitModelSuffix(asked.trim()).model : model;
}

/** Tokens of a prompt, by the owner's setting. A model route's name has none, so the table's is given too. */
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
