/** `functionCall.args` is an object, which Vertex AI may stream piece by piece; the canonical input of a call is text. */

import { type AnswerBounds, BeyondAnswer, placeOf } from '../answer-bounds.ts';
import { argumentsToCustomInput, customInputToArguments } from '../custom-tool.ts';
import { parseOpaque } from '../exact-numbers.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asNumber, asObjects, asString } from '../json-members.ts';
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

/** The object of a call's input. */
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

export interface PartialArguments {
  /** Takes the `partialArgs` of the next chunk. Throws BeyondAnswer where their paths lead further than is taken. */
  push(pieces: Json | undefined): void;
  /** The arguments so far. */
  value(): JsonObject;
}

/** Collects the pieces of one call. Pieces of a string at one path are joined. `fill` counts elements that were never sent. */
export function partialArguments(
  start: JsonObject,
  bounds: AnswerBounds,
  fill: (elements: number) => void,
): PartialArguments {
  const root: JsonObject = { ...start };

  function place(piece: JsonObject): void {
    const path = stepsOf(asString(piece.jsonPath) ?? '', bounds);
    const last = path.pop();
    if (last === undefined) return;
    let node: JsonObject | Json[] = root;
    for (const [i, step] of path.entries()) {
      const inner = childOf(node, step);
      if (typeof inner === 'object' && inner !== null) node = inner;
      else {
        const made: JsonObject | Json[] = typeof (path[i + 1] ?? last) === 'number' ? [] : {};
        setChild(node, step, made);
        node = made;
      }
    }
    const before = childOf(node, last);
    setChild(node, last, typeof before === 'string' ? before + asText(piece) : scalarOf(piece));
  }

  function setChild(node: JsonObject | Json[], key: string | number, value: Json): void {
    if (Array.isArray(node)) {
      const at = Number(key);
      if (!Number.isInteger(at)) return;
      placeOf(at, 0, bounds);
      // A hole would be no JSON.
      if (node.length < at) fill(at - node.length);
      while (node.length < at) node.push(null);
      node[at] = value;
    } else if (key !== '__proto__') node[key] = value;
  }

  return {
    push(pieces) {
      for (const piece of asObjects(pieces)) place(piece);
    },
    value: () => root,
  };
}

/** `$.a['b'][0]` → a, b, 0. */
function stepsOf(path: string, { nesting }: AnswerBounds): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const match of path.matchAll(/\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]|([^.[\]$]+)/g)) {
    const [, index, single, double, name] = match;
    steps.push(index === undefined ? (single ?? double ?? name ?? '') : Number(index));
    if (steps.length > nesting)
      throw new BeyondAnswer(`has arguments nested deeper than ${nesting} levels (bounds.nesting)`);
  }
  return steps;
}

function childOf(node: JsonObject | Json[], key: string | number): Json | undefined {
  if (Array.isArray(node)) return node[Number(key)];
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

function asText(piece: JsonObject): string {
  return asString(piece.stringValue) ?? '';
}

function scalarOf(piece: JsonObject): Json {
  if (piece.nullValue !== undefined) return null;
  if (typeof piece.boolValue === 'boolean') return piece.boolValue;
  return asNumber(piece.numberValue) ?? asText(piece);
}

/** Whether a call's chunk brings arguments piece by piece, or announces more chunks. */
export function isPartialCall(call: JsonObject): boolean {
  return call.willContinue === true || asArray(call.partialArgs).length > 0;
}

/** The arguments of a call that was cut, as the beginning of a JSON text, which cannot be mistaken for a complete call. */
export function cutArguments(args: PartialArguments): string {
  return JSON.stringify(args.value()).slice(0, -1);
}
