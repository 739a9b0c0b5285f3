/** Secrets in texts of others: servers repeat the keys that they refuse, in every way in which a key can be written. */

/** A secret that a text may contain. */
export interface Secret {
  text: string;
  /** Whether parts of it are masked, too, where they are long enough to be nothing else. */
  parts: boolean;
}

/** Shorter parts occur in any text, and are what providers themselves show of a key. */
const shortestPart = 16;

/** Secrets are looked for by blocks of so many characters: each part of {@link shortestPart} has a whole one in it. */
const block = 8;

const shown = '[secret removed]';

/** One way to write a secret, as {@link compact} has it. */
interface Form {
  text: string;
  /** Consecutive characters of the secret that count as a match. */
  least: number;
}

/**
 * Takes secrets out of a text: as they are, in capitals, in hex, base64, the escapes of URLs, JSON and HTML, alone or within something else
 * that was so encoded (`Bearer …`), also with white space or line ends between. Its cost is linear in the text. The text
 * stays as it is around them.
 */
export function withoutSecrets(secrets: readonly Secret[]): (text: string) => string {
  let blocks: Map<number, { form: Form; at: number }[]> | undefined;
  return (text) => {
    if (text.length < block) return text;
    blocks ??= blocksOf(secrets);
    return blocks.size === 0 ? text : masked(text, blocks);
  };
}

function masked(text: string, blocks: ReadonlyMap<number, readonly { form: Form; at: number }[]>): string {
  const { codes, places, ends } = compact(text);
  let out = '';
  /** What of the text has been written, and of the compact one been looked at. */
  let written = 0;
  let until = 0;
  let hash = 0;
  for (let end = 0; end < codes.length; end++) {
    hash = pushed(hash, codes, end);
    const start = end + 1 - block;
    if (start < until) continue;
    for (const { form, at } of blocks.get(hash) ?? []) {
      const run = runOf(codes, start, form.text, at, until);
      if (run === undefined || run.end - run.start < form.least) continue;
      out += text.slice(written, places[run.start]) + shown;
      written = ends.get(run.end - 1) ?? (places[run.end - 1] ?? 0) + 1;
      until = run.end;
      break;
    }
  }
  return written === 0 ? text : out + text.slice(written);
}

/** How far text and form agree around a block; undefined where the block itself does not. */
function runOf(
  codes: Uint16Array,
  start: number,
  form: string,
  at: number,
  until: number,
): { start: number; end: number } | undefined {
  let before = 0;
  while (
    start - before > until &&
    at > before &&
    codes[start - before - 1] === form.charCodeAt(at - before - 1)
  )
    before += 1;
  let length = 0;
  while (at + length < form.length && codes[start + length] === form.charCodeAt(at + length)) length += 1;
  return length < block ? undefined : { start: start - before, end: start + length };
}

const factor = 0x01000193;
/** `factor` to the power of {@link block}, in 32 bits. */
const leaving = Array.from({ length: block }).reduce<number>((power) => Math.imul(power, factor), 1);

/** The hash of the block that ends at `end`, from that of the one before. */
function pushed(hash: number, codes: Uint16Array, end: number): number {
  const left = end < block ? 0 : (codes[end - block] ?? 0);
  return (Math.imul(hash, factor) + (codes[end] ?? 0) - Math.imul(left, leaving)) | 0;
}

function blocksOf(secrets: readonly Secret[]): Map<number, { form: Form; at: number }[]> {
  const blocks = new Map<number, { form: Form; at: number }[]>();
  const seen = new Set<string>();
  for (const secret of secrets)
    for (const form of formsOf(secret)) {
      if (seen.has(form.text) || form.text.length < block) continue;
      seen.add(form.text);
      const { codes } = compact(form.text);
      let hash = 0;
      for (let end = 0; end < codes.length; end++) {
        hash = pushed(hash, codes, end);
        const at = end + 1 - block;
        // A secret that occurs whole contains its first block.
        if (at < 0 || at % block !== 0 || (at > 0 && form.least === form.text.length)) continue;
        const known = blocks.get(hash) ?? [];
        if (known.length < mostAlike) known.push({ form, at });
        blocks.set(hash, known);
      }
    }
  return blocks;
}

