/** Requests of the usage store as rows: filtered by the page's address, in pages. */
import type { Clock } from '../ground/clock.ts';
import type { AskedUsage } from '../management/usage-answers.ts';
import { isStatusFilter, requestReader } from '../usage/request-reader.ts';
import { readTime } from '../usage/time-word.ts';
import { data, problem } from './answers.ts';
import { keptRow } from './request-row.ts';

const usual = 100;
const most = 500;

export async function requestList(
  { usage, now }: { usage: AskedUsage; now: Clock['now'] },
  search: URLSearchParams,
): Promise<Response> {
  const open = await usage.open();
  if (!open.ok) return problem(503, open.code, open.sentence);
  const given = (name: string): string | undefined => search.get(name) || undefined;
  const status = given('status');
  if (status !== undefined && !isStatusFilter(status))
    return problem(400, 'bad_input', 'status: expected ok, failed, a status or 4xx');
  const time = (name: string): number | undefined => {
    const text = given(name);
    return text === undefined ? undefined : readTime(text, now(), open.days);
  };
  const limit = Math.min(most, Math.max(1, Math.floor(Number(given('limit') ?? usual)) || usual));
  const requests = await requestReader(open.database).list({
    since: time('since'),
    until: time('until'),
    where: {
      key: given('key'),
      credential: given('credential'),
      provider: given('provider'),
      model: given('model'),
      session: given('session'),
    },
    status,
    before: given('before'),
    limit,
  });
  return data({
    requests: requests.map(keptRow),
    next: requests.length === limit ? (requests.at(-1)?.id ?? null) : null,
  });
}
