/** The pieces between the `*` of a pattern, in lower case. */
const pieces = new Map<string, readonly string[]>();

/**
 * Whether a name fits a pattern in which `*` matches any text. Letter case does not count. Each piece is taken where it comes
 * first, which needs no second try: a regular expression of many `*` tries for years.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  if (!pattern.includes('*')) return name.toLowerCase() === pattern.toLowerCase();
  let wanted = pieces.get(pattern);
  if (wanted === undefined) {
    wanted = pattern.toLowerCase().split('*');
    pieces.set(pattern, wanted);
  }
  const given = name.toLowerCase();
  const first = wanted[0] ?? '';
  const last = wanted.at(-1) ?? '';
  const end = given.length - last.length;
  if (!given.startsWith(first) || !given.endsWith(last)) return false;
  let at = first.length;
  for (let piece = 1; piece < wanted.length - 1; piece += 1) {
    const text = wanted[piece] ?? '';
    const found = given.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return at <= end;
}
