/** `thinkingConfig`, both ways. */
import type { EncodeTarget } from '../codec.ts';
import { asNumber, asString, type JsonObject } from '../json.ts';
import type { Effort, ReasoningSetting } from '../model.ts';
import {
  effortBudgets,
  fitReasoning,
  isEffort,
  nearestLevel,
  type ReasoningAmount,
  reportFitted,
} from '../reasoning.ts';
import { camelCased, isOlderModel } from './kept-fields.ts';

/** Source: ai.google.dev/gemini-api/docs/thinking#thinking-levels. */
const levels: Effort[] = ['minimal', 'low', 'medium', 'high'];

/** Reads the setting. Thoughts that nobody asked to see are not shown: `includeThoughts` is false by default. */
export function decodeThinking(value: JsonObject): ReasoningSetting {
  const config = camelCased(value);
  const setting: ReasoningSetting = { show: config.includeThoughts === true ? 'auto' : 'none' };
  const level = asString(config.thinkingLevel)?.toLowerCase();
  const budget = asNumber(config.thinkingBudget);
  if (isEffort(level)) setting.amount = { kind: 'effort', effort: level };
  else if (budget !== undefined) {
    if (budget === 0) setting.amount = { kind: 'off' };
    else setting.amount = budget < 0 ? { kind: 'auto' } : { kind: 'budget', tokens: budget };
  }
  return setting;
}

/**
 * Writes the setting: a level where the model knows levels, else a budget. Whoever asks for reasoning in another
 * protocol sees it, unless it said otherwise.
 */
export function encodeThinking(
  setting: ReasoningSetting | undefined,
  target: EncodeTarget,
): JsonObject | undefined {
  if (setting === undefined) return undefined;
  const traits = target.traits?.reasoning;
  if (traits?.kind === 'none') {
    if (setting.amount?.kind !== 'off') target.report('dropped', 'reasoning', 'the model does not think');
    return undefined;
  }
  const amount = fitReasoning(setting.amount, traits);
  reportFitted(setting.amount, amount, target.report);
  const config: JsonObject =
    amount === undefined ? {} : encodeAmount(amount, traits?.kind === 'levels', target);
  // Who asked for no thinking does not see what cannot be switched off.
  if (setting.show !== 'none' && setting.amount?.kind !== 'off') config.includeThoughts = true;
  return config;
}

function encodeAmount(amount: ReasoningAmount, hasLevels: boolean, target: EncodeTarget): JsonObject {
  switch (amount.kind) {
    case 'off':
      return { thinkingBudget: 0 };
    case 'auto':
      return { thinkingBudget: -1 };
    case 'budget':
      return { thinkingBudget: amount.tokens };
    case 'effort': {
      // What every thinking model before levels takes. Source: ai.google.dev/gemini-api/docs/thinking#set-budget.
      if (!hasLevels && isOlderModel(target.model))
        return { thinkingBudget: Math.min(24_576, effortBudgets[amount.effort]) };
      const level = nearestLevel(amount.effort, levels) ?? 'high';
      if (level !== amount.effort) target.report('approximated', 'reasoning', `level ${level}`);
      return { thinkingLevel: level.toUpperCase() };
    }
  }
}
