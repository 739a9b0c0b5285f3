/** What clients read of a provider's error: nothing that only its credential may know, no more than they can use. */
import { isCredentialRefusal } from '../credentials/verdict.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import type { AttemptFailure } from './failure.ts';
import { maskedError } from './secret-mask.ts';

/** What an error is shown with. */
export interface Showing {
  /** A text of the upstream without the credential's own secrets. */
  mask: (text: string) => string;
  /** Bytes of its message (the bound `error-text`). */
  mostBytes: number;
  /** The request's id: under it log and `explain` name the credential. */
  id: string;
}

/** The code of an account that needs a new login. */
export const signInAgain = 'sign_in_again';

/** The code of a provider's refusal of the credential behind a model. */
const refusedByProvider = 'refused_by_provider';

/**
 * A provider's refusal of the credential behind a model, as clients read it: status and words are the provider's, the code is
 * not, since it would speak of the client's own key. The same error where it is none.
 */
export function refusedCredential(error: ProtocolError, id: string): ProtocolError {
  // That is in our own words already.
  if (error.code === signInAgain || error.code === refusedByProvider || !isCredentialRefusal(error))
    return error;
  const { status, kind, message, retryAfter } = error;
  return {
    status,
    kind,
    message: `The credential behind this model was refused by its provider: ${message.replace(/\.$/, '')} (request ${id}).`,
    code: refusedByProvider,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/**
 * An error inside of an answer that has begun. There is no status that could be the provider's, and protocols name the kind of
 * error where others have a code: a refused credential is a failure of the server there.
 */
export function shownInStream(error: ProtocolError, { mask, mostBytes, id }: Showing): ProtocolError {
  return withinADay(ofServer(refusedCredential(shortError(maskedError(error, mask), mostBytes), id)));
}

/** An error of the credential or its account, reported behind a status of 200. */
export function ofServer(error: ProtocolError): ProtocolError {
  if (error.code !== refusedByProvider && error.code !== signInAgain) return error;
  const { type: _type, ...rest } = error;
  return { ...rest, status: 502, kind: 'server' };
}

/** Seconds after which a client may ask again, whatever a provider asks for: a day. The credential's own cooldown may be longer. */
const longestPause = 24 * 3600;

/** The error with a time to come back at that a client can be sent away for. */
export function withinADay(error: ProtocolError): ProtocolError {
  return (error.retryAfter ?? 0) <= longestPause ? error : { ...error, retryAfter: longestPause };
}

/** Bytes of the words by which an error is recognised. */
const longestWord = 256;

/** The error with its message cut to so many bytes, with a mark; the same object where it fits. */
function shortError(error: ProtocolError, mostBytes: number): ProtocolError {
  const { message, code, type, param } = error;
  const words = [code, type, param];
  if (isShort(message, mostBytes) && words.every((word) => word === undefined || isShort(word, longestWord)))
    return error;
  return {
    ...error,
    message: cut(message, mostBytes),
    ...(code !== undefined && { code: firstBytes(code, longestWord) }),
    ...(type !== undefined && { type: firstBytes(type, longestWord) }),
    ...(param !== undefined && { param: firstBytes(param, longestWord) }),
  };
}

/** The failure with a short error; a longer body is left out, and named by the error. */
export function shortFailure(failure: AttemptFailure, mostBytes: number): AttemptFailure {
  const { error, body, detail, ...rest } = failure;
  return {
    ...rest,
    error: shortError(error, mostBytes),
    ...(detail !== undefined && { detail: cut(detail, mostBytes) }),
    ...(body !== undefined && isShort(body, mostBytes) && { body }),
  };
}

function isShort(text: string, most: number): boolean {
  return text.length * 3 <= most || Buffer.byteLength(text) <= most;
}

function cut(text: string, most: number): string {
  if (isShort(text, most)) return text;
  return `${firstBytes(text, most)} [cut: ${Buffer.byteLength(text)} bytes (bounds.error-text)]`;
}

function firstBytes(text: string, most: number): string {
  if (isShort(text, most)) return text;
  // The last character may be cut, too.
  return Buffer.from(text)
    .toString('utf8', 0, most)
    .replace(/\ufffd+$/, '');
}
