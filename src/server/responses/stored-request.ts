/** The addresses at which kept answers are found. */
import { type Answer, jsonHeaders } from '../../gateway/answer.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { protocol, state } from './protocol.ts';
import type { ResponseStore } from './response-store.ts';

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
      if (query?.get('stream') === 'true') return errorAnswer(protocol, state.stored.notStreamed);
      return { status: 200, headers: { ...jsonHeaders }, body: await stored.json() };
    case 'delete':
      store.forget(asked.id, client);
      return json(state.stored.deleted(asked.id));
    case 'input-items':
      return json(state.stored.itemPage(await stored.input.items(), query));
    case 'cancel':
      return errorAnswer(protocol, state.stored.notBackground(asked.id));
  }
}

function json(body: JsonObject): Answer {
  return { status: 200, headers: { ...jsonHeaders }, body: JSON.stringify(body) };
}
