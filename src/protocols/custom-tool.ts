/** Custom (free text) tools for upstreams that know functions only: the text travels as the one argument `input`. */

import { asString, isObject, parseJson } from './json.ts';
import type { JsonSchema, Request } from './model.ts';

/** The parameters of the function that stands for a custom tool. */
export const customToolParameters: JsonSchema = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as free text.' } },
  required: ['input'],
  additionalProperties: false,
};

/** The function arguments for a custom tool's free text. */
export function customInputToArguments(input: string): string {
  return JSON.stringify({ input });
}

/** The free text in a function's arguments; arguments of another shape are the text themselves. */
export function argumentsToCustomInput(text: string): string {
  const value = parseJson(text);
  return (isObject(value) ? asString(value.input) : undefined) ?? text;
}

/** Whether the client declared this tool as a custom one, so that calls of it must be given back as such. */
export function isCustomTool(request: Request, name: string): boolean {
  return request.tools?.some((tool) => tool.type === 'custom' && tool.name === name) ?? false;
}
