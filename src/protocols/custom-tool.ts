/** Custom (free text) tools for upstreams that know functions only: the text travels as the one argument `input`. */

import type { LossReport } from './codec.ts';
import { declaredTool } from './declared-tool.ts';
import { isObject, type Json, parseJson } from './json.ts';
import { asString } from './json-members.ts';
import { behindTextString } from './json-text-span.ts';
import type { CustomTool, JsonSchema, Request } from './request.ts';
import { openEscape } from './well-formed.ts';

/** The parameters of the function that replaces a custom tool. */
const customToolParameters: JsonSchema = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as free text.' } },
  required: ['input'],
  additionalProperties: false,
};

/** What a custom tool is for, and the grammar of its input where the upstream has no place for one. */
function descriptionWithGrammar(tool: CustomTool, report: LossReport): string | undefined {
  const grammar = isObject(tool.format) ? asString(tool.format.definition) : undefined;
  if (grammar === undefined) return tool.description;
  report('hint', `tools.${tool.name}.format`, 'the grammar is moved to the description');
  const sentence = `The input follows this grammar:\n${grammar}`;
  return tool.description ? `${tool.description}\n\n${sentence}` : sentence;
}

/** The description of the function that replaces a custom tool, in the common words of the protocols. */
export function customAsFunction(
  tool: CustomTool,
  report: LossReport,
): { description?: string; parameters: JsonSchema } {
  const description = descriptionWithGrammar(tool, report);
  report('approximated', `tools.${tool.name}`, 'a function with one text argument');
  return { ...(description && { description }), parameters: customToolParameters };
}

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

/** The name of the first member of an object that ends in its middle, and the quote of the text behind it. */
const beginning = /^\s*\{\s*"(?:[^"\\]|\\.){0,256}"\s*:\s*"/s;

/** The text of that member, as far as it goes. An escape that was cut is no part of it. */
function cutInput(text: string): string | undefined {
  const start = beginning.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const behind = behindTextString(text, start);
  const inner = behind < 0 ? text.slice(start, openEscape(text)) : text.slice(start, behind - 1);
  const value = parseJson(`"${inner}"`);
  return typeof value === 'string' ? value : undefined;
}

/** Whether the client declared this tool as a custom one, so that calls of it must be given back as such. */
export function isCustomTool(request: Request, name: string): boolean {
  return declaredTool(request.tools, name, 'custom') !== undefined;
}
