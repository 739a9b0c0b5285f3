/** Masks a credential's own secrets in errors of an upstream: some repeat the key that they refuse. */
import type { TokenSource } from '../accounts/token-source.ts';
import type { Credential } from '../credentials/credential.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { type Secret, withoutSecrets } from '../telemetry/secret-forms.ts';
import type { AttemptFailure } from './failure.ts';

/** Shorter ones are words that occur in any text. */
const shortest = 16;

/** A proxy's password is masked from so many characters on, as a whole. */
const shortestPassword = 8;

/** What must not come back: the proof that was sent, and the password of the proxy through which it went. */
export type SentSecrets = Pick<Credential, 'secret' | 'headers'> & { proxy?: string | undefined };

/** The text with each secret of the credential replaced, however it is written, and with parts of its key. */
export function maskedFor(sent: SentSecrets): (text: string) => string {
  let mask: ((text: string) => string) | undefined;
  return (text) => {
    mask ??= withoutSecrets(secretsOf(sent));
    return mask(text);
  };
}

/** Characters of an error that are looked through and kept: more is never shown (`bounds.error-text`, `bounds.log-line`). */
const longestError = 256 * 1024;

function beginningOf(text: string): string {
  return text.length > longestError ? text.slice(0, longestError) : text;
}

/** The error with each of its words masked. */
export function maskedError(error: ProtocolError, mask: (text: string) => string): ProtocolError {
  return {
    ...error,
    message: mask(beginningOf(error.message)),
    ...(error.code !== undefined && { code: mask(beginningOf(error.code)) }),
    ...(error.type !== undefined && { type: mask(beginningOf(error.type)) }),
    ...(error.param !== undefined && { param: mask(beginningOf(error.param)) }),
  };
}

/** The failure with nothing in it that only its credential may know. */
export function maskedFailure(failure: AttemptFailure, mask: (text: string) => string): AttemptFailure {
  const { error, body } = failure;
  return {
    ...failure,
    error: maskedError(error, mask),
    ...(failure.detail !== undefined && { detail: mask(beginningOf(failure.detail)) }),
    ...(body !== undefined && { body: mask(beginningOf(body)) }),
  };
}

/** Headers with their values masked. */
export function maskedValues(
  headers: Readonly<Record<string, string>>,
  mask: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)]));
}

/** What the owner's own headers hold: one of them may be the proof. `$Name` is a header of the client's. */
export function writtenIn(headers: SentSecrets['headers']): string[] {
  return Object.values(headers)
    .filter((value) => !value.startsWith('$'))
    .map((value) => value.replace(/^(bearer|basic)\s+/i, ''));
}

function secretsOf({ secret, headers, proxy }: SentSecrets): Secret[] {
  const token = typeof secret === 'string' ? secret : currentOf(secret);
  const written = writtenIn(headers);
  return [
    ...(token === undefined || token.length < shortest ? [] : [{ text: token, parts: true }]),
    ...written.filter((text) => text.length >= shortest).map((text) => ({ text, parts: false })),
    ...(proxy === undefined ? [] : passwordsOf(proxy)),
  ];
}

/** What cannot be had was not sent either. */
function currentOf(source: TokenSource): string | undefined {
  try {
    return source.current();
  } catch {
    return undefined;
  }
}

/** The password in the address of a proxy, as it is written there and as the proxy gets it. */
function passwordsOf(proxy: string): Secret[] {
  const written = /^(?:[a-z0-9+.-]*:\/\/)?[^/@:]*:([^/@]*)@/i.exec(proxy)?.[1] ?? '';
  let decoded = written;
  try {
    decoded = decodeURIComponent(written);
  } catch {
    // It is no encoding, then.
  }
  return [...new Set([written, decoded])]
    .filter((text) => text.length >= shortestPassword)
    .map((text) => ({ text, parts: false }));
}
