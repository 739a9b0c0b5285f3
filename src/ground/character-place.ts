/** The place of an invalid character in a secret: the only thing about it that a message may contain. */

/** `character 5 is U+00FC`, counted as people count; the match is that of the one character. */
export function characterPlace(text: string, { index, 0: character }: RegExpExecArray): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `character ${[...text.slice(0, index)].length + 1} is U+${code}`;
}
