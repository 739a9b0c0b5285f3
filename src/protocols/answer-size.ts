/**
 * The size of an answer without counts, from which its tokens are estimated. Only what a model has
 * written counts: texts, reasoning, refusals, names and inputs of calls; not the JSON around them.
 */

import type { StreamEvent } from './answer.ts';
import type { Json, JsonObject } from './json.ts';
import { asObjects } from './json-members.ts';
import type { Part } from './model.ts';

/** What a picture, sound or another file in an answer counts as: it is as many tokens as so many bytes of text. */
export const fileBytes = 6400;

/** Bytes of a text in UTF-8; 0 of anything else. */
export function textBytes(value: Json | undefined): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

/** Bytes of the input of a call, which some protocols have as a text and some as an object. One without members is none yet. */
export function inputBytes(value: Json | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  const text = JSON.stringify(value);
  return text === '{}' ? 0 : Buffer.byteLength(text);
}

/** The sum over the objects of a list. */
export function eachBytes(list: Json | undefined, bytesOf: (value: JsonObject) => number): number {
  let sum = 0;
  for (const value of asObjects(list)) sum += bytesOf(value);
  return sum;
}

/** Bytes of a part, as far as it is known. */
export function partBytes(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return textBytes(part.text);
    case 'tool-call':
      return textBytes(part.name) + textBytes(part.input);
    case 'audio':
      return part.transcript === undefined ? fileBytes : textBytes(part.transcript);
    case 'image':
    case 'file':
    case 'video':
      return fileBytes;
    // What tools of the provider have found is no part of what the model has written.
    case 'tool-result':
    case 'native':
      return 0;
  }
}

/** Bytes that an event adds to the answer. */
export function eventBytes(event: StreamEvent): number {
  if (event.type === 'delta') return Buffer.byteLength(event.text);
  return event.type === 'part-start' ? partBytes(event.part) : 0;
}
