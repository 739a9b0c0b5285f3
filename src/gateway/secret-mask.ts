/** Keeps a credential's own secrets out of what an upstream says in an error: some repeat the key that they refuse. */
import type { Credential } from '../credentials/credential.ts';
import type { ProtocolError } from '../protocols/model.ts';
import type { AttemptFailure } from './failure.ts';

/** Shorter ones are words that stand in any text. */
const shortest = 16;
const shown = '[secret removed]';

/** The text with each secret of the credential replaced, as it is or as addresses, JSON and Basic authentication write it. */
export function maskedFor(credential: Pick<Credential, 'secret' | 'headers'>): (text: string) => string {
  let forms: string[] | undefined;
  return (text) => {
    forms ??= secretsOf(credential).flatMap(formsOf);
    let masked = text;
    for (const form of forms) if (masked.includes(form)) masked = masked.replaceAll(form, shown);
    return masked;
  };
}

/** The error with each of its words masked. */
export function maskedError(error: ProtocolError, mask: (text: string) => string): ProtocolError {
  return {
    ...error,
    message: mask(error.message),
    ...(error.code !== undefined && { code: mask(error.code) }),
    ...(error.type !== undefined && { type: mask(error.type) }),
    ...(error.param !== undefined && { param: mask(error.param) }),
  };
}

/** The failure with nothing in it that only its credential may know. */
export function maskedFailure(failure: AttemptFailure, mask: (text: string) => string): AttemptFailure {
  const { error, body } = failure;
  return {
    ...failure,
    error: maskedError(error, mask),
    ...(failure.detail !== undefined && { detail: mask(failure.detail) }),
    ...(body && { body: { ...body, text: mask(body.text) } }),
  };
}

/** Headers with their values masked. */
export function maskedValues(
  headers: Readonly<Record<string, string>>,
  mask: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)]));
}

function secretsOf({ secret, headers }: Pick<Credential, 'secret' | 'headers'>): string[] {
  const token = typeof secret === 'string' ? secret : secret.current();
  // A header of the owner's may be the proof; `$Name` is one of the client's.
  const written = Object.values(headers).filter((value) => !value.startsWith('$'));
  return [token ?? '', ...written.map((value) => value.replace(/^(bearer|basic)\s+/i, ''))].filter(
    (text) => text.length >= shortest,
  );
}

function formsOf(secret: string): string[] {
  const address = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    ...new Set([
      secret,
      address,
      // Some write the digits of `%2F` small.
      address.replace(/%../g, (code) => code.toLowerCase()),
      json,
      // PHP escapes slashes.
      json.replaceAll('/', '\\/'),
      // How the padding is written does not matter.
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
    ]),
  ];
}
