/** A finished request as rows of the store. */
import {
  type AttemptColumn,
  billingWords,
  countedWords,
  perMillisecond,
  placeOf,
  type RequestColumn,
  readRequestId,
  sourceWords,
} from './columns.ts';
import type { Digests } from './digest.ts';
import { latencyBucket } from './latency.ts';
import type { Names } from './names.ts';
import type { AttemptRecord, Usage, UsageRecord } from './record.ts';
import type { RolledUp } from './roll-up.ts';

export type Row<Column extends string> = Record<Column, number | null>;

/** What is written of one request. */
export interface WrittenRequest {
  request: Row<RequestColumn>;
  /** Empty where the request says it all: one attempt, which answered at once. */
  attempts: Row<AttemptColumn>[];
  rolledUp: RolledUp;
}

/** To be called inside of a transaction: new names are written. */
export function writtenRequest(record: UsageRecord, names: Names, digests: Digests): WrittenRequest {
  const { served, usage, attempts } = record;
  const said = readRequestId(record.id) ?? { at: record.at, rnd: Math.floor(Math.random() * 2 ** 48) };
  // The time of the id: rows and sums never differ about the hour that a request belongs to.
  const { at, rnd } = said;
  const id = placeOf(at) + (rnd % perMillisecond);
  const { key } = record;
  const keyNamed = names.named('key', key && { id: digests.key(key.id), name: key.name });
  const credential = names.named('credential', served?.credential);
  const provider = names.id('provider', served?.provider);
  // Names that nobody serves are any text: the dictionary takes so many of them, and sums put them together.
  const model = names.id('model', served?.model ?? (record.known ? record.asked : undefined));
  const asked = names.id(record.known ? 'asked' : 'unknown', record.asked === '' ? undefined : record.asked);
  const counts = tokenColumns(usage);
  const [first] = attempts;
  const plain =
    attempts.length === 1 &&
    first?.reason === 'answered' &&
    !first.trial &&
    first.waited === 0 &&
    first.usage === undefined;
  const { tokens, cost } = usage;
  const billed = served?.billing !== 'subscription';
  return {
    request: {
      id,
      rnd,
      key: keyNamed,
      session: record.session === undefined ? null : digests.session(record.session),
      credential,
      provider,
      model,
      asked,
      protocol: names.id('protocol', record.protocol),
      operation: names.id('operation', record.operation),
      tier: names.id('tier', usage.tier),
      error: names.id('error', record.error),
      choice: names.id('choice', record.choice && choiceText(record.choice)),
      status: record.status,
      attempts: attempts.length,
      streamed: record.streamed ? 1 : 0,
      began: first?.startedAt ?? null,
      ttft: record.ttft ?? null,
      bucket: record.ttft === undefined ? null : latencyBucket(record.ttft),
      duration: record.duration,
      ...counts,
      billed: served === undefined ? null : billingWords.indexOf(served.billing),
    },
    attempts: plain ? [] : attempts.map((attempt, n) => attemptRow(attempt, id, n, names)),
    rolledUp: {
      at,
      keys: { key: keyNamed ?? 0, credential: credential ?? 0, provider: provider ?? 0, model: model ?? 0 },
      sums: {
        n: 1,
        failed: record.error === undefined ? 0 : 1,
        unpriced: isUnpriced(record) ? 1 : 0,
        input: tokens.input ?? 0,
        cache_read: tokens.cacheRead ?? 0,
        cache_write: tokens.cacheWrite ?? 0,
        cache_write_1h: tokens.cacheWrite1h ?? 0,
        reasoning: tokens.reasoning ?? 0,
        output: tokens.output ?? 0,
        paid: billed ? (cost?.nano ?? 0) : 0,
        worth: billed ? 0 : (cost?.nano ?? 0),
        duration: record.duration,
      },
      ttft: record.ttft,
    },
  };
}

/** Whether it has cost something that nobody knows the price of. */
export function isUnpriced({ usage, served }: Pick<UsageRecord, 'usage' | 'served'>): boolean {
  const { tokens, cost } = usage;
  return served !== undefined && cost === undefined && ((tokens.input ?? 0) > 0 || (tokens.output ?? 0) > 0);
}

function tokenColumns({ tokens, counted, cost }: Usage) {
  return {
    input: whole(tokens.input),
    cache_read: whole(tokens.cacheRead),
    cache_write: whole(tokens.cacheWrite),
    cache_write_1h: whole(tokens.cacheWrite1h),
    reasoning: whole(tokens.reasoning),
    output: whole(tokens.output),
    counted: countedWords.indexOf(counted),
    cost: cost?.nano ?? null,
    source: cost === undefined ? null : sourceWords.indexOf(cost.source),
  };
}

function whole(count: number | undefined): number | null {
  return count === undefined ? null : Math.round(count);
}

function attemptRow(attempt: AttemptRecord, request: number, n: number, names: Names): Row<AttemptColumn> {
  const { usage } = attempt;
  const none = tokenColumns({ tokens: {}, counted: 'none', tier: undefined, cost: undefined });
  return {
    request,
    n,
    credential: names.named('credential', attempt.credential),
    provider: names.id('provider', attempt.provider),
    model: names.id('model', attempt.model),
    status: attempt.status,
    reason: names.id('reason', attempt.reason),
    started: attempt.startedAt,
    waited: attempt.waited,
    duration: attempt.duration ?? null,
    trial: attempt.trial ? 1 : 0,
    cooldown: attempt.cooldownUntil ?? null,
    billed: billingWords.indexOf(attempt.billing),
    ...(usage === undefined ? none : tokenColumns(usage)),
    tier: names.id('tier', usage?.tier),
  };
}

function choiceText({
  strategy,
  candidates,
  ready,
  resting,
  spared,
  boundTo,
}: NonNullable<UsageRecord['choice']>) {
  return JSON.stringify([
    strategy,
    candidates,
    ready,
    resting,
    spared,
    ...(boundTo === undefined ? [] : [boundTo]),
  ]);
}
