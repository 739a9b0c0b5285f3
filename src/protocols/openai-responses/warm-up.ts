/** Answers that say nothing: what a request over the WebSocket gets that only prepares the next (`generate: false`). */
import type { EncodeContext } from '../codec.ts';
import { InvalidRequest, type JsonObject } from '../json.ts';
import type { Request } from '../model.ts';
import { encodeFinish } from './output-encode.ts';
import { decodeRequest } from './request-decode.ts';
import { responseHead, stateFields, usageOrNull } from './response.ts';

/** The response object at the beginning and at the end of an answer without output to a request with these settings. */
export function emptyResponses(
  settings: JsonObject,
  id: string,
  context: Omit<EncodeContext, 'request'>,
): { begun: JsonObject; completed: JsonObject } {
  const asked: EncodeContext = { ...context, request: readSettings(settings, context.model) };
  const head = responseHead({ id }, undefined, asked);
  const begun = stateFields({ status: 'in_progress', incomplete_details: null }, asked);
  const completed = stateFields(encodeFinish({ reason: 'stop' }), asked);
  return {
    begun: { ...head, ...begun, output: [], usage: null },
    completed: { ...head, ...completed, output: [], usage: usageOrNull({ input: 0, output: 0 }) },
  };
}

/** Settings that cannot be read are refused, or understood, where the request is that generates. */
function readSettings(settings: JsonObject, model: string): Request {
  try {
    return decodeRequest({ ...settings, input: [] }, { model, stream: true });
  } catch (error) {
    if (error instanceof InvalidRequest) return { model, stream: true, messages: [] };
    throw error;
  }
}
