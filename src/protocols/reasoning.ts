/** How hard to think: efforts, token budgets, and what a model allows. */
import type { LossReport } from './codec.ts';
import type { ReasoningTraits } from './model-traits.ts';
import type { Effort, ReasoningSetting } from './request.ts';
import { efforts } from './request.ts';

export type ReasoningAmount = NonNullable<ReasoningSetting['amount']>;

/** The budget of tokens for each effort, for models that take a budget. Documented in docs/translation.md. */
export const effortBudgets: Record<Effort, number> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 128_000,
  ultra: 128_000,
};

/** The weakest effort whose budget covers `tokens`; `xhigh` above the table's `high`. */
export function effortOfBudget(tokens: number): Effort {
  if (tokens <= effortBudgets.minimal) return 'minimal';
  if (tokens <= effortBudgets.low) return 'low';
  if (tokens <= effortBudgets.medium) return 'medium';
  if (tokens <= effortBudgets.high) return 'high';
  return 'xhigh';
}

export function isEffort(value: unknown): value is Effort {
  return efforts.some((effort) => effort === value);
}

/** A wish to see (or hide) the thinking is a wish to think, as much as the model finds right. */
export function wantedAmount(setting: ReasoningSetting | undefined): ReasoningAmount | undefined {
  return setting?.amount ?? (setting?.show === undefined ? undefined : { kind: 'auto' });
}

/** The level of `levels` nearest to `effort`; a tie goes to the weaker one. Undefined when there are none. */
export function nearestLevel(effort: Effort, levels: readonly Effort[]): Effort | undefined {
  const wanted = efforts.indexOf(effort);
  let best: Effort | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const level of levels) {
    const distance = Math.abs(efforts.indexOf(level) - wanted);
    if (distance < bestDistance) {
      best = level;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The client's wish in the terms that the model takes: a budget for budget models, a level for level models.
 * Undefined means: send nothing about reasoning (the model has none, or nothing was requested).
 */
export function fitReasoning(
  amount: ReasoningAmount | undefined,
  traits: ReasoningTraits | undefined,
): ReasoningAmount | undefined {
  if (amount === undefined || traits === undefined) return amount;
  switch (traits.kind) {
    case 'none':
      return undefined;
    case 'budget':
      return fitBudget(amount, traits);
    case 'levels':
      return fitLevel(amount, traits);
  }
}

/** Reports what {@link fitReasoning} made less or more of the wish than it was; the same in another form is no loss. */
export function reportFitted(
  wanted: ReasoningAmount | undefined,
  fitted: ReasoningAmount | undefined,
  report: LossReport,
): void {
  if (wanted === undefined || fitted === undefined) return;
  const detail = clampedTo(wanted, fitted);
  if (detail !== undefined) report('approximated', 'reasoning', detail);
}

/** Reports that thinking of an earlier turn is left out: every provider takes its own alone. */
export function reportForeignThinking(report: LossReport): void {
  report('dropped', 'messages.reasoning', 'the upstream takes only thinking that it signed itself');
}

/** Reports that a wish to think is left out, of a model that does not. */
export function reportUnfitted(wanted: ReasoningAmount | undefined, report: LossReport): void {
  if (wanted !== undefined && wanted.kind !== 'off')
    report('dropped', 'reasoning', 'the model does not think');
}

function clampedTo(wanted: ReasoningAmount, fitted: ReasoningAmount): string | undefined {
  const became = fitted.kind === 'effort' ? `effort ${fitted.effort}` : amountWords(fitted);
  switch (wanted.kind) {
    case 'off':
      return fitted.kind === 'off' ? undefined : `${became}: the model always thinks`;
    case 'auto':
      return undefined;
    case 'effort': {
      if (fitted.kind === 'effort')
        return fitted.effort === wanted.effort ? undefined : `${became}: the model has no ${wanted.effort}`;
      // `max` and `ultra` are the most that the model has.
      const most = wanted.effort === 'max' || wanted.effort === 'ultra';
      const meant = effortBudgets[wanted.effort];
      return fitted.kind === 'budget' && fitted.tokens !== meant && !most ? became : undefined;
    }
    case 'budget': {
      if (fitted.kind === 'budget') return fitted.tokens !== wanted.tokens ? became : undefined;
      const meant = effortOfBudget(wanted.tokens);
      return fitted.kind === 'effort' && fitted.effort !== meant
        ? `${became}: the model has no ${meant}`
        : undefined;
    }
  }
}

function amountWords(amount: Exclude<ReasoningAmount, { kind: 'effort' }>): string {
  return amount.kind === 'budget' ? `${amount.tokens} tokens` : amount.kind;
}

function fitBudget(
  amount: ReasoningAmount,
  traits: Extract<ReasoningTraits, { kind: 'budget' }>,
): ReasoningAmount {
  switch (amount.kind) {
    case 'off':
      return traits.canDisable ? amount : { kind: 'budget', tokens: traits.min };
    case 'auto':
      return traits.canAuto ? amount : { kind: 'budget', tokens: Math.floor((traits.min + traits.max) / 2) };
    case 'effort':
      return { kind: 'budget', tokens: clamp(effortBudgets[amount.effort], traits.min, traits.max) };
    case 'budget':
      if (amount.tokens === 0 && traits.canDisable) return { kind: 'off' };
      return { kind: 'budget', tokens: clamp(amount.tokens, traits.min, traits.max) };
  }
}

function fitLevel(
  amount: ReasoningAmount,
  traits: Extract<ReasoningTraits, { kind: 'levels' }>,
): ReasoningAmount | undefined {
  const level = (effort: Effort): ReasoningAmount | undefined => {
    if (traits.open && amount.kind === 'effort') return amount;
    const nearest = nearestLevel(effort, traits.levels);
    return nearest === undefined ? undefined : { kind: 'effort', effort: nearest };
  };
  switch (amount.kind) {
    case 'off':
      return traits.canDisable ? amount : level('minimal');
    case 'auto':
      return traits.canAuto ? amount : level('medium');
    case 'effort':
      return level(amount.effort);
    case 'budget':
      if (amount.tokens === 0 && traits.canDisable) return { kind: 'off' };
      return level(effortOfBudget(amount.tokens));
  }
}

/** The amount in the words of `reasoning.effort`, whose default is `medium` (platform.openai.com/docs/guides/reasoning). */
export function effortWord(amount: ReasoningAmount): Effort | 'none' {
  switch (amount.kind) {
    case 'off':
      return 'none';
    case 'auto':
      return 'medium';
    case 'effort':
      return amount.effort;
    case 'budget':
      return effortOfBudget(amount.tokens);
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/**
 * Splits `model(high)`, `model(8192)`, `model(none)`, `model(auto)` into the model's name and the amount.
 * The last `(` opens the suffix and the name must end with `)`. An unknown word is cut off and means nothing.
 */
export function splitModelSuffix(model: string): { model: string; amount?: ReasoningAmount } {
  const open = model.lastIndexOf('(');
  if (open <= 0 || !model.endsWith(')')) return { model };
  const word = model
    .slice(open + 1, -1)
    .trim()
    .toLowerCase();
  const name = model.slice(0, open).trimEnd();
  if (word === 'none') return { model: name, amount: { kind: 'off' } };
  if (word === 'auto' || word === '-1') return { model: name, amount: { kind: 'auto' } };
  if (isEffort(word)) return { model: name, amount: { kind: 'effort', effort: word } };
  if (/^\d+$/.test(word)) {
    const tokens = Number(word);
    return { model: name, amount: tokens === 0 ? { kind: 'off' } : { kind: 'budget', tokens } };
  }
  return { model: name };
}
