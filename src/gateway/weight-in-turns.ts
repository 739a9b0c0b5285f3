/** How heavy a JSON text is, others having their turn while a long one is weighed. */
import { runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { type AnswerBounds, tooHeavy } from '../protocols/answer-bounds.ts';
import { isTooHeavy, tooHeavyInSteps } from '../protocols/answer-weight.ts';
import { mayHoldInexact } from '../protocols/exact-numbers.ts';
import { isHeavierThan, type JsonWeights, weighedInSteps } from '../protocols/json-weight.ts';
import { workedAtOnce } from './yield-for.ts';

/** As {@link isHeavierThan}; of a short text at once. */
export function isHeavierInTurns(
  most: number,
  json: Uint8Array | string,
  weights: JsonWeights,
): boolean | Promise<boolean> {
  return json.length <= workedAtOnce
    ? isHeavierThan(most, json, weights)
    : runYielding(weighedInSteps(most, json, weights));
}

/** As {@link isTooHeavy}; of a short text at once. */
export function isTooHeavyInTurns(values: number, json: Uint8Array | string): boolean | Promise<boolean> {
  return json.length <= workedAtOnce ? isTooHeavy(values, json) : runYielding(tooHeavyInSteps(values, json));
}

/** Whether a long text that is light enough is none where its numbers stay as they are written, below the members of these names. */
export async function isTooHeavyExactly(
  values: number,
  text: string,
  exact: ReadonlySet<string> | undefined,
): Promise<boolean> {
  if (exact === undefined || text.length <= workedAtOnce) return false;
  await yieldToEventLoop();
  if (!mayHoldInexact(text, exact)) return false;
  await yieldToEventLoop();
  return runYielding(tooHeavyInSteps(values, text, true));
}

/** As `checkWeight`. Rejects with BeyondAnswer. */
export async function checkWeightInTurns(
  json: Uint8Array | string,
  { values }: Pick<AnswerBounds, 'values'>,
): Promise<void> {
  if (await isTooHeavyInTurns(values, json)) throw tooHeavy(values);
}
