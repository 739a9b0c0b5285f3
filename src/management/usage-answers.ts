/** What the management answers below `usage`: sums, series, requests, exports, and costs anew. */

import { suggestion } from '../config/suggestion.ts';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { Clock } from '../ground/clock.ts';
import { reasonOf } from '../ground/reason.ts';
import { withShortLines } from '../ground/shortened.ts';
import { lookUp } from '../protocols/word-table.ts';
import { readRequestId } from '../usage/columns.ts';
import { exportHead, exportLines, exportTypes, isExportFormat } from '../usage/export.ts';
import type { Filter } from '../usage/filter.ts';
import type { ListedAttempt, ListedRequest } from '../usage/listed-request.ts';
import type { OpenUsage, UsageMissing } from '../usage/open-usage.ts';
import type { PriceList } from '../usage/price-list.ts';
import { recompute } from '../usage/recompute.ts';
import { isStatusFilter, type RequestCache, requestReader } from '../usage/request-reader.ts';
import { readTime } from '../usage/time-word.ts';
import { type Grouping, isGrouping, usageReader } from '../usage/usage-reader.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { ErrorCode } from './error-codes.ts';
import { traceOf } from './stored-trace.ts';
import { jsonYielding } from './yielding-json.ts';

export type UsageAnswer =
  | { rows: UsageRow[]; total: UsageRow }
  | { requests: ListedRequest[]; next: string | null }
  | { request: ListedRequest & { attempts: ListedAttempt[]; promptCache: RequestCache | null } }
  | { recomputed: number; changed: number };

export interface UsageAnswers {
  /** Answers `usage/…`; `rest` is the path behind that. */
  handle(method: string, rest: readonly string[], params: URLSearchParams): Promise<Response>;
  /** A request from before a restart. */
  trace(id: string): Promise<RequestTrace | undefined>;
}

/** Requests of one answer, and those without `limit`. */
const mostRequests = 1000;
const usualRequests = 50;

/** A question that cannot be answered as it is put. */
class BadQuestion extends Error {}

/** What is asked: the store with all that has ended in it, or why there is none, and the prices in force. */
export interface AskedUsage {
  open(): Promise<OpenUsage | UsageMissing>;
  prices(): PriceList;
}

export function usageAnswers(kept: AskedUsage, now: Clock['now']): UsageAnswers {
  async function answered(
    open: OpenUsage,
    method: string,
    [what = '', id]: readonly string[],
    params: URLSearchParams,
  ): Promise<Response> {
    const { database, days } = open;
    refuseUnknown(params, id === undefined ? lookUp<readonly string[]>(usageParameters, what) : []);
    switch (`${method} ${what}`) {
      case 'GET summary':
        return answer(
          await usageReader(database, days).totals({
            ...span(open, params),
            by: groupingsIn(params),
            where: whereIn(params),
          }),
        );
      case 'GET series': {
        const step = params.get('step') ?? 'hour';
        if (step !== 'hour' && step !== 'day')
          throw new BadQuestion(`step: expected hour or day, not ${shown(step)}`);
        return answer(
          await usageReader(database, days).series({
            ...span(open, params),
            step,
            by: groupingsIn(params),
            where: whereIn(params),
          }),
        );
      }
      case 'GET requests': {
        const reader = requestReader(database);
        if (id !== undefined) {
          const request = reader.one(id);
          return request === undefined
            ? refuse(404, 'request_not_found', `No request "${id}" is kept.`)
            : answer({ request: { ...request, promptCache: (await reader.cache(id)) ?? null } });
        }
        const limit = limitIn(params);
        const requests = await reader.list({
          ...span(open, params),
          where: whereIn(params),
          status: statusIn(params),
          before: beforeIn(params),
          limit,
        });
        return answer({ requests, next: requests.length === limit ? (requests.at(-1)?.id ?? null) : null });
      }
      case 'GET export':
        return exported(open, params);
      case 'POST recompute':
        return answer(await recompute(database, days, kept.prices(), span(open, params)));
      default:
        return refuse(404, 'not_found', `There is no ${method} /v0/management/usage/${what} here.`);
    }
  }

  function exported(open: OpenUsage, params: URLSearchParams): Response {
    const format = params.get('format') ?? 'jsonl';
    if (!isExportFormat(format)) throw new BadQuestion(`format: expected jsonl or csv, not ${shown(format)}`);
    const portions = requestReader(open.database).all({
      ...span(open, params),
      where: whereIn(params),
      status: statusIn(params),
    });
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const head = exportHead(format);
        if (head !== '') controller.enqueue(encoder.encode(head));
      },
      async pull(controller) {
        const { done, value } = await portions.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(exportLines(format, value)));
      },
      async cancel() {
        await portions.return(undefined);
      },
    });
    return new Response(body, {
      headers: {
        'content-type': exportTypes[format],
        'content-disposition': `attachment; filename="usage.${format}"`,
      },
    });
  }

  function span(
    { days }: OpenUsage,
    params: URLSearchParams,
  ): { since: number | undefined; until: number | undefined } {
    const read = (name: 'since' | 'until'): number | undefined => {
      const text = params.get(name);
      if (text === null || text === '') return undefined;
      const time = readTime(text, now(), days);
      if (time === undefined)
        throw new BadQuestion(
          `${name}: expected a time such as 2026-11-29, 2026-11-29T12:00:00Z or 24h, not ${shown(text)}`,
        );
      return time;
    };
    const [since, until] = [read('since'), read('until')];
    if (since !== undefined && until !== undefined && since > until)
      throw new BadQuestion(`until: ${shown(params.get('until') ?? '')} is before since`);
    return { since, until };
  }

  return {
    async handle(method, rest, params) {
      const open = await kept.open();
      if (!open.ok) return refuse(open.code === 'usage_disabled' ? 404 : 503, open.code, open.sentence);
      try {
        return await answered(open, method, rest, params);
      } catch (error) {
        if (error instanceof BadQuestion) return refuse(400, 'bad_parameter', `${error.message}.`);
        return refuse(503, 'usage_unavailable', `Usage cannot be read: ${reasonOf(error)}.`);
      }
    },
    async trace(id) {
      const open = await kept.open();
      if (!open.ok) return undefined;
      const reader = requestReader(open.database);
      const found = reader.one(id);
      return found && traceOf(found, found.attempts, await reader.cache(id));
    },
  };
}

