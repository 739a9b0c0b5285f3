/** Google's list of models: `pageSize` and `pageToken` choose the page (ai.google.dev/api/models#method:-models.list). */
import type { JsonObject } from '../json.ts';
import type { ListedModel, ModelList, Paged } from '../model-list.ts';
import { mostAtOnce, refusedPage, wholeNumber } from '../model-list.ts';

function one({ id, displayName, context, longestAnswer }: ListedModel): JsonObject {
  return {
    name: `models/${id}`,
    displayName,
    inputTokenLimit: context,
    outputTokenLimit: longestAnswer(),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  };
}

export const modelList: ModelList = {
  list(ids, query, about) {
    const paged = tokenPage(ids, query);
    if (!paged.ok) return paged;
    const { ids: shown, nextPageToken } = paged.page;
    return { ok: true, page: { models: shown.map((id) => one(about(id))), nextPageToken } };
  },
  one,
  // Vertex AI, whose models are a publisher's, lists them elsewhere.
  pathFrom: (generate) =>
    /^\/v\d\w*\/models\/m:/.test(generate) ? generate.replace(/\/m:.*$/, '') : undefined,
};

interface TokenPage {
  ids: readonly string[];
  /** Undefined on the last page. */
  nextPageToken: string | undefined;
}

/**
 * The page that `pageSize` (more than 1000 counts as 1000) and `pageToken` ask for. Without `pageSize` it has all that
 * follow. Source: ai.google.dev/api/models#method:-models.list.
 */
function tokenPage(ids: readonly string[], query: URLSearchParams | undefined): Paged<TokenPage> {
  const size = wholeNumber(query?.get('pageSize') ?? query?.get('page_size'));
  if (size !== undefined && !(size >= 0))
    return refusedPage('pageSize', 'pageSize: expected a whole number that is not negative.');
  const token = query?.get('pageToken') ?? query?.get('page_token') ?? '';
  const start = token === '' ? 0 : ids.indexOf(Buffer.from(token, 'base64url').toString()) + 1;
  if (token !== '' && start === 0)
    return refusedPage('pageToken', 'pageToken: expected the nextPageToken of an earlier page of this list.');
  const page = ids.slice(start, start + (size ? Math.min(size, mostAtOnce) : ids.length));
  const last = page.at(-1);
  const ends = last === undefined || start + page.length >= ids.length;
  return {
    ok: true,
    page: { ids: page, nextPageToken: ends ? undefined : Buffer.from(last).toString('base64url') },
  };
}
