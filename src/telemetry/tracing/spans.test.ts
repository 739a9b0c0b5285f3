/** A finished request as spans: what the conventions for HTTP demand of the first of them. */
import { expect, test } from 'bun:test';
import type { FinishedRequest } from '../finished-request.ts';
import { spanCount, spanMaker } from './spans.ts';

const context = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parent: { spanId: 'c'.repeat(16), sampled: true },
  state: 'vendor=1,other=2',
  kept: true,
};
const request: FinishedRequest = {
  ...{ id: 'req_1', at: 0, protocol: 'gemini', operation: 'generate', streamed: false, asked: 'models/$& m' },
  ...{ served: undefined, status: 200, error: undefined, ttft: undefined, duration: 1, attempts: [] },
  usage: { tokens: {}, counted: 'none', cost: undefined },
};
const addressOf = ({ protocol, streamed }: { protocol: string; streamed: boolean }): string => {
  if (protocol === 'openai-responses') return '/v1/responses';
  if (protocol === 'anthropic-messages') return '/v1/messages';
  return `/v1beta/models/{model}:${streamed ? 'streamGenerateContent' : 'generateContent'}`;
};
const spansOf = spanMaker(
  {},
  { version: '1', providerName: (provider) => provider, addressOf, scheme: 'https' },
);
const overSocket = {
  overhead: undefined,
  upstream: undefined,
  losses: [],
  trace: undefined,
  overSocket: true,
};

test.each<[name: string, path: string, found: Partial<FinishedRequest>]>([
  ['POST /v1beta/models/{model}:generateContent', '/v1beta/models/models/$& m:generateContent', {}],
  [
    'POST /v1beta/models/{model}:streamGenerateContent',
    '/v1beta/models/models/$& m:streamGenerateContent',
    { streamed: true },
  ],
  ['POST /v1/messages', '/v1/messages', { protocol: 'anthropic-messages', streamed: true }],
  ['GET /v1/responses', '/v1/responses', { protocol: 'openai-responses', passing: overSocket }],
])('a request is named %s', (name, path, found) => {
  const [span] = spansOf({ request: { ...request, ...found }, context });
  expect(span?.name).toBe(name);
  expect(span?.attributes).toMatchObject({
    'http.request.method': name.split(' ')[0],
    'http.route': name.split(' ')[1],
    'url.path': path,
    'url.scheme': 'https',
  });
});

test('a span has the tracestate of its trace, as it came', () => {
  const [span] = spansOf({ request, context });
  expect(span?.spanContext().traceState?.serialize()).toBe(context.state);
  expect(span?.parentSpanContext).toMatchObject({ spanId: context.parent.spanId, isRemote: true });
});

test('a request is counted as so many spans as are made of it', () => {
  const attempt: FinishedRequest['attempts'][number] = {
    ...{
      provider: 'openai',
      model: 'm',
      startedAt: 0,
      waited: 0,
      duration: 1,
      status: 200,
      reason: 'answered',
    },
  };
  for (const count of [0, 1, 3]) {
    const trace = {
      request: { ...request, attempts: Array.from({ length: count }, () => attempt) },
      context,
    };
    expect(spansOf(trace)).toHaveLength(spanCount(trace));
    expect(spanCount(trace)).toBe(1 + count);
  }
});