const times = ['since', 'until'] as const;
const filters = ['key', 'credential', 'account', 'provider', 'model', 'session'] as const;

/** What each address can be asked. */
export const usageParameters = {
  summary: [...times, ...filters, 'by'],
  series: [...times, ...filters, 'by', 'step'],
  requests: [...times, ...filters, 'status', 'limit', 'before'],
  export: [...times, ...filters, 'status', 'format'],
  recompute: times,
} as const;

/** A filter that is not read would give figures of more than intended. */
function refuseUnknown(params: URLSearchParams, known: readonly string[] | undefined): void {
  if (known === undefined) return;
  const unknown = [...params.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const named = shown(unknown).slice(1, -1);
  if (known.length === 0) throw new BadQuestion(`${named}: a single request has no parameters`);
  const meant = suggestion(unknown.slice(0, mostShown), known);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new BadQuestion(
    `${named}: there is no such parameter here.${hint} Known parameters: ${known.join(', ')}`,
  );
}

function groupingsIn(params: URLSearchParams): Grouping[] {
  const words = params
    .getAll('by')
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return [...new Set(words)].map((word) => {
    const name = word === 'account' ? 'credential' : word;
    if (!isGrouping(name))
      throw new BadQuestion(`by: expected key, account, provider, model or session, not ${shown(word)}`);
    return name;
  });
}

function whereIn(params: URLSearchParams): Filter {
  const named = (name: string): string | undefined => params.get(name) || undefined;
  return {
    key: named('key'),
    credential: named('credential') ?? named('account'),
    provider: named('provider'),
    model: named('model'),
    session: named('session'),
  };
}

function statusIn(params: URLSearchParams): string | undefined {
  const status = params.get('status') || undefined;
  if (status !== undefined && !isStatusFilter(status))
    throw new BadQuestion(`status: expected 429, 4xx, ok or failed, not ${shown(status)}`);
  return status;
}

function limitIn(params: URLSearchParams): number {
  const text = params.get('limit');
  if (text === null || text === '') return usualRequests;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostRequests)
    throw new BadQuestion(`limit: expected a number from 1 to ${mostRequests}, not ${shown(text)}`);
  return limit;
}

function beforeIn(params: URLSearchParams): string | undefined {
  const id = params.get('before') || undefined;
  if (id !== undefined && readRequestId(id) === undefined)
    throw new BadQuestion(`before: expected the id of a request such as req_…, not ${shown(id)}`);
  return id;
}

/** Characters of a wrong word that a refusal repeats. */
const mostShown = 64;

function shown(word: string): string {
  return `"${word.length <= mostShown ? word : `${word.slice(0, mostShown).toWellFormed()}…`}"`;
}

async function answer(body: UsageAnswer): Promise<Response> {
  const headers = { 'content-type': 'application/json;charset=utf-8' };
  return new Response(await jsonYielding(body), { headers });
}

function refuse(status: number, code: ErrorCode, sentence: string): Response {
  return Response.json({ error: withShortLines(sentence), code }, { status });
}
