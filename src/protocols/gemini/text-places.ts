/** Places in a text by its UTF-8 bytes, in which Google counts, and by its units. An answer may name thousands of them in a long text. */

/** Places of one text, which may grow between two questions. */
export interface TextPlaces {
  /** The unit after so many bytes, or more where that is in the middle of a character; the text's length where it has fewer. */
  unitAt(text: string, byteOffset: number): number;
  /** The bytes before a unit. */
  byteAt(text: string, unitOffset: number): number;
  /** The start of the words; -1 where the text does not have them, or too much has been searched for others. */
  find(text: string, words: string): number;
}

/** Units between two that are remembered with the bytes before them. */
const between = 512;
/** Units that are searched for words, all questions together. */
const mostSearched = 32 * 1024 * 1024;

export function textPlaces(): TextPlaces {
  /** Bytes before each of the remembered units. */
  const marks = [0];
  let bytes = 0;
  let read = 0;
  let searched = 0;

  function readNext(text: string): void {
    bytes += bytesAt(text, read++);
    if (read % between === 0) marks.push(bytes);
  }

  /** The last remembered unit with fewer bytes before it. */
  function markBefore(byteOffset: number): number {
    let from = 0;
    let to = marks.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if ((marks[middle] ?? 0) < byteOffset) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  return {
    unitAt(text, byteOffset) {
      while (read < text.length && bytes < byteOffset) readNext(text);
      const mark = markBefore(byteOffset);
      let unit = mark * between;
      let before = marks[mark] ?? 0;
      while (unit < text.length && before < byteOffset) before += bytesAt(text, unit++);
      return unit;
    },
    byteAt(text, unitOffset) {
      const wanted = Math.max(0, Math.min(text.length, Math.ceil(unitOffset)));
      while (read < wanted) readNext(text);
      const mark = Math.floor(wanted / between);
      let before = marks[mark] ?? 0;
      for (let unit = mark * between; unit < wanted; unit++) before += bytesAt(text, unit);
      return before;
    },
    find(text, words) {
      if (searched >= mostSearched) return -1;
      const at = text.indexOf(words);
      searched += at < 0 ? text.length : at;
      return at;
    },
  };
}

/** UTF-8 bytes that the code unit at `at` adds; both halves of a pair together make four. */
function bytesAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}
