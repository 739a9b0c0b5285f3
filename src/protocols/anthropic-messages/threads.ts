import { asObject, InvalidRequest, type JsonObject } from '../json.ts';

/**
 * Throws {@link InvalidRequest} for a request of a message thread: the service remembers the conversation, and the next
 * request brings only what is new. Others remember nothing. The code is the one that Anthropic's SDKs go by: their
 * tool runner, which makes a thread unasked, then sends the conversation whole
 * (`thread_unsupported_request` in `lib/threads` of @anthropic-ai/sdk).
 */
export function demandNoThread(body: JsonObject): void {
  if (asObject(body.thread) === undefined) return;
  throw new InvalidRequest(
    'thread',
    'message threads are kept by Anthropic alone; send the whole conversation to this model',
    'thread_unsupported_request',
  );
}
