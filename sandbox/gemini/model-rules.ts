/** What Google refuses for the sake of the model, in its words. */

import { invalid } from '../failure.ts';
import { asNumber, asString, type JsonObject } from '../json.ts';
import { type GeminiFacts, geminiFacts } from './model-facts.ts';

/** Throws `Refused` where the model does not think in the way that it is told to. */
export function demandThinking(thinking: JsonObject, model: string): void {
  const way = geminiFacts(model)?.thinking;
  if (way === undefined) return;
  const budget = asNumber(thinking.thinkingBudget);
  const level = asString(thinking.thinkingLevel)?.toUpperCase();
  switch (way.by) {
    case 'nothing':
      if ((budget ?? 0) !== 0 || level !== undefined || thinking.includeThoughts === true)
        throw invalid('Thinking is not enabled for this model.');
      return;
    case 'budget':
      if (level !== undefined) throw invalid('Thinking level is not supported for this model.');
      if (budget !== undefined) demandBudget(budget, way);
      return;
    case 'level':
      // Budgets are taken for the sake of older clients, but thinking is not switched off.
      if (budget === 0) throw invalid('Budget 0 is invalid. This model only works in thinking mode.');
      if (level !== undefined && !way.levels.some((known) => known === level))
        throw invalid(
          `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`,
        );
  }
}

/** -1 lets the model choose. */
function demandBudget(
  budget: number,
  { min, max, off }: Extract<GeminiFacts['thinking'], { by: 'budget' }>,
): void {
  if (budget === -1 || (budget === 0 && off)) return;
  if (budget === 0) throw invalid('Budget 0 is invalid. This model only works in thinking mode.');
  if (budget < min || budget > max)
    throw invalid(
      `The thinking budget ${budget} is invalid. Please choose a value between ${min} and ${max}.`,
    );
}
