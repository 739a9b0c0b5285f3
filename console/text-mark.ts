/** A short mark of a text, by which it is known whether that has changed: FNV-1a, 32 bits. */
export function markOf(text: string): string {
  let mark = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
  return (mark >>> 0).toString(16).padStart(8, '0');
}

/** By the key of a setting: the mark of the English sentence, and what it is in another language. */
export type TranslatedSettings = Readonly<Record<string, readonly [mark: string, text: string]>>;
