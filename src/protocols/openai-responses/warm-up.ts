/** Answers without content: for a request over the WebSocket that only prepares the next (`generate: false`). */
import type { EncodeContext } from '../codec.ts';
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import type { Request } from '../request.ts';
import { encodeFinish } from './finish.ts';
import { decodeRequest } from './request-decode.ts';
import { responseHead, stateFields, usageOrNull } from './response.ts';

/** The events of an answer without output to a request with these settings: its beginning and its end. */
export function emptyAnswer(
  settings: JsonObject,
  id: string,
  context: Omit<EncodeContext, 'request'>,
): JsonObject[] {
  const asked: EncodeContext = { ...context, request: readSettings(settings, context.model) };
  const head = responseHead({ id }, undefined, asked);
  const begun = stateFields({ status: 'in_progress', incomplete_details: null }, asked);
  const completed = stateFields(encodeFinish({ reason: 'stop' }), asked);
  const usage = usageOrNull({ input: 0, output: 0 });
  return [
    { ...head, ...begun, output: [], usage: null },
    { ...head, ...completed, output: [], usage },
  ].map((response, at) => ({
    type: at === 0 ? 'response.created' : 'response.completed',
    sequence_number: at,
    response,
  }));
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
