/** The pages of model lists, as Anthropic and Google number them. Pure. */
import type { ProtocolError } from '../protocols/model.ts';

export type Paged<Page> = { ok: true; page: Page } | { ok: false; error: ProtocolError };

/** Anthropic and Google give at most as many models at a time. */
const mostAtOnce = 1000;

export interface CursorPage {
  ids: readonly string[];
  /** Whether there are more in the direction that was asked for. */
  hasMore: boolean;
}

/**
 * The page that `limit` (1 to 1000) with `after_id` or `before_id` asks for. Without `limit` it has all that follow: who does
 * not page misses nothing. Source: platform.claude.com/docs/en/api/models/list.
 */
export function cursorPage(ids: readonly string[], query: URLSearchParams | undefined): Paged<CursorPage> {
  const limit = wholeNumber(query?.get('limit'));
  if (limit !== undefined && !(limit >= 1 && limit <= mostAtOnce))
    return refused('limit', `limit: expected a whole number from 1 to ${mostAtOnce}.`);
  const after = query?.get('after_id') ?? '';
  const before = query?.get('before_id') ?? '';
  if (after !== '' && before !== '')
    return refused('before_id', 'before_id: only one of before_id and after_id may be given.');
  const size = limit ?? ids.length;
  if (before !== '') {
    const end = ids.indexOf(before);
    if (end < 0)
      return refused('before_id', `before_id: there is no model "${quoted(before)}" in this list.`);
    const start = Math.max(0, end - size);
    return { ok: true, page: { ids: ids.slice(start, end), hasMore: start > 0 } };
  }
  const start = after === '' ? 0 : ids.indexOf(after) + 1;
  if (after !== '' && start === 0)
    return refused('after_id', `after_id: there is no model "${quoted(after)}" in this list.`);
  return { ok: true, page: { ids: ids.slice(start, start + size), hasMore: start + size < ids.length } };
}

export interface TokenPage {
  ids: readonly string[];
  /** Undefined on the last page. */
  nextPageToken: string | undefined;
}

/**
 * The page that `pageSize` (more than 1000 counts as 1000) and `pageToken` ask for. Without `pageSize` it has all that
 * follow. Source: ai.google.dev/api/models#method:-models.list.
 */
export function tokenPage(ids: readonly string[], query: URLSearchParams | undefined): Paged<TokenPage> {
  const size = wholeNumber(query?.get('pageSize') ?? query?.get('page_size'));
  if (size !== undefined && !(size >= 0))
    return refused('pageSize', 'pageSize: expected a whole number that is not negative.');
  const token = query?.get('pageToken') ?? query?.get('page_token') ?? '';
  const start = token === '' ? 0 : ids.indexOf(Buffer.from(token, 'base64url').toString()) + 1;
  if (token !== '' && start === 0)
    return refused('pageToken', 'pageToken: expected the nextPageToken of an earlier page of this list.');
  const page = ids.slice(start, start + (size ? Math.min(size, mostAtOnce) : ids.length));
  const last = page.at(-1);
  const ends = last === undefined || start + page.length >= ids.length;
  return {
    ok: true,
    page: { ids: page, nextPageToken: ends ? undefined : Buffer.from(last).toString('base64url') },
  };
}

/** Undefined where nothing is given; not a number where it is none. */
function wholeNumber(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function quoted(id: string): string {
  return id.slice(0, 100);
}

function refused(param: string, message: string): Extract<Paged<never>, { ok: false }> {
  return { ok: false, error: { status: 400, kind: 'invalid-request', message, param } };
}
