/** Records for the usage store, as of requests that went well. */
import type { UsageRecord } from '../src/usage/record.ts';

/** Names of the generated rows: 20 keys, 10 credentials, 4 providers, 30 models. */
export const counts = { key: 20, credential: 10, provider: 4, model: 30 } as const;

export function recordAt(at: number, n: number): UsageRecord {
  const served = {
    credential: { id: `credential-${n % counts.credential}`, name: `credential ${n % counts.credential}` },
    ...({ provider: 'provider-1', model: `model-${n % counts.model}`, billing: 'paid' } as const),
  };
  return {
    ...{
      id: '',
      at,
      key: { id: `key-${n % counts.key}`, name: `key ${n % counts.key}` },
      session: undefined,
    },
    ...({ protocol: 'openai-chat', operation: 'generate', streamed: true, asked: 'm', known: true } as const),
    ...{ served, status: 200, error: undefined, ttft: 400, duration: 2000, attempts: [], choice: undefined },
    usage: {
      tokens: {
        input: 9000,
        cacheRead: 6000,
        cacheWrite: 500,
        cacheWrite1h: 0,
        output: 300,
        reasoning: undefined,
      },
      ...({ counted: 'provider', tier: undefined, cost: { nano: 12_000_000, source: 'list' } } as const),
    },
  };
}
