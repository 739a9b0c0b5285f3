/** Answers that were given up before there was anything of them. */
import { asArray, asObject, asObjects, type JsonObject } from '../json.ts';

/** Whether an answer looks like that, wrapped by Code Assist or not. */
export function mayBeGivenUp(body: JsonObject): boolean {
  const answer = asObject(body.response) ?? body;
  const [candidate] = asObjects(answer.candidates);
  return candidate === undefined || asArray(asObject(candidate.content)?.parts).length === 0;
}
