/** What the whole answer and its streamed chunks have in common. */
import type { DecodeContext } from '../codec.ts';
import { isCustomTool } from '../custom-tool.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asString, unknownFields } from '../json-members.ts';
import { toolNames } from '../tool-names.ts';
import { answerLinks, type CallLinks } from './call-links.ts';
import type { CallReading } from './content-decode.ts';
import { blockWord } from './enum-numbers.ts';
import { camelCased, toolNameRule } from './kept-fields.ts';

/** The answer itself: Code Assist wraps it in `response`. */
export function unwrapped(body: JsonObject): JsonObject {
  return camelCased(asObject(body.response) ?? body);
}

const answerFields = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId']);

/** The fields beside the candidates that the model does not cover. */
export function answerExtra(answer: JsonObject): JsonObject | undefined {
  return unknownFields(answer, answerFields);
}

const candidateFields = new Set(['content', 'finishReason']);

/** The fields of a candidate that the model does not cover, or not wholly (sources keep their own form). */
export function candidateExtra(candidate: JsonObject): JsonObject | undefined {
  return unknownFields(candidate, candidateFields);
}

/** Unix seconds of `createTime` (RFC 3339). */
export function createdOf(answer: JsonObject): number | undefined {
  const time = Date.parse(asString(answer.createTime) ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** Why the prompt was refused before any candidate. */
export function blockReason(answer: JsonObject): string | undefined {
  return blockWord(asObject(answer.promptFeedback)?.blockReason);
}

/** Ids, names and kinds for the calls of one answer. Ids that Google leaves out are the same however often it is read. */
export function answerCalls(
  context: DecodeContext,
  responseId: string,
): { links: CallLinks; reading: CallReading } {
  const { request } = context;
  const { messages, tools } = request;
  return {
    links: answerLinks(`${responseId} ${messages.length}`),
    reading: {
      name: toolNames(tools, toolNameRule).fromWire,
      isCustom: (name) => isCustomTool(request, name),
    },
  };
}
