/** Finish reasons of OpenAI and the words that compatible servers pass through from elsewhere. */
import type { Finish, FinishReason } from '../model.ts';

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  // Together, TGI, Mistral, and servers that pass on the words of Anthropic or Google.
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  complete: 'stop',
  completed: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  safety: 'content-filter',
  pause_turn: 'pause',
};

/** Reads `finish_reason`. A server that says nothing is taken to have called tools if it did, else to have stopped. */
export function decodeFinish(word: string | undefined, called: boolean): Finish {
  if (word === undefined || word === '') return { reason: called ? 'tool-calls' : 'stop' };
  const reason = reasons[word] ?? reasons[word.toLowerCase()] ?? 'other';
  return { reason, native: word };
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
      return 'content_filter';
    default:
      return 'stop';
  }
}
