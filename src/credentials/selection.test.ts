import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { openaiCompatible } from '../providers/openai.ts';
import type { Candidate, Route } from './catalog.ts';
import { type Rest, restAfter, restRules } from './cooldown.ts';
import type { Credential } from './credential.ts';
import { restKey, select } from './selection.ts';

function credential(id: string, priority = 0): Credential {
  return {
    id,
    label: id,
    provider: openaiCompatible,
    secret: 's',
    baseUrl: 'http://127.0.0.1',
    prefix: undefined,
    models: [],
    aliases: [],
    excludedModels: [],
    headers: {},
    proxyUrl: undefined,
    priority,
    weight: 1,
    disableCooling: undefined,
    requestRetry: undefined,
    websockets: false,
  };
}

function candidates(count: number, priority = 0): Candidate[] {
  return Array.from({ length: count }, (_, index) => ({
    credential: credential(`p${priority}-${index}`, priority),
    model: 'm',
  }));
}

/** Runs `requests` selections, each succeeding at once, and counts how often each candidate served. */
function serve(
  route: Route,
  requests: number,
  rests: ReadonlyMap<string, Rest>,
  now: number,
): Map<Candidate, number> {
  const counts = new Map<Candidate, number>();
  let cursor = 0;
  for (let i = 0; i < requests; i++) {
    const selection = select(route, { rests, cursors: new Map([[route.model, cursor]]) }, new Set(), now);
    if (selection.kind !== 'chosen') throw new Error(selection.kind);
    cursor = selection.cursor;
    counts.set(selection.candidate, (counts.get(selection.candidate) ?? 0) + 1);
  }
  return counts;
}

test('the rotation is fair: after any number of requests no credential has served two more than another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 }), (count, requests) => {
      const all = candidates(count);
      const counts = serve({ model: 'm', tiers: [all] }, requests, new Map(), 0);
      const served = all.map((candidate) => counts.get(candidate) ?? 0);
      expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(1);
    }),
  );
});

test('a credential that rests for its quota is never chosen, and the others are shared out', () => {
  const all = candidates(4);
  const resting = all[1];
  if (resting === undefined) throw new Error('no candidate');
  const rests = new Map([[restKey(resting), { kind: 'quota', failures: 1, until: 100 } as const]]);
  const counts = serve({ model: 'm', tiers: [all] }, 300, rests, 50);
  expect(counts.get(resting)).toBeUndefined();
  expect(counts.size).toBe(3);
});

test('a lower tier serves only when every credential above it rests', () => {
  const high = candidates(1, 10);
  const low = candidates(1, 0);
  const route = { model: 'm', tiers: [high, low] };
  expect(select(route, { rests: new Map(), cursors: new Map() }, new Set(), 0)).toMatchObject({
    candidate: high[0],
  });
  const [first] = high;
  if (first === undefined) throw new Error('no candidate');
  const rests = new Map([[restKey(first), { kind: 'quota', failures: 1, until: 100 } as const]]);
  expect(select(route, { rests, cursors: new Map() }, new Set(), 50)).toMatchObject({ candidate: low[0] });
});

test('when every credential failed a moment ago, one is tried all the same', () => {
  const all = candidates(1);
  const [only] = all;
  if (only === undefined) throw new Error('no candidate');
  const rests = new Map([[restKey(only), { kind: 'unavailable', failures: 3, until: 100 } as const]]);
  expect(select({ model: 'm', tiers: [all] }, { rests, cursors: new Map() }, new Set(), 50)).toMatchObject({
    kind: 'chosen',
  });
});

test('when every quota is used up the answer says when the first is back', () => {
  const all = candidates(3);
  const rests = new Map(
    all.map((candidate, index) => [
      restKey(candidate),
      { kind: 'quota', failures: 1, until: 100 + index } as const,
    ]),
  );
  expect(select({ model: 'm', tiers: [all] }, { rests, cursors: new Map() }, new Set(), 50)).toMatchObject({
    kind: 'resting',
    until: 100,
  });
});

test('candidates that this request has tried are not tried again', () => {
  const all = candidates(2);
  expect(
    select({ model: 'm', tiers: [all] }, { rests: new Map(), cursors: new Map() }, new Set(all), 0),
  ).toEqual({ kind: 'exhausted' });
});

test('rests after a used-up quota double from one second to thirty minutes', () => {
  let rest: Rest | undefined;
  const pauses: number[] = [];
  for (let i = 0; i < 13; i++) {
    rest = restAfter(rest, 'quota', undefined, 0);
    pauses.push((rest?.until ?? 0) / 1000);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800]);
});

test("the provider's own hint is used, but never for more than half an hour", () => {
  expect(restAfter(undefined, 'quota', 7, 1000)?.until).toBe(8000);
  expect(restAfter(undefined, 'quota', 18 * 86_400, 0)?.until).toBe(restRules.quota.longest);
});

test('a request that is itself at fault never makes a credential rest', () => {
  expect(restAfter(undefined, 'rejected', undefined, 0)).toBeUndefined();
});
