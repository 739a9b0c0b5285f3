/**
 * Models for benchmarks: `sandbox-bench-100` answers with 100 pieces of text, made once and sent as fast as the other
 * side takes them. Nothing is validated and nothing is kept.
 */

import { readySteps, type Step } from './delivery.ts';
import type { Dialect, Exchange, Incoming, SandboxState } from './dialect.ts';
import { emptyTurn, type Prompt } from './prompt.ts';
import type { Reply } from './reply.ts';

export interface BenchAnswer {
  /** Events as bytes, one a piece of text and those around them. */
  stream: Step[];
  /** The same answer when it is not a stream. */
  whole: Uint8Array;
}

const mostPieces = 1_000_000;

/** How many pieces the model's name asks for; undefined for other models. */
export function benchPieces(model: string): number | undefined {
  const at = model.lastIndexOf('sandbox-bench-');
  if (at < 0) return undefined;
  const count = Number(model.slice(at + 'sandbox-bench-'.length));
  return Number.isInteger(count) && count >= 0 && count <= mostPieces ? count : undefined;
}

/** The answer of a bench model in this dialect. */
export function benchAnswer(
  dialect: Dialect,
  incoming: Incoming,
  pieces: number,
  state: SandboxState,
): BenchAnswer {
  const prompt: Prompt = {
    model: incoming.model,
    stream: true,
    system: '',
    roles: [],
    turn: emptyTurn(),
    tools: [],
    choice: { mode: 'none' },
    parallel: false,
    reasoning: { wanted: false, shown: false },
    output: { json: false },
    stop: [],
    answers: 1,
    settings: {},
    tokens: { input: 0, cacheRead: 0, cacheWrite: 0 },
  };
  const reply: Reply = {
    reasoning: [],
    secret: false,
    text: Array.from({ length: pieces }, (_, i) => ` word${i + 1}`),
    calls: [],
    finish: 'stop',
    usage: { output: pieces, reasoning: 0 },
  };
  const exchange: Exchange = {
    incoming: { ...incoming, body: { store: false, stream_options: { include_usage: true } } },
    prompt,
    reply,
    state,
  };
  return {
    stream: readySteps(dialect.stream(exchange)),
    whole: new TextEncoder().encode(JSON.stringify(dialect.whole(exchange))),
  };
}
