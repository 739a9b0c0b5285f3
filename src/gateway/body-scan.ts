/** Reads the envelope of a JSON body (model, stream) from its bytes, without building the tree that a large prompt would be. */

/** Byte offsets of a JSON value in a body; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

export interface Envelope {
  model: string | undefined;
  /** Where the model's JSON string stands, quotes included. */
  modelSpan: Span | undefined;
  stream: boolean;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * The top-level `model` and `stream` of a JSON object, as `JSON.parse` would see them (the last of equal names counts).
 * Undefined when the bytes are not a JSON object as far as they were read; values of other names are not checked.
 * Strings are skipped by native search: the cost is well under a millisecond per megabyte of prompt text.
 */
export function scanEnvelope(bytes: Uint8Array): Envelope | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = buffer.length;
  const envelope: Envelope = { model: undefined, modelSpan: undefined, stream: false };
  let at = skipSpace(buffer, 0);
  if (buffer[at] !== 0x7b) return undefined;
  at = skipSpace(buffer, at + 1);
  if (buffer[at] === 0x7d) return envelope;
  while (at < size) {
    if (buffer[at] !== quote) return undefined;
    const keyEnd = stringEnd(buffer, at);
    if (keyEnd < 0) return undefined;
    const key = wantedKey(buffer, at, keyEnd);
    at = skipSpace(buffer, keyEnd);
    if (buffer[at] !== 0x3a) return undefined;
    const start = skipSpace(buffer, at + 1);
    const end = valueEnd(buffer, start);
    if (end < 0) return undefined;
    if (key === 'model') {
      const isString = buffer[start] === quote;
      envelope.model = isString ? stringValue(buffer, start, end) : undefined;
      envelope.modelSpan = isString ? { start, end } : undefined;
    } else if (key === 'stream') {
      // Clients of every SDK write true or false; other values count as JavaScript's truth does not: only true streams.
      envelope.stream = end - start === 4 && buffer[start] === 0x74;
    }
    at = skipSpace(buffer, end);
    const next = buffer[at];
    if (next === 0x7d) return envelope;
    if (next !== 0x2c) return undefined;
    at = skipSpace(buffer, at + 1);
  }
  return undefined;
}

/** The body with the bytes of `span` replaced by `text`. */
export function replaceSpan(bytes: Uint8Array, span: Span, text: string): Uint8Array<ArrayBuffer> {
  const inserted = new TextEncoder().encode(text);
  const result = new Uint8Array(bytes.length - (span.end - span.start) + inserted.length);
  result.set(bytes.subarray(0, span.start));
  result.set(inserted, span.start);
  result.set(bytes.subarray(span.end), span.start + inserted.length);
  return result;
}

function skipSpace(buffer: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = buffer[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

/** The offset behind the closing quote of the string that opens at `open`; -1 when it never closes. */
function stringEnd(buffer: Buffer, open: number): number {
  let close = buffer.indexOf(quote, open + 1);
  while (close >= 0) {
    let slashes = 0;
    while (buffer[close - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
    close = buffer.indexOf(quote, close + 1);
  }
  return -1;
}

/** The offset behind the value that begins at `start`; -1 when it never ends. */
function valueEnd(buffer: Buffer, start: number): number {
  const first = buffer[start];
  if (first === quote) return stringEnd(buffer, start);
  const size = buffer.length;
  if (first === 0x7b || first === 0x5b) {
    let depth = 0;
    let at = start;
    while (at < size) {
      const byte = buffer[at];
      if (byte === quote) {
        at = stringEnd(buffer, at);
        if (at < 0) return -1;
        continue;
      }
      if (byte === 0x7b || byte === 0x5b) depth += 1;
      else if (byte === 0x7d || byte === 0x5d) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
      at += 1;
    }
    return -1;
  }
  let at = start;
  while (at < size) {
    const byte = buffer[at];
    if (
      byte === 0x2c ||
      byte === 0x7d ||
      byte === 0x5d ||
      byte === 0x20 ||
      byte === 0x0a ||
      byte === 0x0d ||
      byte === 0x09
    )
      break;
    at += 1;
  }
  return at > start ? at : -1;
}

const modelKey = Buffer.from('"model"');
const streamKey = Buffer.from('"stream"');

/** Which of the wanted names the key is, however it is escaped; undefined for others. */
function wantedKey(buffer: Buffer, start: number, end: number): 'model' | 'stream' | undefined {
  for (let at = start; at < end; at++) {
    if (buffer[at] !== backslash) continue;
    const name = stringValue(buffer, start, end);
    return name === 'model' || name === 'stream' ? name : undefined;
  }
  if (standsAt(modelKey, buffer, start, end)) return 'model';
  return standsAt(streamKey, buffer, start, end) ? 'stream' : undefined;
}

/** Byte by byte: for names this short a native comparison costs more than it compares. */
function standsAt(key: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (end - start !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (buffer[start + at] !== key[at]) return false;
  return true;
}

function stringValue(buffer: Buffer, start: number, end: number): string | undefined {
  const text = buffer.toString('utf8', start, end);
  if (!mayBeEscaped(text)) return text.slice(1, -1);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JSON string is more than its characters: only then is it worth reading as JSON. */
function mayBeEscaped(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === backslash || unit < 0x20) return true;
  }
  return false;
}
