/** A request of the store as it is answered: over HTTP, in exports and to commands. */
import { parseJson } from '../protocols/json.ts';
import {
  type AttemptColumn,
  billingWords,
  countedWords,
  type ListedMedia,
  mediaOf,
  type RequestColumn,
  sourceWords,
  timeOf,
  writeRequestId,
} from './columns.ts';
import { sessionText } from './digest.ts';
import { dollarsText } from './money.ts';
import type { KnownName } from './names.ts';
import type { Billing, CostSource, Counted, Named } from './record.ts';
import type { Row } from './rows.ts';

/** Null for what is not known. */
export interface ListedCounts {
  tokens: {
    input: number | null;
    cacheRead: number | null;
    /** Put into the cache for five minutes, and for an hour. */
    cacheWrite: number | null;
    cacheWrite1h: number | null;
    reasoning: number | null;
    output: number | null;
  } & ListedMedia;
  counted: Counted;
  tier: string | null;
  /** Dollars as decimal text. */
  cost: string | null;
  costSource: CostSource | null;
  billing: Billing | null;
}

export interface ListedRequest extends ListedCounts {
  id: string;
  /** When it came, in ISO 8601. */
  at: string;
  key: Named | null;
  session: string | null;
  protocol: string;
  operation: string;
  stream: boolean;
  /** As the client wrote it, and as the provider calls it. */
  asked: string;
  model: string | null;
  provider: string | null;
  credential: Named | null;
  status: number;
  error: string | null;
  /** Ms since it came. */
  ttft: number | null;
  duration: number;
  /** How many attempts were made; a list of them where one request is asked for. */
  attemptCount: number;
  choice: ListedChoice | null;
}

export interface ListedChoice {
  strategy: string;
  candidates: number;
  ready: number;
  resting: number;
  spared: number;
  boundTo: string | null;
}

export interface ListedAttempt extends ListedCounts {
  credential: Named;
  provider: string;
  model: string;
  /** Ms since the request came. */
  startedAt: number;
  waited: number;
  duration: number | null;
  trial: boolean;
  status: number;
  reason: string;
  /** ISO 8601. */
  cooldownUntil: string | null;
}

type KnownNames = ReadonlyMap<number, KnownName>;

export function listedRequest(row: Row<RequestColumn>, names: KnownNames): ListedRequest {
  const name = (id: number | null): string | null => (id === null ? null : (names.get(id)?.name ?? null));
  const at = timeOf(row.id ?? 0);
  return {
    id: writeRequestId(at, row.rnd ?? 0),
    at: new Date(at).toISOString(),
    key: named(row.key, names),
    session: row.session === null ? null : sessionText(row.session),
    protocol: name(row.protocol) ?? '',
    operation: name(row.operation) ?? '',
    stream: row.streamed === 1,
    asked: name(row.asked) ?? '',
    model: row.credential === null ? null : name(row.model),
    provider: name(row.provider),
    credential: named(row.credential, names),
    status: row.status ?? 0,
    error: name(row.error),
    ttft: row.ttft,
    duration: row.duration ?? 0,
    attemptCount: row.attempts ?? 0,
    choice: choiceOf(name(row.choice)),
    ...counts(row, names),
  };
}

export function listedAttempt(row: Row<AttemptColumn>, names: KnownNames): ListedAttempt {
  return {
    credential: named(row.credential, names) ?? { id: '', name: '' },
    provider: names.get(row.provider ?? 0)?.name ?? '',
    model: names.get(row.model ?? 0)?.name ?? '',
    startedAt: row.started ?? 0,
    waited: row.waited ?? 0,
    duration: row.duration,
    trial: row.trial === 1,
    status: row.status ?? 0,
    reason: names.get(row.reason ?? 0)?.name ?? '',
    cooldownUntil: row.cooldown === null ? null : new Date(Math.min(row.cooldown, 8.64e15)).toISOString(),
    ...counts(row, names),
  };
}

type CountColumn = Extract<RequestColumn, AttemptColumn>;

function counts(row: Row<CountColumn>, names: KnownNames): ListedCounts {
  const { input, cache_read, cache_write, cache_write_1h, reasoning, output } = row;
  return {
    tokens: {
      input,
      cacheRead: cache_read,
      cacheWrite: cache_write === null ? null : cache_write - (cache_write_1h ?? 0),
      cacheWrite1h: cache_write_1h,
      reasoning,
      output,
      ...mediaOf((column) => row[column]),
    },
    counted: countedWords[row.counted ?? 3] ?? 'none',
    tier: row.tier === null ? null : (names.get(row.tier)?.name ?? null),
    cost: row.cost === null ? null : dollarsText(row.cost),
    costSource: row.source === null ? null : (sourceWords[row.source] ?? null),
    billing: row.billed === null ? null : (billingWords[row.billed] ?? null),
  };
}

function named(id: number | null, names: KnownNames): Named | null {
  const known = id === null ? undefined : names.get(id);
  return known === undefined ? null : { id: known.name, name: known.label ?? known.name };
}

function choiceOf(text: string | null): ListedChoice | null {
  // The replacement of choices beyond the dictionary's bound is not JSON.
  const value = text === null ? null : parseJson(text);
  if (!Array.isArray(value)) return null;
  const [strategy, ...rest] = value;
  const [candidates = 0, ready = 0, resting = 0, spared = 0] = rest.map(Number);
  const boundTo = rest[4];
  return {
    strategy: String(strategy),
    ...{ candidates, ready, resting, spared },
    boundTo: typeof boundTo === 'string' ? boundTo : null,
  };
}
