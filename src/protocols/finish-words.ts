/**
 * Why answers end, in the words of servers that follow another protocol than their own, or pass on the words of what
 * runs behind them; and what it means that an answer was given up.
 */

import type { Finish, FinishReason } from './answer.ts';
import type { LossReport } from './codec.ts';
import type { Json } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';
import { lookUp } from './word-table.ts';

/** In small letters. Each word has its source. */
const words: Readonly<Record<string, FinishReason>> = {
  // OpenAI, Anthropic.
  stop: 'stop',
  end_turn: 'stop',
  completed: 'stop',
  complete: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_context_window_exceeded: 'length',
  incomplete: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  tool_use: 'tool-calls',
  content_filter: 'content-filter',
  refusal: 'content-filter',
  stop_sequence: 'stop-sequence',
  pause_turn: 'pause',
  // Anthropic, where a compaction was to end the turn: platform.claude.com/docs/en/build-with-claude/compaction.
  compaction: 'pause',
  // Together, TGI, llama.cpp, and others.
  eos: 'stop',
  eos_token: 'stop',
  end: 'stop',
  done: 'stop',
  model_length: 'length',
  max_length: 'length',
  limit: 'length',
  tool_call: 'tool-calls',
  // Google, as its own and other compatible endpoints pass it on.
  safety: 'content-filter',
  recitation: 'content-filter',
  blocklist: 'content-filter',
  prohibited_content: 'content-filter',
  spii: 'content-filter',
  image_safety: 'content-filter',
  image_prohibited_content: 'content-filter',
  image_recitation: 'content-filter',
  no_image: 'content-filter',
  model_armor: 'content-filter',
  language: 'failed',
  image_other: 'failed',
  malformed_function_call: 'failed',
  malformed_response: 'failed',
  unexpected_tool_call: 'failed',
  too_many_tool_calls: 'failed',
  missing_thought_signature: 'failed',
  function_call_filter: 'failed',
  // Amazon Bedrock: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
  malformed_model_output: 'failed',
  malformed_tool_use: 'failed',
  // Zhipu: docs.z.ai/api-reference/llm/chat-completion.
  sensitive: 'content-filter',
  network_error: 'failed',
  // DeepSeek: api-docs.deepseek.com/api/create-chat-completion.
  insufficient_system_resource: 'failed',
  // Cohere: docs.cohere.com/reference/chat.
  error_toxic: 'content-filter',
  error_limit: 'length',
  user_cancel: 'failed',
  // OpenRouter, vLLM, SGLang.
  error: 'failed',
  abort: 'failed',
  aborted: 'failed',
  cancelled: 'failed',
  canceled: 'failed',
  failed: 'failed',
  timeout: 'failed',
  overloaded: 'failed',
  server_error: 'failed',
};

/** Google names new faults after their kind; other words that are not known are taken for an end like any other. */
const failing = /^(?:malformed|unexpected|too_many|missing)_/;
const filtering = /safety|prohibited|recitation|blocked/;

/** The meaning of a finish reason of any server; `other` for an unknown one. */
export function reasonOfWord(word: string): FinishReason {
  const small = word.toLowerCase();
  const known = lookUp(words, small);
  if (known !== undefined) return known;
  // Google's compatible endpoint: `content_filter: RECITATION`, `function_call_filter: MALFORMED_FUNCTION_CALL`.
  const colon = small.indexOf(':');
  if (colon > 0) return reasonOfWord(small.slice(0, colon));
  if (failing.test(small)) return 'failed';
  return filtering.test(small) ? 'content-filter' : 'other';
}

/** Whether a member of an answer is a word by which it was given up. */
export function isFailure(word: Json | undefined): boolean {
  // Nearly all answers end with these.
  if (typeof word !== 'string' || word === 'stop' || word === 'end_turn') return false;
  return reasonOfWord(word) === 'failed';
}

/** Reports a finish reason that only the upstream knows. */
export function reportWord({ native }: Finish, report: LossReport): void {
  if (native !== undefined && native !== '' && reasonOfWord(native) === 'other')
    report('approximated', 'finish_reason', `${native} is specific to the upstream`);
}

/** The code of the error for an answer that its model gave up: often gone with the next try. */
export const givenUpCode = 'upstream_gave_up';

/** Finish reasons of a server that could not continue, whatever the request. */
const unable = new Set([
  'insufficient_system_resource',
  'network_error',
  'overloaded',
  'timeout',
  'server_error',
]);

/** The error for an answer that was given up; undefined for one that ended. */
export function errorOfFinish({ reason, native, message }: Finish): ProtocolError | undefined {
  if (reason !== 'failed') return undefined;
  const word = native === undefined || native === '' ? '' : ` (${native})`;
  const why = message === undefined || message === '' ? '.' : `: ${message}`;
  const said = `The upstream gave up its answer${word}${why}`;
  if (native !== undefined && unable.has(native.toLowerCase()))
    return { status: 503, kind: 'overloaded', message: said, code: native };
  return { status: 502, kind: 'server', message: said, code: givenUpCode };
}
