/** How long the lines of a stream are, and its events: what no blank line has ended yet is held by somebody, be it one line or many. */

export interface EventLength {
  /** What goes on for more bytes than are allowed; undefined where nothing does. */
  beyond(piece: Uint8Array): 'a line of the stream' | 'an event of the stream' | undefined;
}

const lineFeed = 10;
const carriageReturn = 13;

/** Looks at the end of each piece only: what is shorter than a piece is no danger. */
export function eventLength(most: number): EventLength {
  let line = 0;
  let event = 0;
  /** The last two bytes so far. */
  let before = 0;
  let last = 0;
  return {
    beyond(piece) {
      const size = piece.length;
      if (size === 0) return undefined;
      const [first] = piece;
      const fromBefore = endsBlank(before, last, first) ? 1 : -1;
      before = size > 1 ? (piece[size - 2] ?? 0) : last;
      last = piece[size - 1] ?? 0;
      // Nearly every piece ends with an event.
      if (last === lineFeed && before === lineFeed) {
        line = 0;
        event = 0;
        return undefined;
      }
      const blank = Math.max(fromBefore, behindLastBlank(piece));
      event = blank < 0 ? event + size : size - blank;
      if (last === lineFeed) line = 0;
      else {
        let end = piece.lastIndexOf(lineFeed);
        if (end < 0) end = piece.lastIndexOf(carriageReturn);
        line = end < 0 ? line + size : size - 1 - end;
      }
      if (line > most) return 'a line of the stream';
      return event > most ? 'an event of the stream' : undefined;
    },
  };
}

/** Whether a blank line ends with `first`, the two bytes before it being these. */
function endsBlank(before: number, last: number, first: number | undefined): boolean {
  if (first === lineFeed) return last === lineFeed || (last === carriageReturn && before === lineFeed);
  return first === carriageReturn && (last === lineFeed || last === carriageReturn);
}

/** Line ends with nothing between, the usual ones first: a stream has one kind of them. */
const blanks = ['\n\n', '\n\r\n', '\r\r'];

/** The offset behind the last blank line of a piece; -1 where it has none. */
function behindLastBlank(piece: Uint8Array): number {
  for (const blank of blanks) {
    const at = Buffer.prototype.lastIndexOf.call(piece, blank, undefined, 'latin1');
    if (at >= 0) return at + blank.length;
  }
  return -1;
}
