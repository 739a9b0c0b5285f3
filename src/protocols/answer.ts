/** The canonical answer: whole, and as the events it arrives in. */
import type { Citation, Extra, Part, Signature, TokenLogprob } from './model.ts';
import type { ProtocolError } from './protocol-error.ts';
import type { TokenCounts } from './token-counts.ts';

/** What an answer has cost. */
export interface Usage extends TokenCounts {
  /**
   * Of the output: tokens that the service leaves out of its own count of the answer and reports beside it (Grok, Google's
   * endpoint for Chat Completions). Clients are shown the service's own count.
   */
  outputApart?: number | undefined;
  /** Usage fields without a canonical place (audio tokens, details …). */
  extra?: Extra;
}

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  /** The provider paused a long turn; the client sends it back to go on (Anthropic `pause_turn`). */
  | 'pause'
  /** The model or its server gave the answer up: what there is of it is not finished. */
  | 'failed'
  /** An unknown word: an end like any other. */
  | 'other';

export interface Finish {
  reason: FinishReason;
  stopSequence?: string;
  /** The protocol's own word, for its own codec and for `other`. */
  native?: string;
  /** The upstream's message about it (Gemini `finishMessage`). */
  message?: string;
}

/** An answer beside the first, where the client asked for several. */
export interface OtherAnswer {
  parts: Part[];
  finish: Finish;
  extra?: Extra;
}

/** One whole answer. */
export interface Response {
  id: string;
  model: string;
  /** Unix seconds. */
  created?: number;
  /** Text, reasoning, refusal, tool-call, image, audio and native parts, in order. */
  parts: Part[];
  finish: Finish;
  /** The second answer and those behind it (`n`, `candidateCount`). */
  others?: OtherAnswer[];
  usage?: Usage;
  extra?: Extra;
}

/** What the answer is made of, as it arrives. */
export type StreamEvent =
  /** First event, once. `usage` is what is known up front. */
  | { type: 'start'; id: string; model: string; created?: number; usage?: Usage; extra?: Extra }
  /**
   * A part begins. `index` is unique in the answer and grows. `part` is as far as it is known: text, reasoning and
   * tool-call parts begin with empty `text`/`input` and grow by deltas; images, audio and native parts come whole.
   */
  | { type: 'part-start'; index: number; part: Part; choice?: number }
  /** More of `text` (text, reasoning, refusal) or of `input` (tool-call). Parts may interleave. */
  | { type: 'delta'; index: number; text: string }
  | { type: 'citation'; index: number; citation: Citation }
  /** How likely tokens of the text were: those that follow the ones before. */
  | { type: 'logprobs'; index: number; tokens: TokenLogprob[] }
  /** The part's signature; replaces an earlier one. */
  | { type: 'signature'; index: number; signature: Signature }
  /** The part is complete, or a call that is `cut`; no more events name it. */
  | { type: 'part-end'; index: number; cut?: boolean }
  /** Usage so far; each one replaces the last. May come before or after `finish`. */
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; finish: Finish; choice?: number; extra?: Extra }
  /** The upstream reported a failure. Nothing follows. */
  | { type: 'error'; error: ProtocolError }
  /** The upstream's terminal event. Nothing follows. */
  | { type: 'end' };
