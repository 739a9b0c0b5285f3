/** `stop_reason`, `stop_sequence` and `stop_details`. */

import type { Finish, FinishReason } from '../answer.ts';
import { reasonOfWord } from '../finish-words.ts';
import type { Json, JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';

const words: Record<FinishReason, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  pause: 'pause_turn',
  'content-filter': 'refusal',
  // The gateway makes an error of it; a refusal is the one word that is no end of an answer.
  failed: 'refusal',
  other: 'end_turn',
};

/** Reads the two fields; an unknown stop reason is `other` with its own word kept. */
export function decodeFinish(stopReason: Json | undefined, stopSequence: Json | undefined): Finish {
  const native = asString(stopReason);
  const sequence = asString(stopSequence);
  const finish: Finish = { reason: native === undefined ? 'other' : reasonOfWord(native) };
  if (sequence !== undefined) finish.stopSequence = sequence;
  if (native !== undefined) finish.native = native;
  return finish;
}

/**
 * The fields for a client. `own`: the answer came from this protocol, so its own word is repeated.
 * `refused`: the answer holds a refusal, which this protocol reports by its stop reason.
 */
export function encodeFinish(finish: Finish, own: boolean, refused: boolean): JsonObject {
  const said = { stop_reason: stopReason(finish, own, refused), stop_sequence: finish.stopSequence ?? null };
  // An answer of this protocol brings its own, where it has them.
  return own ? said : { ...said, stop_details: null };
}

function stopReason(finish: Finish, own: boolean, refused: boolean): string | null {
  if (own && (finish.native !== undefined || finish.reason === 'other')) return finish.native ?? null;
  return refused && finish.reason === 'stop' ? 'refusal' : words[finish.reason];
}
