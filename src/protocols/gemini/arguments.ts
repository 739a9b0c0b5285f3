/** `functionCall.args` is an object; the canonical input of a call is text. */

import { argumentsToCustomInput, customInputToArguments } from '../custom-tool.ts';
import { parseOpaque } from '../exact-numbers.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ToolCallPart } from '../model.ts';

/** Holds argument text that is no JSON object, so that nothing of it is lost and it comes back as it was. */
const rawKey = '_raw';

/** The canonical input for `args`. Some servers write them as the JSON text that other protocols have. */
export function decodeArguments(args: Json | undefined): string {
  if (typeof args === 'string' && args.trim().length > 0) return args;
  if (!isObject(args)) return '{}';
  const raw = args[rawKey];
  if (typeof raw === 'string' && Object.keys(args).length === 1) return raw;
  return JSON.stringify(args);
}

/** The canonical input for the `args` of a custom tool's call: its free text. */
export function decodeFreeText(args: Json | undefined): string {
  return argumentsToCustomInput(decodeArguments(args));
}

/** The object that a call's input says. */
export function argumentsObject(kind: ToolCallPart['kind'], input: string): JsonObject {
  const text = kind === 'custom' ? customInputToArguments(input) : input;
  if (text.trim().length === 0) return {};
  const value = parseOpaque(text);
  return isObject(value) ? value : { [rawKey]: text };
}

/** As {@link argumentsObject}, as JSON text in one line: text that is fine is not written anew. */
export function argumentsText(kind: ToolCallPart['kind'], input: string): string {
  const value = argumentsObject(kind, input);
  const plain = kind === 'function' && value[rawKey] === undefined && input.startsWith('{');
  return plain && !/[\r\n]/.test(input) ? input : JSON.stringify(value);
}
