/** `finishReason`, both ways. */

import type { Finish, FinishReason } from '../answer.ts';
import { reasonOfWord } from '../finish-words.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import { finishWord } from './enum-numbers.ts';

const words: Record<FinishReason, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  // The turn is not over, and that is the one word for it here.
  pause: 'MAX_TOKENS',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  failed: 'OTHER',
  other: 'STOP',
};

/** The word in a candidate's `finishReason`; undefined while it has not ended. */
export function finishWordOf(candidate: JsonObject): string | undefined {
  const word = finishWord(candidate.finishReason);
  return word === 'FINISH_REASON_UNSPECIFIED' ? undefined : word;
}

/**
 * Reads why a candidate ended; what the words mean is the same for servers that pass them on (ai.google.dev/api/
 * generate-content#FinishReason), but for `OTHER`, which is a fault here. Google has no word for "stopped to call
 * tools": an answer with calls shows that by them.
 */
export function decodeFinish(word: string | undefined, candidate: JsonObject, called: boolean): Finish {
  const native = word ?? '';
  const known = native === 'OTHER' ? 'failed' : reasonOfWord(native);
  const reason = called && (known === 'stop' || known === 'other') ? 'tool-calls' : known;
  const message = asString(candidate.finishMessage);
  return { reason, native, ...(message && { message }) };
}

/** The word for the reason; the upstream's own one where it was Google's. */
export function encodeFinish(finish: Finish, own: boolean): string {
  return own && finish.native !== undefined ? finish.native : words[finish.reason];
}
