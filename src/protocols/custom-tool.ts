/** Custom (free text) tools for upstreams that know functions only: the text travels as the one argument `input`. */

import { isObject, type Json, parseJson } from './json.ts';
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

/**
 * The free text in a function's arguments. Models do not always keep to the one argument: a text under another name
 * alone, or bare, is the input too. Arguments that were cut in the middle give what there is of it; those of any other
 * shape are the text themselves.
 */
export function argumentsToCustomInput(text: string): string {
  if (text.trim().length === 0) return '';
  const value = parseJson(text);
  return value === undefined ? (cutInput(text) ?? text) : (customInputOf(value) ?? text);
}

/** The free text in arguments that were read; undefined where they have another shape. */
function customInputOf(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  const { input } = value;
  if (input !== undefined) return typeof input === 'string' ? input : JSON.stringify(input);
  const [only, ...others] = Object.values(value);
  if (only === undefined) return '';
  return others.length === 0 && typeof only === 'string' ? only : undefined;
}

/** A text that is the first member of an object that ends in its middle. */
const beginning = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*("(?:[^"\\]|\\[^u]|\\u[0-9a-fA-F]{4})*)/s;

function cutInput(text: string): string | undefined {
  const begun = beginning.exec(text)?.[1];
  const value = begun === undefined ? undefined : parseJson(`${begun}"`);
  return typeof value === 'string' ? value : undefined;
}

/** Whether the client declared this tool as a custom one, so that calls of it must be given back as such. */
export function isCustomTool(request: Request, name: string): boolean {
  return request.tools?.some((tool) => tool.type === 'custom' && tool.name === name) ?? false;
}
