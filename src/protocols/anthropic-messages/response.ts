/** Whole answers: the `Message` object. */

import type { Response } from '../answer.ts';
import type { DecodeContext, EncodeContext } from '../codec.ts';
import { reportCut } from '../cut-call.ts';
import { isFailure } from '../finish-words.ts';
import { InvalidRequest, requireArray } from '../invalid-request.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asArray, asObject, asString, unknownFields } from '../json-members.ts';
import type { Part } from '../model.ts';
import { noAnswer } from '../no-answer.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { encodeAnswerPart, withoutTrailingCarriers } from './answer-encode.ts';
import { decodeBlock, type ToolReader } from './content-decode.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import { hiddenThinking, wantsThinking } from './hidden-thinking.ts';
import { ownFields, protocol } from './kept-fields.ts';
import { toolReader } from './tools.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** Fields of a message that have a canonical place. */
export const messageFields: ReadonlySet<string> = new Set([
  ...['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'],
]);

/** Reads an answer; an error object inside a success is the error, and an answer of another shape is one too. */
export function decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError {
  if (body.content === undefined && body.error !== undefined) return decodeErrorObject(undefined, body);
  const { content = null } = body;
  if ((content === null || Array.isArray(content)) && !holdsAnswer(body)) return noAnswer('content');
  return guarded(() => {
    const tools = toolReader(context.request);
    const parts = requireArray(content ?? [], 'content').map((block, i) => readBlock(block, i, tools));
    const usage = asObject(body.usage);
    return {
      id: asString(body.id) ?? '',
      model: asString(body.model) ?? '',
      parts,
      finish: decodeFinish(body.stop_reason, body.stop_sequence),
      ...(usage && { usage: decodeUsage(usage) }),
      extra: { protocol, fields: unknownFields(body, messageFields) ?? {} },
    };
  });
}

function readBlock(block: JsonObject[string], index: number, tools: ToolReader): Part {
  return decodeBlock(block ?? null, `content.${index}`, tools);
}

/** What `read` gives, or the error to report when the upstream's data is not what the protocol allows. */
export function guarded<T>(read: () => T): T | ProtocolError {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidRequest) return malformed(error.message);
    throw error;
  }
}

/** The error for an upstream that breaks its protocol; `what` describes how. */
export function malformed(what: string): ProtocolError {
  return {
    status: 502,
    kind: 'server',
    message: `The upstream's answer is not an Anthropic message: ${what}`,
    type: 'api_error',
  };
}

/** Writes the answer for a client. */
export function encodeResponse(response: Response, context: EncodeContext): JsonObject {
  const fields = ownFields(response.extra);
  const own = fields !== undefined;
  const refused = response.parts.some((part) => part.type === 'refusal');
  const hidden = own || wantsThinking(context.request) ? undefined : hiddenThinking(context.report);
  const content = response.parts.flatMap((part) => {
    if (!own && part.type === 'tool-call' && part.cut === true) {
      reportCut(part, context.report);
      return [];
    }
    const shown = hidden === undefined ? part : hidden.shown(part);
    return shown === undefined ? [] : encodeAnswerPart(shown, own);
  });
  return {
    id: response.id || context.newId('msg'),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: own ? content : withoutTrailingCarriers(content),
    ...encodeFinish(response.finish, own, refused),
    usage: encodeUsage(response.usage),
    ...fields,
  };
}

/** {@link Codec.holdsAnswer}: there are blocks, or a reason why there are none. */
export function holdsAnswer({ content = null, stop_reason }: JsonObject): boolean {
  // Servers write an empty list as null.
  if (content === null) return typeof stop_reason === 'string' && stop_reason !== '';
  if (!Array.isArray(content)) return false;
  if (content.length === 0) return Boolean(stop_reason);
  return content.some((block) => isObject(block) && typeof block.type === 'string');
}

/** {@link Codec.mayBeGivenUp}: whether a message looks like that. */
export function mayBeGivenUp({ content, stop_reason }: JsonObject): boolean {
  return asArray(content).length === 0 || isFailure(stop_reason);
}
