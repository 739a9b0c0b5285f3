/**
 * What travels in `encrypted_content` of a reasoning item that a client is given: the signature of its reasoning,
 * sealed if another provider's, and a mark where it belongs to something else than the item's own text.
 */
import { openSignature, sealSignature } from '../continuity.ts';
import type { Signature } from '../model.ts';

/** The provider hid the text of this reasoning. */
const redactedMark = 'cpared1';
/** The item carries the signature of the part that follows it, or of the part before it (Gemini signs calls and text). */
const nextMark = 'cpanext1';
const previousMark = 'cpaprev1';

/** A signature, and what it proves. */
export interface Sealed {
  signature: Signature;
  of: 'reasoning' | 'redacted' | 'next' | 'previous';
}

const marks: [string, Sealed['of']][] = [
  [redactedMark, 'redacted'],
  [nextMark, 'next'],
  [previousMark, 'previous'],
];

/** The text for `encrypted_content`. */
export function seal({ signature, of }: Sealed): string {
  const mark = marks.find(([, what]) => what === of)?.[0] ?? '';
  return mark + sealSignature(signature, 'openai');
}

/** Reads what {@link seal} wrote; anything else is OpenAI's own. */
export function unseal(text: string): Sealed {
  for (const [mark, of] of marks) {
    if (text.startsWith(mark)) return { signature: openSignature(text.slice(mark.length), 'openai'), of };
  }
  return { signature: openSignature(text, 'openai'), of: 'reasoning' };
}
