/** Finish reasons of OpenAI and the words that compatible servers pass through from elsewhere. */

import type { Finish } from '../answer.ts';
import { reasonOfWord } from '../finish-words.ts';

/** Reads `finish_reason`. Without one, an answer with calls counts as tool calls, any other as stopped. */
export function decodeFinish(word: string | undefined, called: boolean): Finish {
  if (word === undefined || word === '') return { reason: called ? 'tool-calls' : 'stop' };
  return { reason: reasonOfWord(word), native: word };
}

/** The word for a client. `native` true when the answer came from this protocol and keeps its own word. */
export function encodeFinish(finish: Finish, native: boolean, legacyCall: boolean): string {
  if (native && finish.native !== undefined) return finish.native;
  switch (finish.reason) {
    case 'length':
    // The turn is not over, and that is the one word for it here.
    case 'pause':
      return 'length';
    case 'tool-calls':
      return legacyCall ? 'function_call' : 'tool_calls';
    case 'content-filter':
    // The gateway makes an error of it; this is the one word that is no end of an answer.
    case 'failed':
      return 'content_filter';
    default:
      return 'stop';
  }
}
