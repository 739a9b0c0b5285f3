/** Arguments of calls are JSON in a string for some protocols, and values for others: there they count as all values do. */
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { requestWeights, weighingSeveral } from '../protocols/json-weight.ts';
import type { Request } from '../protocols/request.ts';

/**
 * Throws {@link InvalidRequest} where the arguments of a conversation's calls, all together, have more values than are read:
 * they were one string each in the body that was weighed.
 */
export function demandLightCalls({ messages }: Pick<Request, 'messages'>, mostValues: number): void {
  const inputs = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' && part.kind === 'function' ? [part.input] : [])),
  );
  if (inputs.some(weighingSeveral(() => mostValues, requestWeights)))
    throw new InvalidRequest(
      'messages.tool-call',
      `the arguments of its calls have more than ${mostValues} values (bounds.json-values)`,
    );
}
