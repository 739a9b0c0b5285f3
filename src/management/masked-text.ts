/** Texts that may be keys, as they may be shown and kept. */

/** Shorter keys would be guessed from what is shown of them. */
const shortest = 20;

/** An address, a path, an e-mail or words stay as they are; what may be a key loses its middle. */
export function maskedText(text: string): string {
  if (/^(?:(?:GET|POST|PUT|PATCH|DELETE) )?\/[\w./:{}*-]*$/.test(text)) return text;
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) || text.includes('…') || /\s/.test(text)) return text;
  return maskedKey(text);
}

/** The ends of a key; of a short one nothing. */
export function maskedKey(key: string): string {
  if (key === '') return '';
  return key.length < shortest ? '…' : `${key.slice(0, 4)}…${key.slice(-4)}`;
}
