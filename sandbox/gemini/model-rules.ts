/** What Google refuses for the sake of the model, in its words. */

import { invalid } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { type GeminiFacts, geminiFacts } from './model-facts.ts';

/** Throws `Refused` where the model does not think in the way that it is asked to. */
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

/**
 * Throws `Refused` for what models before Gemini 3 do not do at once: calls of functions with JSON as the answer, or with tools of
 * Google's. https://github.com/symfony/ai/issues/803, https://ai.google.dev/gemini-api/docs/function-calling
 */
export function demandTogether(body: JsonObject, model: string): void {
  if (!/^gemini-(1|2)\./.test(model)) return;
  const tools = asObjects(body.tools);
  const functions = tools.some((tool) => tool.functionDeclarations !== undefined);
  const served = tools.some((tool) => Object.keys(tool).some((name) => name !== 'functionDeclarations'));
  if (functions && served) throw invalid('Tool use with function calling is unsupported.');
  const format = asObject(body.generationConfig)?.responseMimeType;
  if (format === 'application/json' && (functions || served))
    throw invalid(
      `${functions ? 'Function calling' : 'Tool use'} with a response mime type: 'application/json' is unsupported`,
    );
}

/** Throws `Refused` where the model does not generate as it is asked to. */
export function demandGeneration(config: JsonObject, model: string): void {
  const facts = geminiFacts(model);
  if (facts?.noPenalties && (asNumber(config.presencePenalty) || asNumber(config.frequencyPenalty)))
    throw invalid(`Penalty is not enabled for models/${model}`);
  if (facts !== undefined && asArray(config.responseModalities).includes('IMAGE') && !/image/.test(model))
    throw invalid('Model does not support the requested response modalities: image');
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
