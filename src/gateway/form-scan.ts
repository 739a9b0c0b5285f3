/** Reads the envelope of a form (RFC 7578) from its bytes: files are not copied, and nothing of it is written anew. */
import { type Envelope, emptyEnvelope } from './body-scan.ts';

/** Whether a body of this type is a form. */
export function isForm(contentType: string | null): boolean {
  return contentType !== null && /^multipart\/form-data\b/i.test(contentType);
}

/** Far more than any request has; reading a part takes a microsecond or two, and holds up everybody. */
const mostParts = 4096;

/** RFC 2046 §5.1.1. To search a body for a long one may take as many looks at each byte. */
const longestBoundary = 70;

/**
 * The first field `model` and the position of its text; undefined when the bytes are not a form as the type announces it,
 * `too-many-parts` when there are more of them than are read.
 * A `stream` field of a form does not make a request stream: its answer goes through as it comes.
 */
export function scanForm(contentType: string, bytes: Uint8Array): Envelope | 'too-many-parts' | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || boundary.length > longestBoundary) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const lineDelimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const envelope = emptyEnvelope();
  let at = buffer.indexOf(delimiter);
  if (at < 0) return undefined;
  at += delimiter.length;
  for (let parts = 0; ; parts++) {
    if (buffer.toString('latin1', at, at + 2) === '--') return envelope;
    if (parts === mostParts) return 'too-many-parts';
    // An empty part has no headers: its blank line is the end of the delimiter's own.
    const headersEnd = buffer.indexOf('\r\n\r\n', at);
    const start = headersEnd + 4;
    // The line end before a delimiter belongs to it; of an empty value it is the headers' last.
    const end = headersEnd < 0 ? -1 : buffer.indexOf(lineDelimiter, start - 2);
    if (end < 0) return undefined;
    if (isModel(buffer.toString('latin1', at, headersEnd))) {
      if (envelope.model !== undefined) envelope.doubled = 'model';
      else {
        envelope.model = buffer.toString('utf8', start, Math.max(start, end));
        envelope.modelSpan = { start, end: Math.max(start, end) };
      }
    }
    at = end + lineDelimiter.length;
  }
}

/** Whether a part's headers are those of a field, not of a file, with this name. */
function isModel(headers: string): boolean {
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
  const [, quoted, plain] = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(disposition) ?? [];
  return (quoted ?? plain) === 'model' && !/;\s*filename\*?=/i.test(disposition);
}
