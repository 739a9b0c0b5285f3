/** Messages between a client and this gateway over a WebSocket: platform.openai.com/docs/guides/websocket-mode. */
import type { LastAnswer, SocketError, SocketRequest, StreamName } from '../conversation-state.ts';
import { type JsonObject, parseJson } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { badRequest } from '../protocol-error.ts';

/**
 * `response.create` is a request; `response.append` has only input and goes on from the last answer of the connection. Members that
 * belong to the transport and not to the request are left out.
 */
export function socketRequest(message: JsonObject, last: LastAnswer | undefined): SocketRequest {
  const { type, generate, background: _none, stream: _always, stream_id: _name, ...own } = message;
  if (type !== 'response.create' && type !== 'response.append') {
    const found = JSON.stringify(type ?? null).slice(0, 80);
    return refused(`type: expected "response.create" or "response.append", found ${found}.`, 'type');
  }
  const append = type === 'response.append';
  if (append && last === undefined)
    return refused(
      'type: there is no answer on this connection to append to; begin with "response.create".',
      'type',
    );
  const { input, previous_response_id, ...settings } =
    append && last !== undefined ? { ...last.settings, ...own } : own;
  const previous = previous_response_id ?? (append ? last?.id : undefined);
  const model = asString(settings.model);
  if (model === undefined || model === '') return refused('model: expected the name of a model.', 'model');
  return {
    ok: true,
    body: {
      ...settings,
      ...(input !== undefined && { input }),
      ...(previous !== undefined && { previous_response_id: previous }),
      stream: true,
    },
    settings,
    model,
    generate: generate !== false,
  };
}

function refused(message: string, param: string): SocketRequest {
  return { ok: false, error: badRequest(message, { param }) };
}

/** Characters of a client's own name for a request: an id of any form. */
const longestStreamId = 256;

/** It is sent again with every event of the answer, so that it has a bound. */
export function streamIdOf({ stream_id }: JsonObject): StreamName {
  const streamId = asString(stream_id);
  if (streamId === undefined || streamId.length <= longestStreamId) return { ok: true, streamId };
  const message = `stream_id: expected at most ${longestStreamId} characters, found ${streamId.length}.`;
  return { ok: false, error: badRequest(message, { param: 'stream_id' }) };
}

/** The data of an event; clients that name their requests find the name in every event. */
export function socketEvent(data: string, streamId: string | undefined): string {
  if (streamId === undefined || !data.startsWith('{"')) return data;
  return `{"stream_id":${JSON.stringify(streamId)},${data.slice(1)}`;
}

/** An error: the HTTP status, when to ask again, and what would have been the body. */
export function socketError({ status, retryAfter, body }: SocketError, streamId: string | undefined): string {
  return JSON.stringify({
    type: 'error',
    ...(streamId !== undefined && { stream_id: streamId }),
    status,
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    error: asObject(parseJson(body))?.error ?? { message: body },
  });
}
