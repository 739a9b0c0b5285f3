/** A request as a row of the console: one that runs, one that has just ended, one of the store. */
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { ListedRequest } from '../usage/listed-request.ts';
import { dollarsText } from '../usage/money.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { RequestRow } from './wire.ts';

export function runningRow(trace: RequestTrace): RequestRow {
  const attempts = trace.steps.filter((step) => step.kind === 'attempt');
  const last = attempts.at(-1);
  return {
    id: trace.id,
    at: new Date(trace.at).toISOString(),
    key: trace.client,
    asked: trace.model,
    model: last?.model ?? null,
    provider: last?.provider ?? null,
    credential: last?.credential ?? null,
    protocol: null,
    stream: null,
    status: null,
    error: null,
    ttft: last?.duration === undefined ? null : last.startedAt + last.duration,
    duration: null,
    input: null,
    cacheRead: null,
    output: null,
    cost: null,
    subscription: false,
    attempts: attempts.length,
  };
}

export function endedRow(record: UsageRecord): RequestRow {
  const { usage, served } = record;
  return {
    id: record.id,
    at: new Date(record.at).toISOString(),
    key: record.key?.name ?? null,
    asked: record.asked,
    model: served?.model ?? null,
    provider: served?.provider ?? null,
    credential: served?.credential.name ?? null,
    protocol: record.protocol,
    stream: record.streamed,
    status: record.status,
    error: record.error ?? null,
    ttft: rounded(record.ttft),
    duration: rounded(record.duration),
    input: usage.tokens.input ?? null,
    cacheRead: usage.tokens.cacheRead ?? null,
    output: usage.tokens.output ?? null,
    cost: usage.cost === undefined ? null : dollarsText(usage.cost.nano),
    subscription: served?.billing === 'subscription',
    attempts: record.attempts.length,
  };
}

export function keptRow(request: ListedRequest): RequestRow {
  const { id, at, asked, model, provider, protocol, stream, status, error, ttft, duration, tokens, cost } =
    request;
  return {
    ...{ id, at, asked, model, provider, protocol, stream, status, error, ttft, duration, cost },
    key: request.key?.name ?? null,
    credential: request.credential?.name ?? null,
    input: tokens.input,
    cacheRead: tokens.cacheRead,
    output: tokens.output,
    subscription: request.billing === 'subscription',
    attempts: request.attemptCount,
  };
}

function rounded(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds);
}
