/** `thoughtSignature`: Google's own as they are, those of other families sealed into valid base64. */

import type { ReasoningPart, Signature } from '../model.ts';
import { signatureMark, unwrapSignature, wrapSignature } from '../signature-envelope.ts';

/**
 * Google's value for calls that no Gemini model made: the check of thought signatures passes over them.
 * Source: ai.google.dev/gemini-api/docs/thought-signatures (FAQ: calls of other models).
 */
export const skipSignature = 'skip_thought_signature_validator';

/** Begins a seal around hidden thinking (Anthropic's redacted blocks), whose value is no signature of a text. */
const redactedMark = 'redacted.';
/** The base64 of what every seal begins with; see continuity.ts and {@link redactedMark}. */
const sealStart = btoa('cpasig').slice(0, 8);
const redactedStart = btoa(redactedMark).slice(0, 12);

/** {@link Codec.wrapMarks}: as Gemini's clients send them, in base64. */
export const wrapMarks = [
  btoa(signatureMark).slice(0, 8),
  btoa(`${redactedMark}${signatureMark}`).slice(0, 20),
];

/**
 * The signature for a client's `thoughtSignature`. The field holds bytes, and clients that decode them write them
 * anew: a foreign signature is therefore canonical base64 of its seal.
 */
export function clientSignature(signature: Signature, redacted?: boolean): string {
  if (signature.family === 'gemini') return signature.value;
  const sealed = wrapSignature(signature, 'gemini');
  return btoa(redacted ? redactedMark + sealed : sealed);
}

/** Reads a `thoughtSignature`: the family it belongs to, and whether it represents hidden reasoning. */
export function readSignature(text: string): Pick<ReasoningPart, 'redacted'> & { signature: Signature } {
  const redacted = text.startsWith(redactedStart);
  if (!redacted && !text.startsWith(sealStart)) return { signature: { family: 'gemini', value: text } };
  try {
    const sealed = atob(text);
    const signature = unwrapSignature(redacted ? sealed.slice(redactedMark.length) : sealed, 'gemini');
    if (signature.family !== 'gemini') return redacted ? { signature, redacted } : { signature };
  } catch {
    // Not base64, so not one of ours.
  }
  return { signature: { family: 'gemini', value: text } };
}
