/** Texts of requests and answers without what would let a reader in anywhere. */
import { looksSecret } from '../../config/problem.ts';
import { maskSecret } from '../../telemetry/log.ts';
import { withoutSecrets } from '../../telemetry/secret-forms.ts';

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

/** A body without the secrets in it: those that are known, and members that are one by their name. */
export function maskedBody(text: string, withoutKnown: (text: string) => string): string {
  return withoutKnown(text).replace(
    secretMember,
    (_, before: string, value: string, after: string) => `${before}${maskSecret(value)}${after}`,
  );
}

/** Texts with these secrets masked where they stand as they are, and without them where they are written otherwise; shorter ones are words of any text. */
export function withoutKnown(secrets: Iterable<string>): (text: string) => string {
  const known = [...secrets].filter((secret) => secret.length >= shortest);
  const otherwise = withoutSecrets(known.map((text) => ({ text, parts: text.length >= longEnough })));
  return (text) => otherwise(known.reduce((all, secret) => all.replaceAll(secret, maskSecret(secret)), text));
}

/** Characters of a secret that is looked for, and of one whose parts are. */
const shortest = 8;
const longEnough = 16;

/** An address without the keys in its query. */
export function maskedUrl(url: string): string {
  return url
    .replace(
      /([?&][^=&]*(?:key|token|secret)[^=&]*=)([^&]*)/gi,
      (_, name: string, value: string) => `${name}${maskSecret(value)}`,
    )
    .replace(/\/\/[^/@]*@/, '//…@');
}
