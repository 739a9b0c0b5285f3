/** Thinking that a client did not ask to see, but must give back with the call that followed it: as the signature of the call. */
import type { ReasoningPart, Signature } from './model.ts';

/** Before thinking that nobody signed: servers that show it (DeepSeek and others) refuse calls in the history without it. */
const unsignedMark = 'text:';
/** UTF-16 units of such thinking that a signature holds; of more it is the end. */
const mostUnsigned = 20_000;

/** What the next call carries for the thinking; undefined where only the thinking itself could come back. */
export function carriedSignature({ text, signature, redacted }: ReasoningPart): Signature | undefined {
  // Anthropic takes thinking back as it was shown, or not at all.
  if (redacted || (signature?.family === 'anthropic' && text !== '')) return undefined;
  if (signature !== undefined || text === '') return signature;
  return { family: 'chat', value: unsignedMark + text.slice(-mostUnsigned).toWellFormed() };
}

/** The thinking whose signature came back on a call. */
export function openedThinking(signature: Signature): ReasoningPart {
  const { family, value } = signature;
  return family === 'chat' && value.startsWith(unsignedMark)
    ? { type: 'reasoning', text: value.slice(unsignedMark.length) }
    : { type: 'reasoning', text: '', signature };
}
