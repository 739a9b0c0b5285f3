import { requireString } from './invalid-request.ts';
import type { JsonObject } from './json.ts';
import { asBoolean, asObject, asString } from './json-members.ts';
import type { FunctionTool } from './request.ts';

/** A function as both of OpenAI's protocols define it, in any place of a tool. */
export function openaiFunction(said: JsonObject, path: string): FunctionTool {
  return {
    type: 'function',
    name: requireString(said.name, `${path}.name`),
    description: asString(said.description),
    parameters: asObject(said.parameters),
    strict: asBoolean(said.strict),
  };
}
