import { expect, test } from 'bun:test';
import type { FinishedRequest } from '../finished-request.ts';
import { isKept, isSampled, samplingOf } from './sampler.ts';
import { traceContext } from './trace-context.ts';

const usual = { share: 0.1, parentBased: true, keepsRemarkable: true };
const none = { ...usual, share: 0 };
const request: FinishedRequest = {
  id: 'req_1',
  at: 0,
  protocol: 'openai-chat',
  operation: 'generate',
  streamed: false,
  asked: 'm',
  served: undefined,
  status: 200,
  error: undefined,
  ttft: 1,
  duration: 2,
  usage: { tokens: {}, counted: 'none', cost: undefined },
  attempts: [],
};
const attempt = {
  provider: 'p',
  model: 'm',
  startedAt: 0,
  waited: 0,
  duration: 1,
  status: 200,
  reason: 'answered',
};

test('about the share of the traces is sampled', () => {
  const sampled = Array.from({ length: 20_000 }, () => traceContext(new Headers())).filter((one) =>
    isSampled(one, usual),
  ).length;
  expect(sampled).toBeGreaterThan(1700);
  expect(sampled).toBeLessThan(2300);
});

test.each<[what: string, kept: boolean, found: Partial<FinishedRequest>]>([
  ['a usual request', false, {}],
  ['an error', true, { status: 502, error: 'server' }],
  ['a stream that broke off', true, { error: 'broken-off' }],
  ['one of 31 s', true, { duration: 31_000 }],
  ['a second attempt', true, { attempts: [attempt, attempt] }],
])('with a share of nothing: %s is kept: %p', (_, kept, found) => {
  expect(isKept(traceContext(new Headers()), { ...request, ...found }, none)).toBe(kept);
});

test('the decision of the client holds, both ways', () => {
  const saying = (flags: string) =>
    traceContext(
      new Headers([['traceparent', `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`]]),
    );
  expect(isKept(saying('01'), request, none)).toBe(true);
  expect(isKept(saying('00'), request, { ...usual, share: 1 })).toBe(false);
});

test.each([
  ['always_on', undefined, { share: 1, parentBased: false, keepsRemarkable: true }],
  ['always_off', undefined, { share: 0, parentBased: false, keepsRemarkable: false }],
  ['traceidratio', '0.5', { share: 0.5, parentBased: false, keepsRemarkable: true }],
  ['parentbased_traceidratio', '0', { share: 0, parentBased: true, keepsRemarkable: true }],
  ['parentbased_traceidratio', 'much', { share: 1, parentBased: true, keepsRemarkable: true }],
  ['jaeger_remote', undefined, undefined],
])('OTEL_TRACES_SAMPLER %p with %p', (name, argument, sampling) => {
  expect(samplingOf(name, argument)).toEqual(sampling);
});
