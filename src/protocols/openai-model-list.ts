/** OpenAI's list of models, which both of its protocols share: `GET /v1/models` and `GET /v1/models/{id}`. */
import type { JsonObject } from './json.ts';
import { type ListedModel, type ModelList, modelsInPlaceOf } from './model-list.ts';

function one({ id, owner = 'cli-proxy-api', context }: ListedModel): JsonObject {
  return { id, object: 'model', created: 0, owned_by: owner, context_length: context };
}

export const openaiModelList: ModelList = {
  list: (ids, _query, about) => ({
    ok: true,
    page: { object: 'list', data: ids.map((id) => one(about(id))) },
  }),
  one,
  pathFrom: modelsInPlaceOf(/\/(chat\/completions|responses)(\?.*)?$/),
};
