/** Failures of a grant, in words for people: no token, code, verifier or secret is ever among them. */
import { withoutSecrets } from '../telemetry/secret-forms.ts';
import type { OAuthFailure, OAuthFailureKind } from './grant.ts';

export interface Failed {
  ok: false;
  failure: OAuthFailure;
}

/** The server was not reached, for a reason that is not its own; the message has the reason, as the end of “could not be reached”. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** A failure as a result; `retryAfter` in seconds. */
export function failed(
  kind: OAuthFailureKind,
  message: string,
  more: { retryAfter?: number | undefined; cause?: unknown } = {},
): Failed {
  const failure: OAuthFailure = { kind, message };
  if (more.retryAfter !== undefined) failure.retryAfter = more.retryAfter;
  if (more.cause !== undefined) failure.cause = more.cause;
  return { ok: false, failure };
}

/** The person stopped it: a signal was aborted. */
export const cancelled = (): Failed => failed('cancelled', 'The sign-in was stopped.');

/** The longest that a server's own words may be in a message, in characters. */
const longestQuote = 300;

/** Characters of an answer that are searched for secrets. */
const mostRead = 65_536;

/** Shorter ones are words that occur in any text. */
function isLong({ length }: string): boolean {
  return length >= 16;
}

/**
 * A server's words, fit for a terminal and a log: one line, no control characters or escape sequences, of bounded length,
 * and without the `secrets` that were sent to it (some servers repeat the code that they refuse). Undefined when nothing is
 * left.
 */
export function quote(words: string | undefined, secrets: readonly string[]): string | undefined {
  // What is far behind the quote cannot come into it.
  let text = (words ?? '').slice(0, mostRead);
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '…');
  text = withoutSecrets(secrets.filter(isLong).map((secret) => ({ text: secret, parts: true })))(text);
  text = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  if (text === '') return undefined;
  return text.length > longestQuote ? `${text.slice(0, longestQuote - 1)}…` : text;
}

/** The text after a sentence with the server's reason: ` Its message: “…” (invalid_scope).`, or as much of it as is known. */
export function reason(
  code: string | undefined,
  words: string | undefined,
  secrets: readonly string[],
): string {
  const said = quote(words, secrets);
  const name = quote(code, secrets);
  if (said === undefined) return name === undefined ? '' : ` Its reason: ${name}.`;
  return ` Its message: “${said}”${name === undefined || name === said ? '' : ` (${name})`}.`;
}
