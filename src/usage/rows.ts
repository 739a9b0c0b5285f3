/** A finished request as rows of the store. Hot: thousands of them may be written a second (`bench`: JSON 1 KB, chat). */
import {
  type attemptColumns,
  billingWords,
  countedWords,
  latestTime,
  perMillisecond,
  placeOf,
  readRequestId,
  type requestColumns,
  sourceWords,
} from './columns.ts';
import type { Digests } from './digest.ts';
import { latencyBucket } from './latency.ts';
import type { NameNumbers } from './names.ts';
import type { AttemptRecord, ChoiceRecord, Usage, UsageRecord } from './record.ts';

/** A row as it is read. */
export type Row<Column extends string> = Record<Column, number | null>;

/** A row as it is written, in the order of its columns: to look each up by its name would cost as much as writing it. */
export type Values<Columns extends readonly string[]> = { -readonly [Index in keyof Columns]: number | null };

/** What is written of one request. `names`: of those that write down new ones, to be called inside of a transaction. */
export function writtenRequest(
  record: UsageRecord,
  names: NameNumbers,
  digests: Digests,
): Values<typeof requestColumns> {
  const { served, usage, attempts, key, error } = record;
  const said = readRequestId(record.id) ?? {
    at: Math.min(record.at, latestTime),
    rnd: Math.floor(Math.random() * 2 ** 48),
  };
  // The time of the id: rows and sums never differ about the hour that a request belongs to.
  const { at, rnd } = said;
  const keyNamed = key === undefined ? null : names.named('key', digests.key(key.id), key.name);
  const credential =
    served === undefined ? null : names.named('credential', served.credential.id, served.credential.name);
  const provider = names.id('provider', served?.provider);
  // Names that no credential serves are arbitrary: the dictionary accepts a bounded number, and sums combine them.
  const model = names.id('model', served?.model ?? (record.known ? record.asked : undefined));
  const asked = names.id(record.known ? 'asked' : 'unknown', record.asked === '' ? undefined : record.asked);
  const { tokens, cost } = usage;
  const ttft = whole(record.ttft);
  return [
    // Where it belongs in the order of time.
    placeOf(at) + (rnd % perMillisecond),
    rnd,
    keyNamed,
    record.session === undefined ? null : digests.session(record.session),
    credential,
    provider,
    model,
    asked,
    names.id('protocol', record.protocol),
    names.id('operation', record.operation),
    names.id('tier', usage.tier),
    names.id('error', error),
    record.choice === undefined ? null : names.id('choice', choiceText(record.choice)),
    record.status,
    attempts.length,
    record.streamed ? 1 : 0,
    whole(attempts[0]?.startedAt),
    ttft,
    ttft === null ? null : latencyBucket(ttft),
    whole(record.duration) ?? 0,
    whole(tokens.input),
    whole(tokens.cacheRead),
    whole(tokens.cacheWrite),
    whole(tokens.cacheWrite1h),
    whole(tokens.reasoning),
    whole(tokens.output),
    countedWords.indexOf(usage.counted),
    whole(cost?.nano),
    cost === undefined ? null : sourceWords.indexOf(cost.source),
    served === undefined ? null : billingWords.indexOf(served.billing),
    whole(tokens.audioInput),
    whole(tokens.imageInput),
    whole(tokens.videoInput),
    whole(tokens.audioRead),
    whole(tokens.imageRead),
    whole(tokens.audioOutput),
    whole(tokens.imageOutput),
  ];
}

/** Whether the request has no more data: one attempt, which answered at once. */
export function isComplete({ attempts }: UsageRecord): boolean {
  const [first] = attempts;
  return (
    attempts.length === 1 &&
    first?.reason === 'answered' &&
    !first.trial &&
    first.waited === 0 &&
    first.usage === undefined
  );
}

/** The largest number of a row: a thousand years in ms, a million dollars in nano-dollars. Sums of thousands of them still fit. */
const largest = 1e15;

/** A number as its column takes it, from any source: whole, not negative, within bounds. One that does not fit would stop all rows behind it. */
function whole(count: number | undefined): number | null {
  if (count === undefined || Number.isNaN(count)) return null;
  return count >= largest ? largest : count > 0 ? Math.round(count) : 0;
}

/** `request`: the place of the request that it was made for; `n`: which of its attempts. */
export function writtenAttempt(
  attempt: AttemptRecord,
  request: number,
  n: number,
  names: NameNumbers,
): Values<typeof attemptColumns> {
  const { tokens, counted, tier, cost } = attempt.usage ?? unsaid;
  return [
    request,
    n,
    names.named('credential', attempt.credential.id, attempt.credential.name),
    names.id('provider', attempt.provider),
    names.id('model', attempt.model),
    attempt.status,
    names.id('reason', attempt.reason),
    whole(attempt.startedAt),
    whole(attempt.waited),
    whole(attempt.duration),
    attempt.trial ? 1 : 0,
    whole(attempt.cooldownUntil),
    billingWords.indexOf(attempt.billing),
    whole(tokens.input),
    whole(tokens.cacheRead),
    whole(tokens.cacheWrite),
    whole(tokens.cacheWrite1h),
    whole(tokens.reasoning),
    whole(tokens.output),
    countedWords.indexOf(counted),
    names.id('tier', tier),
    whole(cost?.nano),
    cost === undefined ? null : sourceWords.indexOf(cost.source),
    whole(tokens.audioInput),
    whole(tokens.imageInput),
    whole(tokens.videoInput),
    whole(tokens.audioRead),
    whole(tokens.imageRead),
    whole(tokens.audioOutput),
    whole(tokens.imageOutput),
  ];
}

/** Of an attempt that reported no usage. */
const unsaid: Usage = { tokens: {}, counted: 'none', tier: undefined, cost: undefined };

/** That of the request before, which mostly is the same. */
let latest: { choice: ChoiceRecord; text: string } | undefined;

function choiceText(choice: ChoiceRecord): string {
  const { strategy, candidates, ready, resting, spared, boundTo } = choice;
  const before = latest?.choice;
  if (
    latest !== undefined &&
    before?.strategy === strategy &&
    before.candidates === candidates &&
    before.ready === ready &&
    before.resting === resting &&
    before.spared === spared &&
    before.boundTo === boundTo
  )
    return latest.text;
  const text = JSON.stringify([
    strategy,
    candidates,
    ready,
    resting,
    spared,
    ...(boundTo === undefined ? [] : [boundTo]),
  ]);
  latest = { choice: { strategy, candidates, ready, resting, spared, boundTo }, text };
  return text;
}