/** Blocks of secrets that are alike, such as those of one character over and over: further ones add nothing. */
const mostAlike = 16;

function formsOf({ text, parts }: Secret): Form[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const pairs = hex.match(/../g) ?? [];
  // What an encoding of three bytes in four characters makes of it depends on what precedes it.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1),
  );
  const whole = [
    text,
    encodeURIComponent(text),
    `%${pairs.join('%')}`,
    hex,
    `x${pairs.join('x')}`,
    pairs.join(':'),
  ];
  const units = [...text].map((letter) => `u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const form = (one: string, least: number): Form => {
    const written = String.fromCharCode(...compact(one).codes);
    return { text: written, least: parts ? Math.min(least, written.length) : written.length };
  };
  return [
    ...[...whole, units.join('')].map((one) => form(one, shortestPart)),
    // The last character of one may be of what follows, too.
    ...base64.map((one) => form(one.slice(0, -1), shortestPart)),
  ];
}

/**
 * A text in which all ways to write the same look the same: small letters, one alphabet of base64, without white space and
 * invisible characters, the escapes of JSON and of HTML read. `places`: the offset of each character in the text; `ends`: the offset
 * behind those that take more than one.
 */
function compact(text: string): { codes: Uint16Array; places: Uint32Array; ends: Map<number, number> } {
  const codes = new Uint16Array(text.length);
  const places = new Uint32Array(text.length);
  const ends = new Map<number, number>();
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const start = at;
    let code = text.charCodeAt(at);
    if (code === backslash || code === ampersand) {
      const found = mayEscape(code, text.charCodeAt(at + 1)) ? escapeAt(text, at) : undefined;
      if (found !== undefined) {
        at += found.length - 1;
        ({ code } = found);
      } else if (code === backslash) {
        // Line ends and tabs in JSON.
        if (lineEscapes.has(text.charCodeAt(at + 1))) at += 1;
        continue;
      }
    }
    if (code <= 0x20 || code === backslash || (code > 0x9f && unseen.has(code))) continue;
    codes[size] = code >= 0x41 && code <= 0x5a ? code + 0x20 : (alphabet.get(code) ?? code);
    places[size] = start;
    if (at > start) ends.set(size, at + 1);
    size += 1;
  }
  return { codes: codes.subarray(0, size), places: places.subarray(0, size), ends };
}

/** Whether a number of a character may follow: most backslashes and ampersands are themselves, or begin something else. */
function mayEscape(sign: number, next: number): boolean {
  // `u` or `U`.
  return sign === backslash ? (next | 0x20) === 0x75 : next === numberSign;
}

/** The character that is written by its number at this place, as in JSON (`\\u002d`) and HTML (`&#45;`, `&#x2d;`). */
function escapeAt(text: string, at: number): { code: number; length: number } | undefined {
  const [all = '', json, hex, decimal] =
    /^(?:\\u([0-9a-f]{4})|&#x([0-9a-f]{1,6});|&#([0-9]{1,7});)/i.exec(text.slice(at, at + longestEscape)) ??
    [];
  if (all === '') return undefined;
  const code = decimal === undefined ? Number.parseInt(json ?? hex ?? '', 16) : Number(decimal);
  return { code: Math.min(code, 0xffff), length: all.length };
}

const longestEscape = 10;
const ampersand = 0x26;
const numberSign = 0x23;
/** All beyond 0x9f: no-break space, soft hyphen, zero-width spaces and joiners. */
const unseen = new Set([0xa0, 0xad, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff]);
const backslash = 0x5c;
const lineEscapes = new Set([...'nrt'].map((letter) => letter.charCodeAt(0)));
/** RFC 4648 §5: `-` and `_` for `+` and `/`. */
const alphabet = new Map([
  [0x2d, 0x2b],
  [0x5f, 0x2f],
]);
