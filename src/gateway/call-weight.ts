/** Arguments of calls are JSON in a string for some protocols, and values for others: there they count as all values do. */
import { InvalidRequest } from '../protocols/json.ts';
import { isHeavierThan, requestWeights } from '../protocols/json-weight.ts';
import type { Request } from '../protocols/model.ts';

/** Characters of arguments that can have too many values alone. */
const long = 64 * 1024;

/**
 * Throws {@link InvalidRequest} where the arguments of a conversation's calls, all together, have more values than are read:
 * they were one string each in the body that was weighed.
 */
export function demandLightCalls({ messages }: Pick<Request, 'messages'>, mostValues: number): void {
  const inputs = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' && part.kind === 'function' ? [part.input] : [])),
  );
  const isHeavy = (json: string): boolean => isHeavierThan(mostValues, json, requestWeights);
  // Long ones by themselves, too: a quote in one that is no JSON would hide what stands behind it.
  if (inputs.some((input) => input.length > long && isHeavy(input)) || isHeavy(inputs.join()))
    throw new InvalidRequest(
      'messages.tool-call',
      `the arguments of its calls have more than ${mostValues} values (bounds.json-values)`,
    );
}
