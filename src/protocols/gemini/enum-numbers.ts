/**
 * Numbers of enums: Google's older REST clients ask with `$alt=json;enum-encoding=int`, and get and send numbers in the
 * place of words. Source: github.com/googleapis/googleapis, google/ai/generativelanguage/v1beta (*.proto); each list is
 * by number.
 */

import type { Codec, StreamEncoder } from '../codec.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { asString } from '../json-members.ts';
import { lookUp } from '../word-table.ts';

const finishReasons = [
  ...['FINISH_REASON_UNSPECIFIED', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER', 'LANGUAGE'],
  ...['BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'MALFORMED_FUNCTION_CALL', 'IMAGE_SAFETY'],
  ...['UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_OTHER'],
  ...['NO_IMAGE', 'IMAGE_RECITATION'],
];
const blockReasons = [
  ...['BLOCK_REASON_UNSPECIFIED', 'SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY'],
];
const modes = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'];
const types = [...['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL']];
/** Of a request's `responseModalities`; those of counts are others. */
const wantedModalities = ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'AUDIO'];

/** The enums of answers, by the names of their fields, which have no other meaning there. */
const answerEnums: Record<string, readonly string[]> = {
  finishReason: finishReasons,
  blockReason: blockReasons,
  category: [
    ...['HARM_CATEGORY_UNSPECIFIED', 'HARM_CATEGORY_DEROGATORY', 'HARM_CATEGORY_TOXICITY'],
    ...['HARM_CATEGORY_VIOLENCE', 'HARM_CATEGORY_SEXUAL', 'HARM_CATEGORY_MEDICAL', 'HARM_CATEGORY_DANGEROUS'],
    ...['HARM_CATEGORY_HARASSMENT', 'HARM_CATEGORY_HATE_SPEECH', 'HARM_CATEGORY_SEXUALLY_EXPLICIT'],
    ...['HARM_CATEGORY_DANGEROUS_CONTENT', 'HARM_CATEGORY_CIVIC_INTEGRITY'],
  ],
  probability: ['HARM_PROBABILITY_UNSPECIFIED', 'NEGLIGIBLE', 'LOW', 'MEDIUM', 'HIGH'],
  modality: ['MODALITY_UNSPECIFIED', 'TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT'],
  outcome: ['OUTCOME_UNSPECIFIED', 'OUTCOME_OK', 'OUTCOME_FAILED', 'OUTCOME_DEADLINE_EXCEEDED'],
  language: ['LANGUAGE_UNSPECIFIED', 'PYTHON'],
};

function wordOf(list: readonly string[], value: Json | undefined): string | undefined {
  return typeof value === 'number' ? (list[value] ?? `${value}`) : asString(value);
}

/** The word of a `finishReason`, which may be a number. */
export const finishWord = (value: Json | undefined): string | undefined => wordOf(finishReasons, value);
/** The word of a `blockReason`, which may be a number. */
export const blockWord = (value: Json | undefined): string | undefined => wordOf(blockReasons, value);
/** The word of a function calling `mode`, which may be a number. */
export const modeWord = (value: Json | undefined): string | undefined => wordOf(modes, value);
/** The word of a schema's `type`, which may be a number. */
export const typeWord = (value: number): string => types[value] ?? `${value}`;
/** The word of a wanted modality, which may be a number. */
export const modalityWord = (value: Json | undefined): string | undefined => wordOf(wantedModalities, value);

/** Whether a client's query asks for numbers. */
export function asksForNumbers(query: string): boolean {
  return (
    query.includes('enum-encoding') && /(?:^|&)(?:\$|%24)?alt=[^&]*enum-encoding(?:=|%3D)int/i.test(query)
  );
}

/** The codec for a client that asked for numbers: what it writes has those of enums. */
export function inNumbers(codec: Codec): Codec {
  return {
    ...codec,
    encodeResponse: (response, context) => withEnumNumbers(codec.encodeResponse(response, context)),
    streamEncoder: (context) => numberFraming(codec.streamEncoder(context)),
  };
}

/** The answer with the numbers of its enums; what a model has written as arguments stays. */
function withEnumNumbers(answer: JsonObject): JsonObject {
  const numbered: JsonObject = {};
  for (const key in answer) {
    const value = answer[key];
    const list = lookUp(answerEnums, key);
    const number = list === undefined || typeof value !== 'string' ? -1 : list.indexOf(value);
    if (number >= 0) numbered[key] = number;
    else numbered[key] = untouched.has(key) || value === undefined ? value : numberedIn(value);
  }
  return numbered;
}

/** Objects that are not Google's own. */
const untouched: ReadonlySet<string> = new Set(['functionCall', 'functionResponse', 'args', 'response']);

function numberedIn(value: Json): Json {
  if (Array.isArray(value)) return value.map(numberedIn);
  return isObject(value) ? withEnumNumbers(value) : value;
}

/** Writes what `encoder` does with the numbers of enums; chunks of text alone have none. */
function numberFraming(encoder: StreamEncoder): StreamEncoder {
  return {
    encode(event) {
      const text = encoder.encode(event);
      if (event.type === 'delta' || text === '') return text;
      return text.replace(/^data: (.*)$/gm, (line, data: string) => {
        const chunk = parseJson(data);
        return isObject(chunk) ? `data: ${JSON.stringify(withEnumNumbers(chunk))}` : line;
      });
    },
  };
}
