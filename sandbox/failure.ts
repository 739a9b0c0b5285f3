/** How the sandbox refuses: one value that every provider's words can be made from. */
import type { JsonObject } from './json.ts';

export type FailureKind =
  | 'invalid-request'
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'too-large'
  | 'rate-limit'
  | 'timeout'
  | 'overloaded'
  | 'server';

export interface Failure {
  status: number;
  kind: FailureKind;
  message: string;
  /** The request field at fault, as the provider writes paths. */
  param?: string;
  /** The provider's own code where it has one. */
  code?: string;
  /** Seconds. */
  retryAfter?: number;
  /** What programs get beside the message. */
  details?: JsonObject;
}

/** Thrown while a request is read; the server answers with the failure in the provider's shape. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** A 400. `param` is written as the provider writes paths. */
export function invalid(message: string, param?: string, code?: string): Refused {
  return new Refused({
    status: 400,
    kind: 'invalid-request',
    message,
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  });
}

/** What each status means where a provider says nothing more precise. RFC 9110 §15, and 529 of Anthropic's errors page. */
const kinds: Record<number, FailureKind> = {
  400: 'invalid-request',
  401: 'authentication',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

const messages: Record<FailureKind, string> = {
  'invalid-request': 'The sandbox was asked to refuse this request.',
  authentication: 'The sandbox was asked to reject this key.',
  permission: 'The sandbox was asked to deny this key access.',
  'not-found': 'The sandbox was asked not to find this model.',
  'too-large': 'The sandbox was asked to find this request too large.',
  'rate-limit': 'The sandbox was asked to report a rate limit.',
  timeout: 'The sandbox was asked to time out.',
  overloaded: 'The sandbox was asked to report overload.',
  server: 'The sandbox was asked to fail.',
};

/** The failure that a status stands for. */
export function failureOf(status: number, retryAfter?: number): Failure {
  const kind = kinds[status] ?? (status >= 500 ? 'server' : 'invalid-request');
  return {
    status,
    kind,
    message:
      retryAfter === undefined ? messages[kind] : `${messages[kind]} Please try again in ${retryAfter}s.`,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
