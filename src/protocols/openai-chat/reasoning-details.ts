/**
 * `reasoning_details`: the list in which OpenRouter and its like carry signed thinking, and in which signatures of
 * other families travel through chat clients, sealed.
 */

import { type Json, type JsonObject, parseJson } from '../json.ts';
import { asObjects, asString } from '../json-members.ts';
import type { ReasoningPart, Signature } from '../model.ts';
import { unwrapSignature, wrapSignature } from '../signature-envelope.ts';

/** The contents of one encrypted entry for its part. */
interface SealedDetail {
  signature: Signature;
  /** UTF-16 units of `reasoning_content` that are this part's text. */
  length: number;
  redacted: boolean;
  summary: boolean;
  /** The signature belongs to the answer's text, not to reasoning. */
  onText: boolean;
  id?: string;
}

/** `id` of a sealed entry: the part's own id, the length of its text, and flags. The list's readers keep ids as they are. */
const sealedId = /^(.*)#(\d+)(r?)(s?)(t?)$/s;

/** The entry for one signed part whose text has `length` UTF-16 units. */
export function sealedDetail(
  part: Pick<ReasoningPart, 'id' | 'redacted' | 'summary'>,
  signature: Signature,
  length: number,
  index: number,
  onText = false,
): JsonObject {
  const flags = `${part.redacted ? 'r' : ''}${part.summary ? 's' : ''}${onText ? 't' : ''}`;
  return {
    type: 'reasoning.encrypted',
    id: `${part.id ?? ''}#${length}${flags}`,
    format: 'unknown',
    index,
    data: wrapSignature(signature, 'chat'),
  };
}

/** The sealed entries of a list, in order. */
export function openDetails(details: Json | undefined): SealedDetail[] {
  return asObjects(details).flatMap((detail): SealedDetail[] => {
    const data = asString(detail.data);
    if (detail.type !== 'reasoning.encrypted' || data === undefined) return [];
    const signature = unwrapSignature(data, 'chat');
    if (signature.family === 'chat') return [];
    const [, id = '', length = '0', redacted, summary, onText] =
      sealedId.exec(asString(detail.id) ?? '') ?? [];
    return [
      {
        signature,
        length: Number(length),
        redacted: redacted === 'r',
        summary: summary === 's',
        onText: onText === 't',
        ...(id !== '' && { id }),
      },
    ];
  });
}

/** Whether an entry is another family's signature. */
export function isWrappedDetail(entry: Json): boolean {
  return openDetails(entry).length > 0;
}

/** The text of a list of plain entries, for servers that send it nowhere else. */
export function detailsText(details: Json | undefined): string {
  return asObjects(details)
    .map((detail) => asString(detail.text) ?? asString(detail.summary) ?? '')
    .join('');
}

/** The list as a signature of the chat family, and back. */
export function detailsSignature(details: Json[]): Signature {
  return { family: 'chat', value: JSON.stringify(details) };
}

export function signatureDetails(value: string): Json[] {
  const details = parseJson(value);
  return Array.isArray(details) ? details : [];
}

/**
 * The list that streamed pieces add up to: neighbouring entries of one kind and index are one entry whose text grows.
 */
export function mergeDetails(merged: JsonObject[], pieces: Json | undefined): void {
  for (const piece of asObjects(pieces)) {
    const last = merged.at(-1);
    const other = last?.id && piece.id && last.id !== piece.id;
    if (last === undefined || other || last.type !== piece.type || last.index !== piece.index) {
      merged.push({ ...piece });
      continue;
    }
    for (const key in piece) {
      const value = piece[key];
      if ((key === 'text' || key === 'summary' || key === 'data') && typeof value === 'string')
        last[key] = `${asString(last[key]) ?? ''}${value}`;
      else if (value !== null && value !== '') last[key] = value;
    }
  }
}
