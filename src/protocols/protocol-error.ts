/** A failure in the words all protocols share. `message` reaches the client unchanged. */
export interface ProtocolError {
  status: number;
  kind: ErrorKind;
  message: string;
  /** The upstream's own type and code where it named them. */
  type?: string;
  code?: string;
  /** The request field at fault. */
  param?: string;
  /** Seconds to wait, from `Retry-After` or the body. */
  retryAfter?: number;
}

/** A request that cannot be taken as it is, with its field and a code for programs where there are some. */
export function badRequest(message: string, more: Pick<ProtocolError, 'param' | 'code'> = {}): ProtocolError {
  return { status: 400, kind: 'invalid-request', message, ...more };
}

/** The kinds of failure that the router acts on. */
export const errorKinds = [
  ...(['invalid-request', 'authentication', 'billing', 'permission', 'not-found', 'too-large'] as const),
  ...(['rate-limit', 'timeout', 'overloaded', 'server'] as const),
];
export type ErrorKind = (typeof errorKinds)[number];
