/** Takes the wrapping off answers of services that wrap their protocol; what is inside goes on byte for byte. */

import type { BodyReader } from '../../http-client/body-queue.ts';
import { usualBounds } from '../../http-client/bounds.ts';
import type { HttpResponse } from '../../http-client/message.ts';
import { allOf, formOf, formReader, markLength, readerOf } from '../answer-form.ts';
import { isEventStream } from '../content-type.ts';
import { latin1 } from '../latin1.ts';
import { withLineFeeds } from '../stream/line-feeds.ts';
import { behind } from '../stream/yielding-reader.ts';

/**
 * The answer as if it had not been wrapped. A stream is unwrapped event by event as it comes; another body is read whole. What
 * the bytes are counts, where that is not what they are called. Rejects when a whole body breaks off.
 */
export async function unwrapped(
  answer: HttpResponse,
  unwrap: (text: string) => string,
): Promise<HttpResponse> {
  const whole = async (most?: number): Promise<Uint8Array> => {
    const wrapped = await answer.bytes(most);
    if (formOf(wrapped) !== 'events') return unwrappedBytes(wrapped, unwrap);
    return allOf(unwrappedStream(withLineFeeds(readerOf(wrapped)), unwrap), Number.POSITIVE_INFINITY);
  };
  if (isEventStream(answer.header('content-type')))
    return { ...answer, bytes: whole, body: () => unwrappedStream(withLineFeeds(answer.body()), unwrap) };
  const bytes = await whole();
  return { ...answer, bytes: () => Promise.resolve(bytes), body: () => readerOf(bytes) };
}

/** The stream with the data of each event unwrapped; line ends, comments and other fields stay as they are. */
function unwrappedStream(reader: BodyReader, unwrap: (text: string) => string): BodyReader {
  const events = eventUnwrapper(unwrap);
  const look = formReader();
  let ended = false;
  return {
    async read() {
      while (!ended) {
        const { done, value } = await reader.read();
        ended = done;
        const seen = done ? undefined : look(value);
        if (seen?.form === 'json') {
          ended = true;
          const all = await allOf(behind(seen.bytes, reader), usualBounds['whole-answer']);
          return { done: false, value: unwrappedBytes(all, unwrap) };
        }
        const text = done ? events.end() : events.push(latin1(value));
        if (text !== '') return { done: false, value: bytesOf(text) };
      }
      return { done: true };
    },
    cancel: () => reader.cancel(),
  };
}

function unwrappedBytes(wrapped: Uint8Array, unwrap: (text: string) => string): Uint8Array<ArrayBuffer> {
  return bytesOf(unwrap(latin1(wrapped, markLength(wrapped))));
}

interface EventUnwrapper {
  /** Takes the next text and gives what it completes. */
  push(text: string): string;
  /** What is left when the stream has ended. */
  end(): string;
}

/** The most lines of one event: real objects have fewer. */
const mostLines = 65_536;

/** Works on Latin-1 text, one character a byte: JSON's own characters are ASCII, and no byte is changed. */
function eventUnwrapper(unwrap: (text: string) => string): EventUnwrapper {
  /** Pieces of a line whose end has not come. */
  let pieces: string[] = [];
  /** Lines of an event whose data has more than one of them, until its blank line. */
  let open: string[] = [];

  /** Takes a line with its end. */
  function line(text: string): string {
    const blank = text === '\n' || text === '\r\n';
    if (open.length > 0) {
      open.push(text);
      return blank || open.length > mostLines ? several() : '';
    }
    const found = /^(?:\xef\xbb\xbf)?data: ?/.exec(text)?.[0];
    if (found === undefined) return text;
    const data = text.slice(found.length).replace(/\r?\n$/, '');
    const inner = unwrap(data);
    // An object that is not whole in its line goes on in the next.
    if (inner === data && data.startsWith('{') && !data.trimEnd().endsWith('}')) {
      open.push(text);
      return '';
    }
    return found + inner + text.slice(found.length + data.length);
  }

  /** An event with several lines of data; the lines of what is inside go on as lines. */
  function several(): string {
    const lines = open;
    open = [];
    const isData = (text: string): boolean => text.startsWith('data:');
    const data = lines.filter(isData).map((text) => text.replace(/^data: ?/, '').replace(/\r?\n$/, ''));
    const inner = unwrap(data.join('\n')).split('\n');
    const others = lines.filter((text) => !isData(text));
    return inner.map((text) => `data: ${text}\n`).join('') + others.join('');
  }

  return {
    push(text) {
      let out = '';
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        const piece = text.slice(start, end + 1);
        out += line(pieces.length > 0 ? pieces.join('') + piece : piece);
        pieces = [];
        start = end + 1;
      }
      if (start < text.length) pieces.push(text.slice(start));
      return out;
    },
    end() {
      const rest = pieces.join('');
      pieces = [];
      const last = rest === '' ? '' : line(rest);
      return open.length > 0 ? last + several() : last;
    },
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
