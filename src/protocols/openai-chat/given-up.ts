/** Answers that were given up before there was anything of them. */
import { asObject, asObjects, type JsonObject } from '../json.ts';

/** Whether a completion looks like that. */
export function mayBeGivenUp({ choices }: JsonObject): boolean {
  const message = asObject(asObjects(choices)[0]?.message);
  return message !== undefined && !message.content && !message.tool_calls;
}
