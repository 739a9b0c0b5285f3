/** Whole answers. */
import type { DecodeContext, EncodeContext } from '../codec.ts';
import {
  asNumber,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
  unknownFields,
} from '../json.ts';
import type { Extra, ProtocolError, Response } from '../model.ts';
import { decodeErrorObject } from './errors.ts';
import { ownOf, toExtra } from './native.ts';
import { decodeFinish, decodeOutputItems } from './output-decode.ts';
import { encodeFinish, encodeOutputItems } from './output-encode.ts';
import { encodeRequest } from './request-encode.ts';
import { wireNames } from './tools.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

const known = new Set(['id', 'model', 'created_at', 'output', 'usage']);

/** The fields of a response object that the model does not cover, `status` and the echo of the request among them. */
export function responseExtra(body: JsonObject): Extra {
  const fields = unknownFields(body, known) ?? {};
  const spelling: JsonObject = {};
  if (body.usage !== undefined && decodeUsage(body.usage) === undefined) fields.usage = body.usage;
  if (body.created_at !== undefined && asNumber(body.created_at) === undefined)
    fields.created_at = body.created_at;
  if (body.model === undefined) spelling.model = false;
  return toExtra(fields, spelling);
}

/** What the response object says went wrong; undefined for one that went well. `status` is the HTTP status if it is an error's. */
export function failureOf(body: JsonObject, status?: number): ProtocolError | undefined {
  const error = body.error;
  if (isObject(error) || typeof error === 'string')
    return decodeErrorObject(status, isObject(error) ? error : body);
  if (body.status !== 'failed') return undefined;
  return {
    status: 500,
    kind: 'server',
    message: 'The upstream failed and did not say why.',
    code: 'server_error',
  };
}

/** Reads a whole answer; one that failed, or an error inside a success, is returned as the error it is. */
export function decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError {
  const failure = failureOf(body);
  if (failure !== undefined) return failure;
  const parts = decodeOutputItems(body.output, wireNames(context.request.tools));
  const created = asNumber(body.created_at);
  const usage = decodeUsage(body.usage);
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
  const output = encodeOutputItems(response.parts, {
    names: wireNames(context.request.tools),
    newId: context.newId,
  });
  const own = ownOf(response.extra);
  const head = responseHead(response, response.extra, context);
  return {
    ...head,
    ...(own === undefined && { error: null, ...encodeFinish(response.finish) }),
    output,
    ...(response.usage !== undefined && { usage: encodeUsage(response.usage) }),
  };
}

/** The response object without what the answer itself says: `status`, `output`, `usage` and their like. */
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
      ...(own.spelling.model !== false && { model: context.model }),
    };
  }
  return {
    id: said.id === '' ? context.newId('resp') : said.id.startsWith('resp_') ? said.id : `resp_${said.id}`,
    object: 'response',
    created_at: said.created ?? context.now(),
    ...echo(context),
    model: context.model,
  };
}

/** Fields of the request that a response repeats, and what they are when the client did not say them. */
const defaults = Object.entries<Json>({
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'auto',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
});

function echo(context: EncodeContext): JsonObject {
  const said = encodeRequest(
    { ...context.request, messages: context.request.messages.slice(0, 1) },
    { model: context.model, stream: false, report: () => {} },
  );
  const fields: JsonObject = {};
  for (const [name, fallback] of defaults) {
    const value = said[name] ?? fallback;
    fields[name] = isObject(fallback) ? { ...fallback, ...asObject(value) } : value;
  }
  return fields;
}
