/** Characters that are not seen, or turn the text after them round, by their numbers: a name from outside cannot pass for another. Pure. */

/** Marks of direction, characters without a width, controls but for the end of a line and a tab, and tags. Joiners are in words and emoji. */
const hidden =
  /(?![\n\r\t])\p{Cc}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** The text with a number for each, such as `⟨U+202E⟩`. */
export function withoutHidden(text: string): string {
  return text.replace(
    hidden,
    (one) => `⟨U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
