/** Why an answer ended: `status` and `incomplete_details`, both ways. */

import type { Finish } from '../answer.ts';
import { reasonOfWord } from '../finish-words.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import type { Part } from '../model.ts';

/** Why the answer ended, from `status` and `incomplete_details`. */
export function decodeFinish(body: JsonObject, parts: readonly Part[]): Finish {
  const status = asString(body.status) ?? 'completed';
  if (status === 'completed') {
    return {
      reason: parts.some((part) => part.type === 'tool-call') ? 'tool-calls' : 'stop',
      native: status,
    };
  }
  const native = asString(asObject(body.incomplete_details)?.reason) ?? status;
  // `queued` and `in_progress` are answers in the background, for which no translated request asks.
  if (status !== 'incomplete') return { reason: reasonOfWord(status), native };
  const reason = reasonOfWord(native);
  // Whatever made it so, it is not complete.
  return { reason: reason === 'content-filter' || reason === 'failed' ? reason : 'length', native };
}

/** `status` and `incomplete_details` of an ended answer. */
export function encodeFinish(finish: Finish | undefined): JsonObject {
  switch (finish?.reason) {
    case 'length':
    // The turn is not over, and that is the nearest reason here.
    case 'pause':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    case 'content-filter':
    // The gateway makes an error of it.
    case 'failed':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
    default:
      return { status: 'completed', incomplete_details: null };
  }
}
