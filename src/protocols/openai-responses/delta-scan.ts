/**
 * Reads the most frequent event without parsing it whole: on a long answer, `JSON.parse` of its text deltas (with
 * their obfuscation and log probabilities) is most of what a translated stream costs.
 */
import { parseJson } from '../json.ts';

/** Where a piece of text goes, and the piece. */
export interface TextDelta {
  outputIndex: number;
  contentIndex: number;
  delta: string;
}

const type = 'response.output_text.delta';
const begin = `{"type":"${type}",`;

/**
 * The delta in the data of a `response.output_text.delta` event; undefined for data of any other event or form, which
 * must be parsed. A quote inside of a JSON string is escaped, so a key that is found is a key.
 */
export function scanTextDelta(name: string | undefined, data: string): TextDelta | undefined {
  if (name !== type && !data.startsWith(begin)) return undefined;
  if (data.charCodeAt(data.length - 1) !== 125) return undefined;
  const outputIndex = integerAfter(data, '"output_index":');
  const contentIndex = integerAfter(data, '"content_index":');
  const start = data.indexOf('"delta":"') + 8;
  if (outputIndex < 0 || contentIndex < 0 || start < 8) return undefined;
  const end = data.indexOf('"', start + 1);
  const plain = data.slice(start + 1, end);
  if (end > 0 && !plain.includes('\\')) return { outputIndex, contentIndex, delta: plain };
  const delta = parseJson(data.slice(start, endOfString(data, start) + 1));
  return typeof delta === 'string' ? { outputIndex, contentIndex, delta } : undefined;
}

/** The number after the key; -1 where there is none. */
function integerAfter(data: string, key: string): number {
  const at = data.indexOf(key);
  if (at < 0) return -1;
  let value = -1;
  for (let i = at + key.length; ; i++) {
    const digit = data.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return value;
    value = Math.max(value, 0) * 10 + digit;
  }
}

/** Where the JSON string that begins at `start` has its closing quote. */
function endOfString(data: string, start: number): number {
  for (let i = start + 1; i < data.length; i++) {
    const code = data.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i;
  }
  return data.length;
}
