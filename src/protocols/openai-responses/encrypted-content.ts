/**
 * What travels in `encrypted_content` of a reasoning item that a client is given: the signature of its reasoning,
 * sealed if another provider's, and a mark where it belongs to something else than the item's own text.
 */

import type { Signature } from '../model.ts';
import { unwrapSignature, wrapSignature } from '../signature-envelope.ts';

/** The provider hid the text of this reasoning. */
const redactedMark = 'cpared1';
/** The item carries the signature of the part that follows it, or of the part before it (Gemini signs calls and text). */
const nextMark = 'cpanext1';
const previousMark = 'cpaprev1';

/** A signature, and what it proves. */
export interface WrappedSignature {
  signature: Signature;
  of: 'reasoning' | 'redacted' | 'next' | 'previous';
}

const marks: [string, WrappedSignature['of']][] = [
  [redactedMark, 'redacted'],
  [nextMark, 'next'],
  [previousMark, 'previous'],
];

/** The text for `encrypted_content`. */
export function wrapEncrypted({ signature, of }: WrappedSignature): string {
  const mark = marks.find(([, what]) => what === of)?.[0] ?? '';
  return mark + wrapSignature(signature, 'openai');
}

/** Reads what {@link wrapEncrypted} wrote; anything else is OpenAI's own. */
export function unwrapEncrypted(text: string): WrappedSignature {
  for (const [mark, of] of marks) {
    if (text.startsWith(mark)) return { signature: unwrapSignature(text.slice(mark.length), 'openai'), of };
  }
  return { signature: unwrapSignature(text, 'openai'), of: 'reasoning' };
}
