/**
 * Text without half characters. JSON can say one half of a surrogate pair by itself (`"\ud83d"`), and servers that cut
 * their output by tokens do. It is no text: UTF-8 has no bytes for it, parsers of Python and Rust refuse it, and so does
 * Anthropic ("no low surrogate in string"). A half that stays alone becomes U+FFFD, as it does in every decoder of UTF-8.
 */

/** Puts U+FFFD in place of lone surrogates in all strings of the value. */
export function mendStrings(value: object): void {
  for (const key of Object.keys(value)) {
    const inner: unknown = Reflect.get(value, key);
    if (typeof inner === 'object' && inner !== null) mendStrings(inner);
    else if (typeof inner === 'string' && !inner.isWellFormed())
      Reflect.set(value, key, inner.toWellFormed());
  }
}

/** JSON text that `JSON.stringify` wrote, with U+FFFD in place of lone surrogates: they are all that it escapes as `\ud…`. */
export function mendedJson(json: string): string {
  return json.includes('\\ud') ? json.replace(escapes, mended) : json;
}

/**
 * JSON text from elsewhere, which may escape any character: pairs of surrogates become the characters that they are, and
 * lone ones U+FFFD.
 */
export function mendedEscapes(json: string): string {
  return json.includes('\\u') ? json.replace(escapes, mended) : json;
}

/** Every escape of JSON, pairs of surrogates as one. */
const escapes =
  /\\(?:u([dD][89abAB][\da-fA-F]{2})(?:\\u([dD][c-fC-F][\da-fA-F]{2}))?|u[dD][c-fC-F][\da-fA-F]{2}|.)/gs;

function mended(written: string, high: string | undefined, low: string | undefined): string {
  if (high !== undefined && low !== undefined)
    return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
  return isLone(written) ? '\ufffd' : written;
}

/** Of what {@link escapes} finds, a lone surrogate is all that has six characters. */
function isLone(written: string): boolean {
  return written.length === 6;
}

/** Where the text's last escape begins when its end, or the other half of its character, may still come; else the text's length. */
export function openEscape(json: string): number {
  for (let at = json.indexOf('\\'); at >= 0; ) {
    const rest = json.length - at;
    const unicode = json.charAt(at + 1) === 'u';
    if (rest < (unicode ? 6 : 2)) return at;
    const high = unicode && /^d[89ab]/i.test(json.slice(at + 2, at + 4));
    if (high && rest < 12 && '\\u'.startsWith(json.slice(at + 6, at + 8))) return at;
    at = json.indexOf('\\', at + (unicode ? 6 : 2));
  }
  return json.length;
}

/** Where the text ends without a first half whose second may still come. */
export function wholeEnd(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
}
