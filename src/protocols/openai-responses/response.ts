/** Whole answers. */

import type { Response, Usage } from '../answer.ts';
import type { DecodeContext, EncodeContext } from '../codec.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asArray, asNumber, asString, unknownFields } from '../json-members.ts';
import type { Extra } from '../model.ts';
import { noAnswer } from '../no-answer.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { decodeOutputItems } from './answer-decode.ts';
import { encodeOutputItems } from './answer-encode.ts';
import { echoedRequest } from './echo.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import { ownOf, toExtra } from './kept-fields.ts';
import { apart } from './message-gap.ts';
import { answerNames, clientNames } from './tools.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

const known = new Set(['id', 'model', 'created_at', 'output', 'usage']);

/** The fields of a response object that the model does not cover, `status` and the echo of the request among them. */
export function responseExtra(body: JsonObject): Extra {
  const fields = unknownFields(body, known) ?? {};
  const originalForm: JsonObject = {};
  if (body.usage !== undefined && decodeUsage(body) === undefined) fields.usage = body.usage;
  if (body.created_at !== undefined && asNumber(body.created_at) === undefined)
    fields.created_at = body.created_at;
  if (body.model === undefined) originalForm.model = false;
  return toExtra(fields, originalForm);
}

/** The error of a response object; undefined for a successful one. `status` is the HTTP status if it is an error's. */
export function failureOf(body: JsonObject, status?: number): ProtocolError | undefined {
  const error = body.error;
  if (isObject(error) || typeof error === 'string')
    return decodeErrorObject(status, isObject(error) ? error : body);
  if (body.status !== 'failed') return undefined;
  return {
    status: 500,
    kind: 'server',
    message: 'The upstream failed without a reason.',
    code: 'server_error',
  };
}

/** Reads a whole answer; one that failed, or an error inside a success, is returned as the error it is. */
export function decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError {
  const failure = failureOf(body);
  if (failure !== undefined) return failure;
  if (!holdsAnswer(body)) return noAnswer('output');
  const parts = apart(decodeOutputItems(body.output, answerNames(context.request)), context.request);
  const created = asNumber(body.created_at);
  const usage = decodeUsage(body);
  return {
    id: asString(body.id) ?? '',
    model: asString(body.model) ?? '',
    ...(created !== undefined && { created }),
    parts,
    finish: decodeFinish(body, parts),
    ...(usage !== undefined && { usage }),
    extra: responseExtra(body),
  };
}

/** Writes a whole answer. */
export function encodeResponse(response: Response, context: EncodeContext): JsonObject {
  const own = ownOf(response.extra);
  const state = encodeFinish(response.finish);
  const output = encodeOutputItems(
    response.parts,
    { names: clientNames(context.request), newId: context.newId },
    own === undefined && state.status === 'incomplete',
  );
  const head = responseHead(response, response.extra, context);
  if (own !== undefined)
    return { ...head, output, ...(response.usage && { usage: encodeUsage(response.usage) }) };
  return { ...head, ...stateFields(state, context), output, usage: usageOrNull(response.usage) };
}

/** The members of a response about its end: a time where it is completed, no error. */
export function stateFields(state: JsonObject, context: EncodeContext): JsonObject {
  return { error: null, ...state, completed_at: state.status === 'completed' ? context.unixSeconds() : null };
}

/** `usage`; null without counts. */
export function usageOrNull(usage: Usage | undefined): JsonObject | null {
  return usage === undefined ? null : encodeUsage(usage);
}

/** The response object without the parts of the answer itself: `status`, `output`, `usage` and others. */
export function responseHead(
  said: { id: string; created?: number },
  extra: Extra | undefined,
  context: EncodeContext,
): JsonObject {
  const own = ownOf(extra);
  if (own !== undefined) {
    return {
      id: said.id,
      ...(said.created !== undefined && { created_at: said.created }),
      ...own.fields,
      ...(own.originalForm.model !== false && { model: context.model }),
    };
  }
  return {
    id: said.id === '' ? context.newId('resp') : said.id.startsWith('resp_') ? said.id : `resp_${said.id}`,
    object: 'response',
    created_at: said.created ?? context.unixSeconds(),
    ...echoedRequest(context),
    model: context.model,
  };
}

/** States of an answer that may be empty: one in the background may have no items yet. */
const states: ReadonlySet<unknown> = new Set([
  'queued',
  'in_progress',
  'completed',
  'incomplete',
  'cancelled',
]);

/** {@link Codec.holdsAnswer}: there are items, or a state that explains why there are none. */
export function holdsAnswer({ output, status }: JsonObject): boolean {
  // Servers write an empty list as null, or leave it out: github.com/openai/openai-python/issues/3312.
  if ((output ?? null) === null) return states.has(status);
  if (!Array.isArray(output)) return false;
  return output.length === 0
    ? typeof status === 'string' && status !== ''
    : output.some((item) => isObject(item) && typeof item.type === 'string');
}

/** {@link Codec.mayBeGivenUp}: whether a response looks like that. */
export function mayBeGivenUp({ status, output }: JsonObject): boolean {
  return status === 'cancelled' && asArray(output).length === 0;
}
