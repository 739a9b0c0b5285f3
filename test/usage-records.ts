/** Finished requests for tests of the usage store. */
import fc from 'fast-check';
import { writeRequestId } from '../src/usage/columns.ts';
import type { UsageRecord, UsageTokens } from '../src/usage/record.ts';

/** A request that went well; `more` is what is different. */
export function usageRecord(more: Partial<UsageRecord> & { at: number; rnd?: number }): UsageRecord {
  const { rnd = Math.floor(Math.random() * 2 ** 48), ...fields } = more;
  const served = {
    credential: { id: 'c-1', name: 'claude (…x9Qf)' },
    provider: 'claude',
    model: 'claude-opus-5',
    billing: 'paid',
  } as const;
  return {
    id: writeRequestId(more.at, rnd),
    key: { id: 'k-1', name: 'alice' },
    session: undefined,
    protocol: 'anthropic-messages',
    operation: 'generate',
    streamed: true,
    asked: 'opus',
    known: true,
    served,
    status: 200,
    error: undefined,
    ttft: 120,
    duration: 900,
    usage: {
      tokens: { input: 1000, cacheRead: 600, cacheWrite: 100, cacheWrite1h: 40, output: 50, reasoning: 20 },
      counted: 'provider',
      tier: undefined,
      cost: { nano: 1_000_000, source: 'list' },
    },
    attempts: [
      {
        ...served,
        startedAt: 1,
        waited: 0,
        duration: 119,
        trial: false,
        status: 200,
        reason: 'answered',
        cooldownUntil: undefined,
        usage: undefined,
      },
    ],
    choice: { strategy: 'round-robin', candidates: 1, ready: 1, resting: 0, spared: 0, boundTo: undefined },
    ...fields,
  };
}

const tokens = fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined });

/** Parts that fit into their totals; any of them may not be told. */
function tokensOf(
  input: number | undefined,
  output: number | undefined,
  shares: readonly (number | undefined)[],
): UsageTokens {
  const part = (of: number | undefined, share: number | undefined): number | undefined =>
    share === undefined || of === undefined ? undefined : Math.floor(of * share);
  const cacheRead = part(input, shares[0]);
  const cacheWrite = part(input && input - (cacheRead ?? 0), shares[1]);
  return {
    ...{ input, cacheRead, cacheWrite, cacheWrite1h: part(cacheWrite, shares[2]) },
    ...{ output, reasoning: part(output, shares[3]) },
  };
}

/** Any request that came within these times. */
export function usageRecords(from: number, to: number): fc.Arbitrary<UsageRecord> {
  return fc
    .record({
      at: fc.integer({ min: from, max: to }),
      rnd: fc.nat({ max: 2 ** 48 - 1 }),
      key: fc.constantFrom('a', 'b', 'c'),
      session: fc.option(fc.constantFrom('s1', 's2', 's3'), { nil: undefined }),
      provider: fc.constantFrom('claude', 'gemini'),
      credential: fc.constantFrom('x', 'y'),
      model: fc.constantFrom('m1', 'm2', 'm3'),
      billing: fc.constantFrom('paid', 'subscription'),
      asked: fc.boolean(),
      failed: fc.boolean(),
      ttft: fc.nat({ max: 400_000 }),
      duration: fc.nat({ max: 600_000 }),
      input: tokens,
      output: tokens,
      shares: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }), {
        minLength: 4,
        maxLength: 4,
      }),
      isUncounted: fc.boolean(),
      cost: fc.option(fc.nat({ max: 10 ** 12 }), { nil: undefined }),
    })
    .map(({ at, rnd, key, session, asked, failed, ttft, duration, cost, ...rest }) => {
      const { input, output, shares, isUncounted, ...served } = rest;
      const who = {
        ...served,
        billing: served.billing === 'paid' ? 'paid' : 'subscription',
        credential: { id: `${served.provider}-${served.credential}`, name: served.credential },
      } as const;
      return usageRecord({
        at,
        rnd,
        key: { id: key, name: key.toUpperCase() },
        session,
        served: asked ? who : undefined,
        status: failed ? 502 : 200,
        error: failed ? 'server' : undefined,
        ttft: asked ? ttft : undefined,
        duration,
        usage: {
          tokens: isUncounted ? {} : tokensOf(input, output, shares),
          counted: isUncounted ? 'unknown' : 'provider',
          tier: undefined,
          cost: cost === undefined ? undefined : { nano: cost, source: 'list' },
        },
      });
    });
}
