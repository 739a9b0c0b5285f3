/** Anthropic's list of models: `limit`, `after_id` and `before_id` choose the page (platform.claude.com/docs/en/api/models/list). */
import type { JsonObject } from '../json.ts';
import {
  type ListedModel,
  type ModelList,
  modelsInPlaceOf,
  mostAtOnce,
  type Paged,
  refusedPage,
  wholeNumber,
} from '../model-list.ts';

function one({ id, displayName, context }: ListedModel): JsonObject {
  return {
    type: 'model',
    id,
    display_name: displayName,
    created_at: '1970-01-01T00:00:00Z',
    max_input_tokens: context,
  };
}

export const modelList: ModelList = {
  list(ids, query, about) {
    const paged = cursorPage(ids, query);
    if (!paged.ok) return paged;
    const shown = paged.page.ids;
    return {
      ok: true,
      page: {
        data: shown.map((id) => one(about(id))),
        has_more: paged.page.hasMore,
        first_id: shown[0] ?? null,
        last_id: shown.at(-1) ?? null,
      },
    };
  },
  one,
  pathFrom: modelsInPlaceOf(/\/messages(\?.*)?$/),
};

interface CursorPage {
  ids: readonly string[];
  /** Whether there are more in the direction that was asked for. */
  hasMore: boolean;
}

/**
 * The page that `limit` (1 to 1000) with `after_id` or `before_id` asks for. Without `limit` it has all that follow: who does
 * not page misses nothing. Source: platform.claude.com/docs/en/api/models/list.
 */
function cursorPage(ids: readonly string[], query: URLSearchParams | undefined): Paged<CursorPage> {
  const limit = wholeNumber(query?.get('limit'));
  if (limit !== undefined && !(limit >= 1 && limit <= mostAtOnce))
    return refusedPage('limit', `limit: expected a whole number from 1 to ${mostAtOnce}.`);
  const after = query?.get('after_id') ?? '';
  const before = query?.get('before_id') ?? '';
  if (after !== '' && before !== '')
    return refusedPage('before_id', 'before_id: only one of before_id and after_id may be given.');
  const size = limit ?? ids.length;
  if (before !== '') {
    const end = ids.indexOf(before);
    if (end < 0)
      return refusedPage('before_id', `before_id: there is no model "${quoted(before)}" in this list.`);
    const start = Math.max(0, end - size);
    return { ok: true, page: { ids: ids.slice(start, end), hasMore: start > 0 } };
  }
  const start = after === '' ? 0 : ids.indexOf(after) + 1;
  if (after !== '' && start === 0)
    return refusedPage('after_id', `after_id: there is no model "${quoted(after)}" in this list.`);
  return { ok: true, page: { ids: ids.slice(start, start + size), hasMore: start + size < ids.length } };
}

function quoted(id: string): string {
  return id.slice(0, 100);
}
