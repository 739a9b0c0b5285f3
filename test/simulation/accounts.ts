/** Credentials without a provider behind them, and randomness that can be had again. */
import type { Candidate, Route } from '../../src/credentials/catalog.ts';
import type { Credential } from '../../src/credentials/credential.ts';
import { openaiCompatible } from '../../src/providers/openai.ts';

export function testCredential(id: string, more: Partial<Credential> = {}): Credential {
  return {
    id,
    label: id,
    provider: openaiCompatible,
    secret: 'secret',
    baseUrl: 'http://127.0.0.1',
    prefix: undefined,
    models: [],
    aliases: [],
    excludedModels: [],
    headers: {},
    proxyUrl: undefined,
    priority: 0,
    weight: 1,
    disableCooling: undefined,
    requestRetry: undefined,
    websockets: false,
    ...more,
  };
}

/** The route of one model over these credentials. */
export function testRoute(credentials: readonly Credential[], model = 'm'): Route {
  const tiers = new Map<number, Candidate[]>();
  for (const credential of credentials) {
    const tier = tiers.get(credential.priority) ?? [];
    tier.push({ credential, model });
    tiers.set(credential.priority, tier);
  }
  return { model, tiers: [...tiers].sort(([a], [b]) => b - a).map(([, tier]) => tier) };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
