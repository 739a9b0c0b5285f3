/** The addresses at which kept answers are found. */
import { type Answer, jsonHeaders } from '../../gateway/answer.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { JsonObject } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import type { ResponseStore } from './response-store.ts';

/** What can be asked about a kept answer. */
export type StoredRequest =
  | { kind: 'get'; id: string }
  | { kind: 'delete'; id: string }
  | { kind: 'input-items'; id: string }
  | { kind: 'cancel'; id: string };

/** Answers `GET` and `DELETE /v1/responses/{id}`, `GET …/input_items` and `POST …/cancel`. */
export async function answerStored(
  asked: StoredRequest,
  client: string,
  query: URLSearchParams | undefined,
  store: ResponseStore | undefined,
): Promise<Answer> {
  const stored = store?.find(asked.id, client);
  if (store === undefined || stored === undefined)
    return errorAnswer('openai-responses', notKept(asked.id, store !== undefined));
  switch (asked.kind) {
    case 'get':
      if (query?.get('stream') === 'true') return errorAnswer('openai-responses', notStreamed);
      return { status: 200, headers: { ...jsonHeaders }, body: await stored.json() };
    case 'delete':
      store.forget(asked.id, client);
      return json({ id: asked.id, object: 'response', deleted: true });
    case 'input-items':
      return json(itemPage(await stored.input.items(), query));
    case 'cancel':
      return errorAnswer('openai-responses', notBackground(asked.id));
  }
}

/** A page of the request's items, newest first unless `order=asc`; `limit` from 1 to 100, 20 by default. */
function itemPage(items: readonly JsonObject[], query: URLSearchParams | undefined): JsonObject {
  const named = items.map((item, index) => ({ id: `item_${index}`, ...item }));
  const ordered = query?.get('order') === 'asc' ? named : named.toReversed();
  const after = query?.get('after');
  const start = after ? ordered.findIndex((item) => item.id === after) + 1 : 0;
  const limit = Math.min(100, Math.max(1, Number(query?.get('limit')) || 20));
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < ordered.length,
  };
}

function json(body: JsonObject): Answer {
  return { status: 200, headers: { ...jsonHeaders }, body: JSON.stringify(body) };
}

function notKept(id: string, storing: boolean): ProtocolError {
  const why = storing
    ? 'It was asked for with "store": false or "background": true, is too old, or belongs to another key.'
    : 'This gateway keeps no responses now: responses.store is off in its configuration, or their file cannot be used, as its log says.';
  return {
    status: 404,
    kind: 'not-found',
    message: `Response with id '${id.slice(0, 80)}' not found. ${why}`,
    param: 'id',
  };
}

const notStreamed: ProtocolError = {
  status: 400,
  kind: 'invalid-request',
  message: 'stream: a kept response is given whole, not as a stream. Ask without "stream".',
  param: 'stream',
  code: 'unsupported_parameter',
};

function notBackground(id: string): ProtocolError {
  return {
    status: 400,
    kind: 'invalid-request',
    message: `Response '${id}' has ended: only background responses can be cancelled, and this gateway runs none.`,
  };
}
