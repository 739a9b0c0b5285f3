import { expect, test } from 'bun:test';
import { type ExplainedKey, explainChoice, explainTrace } from './explain-text.ts';
import type { RequestTrace, TracedChoice } from './request-trace.ts';

const now = Date.UTC(2026, 10, 23, 12);
const choice: TracedChoice = {
  strategy: 'round-robin',
  candidates: 3,
  ready: 2,
  resting: 1,
  spared: 0,
  boundTo: undefined,
  passed: [],
};
const alice: ExplainedKey = {
  name: 'alice',
  mayUseModel: true,
  candidates: 2,
  ready: 1,
  limits: [
    { limit: 'requests-per-minute', most: 60, used: 0, left: 60, resets: null },
    { limit: 'budget.day.usd', most: 10, used: 2.5, left: 7.5, resets: '2026-11-24T00:00:00.000Z' },
  ],
};

test('a client key is told what it may use and what is left of each limit', () => {
  expect(explainChoice('m', choice, alice, now)).toBe(`model m
  candidates: 3 (2 ready, 1 cooling down), chosen by round-robin
  passed over: 1 more
  the key alice may use 2 of them
  requests-per-minute: 60 of 60 left, 0 used
  budget.day.usd: $7.50 of $10.00 left, $2.50 used; all of it again in 12h
  a request would be served by the one that is ready now
`);
});

test.each<[what: string, key: ExplainedKey | null, outlook: string]>([
  ['no key', null, 'a request would be served by one of the 2 that are ready now'],
  ['all that it may use rest', { ...alice, ready: 0 }, 'no credential is ready for a request'],
  ['not this model', { ...alice, mayUseModel: false }, 'a request with it would be refused'],
  ['none of its providers', { ...alice, candidates: 0 }, 'a request with it would be refused'],
  [
    'a limit that is used up',
    {
      ...alice,
      limits: [{ limit: 'concurrency', most: 2, used: 2, left: 0, resets: null }],
    },
    'a request with it would be refused: concurrency is used up',
  ],
])('what would happen: %s', (_, key, outlook) => {
  expect(explainChoice('m', choice, key, now).trimEnd().split('\n').at(-1)).toBe(`  ${outlook}`);
});

test('a model route is told with the rule that chose, the models, and those that the request does not fit', () => {
  const by = {
    name: 'smart',
    targets: ['claude-opus-5', 'gpt-5.6(high)'],
    rules: ['smart: rule 2 (images)'],
    unfit: [{ model: 'claude-opus-5', why: 'about 250000 tokens, and its context has 200000' }],
  };
  expect(explainChoice('smart', { ...choice, by }, null, now)).toStartWith(`model smart
  model route smart: claude-opus-5, then gpt-5.6(high)
  by smart: rule 2 (images)
  passed over: claude-opus-5: the request has about 250000 tokens, and its context has 200000
  candidates: 3 (2 ready, 1 cooling down), chosen by round-robin
`);
  const trace: RequestTrace = {
    id: 'x',
    at: now,
    client: 'openai-chat',
    key: undefined,
    model: 'smart',
    operation: 'generate',
    choice,
    steps: [{ kind: 'fallback', at: 12, model: 'gpt-5.6(high)' }],
    outcome: undefined,
  };
  expect(explainTrace(trace, now)).toContain('  +12 ms  on to gpt-5.6(high), the next of the model route\n');
});
