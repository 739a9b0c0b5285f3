/** The Responses API beyond one request: what is kept, what goes on from it, and the addresses it is found at. */
import type { Answer, ClientRequest } from '../../gateway/answer.ts';
import { jsonHeaders } from '../../gateway/attempt.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { asString, type JsonObject } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/model.ts';
import { tapResponse } from './answer-tap.ts';
import { continueConversation, keepsResponses, type Memory, type UpstreamMemory } from './conversation.ts';
import type { ResponseStore, StoredResponse } from './response-store.ts';

/** An answer that has come, with the request as the gateway saw it. */
export interface AnsweredResponse {
  id: string;
  previous: string | undefined;
  /** The provider may have kept it too. */
  native: boolean;
  /** What the client sent itself. */
  input: () => JsonObject[];
  /** The request with everything written out that was. */
  request: ClientRequest;
  response: JsonObject;
}

/** Who hears of a complete answer, given whether the client wants it kept; undefined for nobody. */
export type Hears = (keep: boolean) => ((answered: AnsweredResponse) => void) | undefined;

/** Asks the gateway, after writing out what the request refers to. */
export async function answerResponses(
  gateway: Gateway,
  request: ClientRequest,
  memory: Memory,
  hears: Hears,
): Promise<Answer> {
  const upstream = () => upstreamMemory(gateway, request);
  const continued = continueConversation(request, memory, upstream);
  if (!continued.ok) return errorAnswer('openai-responses', continued.error);
  let asked = continued;
  let answer = await gateway.handle(asked.request);
  if (forgotten(answer) && memory.conversation(continued.previous ?? '') !== undefined) {
    // The provider has lost it, or another account answered: we still know it.
    const written = continueConversation(request, memory, () => ({ some: false, every: false }));
    if (written.ok) {
      asked = written;
      answer = await gateway.handle(asked.request);
    }
  }
  const onResponse = hears(asked.keep);
  if (onResponse === undefined) return answer;
  return tapResponse(answer, (response) => {
    const id = asString(response.id);
    const native = asked.keep && upstreamMemory(gateway, asked.request).every;
    if (id !== undefined) onResponse({ ...asked, id, response, native });
  });
}

/** Whether an upstream says that it does not know the answer to go on from. */
function forgotten({ status, body }: Answer): boolean {
  return (status === 400 || status === 404) && typeof body === 'string' && body.includes('previous_response');
}

/** What a client may refer to, and how its answers get there; nothing where nothing is stored. */
export function storedFor(
  store: ResponseStore | undefined,
  client: string,
): { memory: Memory; hears: Hears } {
  if (store === undefined) return { memory: noMemory, hears: () => undefined };
  const onResponse = ({ id, previous, native, input, response }: AnsweredResponse): void =>
    store.keep({ id, client, previous, native, input, response });
  return {
    memory: {
      conversation: (id) => store.conversation(id, client),
      native: (id) => store.find(id, client)?.native === true,
      item: (id) => store.item(id, client),
    },
    hears: (keep) => (keep ? onResponse : undefined),
  };
}

const noMemory: Memory = { conversation: () => undefined, native: () => false, item: () => undefined };

/** Which of the providers that may answer keep answers of their own. */
export function upstreamMemory(
  gateway: Gateway,
  { model, mayUse = () => true }: Pick<ClientRequest, 'model' | 'mayUse'>,
): UpstreamMemory {
  const tiers = gateway.catalog().route(model)?.tiers ?? [];
  const keeping = tiers.flat().filter(mayUse).map(keepsResponses);
  return { some: keeping.includes(true), every: !keeping.includes(false) };
}

/** What can be asked about a kept answer. */
export type StoredRequest =
  | { kind: 'get'; id: string }
  | { kind: 'delete'; id: string }
  | { kind: 'input-items'; id: string }
  | { kind: 'cancel'; id: string };

/** Answers `GET` and `DELETE /v1/responses/{id}`, `GET …/input_items` and `POST …/cancel`. */
export function answerStored(
  asked: StoredRequest,
  client: string,
  query: URLSearchParams | undefined,
  store: ResponseStore | undefined,
): Answer {
  const stored = store?.find(asked.id, client);
  if (store === undefined || stored === undefined)
    return errorAnswer('openai-responses', notKept(asked.id, store !== undefined));
  switch (asked.kind) {
    case 'get':
      if (query?.get('stream') === 'true') return errorAnswer('openai-responses', notStreamed);
      return json(stored.response);
    case 'delete':
      store.forget(asked.id, client);
      return json({ id: asked.id, object: 'response', deleted: true });
    case 'input-items':
      return json(itemPage(stored, query));
    case 'cancel':
      return errorAnswer('openai-responses', notBackground(asked.id));
  }
}

/** A page of the request's items, newest first unless `order=asc`; `limit` from 1 to 100, 20 by default. */
function itemPage(stored: StoredResponse, query: URLSearchParams | undefined): JsonObject {
  const named = stored.input().map((item, index) => ({ id: `item_${index}`, ...item }));
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
    ? 'It was asked for with "store": false, is too old, or belongs to another key.'
    : 'This gateway keeps no responses (responses.store in its configuration).';
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
