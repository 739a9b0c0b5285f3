import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ReasoningTraits } from './model-traits.ts';
import {
  effortBudgets,
  effortOfBudget,
  fitReasoning,
  type ReasoningAmount,
  reportFitted,
  splitModelSuffix,
} from './reasoning.ts';
import type { Effort } from './request.ts';
import { efforts } from './request.ts';

test.each<[string, string, ReasoningAmount | undefined]>([
  ['gpt-5(high)', 'gpt-5', { kind: 'effort', effort: 'high' }],
  ['gpt-5(HIGH)', 'gpt-5', { kind: 'effort', effort: 'high' }],
  ['claude(8192)', 'claude', { kind: 'budget', tokens: 8192 }],
  ['claude(0)', 'claude', { kind: 'off' }],
  ['claude(none)', 'claude', { kind: 'off' }],
  ['gemini(auto)', 'gemini', { kind: 'auto' }],
  ['gemini(-1)', 'gemini', { kind: 'auto' }],
  ['gemini(what)', 'gemini', undefined],
  ['a(b)(low)', 'a(b)', { kind: 'effort', effort: 'low' }],
  ['plain', 'plain', undefined],
  ['(high)', '(high)', undefined],
])('%s means the model %s with %p', (name, model, amount) => {
  expect(splitModelSuffix(name)).toEqual(amount === undefined ? { model } : { model, amount });
});

test("each effort's budget means that effort again", () => {
  for (const effort of efforts) {
    if (effort === 'max' || effort === 'ultra') continue;
    expect(effortOfBudget(effortBudgets[effort])).toBe(effort);
  }
});

test.each<[number, Effort[], string[]]>([
  [60_000, ['low', 'medium', 'high'], ['effort high: the model has no xhigh']],
  [60_000, ['low', 'medium', 'high', 'xhigh'], []],
  [300, ['low', 'high'], ['effort low: the model has no minimal']],
  [8192, ['low', 'high'], ['effort low: the model has no medium']],
  [8000, ['medium'], []],
])('A12: a budget of %p that levels %p cannot reach is told', (tokens, levels, told) => {
  const wish: ReasoningAmount = { kind: 'budget', tokens };
  const traits: ReasoningTraits = { kind: 'levels', levels, canDisable: false, canAuto: false };
  const said: (string | undefined)[] = [];
  reportFitted(wish, fitReasoning(wish, traits), (_kind, _field, detail) => void said.push(detail));
  expect(said).toEqual(told);
});

const amount: fc.Arbitrary<ReasoningAmount> = fc.oneof(
  fc.constant<ReasoningAmount>({ kind: 'off' }),
  fc.constant<ReasoningAmount>({ kind: 'auto' }),
  fc.constantFrom(...efforts).map((effort): ReasoningAmount => ({ kind: 'effort', effort })),
  fc.nat(200_000).map((tokens): ReasoningAmount => ({ kind: 'budget', tokens })),
);

test('a budget model always gets a budget within its bounds, or what it says it can do', () => {
  fc.assert(
    fc.property(amount, fc.boolean(), fc.boolean(), (wish, canDisable, canAuto) => {
      const traits: ReasoningTraits = { kind: 'budget', min: 1024, max: 32_000, canDisable, canAuto };
      const fitted = fitReasoning(wish, traits);
      if (fitted?.kind === 'budget') {
        expect(fitted.tokens).toBeGreaterThanOrEqual(1024);
        expect(fitted.tokens).toBeLessThanOrEqual(32_000);
      } else if (fitted?.kind === 'off') expect(canDisable).toBe(true);
      else expect(canAuto && fitted?.kind === 'auto').toBe(true);
    }),
  );
});

test('a level model always gets one of its levels, or what it says it can do', () => {
  const subset = fc.subarray<Effort>([...efforts], { minLength: 1 });
  fc.assert(
    fc.property(amount, subset, fc.boolean(), fc.boolean(), (wish, levels, canDisable, canAuto) => {
      const fitted = fitReasoning(wish, { kind: 'levels', levels, canDisable, canAuto });
      if (fitted?.kind === 'effort') expect(levels).toContain(fitted.effort);
      else if (fitted?.kind === 'off') expect(canDisable).toBe(true);
      else expect(canAuto && fitted?.kind === 'auto').toBe(true);
    }),
  );
});

test('a model without reasoning is told nothing about it', () => {
  expect(fitReasoning({ kind: 'effort', effort: 'high' }, { kind: 'none' })).toBeUndefined();
});
