/**
 * Streams of events whose lines end with CR alone, as the standard allows (WHATWG HTML §9.2.6), with line feeds in their place: all that
 * looks at the bytes of a stream, and many clients, know the other two line ends. Which a stream has shows at the end of its first line.
 */
import type { BodyPiece, BodyReader } from '../../http-client/body-queue.ts';

const lineFeed = 10;
const carriageReturn = 13;

type Form = 'unknown' | 'usual' | 'returns';

/** The same reader; where its stream begins with lines that end with CR, they are replaced by line feeds. */
export function withLineFeeds<Reader extends BodyReader>(reader: Reader): Reader {
  let form: Form = 'unknown';
  /** The last piece ended with CR: a line feed that follows belongs to it. */
  let returned = false;

  function take(piece: BodyPiece): BodyPiece {
    if (piece.done) return piece;
    if (form === 'unknown') form = formOf(piece.value);
    if (form !== 'returns') return piece;
    const { bytes, endsReturned } = converted(piece.value, returned);
    returned = endsReturned;
    return { done: false, value: bytes };
  }

  const read = (): Promise<BodyPiece> => (form === 'usual' ? reader.read() : reader.read().then(take));
  return { ...reader, read };
}

/** How the lines of the piece end; CR at its end may be the half of one, and is taken for a whole where no line before it shows. */
function formOf(bytes: Uint8Array): Form {
  const hasFeed = bytes.includes(lineFeed);
  let at = bytes.indexOf(carriageReturn);
  while (at >= 0 && bytes[at + 1] === lineFeed) at = bytes.indexOf(carriageReturn, at + 2);
  if (at >= 0 && (at < bytes.length - 1 || !hasFeed)) return 'returns';
  return hasFeed ? 'usual' : 'unknown';
}

function converted(bytes: Uint8Array, returned: boolean): { bytes: Uint8Array; endsReturned: boolean } {
  const out = new Uint8Array(bytes.length);
  let size = 0;
  let before = returned;
  for (const byte of bytes) {
    if (!(before && byte === lineFeed)) {
      out[size] = byte === carriageReturn ? lineFeed : byte;
      size += 1;
    }
    before = byte === carriageReturn;
  }
  return { bytes: out.subarray(0, size), endsReturned: before };
}
