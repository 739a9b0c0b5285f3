/** Texts of requests and answers without what would let a reader in anywhere. */
import { looksSecret } from '../../config/problem.ts';
import { maskSecret } from '../../telemetry/log.ts';

const secretName = /auth|key|token|secret|cookie|password|credential|signature|session/i;

/** A header's value, masked where its name or its form is that of a secret. */
export function maskedHeader(name: string, value: string): string {
  const isSecret = secretName.test(name) || (looksSecret(value) && !name.endsWith('-id'));
  // How a key is given is no secret: `Bearer sk-a…Q9`.
  return isSecret ? value.replace(/[^\s,;]+$/, maskSecret) : value;
}

/** Members of JSON whose value is a secret by their name. */
const secretMember =
  /("(?:api[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|secret[_-]?key|authorization|password|bearer[_-]?token)"\s*:\s*")((?:[^"\\]|\\.)*)(")/gi;

/** A body with the secrets in it masked: those that are known, and members that are one by their name. */
export function maskedBody(text: string, secrets: Iterable<string>): string {
  return withoutKnown(text, secrets).replace(
    secretMember,
    (_, before: string, value: string, after: string) => `${before}${maskSecret(value)}${after}`,
  );
}

/** A text with the secrets masked that are known; shorter ones are words that occur in any text. */
export function withoutKnown(text: string, secrets: Iterable<string>): string {
  let masked = text;
  for (const secret of secrets)
    if (secret.length >= 8) masked = masked.replaceAll(secret, maskSecret(secret));
  return masked;
}

/** An address without the keys in its query. */
export function maskedUrl(url: string): string {
  return url
    .replace(
      /([?&][^=&]*(?:key|token|secret)[^=&]*=)([^&]*)/gi,
      (_, name: string, value: string) => `${name}${maskSecret(value)}`,
    )
    .replace(/\/\/[^/@]*@/, '//…@');
}
