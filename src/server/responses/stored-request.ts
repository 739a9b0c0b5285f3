/** The addresses at which kept answers are found. */
import { type Answer, jsonHeaders, streamHeaders } from '../../gateway/answer.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { protocol, state } from './protocol.ts';
import type { ResponseStore } from './response-store.ts';
import { storedStream } from './stored-stream.ts';

/** What can be asked about a kept answer. */
export type StoredRequest =
  | { kind: 'get'; id: string }
  | { kind: 'delete'; id: string }
  | { kind: 'input-items'; id: string }
  | { kind: 'cancel'; id: string };

/** Answers `GET` and `DELETE` of an answer's id, `GET …/input_items` and `POST …/cancel`. */
export async function answerStored(
  asked: StoredRequest,
  client: string,
  query: URLSearchParams | undefined,
  store: ResponseStore | undefined,
): Promise<Answer> {
  const stored = store?.find(asked.id, client);
  if (store === undefined || stored === undefined)
    return errorAnswer(protocol, state.stored.notKept(asked.id, store !== undefined));
  switch (asked.kind) {
    case 'get':
      return query?.get('stream') === 'true'
        ? streamed(await stored.json(), query.get('starting_after'))
        : { status: 200, headers: { ...jsonHeaders }, body: await stored.json() };
    case 'delete':
      store.forget(asked.id, client);
      return answerOf(state.stored.deleted(asked.id));
    case 'input-items':
      return answerOf(state.stored.itemPage(await stored.input.items(), query));
    case 'cancel':
      return errorAnswer(protocol, state.stored.notBackground(asked.id));
  }
}

/** The events of the answer with this JSON, of which `after` is the number of the last that the client has. */
async function streamed(json: string, after: string | null): Promise<Answer> {
  if (after !== null && !/^\d{1,9}$/.test(after)) return errorAnswer(protocol, state.stored.badPlace);
  const body = await storedStream(json, after === null ? -1 : Number(after));
  return { status: 200, headers: { ...streamHeaders }, body };
}

function answerOf(body: JsonObject): Answer {
  return { status: 200, headers: { ...jsonHeaders }, body: JSON.stringify(body) };
}
