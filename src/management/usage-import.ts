/** Usage that another gateway has written down, taken into the store: the peer's export, or ours in its form. */
import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asString } from '../protocols/json-members.ts';
import { latestTime, readRequestId, writeRequestId } from '../usage/columns.ts';
import { costOf } from '../usage/cost.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { Named, UsageRecord, UsageTokens } from '../usage/record.ts';

export interface ImportNames {
  /** The client key that a text names: a key itself, or the owner's name for it. */
  clientKey(written: string): Named;
  /** The credential, by the index or by what was shown of it. */
  credential(index: string, source: string): { credential: Named; provider: string; apart: boolean };
  prices: PriceList;
}

/** Requests of an export, one by one; undefined for a detail that is none. */
export function* importedRecords(usage: JsonObject, names: ImportNames): Generator<UsageRecord | undefined> {
  for (const [api, { models }] of objectsIn(usage.apis))
    for (const [model, { details }] of objectsIn(models ?? null))
      for (const detail of asArray(details)) yield importedRecord(api, model, asObject(detail), names);
}

function* objectsIn(value: Json | undefined): Generator<[string, JsonObject]> {
  for (const [name, member] of Object.entries(asObject(value) ?? {})) {
    const object = asObject(member);
    if (object !== undefined) yield [name, object];
  }
}

/** Earlier times were no time of such a gateway. */
const earliest = Date.UTC(2023, 0);

function importedRecord(
  api: string,
  model: string,
  detail: JsonObject | undefined,
  names: ImportNames,
): UsageRecord | undefined {
  const at = Date.parse(asString(detail?.timestamp) ?? '');
  if (detail === undefined || !(at >= earliest) || at > latestTime) return undefined;
  const source = asString(detail.source) ?? '';
  const index = asString(detail.auth_index) ?? '';
  const { credential, provider, apart } = names.credential(index, source);
  const tokens = tokensOf(asObject(detail.tokens), apart);
  const known = names.prices.priceOf(model, model, at);
  const served = { credential, provider, model, billing: 'paid' } as const;
  const failed = detail.failed === true;
  return {
    id: idOf(asString(detail.request_id), at, [
      api,
      model,
      source,
      index,
      detail.timestamp,
      detail.tokens,
      failed,
    ]),
    at,
    key: names.clientKey(api),
    session: undefined,
    protocol: 'openai-chat',
    operation: 'generate',
    streamed: false,
    asked: model,
    known: true,
    served,
    status: failed ? 502 : 200,
    error: failed ? 'server' : undefined,
    ttft: undefined,
    duration: count(detail.latency_ms) ?? 0,
    usage: {
      tokens,
      counted: 'provider',
      tier: undefined,
      cost: known && { nano: costOf(known.price, tokens), source: known.source },
    },
    attempts: [],
    choice: undefined,
  };
}

/** The request's own id where it is one of ours; else one that the same detail always has. */
function idOf(written: string | undefined, at: number, what: readonly unknown[]): string {
  if (written !== undefined && readRequestId(written) !== undefined) return written;
  return writeRequestId(at, Number.parseInt(hash('sha256', JSON.stringify(what), 'hex').slice(0, 12), 16));
}

function tokensOf(tokens: JsonObject | undefined, apart: boolean): UsageTokens {
  const number = (name: string): number => count(tokens?.[name]) ?? 0;
  const cacheRead = number('cached_tokens');
  const cacheWrite = number('cache_creation_tokens');
  const reasoning = number('reasoning_tokens');
  const given = number('input_tokens');
  // Of Gemini, whose output is counted without its reasoning, by the total.
  const isBeside = number('total_tokens') === given + number('output_tokens') + reasoning;
  const output = number('output_tokens') + (isBeside ? reasoning : 0);
  const input = given + (apart ? cacheRead + cacheWrite : 0);
  return {
    input,
    cacheRead: Math.min(cacheRead, input),
    cacheWrite: Math.min(cacheWrite, input - Math.min(cacheRead, input)),
    output,
    reasoning: Math.min(reasoning, output),
  };
}

/** A count; more than a provider would ever count is none. */
function count(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number >= 0 && number < 1e12 ? Math.round(number) : undefined;
}
