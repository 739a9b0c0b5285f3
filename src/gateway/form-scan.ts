/** Reads the envelope of a form from its bytes: nothing of it is written anew. */
import { readForm } from '../protocols/form-fields.ts';
import { type Envelope, emptyEnvelope } from './body-scan.ts';

/**
 * The field `model` and where its text stands; undefined when the bytes are not a form as the type announces it,
 * `too-many-parts` when there are more of them than are read. A field or a file that some service reads as `model`, such as `Model` or
 * `model[]`, is a lookalike.
 * A `stream` field of a form does not make a request stream: its answer goes through as it comes.
 */
export function scanForm(contentType: string, bytes: Uint8Array): Envelope | 'too-many-parts' | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const envelope = emptyEnvelope();
  const read = readForm(contentType, bytes, ({ name, path, isFile, start, end }) => {
    if (path.length !== 1 || path[0] !== 'model') return;
    if (name !== 'model' || isFile) envelope.lookalike ??= name;
    else if (envelope.model !== undefined) envelope.doubled = 'model';
    else {
      envelope.model = buffer.toString('utf8', start, end);
      envelope.modelSpan = { start, end };
    }
  });
  switch (read) {
    case 'read':
      return envelope;
    case 'unread':
      return undefined;
    case 'too-many-parts':
      return read;
  }
}
