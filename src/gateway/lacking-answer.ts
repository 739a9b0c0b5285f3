/** A success that lacks what was asked for: it may say why. */
import { type Codec, isProtocolError } from '../protocols/codec.ts';
import { isObject, type Json } from '../protocols/json.ts';
import { type AttemptFailure, brokenUpstream, failureFromError } from './failure.ts';
import { unknownRequest } from './read-request.ts';

/** The failure that the answer reports instead; else the sentence about what it lacks. `now`: milliseconds since the epoch. */
export function lackingFailure(
  codec: Codec,
  answer: Json | undefined,
  lacks: string,
  headers: Headers,
  now: number,
): AttemptFailure {
  const { error } = isObject(answer) ? answer : {};
  const said = error ? codec.decodeResponse({ error }, { request: unknownRequest }) : undefined;
  return said !== undefined && isProtocolError(said)
    ? failureFromError(said, headers, now)
    : brokenUpstream(lacks);
}

/** What is said of a count without the number. */
export function lacksCount({ tokenCounting }: Codec): string {
  return `The upstream gave no token count: its answer has no ${tokenCounting.member}.`;
}

/** What is said of embeddings without the vectors. */
export const lacksVectors =
  'The upstream gave no embeddings: its answer has no vectors, or one without numbers.';
