/**
 * How a signature of one provider family travels through a client that speaks another protocol.
 *
 * Nothing is stored here: the signature is sealed into a field that the client must send back anyway (a signature
 * field, `encrypted_content`, a tool call's id) and opened again when it comes back. The family is part of the seal,
 * so that a signature returns only to the providers that made it.
 */
import { fromBase64, toBase64 } from './base64.ts';
import type { ReasoningPart, Signature, SignatureFamily } from './model.ts';
import { lookUp } from './word-table.ts';

const families: Record<string, SignatureFamily> = { a: 'anthropic', o: 'openai', g: 'gemini', c: 'chat' };
const letters: Record<SignatureFamily, string> = { anthropic: 'a', openai: 'o', gemini: 'g', chat: 'c' };

/**
 * The value of the signature field of unsigned thinking: distinguishes it from thinking that the client's own provider
 * signed, and makes clients give it back that keep signed thinking only.
 */
export const unsigned: Signature = { family: 'chat', value: '' };

/** Begins every sealed signature; base64url characters only, so that it passes where base64 is expected. */
export const signatureMark = 'cpasig1';
/** Between a tool call's own id and the signature sealed into it. */
export const idMark = `__${signatureMark}`;

function toBase64Url(text: string): string {
  return toBase64(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): string | undefined {
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/**
 * The text to put into a signature field of a client whose own family is `native`.
 * A native signature is itself; a foreign one is sealed. Base64url, without padding.
 */
export function wrapSignature(signature: Signature, native: SignatureFamily): string {
  if (signature.family === native) return signature.value;
  return `${signatureMark}${letters[signature.family]}${toBase64Url(signature.value)}`;
}

/** Reads what {@link wrapSignature} wrote; anything else is a signature of the `native` family. */
export function unwrapSignature(text: string, native: SignatureFamily): Signature {
  if (text.startsWith(signatureMark)) {
    const family = lookUp(families, text.charAt(signatureMark.length));
    const value = fromBase64Url(text.slice(signatureMark.length + 1));
    if (family !== undefined && value !== undefined) return { family, value };
  }
  return { family: native, value: text };
}

/** A tool call id that carries a signature, for clients with no other place for it. Only `[A-Za-z0-9_-]` are added. */
export function wrapId(id: string, signature: Signature | undefined): string {
  if (signature === undefined) return id;
  const { family, value, textLength } = signature;
  const letter = letters[family];
  // A capital letter: the length of the text that the signature needs beside it comes before it.
  return textLength === undefined
    ? `${id}${idMark}${letter}${toBase64Url(value)}`
    : `${id}${idMark}${letter.toUpperCase()}${toBase64Url(`${textLength} ${value}`)}`;
}

/** Splits an id that {@link wrapId} made; other ids come back as they are. */
export function unwrapId(id: string): { id: string; signature?: Signature } {
  const at = id.indexOf(idMark);
  if (at < 0) return { id };
  const letter = id.charAt(at + idMark.length);
  const family = lookUp(families, letter.toLowerCase());
  const value = fromBase64Url(id.slice(at + idMark.length + 1));
  if (family === undefined || value === undefined) return { id };
  const own = id.slice(0, at);
  if (letter === letter.toLowerCase()) return { id: own, signature: { family, value } };
  const space = value.indexOf(' ');
  const textLength = Number(value.slice(0, space));
  return { id: own, signature: { family, value: value.slice(space + 1), textLength } };
}

// Thinking that a client did not ask to see, but must give back with the call that followed it, is the signature of the call.

/** Before unsigned thinking: servers that show it (DeepSeek and others) refuse calls in the history without it. */
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
