/**
 * Reasoning items ↔ reasoning parts. `encrypted_content` of an item that a client is given holds the signature of its reasoning,
 * sealed if another provider's, with a mark where it belongs to something else than the item's own text.
 */

import type { Json, JsonObject } from '../json.ts';
import { asObjects, asString } from '../json-members.ts';
import type { Part, ReasoningPart, Signature } from '../model.ts';
import { unwrapSignature, wrapSignature } from '../signature-envelope.ts';
import { isJoined, itemOf, ownOf, toExtra, without } from './kept-fields.ts';

/** Between the texts of one item: the separator of summary parts. */
export const separator = '\n\n';

/** The contents of a reasoning item: its parts, or the signature of a neighbour that it carries. */
type ReasoningItem =
  | { kind: 'parts'; parts: ReasoningPart[] }
  | { kind: 'signature'; of: 'next' | 'previous'; signature: Signature };

/**
 * Reads a reasoning item. Summary and content become a part each; the signature is on the last one.
 * An item without text is one part that holds the signature alone.
 */
export function decodeReasoningItem(item: JsonObject): ReasoningItem {
  const encrypted = asString(item.encrypted_content);
  const sealed = encrypted === undefined || encrypted === '' ? undefined : unwrapEncrypted(encrypted);
  if (sealed?.of === 'next' || sealed?.of === 'previous') {
    return { kind: 'signature', of: sealed.of, signature: sealed.signature };
  }
  const id = asString(item.id);
  const parts: ReasoningPart[] = [];
  for (const place of ['summary', 'content'] as const) {
    const texts = textsOf(item[place]);
    if (texts.length === 0 && (place === 'content' || textsOf(item.content).length > 0)) continue;
    parts.push({
      type: 'reasoning',
      text: texts.join(separator),
      ...(place === 'summary' && texts.length > 0 && { summary: true }),
      ...(id !== undefined && { id }),
      extra: toExtra(undefined, {
        [place]: texts.map((text) => text.length),
        ...(parts.length > 0 ? { joined: true } : { item: itemFields(item, sealed !== undefined) }),
      }),
    });
  }
  const last = parts.at(-1);
  if (last !== undefined && sealed !== undefined) {
    last.signature = sealed.signature;
    if (sealed.of === 'redacted') last.redacted = true;
  }
  return { kind: 'parts', parts };
}

function textsOf(value: Json | undefined): string[] {
  return asObjects(value).map((entry) => asString(entry.text) ?? '');
}

/** The fields of the item that its parts do not have. Empty lists are distinguished from absent ones. */
export function itemFields(item: JsonObject, signed: boolean): JsonObject {
  const rest = without(item, 'type', 'id', 'summary', 'content', 'encrypted_content');
  if (item.summary === undefined) rest.summary = false;
  if (item.content !== undefined && textsOf(item.content).length === 0) rest.content = item.content;
  if (!signed && item.encrypted_content !== undefined) rest.encrypted_content = item.encrypted_content;
  return rest;
}

/**
 * Writes the parts of one reasoning item. Foreign thinking becomes the summary: that is what clients show.
 * `encrypted` is what goes into `encrypted_content`.
 */
export function encodeReasoningItem(
  parts: readonly ReasoningPart[],
  id: string | undefined,
  encrypted: string | undefined,
): JsonObject {
  let summary: JsonObject[] = [];
  let content: JsonObject[] | undefined;
  for (const part of parts) {
    const originalForm = ownOf(part.extra)?.originalForm;
    if (originalForm?.content !== undefined) {
      content = split(part.text, originalForm.content).map((text) => ({ type: 'reasoning_text', text }));
    } else {
      summary = split(part.text, originalForm?.summary).map((text) => ({ type: 'summary_text', text }));
    }
  }
  const { summary: hasSummary, ...fields } = itemOf(parts[0]?.extra) ?? {};
  return {
    ...(id !== undefined && { id }),
    type: 'reasoning',
    ...(hasSummary !== false && { summary }),
    ...(content !== undefined && { content }),
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
    ...fields,
  };
}

/** The texts that were joined, if their lengths still fit; else the text as one. */
function split(text: string, lengths: Json | undefined): string[] {
  if (!Array.isArray(lengths)) return text.length > 0 ? [text] : [];
  const texts: string[] = [];
  let at = 0;
  for (const length of lengths) {
    if (typeof length !== 'number') return [text];
    texts.push(text.slice(at, at + length));
    at += length + separator.length;
  }
  return texts.join(separator) === text || (lengths.length === 0 && text === '') ? texts : [text];
}

/** The reasoning parts from `at` on that are one item: a part and those that joined it. */
export function reasoningGroup(parts: readonly Part[], at: number): ReasoningPart[] {
  const group: ReasoningPart[] = [];
  for (let i = at; i < parts.length; i++) {
    const part = parts[i];
    if (part?.type !== 'reasoning' || (i > at && !isJoined(part.extra))) break;
    group.push(part);
  }
  return group;
}

/** The provider hid the text of this reasoning. */
const redactedMark = 'cpared1';
/** The item carries the signature of the part that follows it, or of the part before it (Gemini signs calls and text). */
const nextMark = 'cpanext1';
const previousMark = 'cpaprev1';

/** A signature, and what it proves. */
interface WrappedSignature {
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
