/** Texts without what lets anybody in, byte for byte as long as before: pieces of a stream keep their ends. */
import { looksSecret } from '../config/problem.ts';
import { isShippedAddress, keyLists } from '../providers/registry.ts';

export const removed = '[removed]';

/** Headers that authenticate, locate the sender, or name an account. */
const privateHeader =
  /auth|key|token|secret|cookie|password|credential|signature|session|organization|project|account|device|^user-id$|^host$|^origin$|^referer$|^via$|^forwarded$|^x-forwarded|^x-real-ip$|^cf-|^true-client-ip$|-ip$/i;

/** A header's value; `[removed]` where its name or its look marks it as private. */
export function publicHeader(name: string, value: string, secrets: ReadonlySet<string>): string {
  if (privateHeader.test(name) && !/ratelimit|max-tokens|token-count/i.test(name)) return removed;
  return looksSecret(value) && !name.endsWith('-id') ? removed : withoutSecrets(value, secrets);
}

/** Members of JSON whose value is a secret by their name, in JSON within a text of JSON, too. */
const secretMember =
  /((?:\\*)"(?:x[_-])?(?:api[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key|authorization|password|passwd|bearer[_-]?token|session[_-]?token)(?:\\*)"\s*:\s*(?:\\*)")((?:[^"\\]|\\[^"])+)/gi;

/** What looks like a key in any place. */
const secretText = new RegExp(
  [
    String.raw`\bsk-[A-Za-z0-9_-]{16,}`,
    ...keyLists.flatMap(([, { keyStart }]) =>
      keyStart === undefined ? [] : `\\b${RegExp.escape(keyStart)}[A-Za-z0-9_-]{16,}`,
    ),
    String.raw`\bgsk_[A-Za-z0-9]{16,}`,
    String.raw`\bya29\.[A-Za-z0-9._-]{16,}`,
    String.raw`\bgh[pousr]_[A-Za-z0-9]{20,}`,
    String.raw`\bgithub_pat_\w{20,}`,
    String.raw`\bhf_[A-Za-z0-9]{20,}`,
    String.raw`\bAKIA[A-Z0-9]{16}`,
    String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*`,
    String.raw`\b1\/\/[A-Za-z0-9_-]{20,}`,
  ].join('|'),
  'g',
);

/** `secrets`: the known ones; those under eight characters are words that occur in any text. */
export function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  let out = text;
  for (const secret of secrets)
    if (secret.length >= 8)
      for (const spelling of new Set([
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
      ]))
        out = out.replaceAll(spelling, starsFor);
  return out
    .replace(secretMember, (_, before: string, value: string) => before + starsFor(value))
    .replace(secretText, starsFor);
}

function starsFor(secret: string): string {
  return '*'.repeat(Buffer.byteLength(secret));
}

/** An address without keys, and without the name of a host of the owner's own. */
export function publicUrl(url: string, secrets: ReadonlySet<string>): string {
  const parsed = URL.parse(url);
  if (parsed === null) return withoutSecrets(url, secrets);
  for (const name of [...parsed.searchParams.keys()])
    if (/key|token|secret|sig/i.test(name)) parsed.searchParams.set(name, 'removed');
  const host = isShippedAddress(url) ? parsed.host : 'upstream.invalid';
  return withoutSecrets(`${parsed.protocol}//${host}${parsed.pathname}${parsed.search}`, secrets);
}
