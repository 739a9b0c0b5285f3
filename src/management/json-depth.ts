/** How deep JSON nests, found without reading it: recursion uses the stack for each level. */

const quote = 0x22;
const backslash = 0x5c;
const openers: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Whether lists and objects of a JSON text are nested for more than `levels`. */
export function isNestedDeeper(bytes: Uint8Array, levels: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash) at += 1;
    else if (byte === quote) quoted = !quoted;
    else if (quoted) continue;
    else if (openers.has(byte)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (closing.has(byte)) depth -= 1;
  }
  return false;
}
