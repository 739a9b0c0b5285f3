/**
 * What of a conversation is more than the body that was weighed says: arguments of calls are JSON in a string for some protocols, and values
 * for others, and a message may be a bare text.
 */
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { requestWeights, weighingSeveral } from '../protocols/json-weight.ts';
import type { Request } from '../protocols/request.ts';

/** Values that a message of one text usually has, at least. */
const valuesOfPart = 5;

/**
 * Throws {@link InvalidRequest} where a conversation has more parts than one of as many values usually has, or where the arguments of a conversation's calls, all together, have more values than are read:
 * they were one string each in the body that was weighed.
 */
export function demandLightConversation({ messages }: Pick<Request, 'messages'>, mostValues: number): void {
  const parts = messages.reduce((count, message) => count + message.parts.length, 0);
  const most = Math.floor(mostValues / valuesOfPart);
  if (parts > most)
    throw new InvalidRequest(
      'messages',
      `it has more than ${most} parts (bounds.json-values: ${mostValues})`,
    );
  const inputs = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' && part.kind === 'function' ? [part.input] : [])),
  );
  if (inputs.some(weighingSeveral(() => mostValues, requestWeights)))
    throw new InvalidRequest(
      'messages.tool-call',
      `the arguments of its calls have more than ${mostValues} values (bounds.json-values)`,
    );
}
