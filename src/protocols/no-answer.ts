/** Success that holds no answer: `{}`, an empty list, an object of another API. It is a broken upstream, and another may serve. */
import type { ProtocolError } from './protocol-error.ts';

/** The error for it; `lacks` is what an answer of its protocol has: "choices". */
export function noAnswer(lacks: string): ProtocolError {
  return {
    status: 502,
    kind: 'server',
    message: `The upstream answered without ${lacks}.`,
    code: 'invalid_response',
  };
}
