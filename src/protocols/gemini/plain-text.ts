/**
 * The common chunk: a piece of text or of thought, and nothing that must be decoded.
 *
 * Fast path: `npm run bench -- --only streams`, the rows from and to Gemini (performance.md, "Translating a streamed answer").
 */

import { isObject, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';

type PlainType = 'text' | 'reasoning';

/** Whether the part is nothing but text of this kind. */
export function isPlain(raw: JsonObject, type: PlainType): boolean {
  for (const key in raw) if (key !== 'text' && key !== 'thought') return false;
  return (raw.thought === true) === (type === 'reasoning');
}

/** The text of a candidate with only a piece of text of this kind; undefined for all others. */
export function textAlone(candidate: JsonObject, type: PlainType): string | undefined {
  for (const key in candidate) if (key !== 'content' && key !== 'index') return undefined;
  const parts = asObject(candidate.content)?.parts;
  if (!Array.isArray(parts) || parts.length !== 1) return undefined;
  const [part] = parts;
  return isObject(part) && isPlain(part, type) ? asString(part.text) : undefined;
}
