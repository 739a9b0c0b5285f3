/**
 * What the bytes of an answer are, whatever type it states: compatible servers call their streams `application/json`, `text/plain` or
 * nothing, and whole answers `text/event-stream`.
 */
import type { BodyReader } from '../http-client/body-queue.ts';
import { BeyondBound } from '../http-client/bounds.ts';
import { joined } from '../http-client/joined-bytes.ts';
import type { HttpResponse } from '../http-client/message.ts';
import { openBrace, openBracket } from '../protocols/ascii.ts';
import { isSpace } from '../protocols/json-text-span.ts';
import type { ChunkReader } from './answer.ts';
import { latin1 } from './latin1.ts';
import { behind } from './stream/yielding-reader.ts';

/** `unclear`: more bytes may show it. */
export type AnswerForm = 'events' | 'json' | 'other' | 'unclear';

/** A line of an event stream: a field of an event, or a comment (WHATWG HTML §9.2.5). */
const line = /^(?:data|event|id|retry)?:/;
const fields = ['data:', 'event:', 'id:', 'retry:'];
const longestField = 6;

/** The form of an answer that begins with these bytes. */
export function formOf(bytes: Uint8Array): AnswerForm {
  const at = behindMark(bytes);
  if (isOpening(bytes[at])) return 'json';
  const head = latin1(bytes, at, at + longestField);
  if (line.test(head)) return 'events';
  // The mark may come in pieces, too.
  if (bytes[0] === mark[0] && mark.subarray(0, bytes.length).equals(bytes)) return 'unclear';
  return fields.some((field) => field.startsWith(head)) ? 'unclear' : 'other';
}

/** Whether an answer that begins with these bytes is JSON. */
export function beginsAsJson(bytes: Uint8Array): boolean {
  return isOpening(bytes[behindMark(bytes)]);
}

function isOpening(byte: number | undefined): boolean {
  return byte === openBrace || byte === openBracket;
}

/** The offset behind a byte order mark and white space. */
function behindMark(bytes: Uint8Array): number {
  let at = markLength(bytes);
  while (isSpace(bytes[at])) at += 1;
  return at;
}

/** Bytes of the mark by which some servers say that a text is UTF-8 (RFC 8259 §8.1: it may be ignored). */
export function markLength(bytes: Uint8Array): number {
  return bytes[0] === mark[0] && bytes[1] === mark[1] && bytes[2] === mark[2] ? mark.length : 0;
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Bytes that say nothing of the form, by which servers keep connections open. */
const mostUnclear = 4 * 1024;

const nothing = new Uint8Array();

/** Takes the pieces of an answer as they come: all of them once these show the form, undefined before and behind that. */
export function formReader(): (piece: Uint8Array) => { form: AnswerForm; bytes: Uint8Array } | undefined {
  let held: Uint8Array | undefined = nothing;
  return (piece) => {
    if (held === undefined) return undefined;
    const bytes = held.length === 0 ? piece : joined([held, piece]);
    const form = formOf(bytes);
    held = form === 'unclear' && bytes.length < mostUnclear ? bytes : undefined;
    return held === undefined ? { form, bytes } : undefined;
  };
}

/** The form of an answer that is being read, and a reader of all of it. Rejects where it breaks off before. */
export async function readForm(body: BodyReader): Promise<{ form: AnswerForm; reader: ChunkReader }> {
  const look = formReader();
  const unclear: Uint8Array[] = [];
  for (let piece = await body.read(); !piece.done; piece = await body.read()) {
    const seen = look(piece.value);
    if (seen !== undefined) return { form: seen.form, reader: behind(seen.bytes, body) };
    unclear.push(piece.value);
  }
  return { form: 'unclear', reader: behind(joined(unclear), body) };
}

/**
 * The answer with what is left to be read of it, called what it is. `mostBytes`: of a whole one, which rejects where it is longer
 * (`bounds.whole-answer`).
 */
export function answerLeft(
  answer: HttpResponse,
  form: 'events' | 'json',
  reader: BodyReader,
  mostBytes: number,
): HttpResponse {
  const headers = new Headers(answer.headers);
  headers.set('content-type', form === 'events' ? 'text/event-stream' : 'application/json');
  return {
    ...answer,
    headers,
    header: (name) => headers.get(name),
    bytes: (most = mostBytes) => allOf(reader, most),
    body: () => reader,
  };
}

/** A reader of bytes that are all there. */
export function readerOf(bytes: Uint8Array): BodyReader {
  return behind(bytes, nothingMore);
}

const nothingMore: BodyReader = {
  read: () => Promise.resolve({ done: true }),
  cancel: () => Promise.resolve(),
  isOver: () => true,
};

/** All that a reader gives. Rejects with BeyondBound where that is more than `most` bytes. */
export async function allOf(reader: BodyReader, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    size += piece.value.length;
    if (size <= most) continue;
    void reader.cancel().catch(() => undefined);
    throw new BeyondBound('the answer', most, 'whole-answer');
  }
  return joined(pieces);
}
