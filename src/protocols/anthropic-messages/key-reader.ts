/** Renames the keys of JSON text that comes in pieces. Nothing waits but a key whose end has not come. */
import { parseJson } from '../json.ts';

export interface KeyReader {
  /** The text that can be emitted after the next piece. */
  push(piece: string): string;
  /** What has waited for more. */
  end(): string;
}

/** Longer than any key that was renamed, each of its characters escaped: such a key is emitted as it is. */
const longest = 6 * 64;

/** The reader for one JSON text. `rename` gets each key of each object in it. */
export function keyReader(rename: (key: string) => string): KeyReader {
  /** Whether each open bracket, the innermost last, is that of an object. */
  const open: boolean[] = [];
  let place: 'between' | 'key' | 'string' = 'between';
  let keyFollows = false;
  let escaped = false;
  let key = '';

  function between(unit: string): string {
    switch (unit) {
      case '"':
        place = keyFollows ? 'key' : 'string';
        key = '';
        return keyFollows ? '' : unit;
      case '{':
      case '[':
        keyFollows = unit === '{';
        open.push(keyFollows);
        return unit;
      case '}':
      case ']':
        keyFollows = false;
        open.pop();
        return unit;
      case ',':
        keyFollows = open.at(-1) === true;
        return unit;
      case ':':
        keyFollows = false;
        return unit;
      default:
        return unit;
    }
  }

  function within(unit: string): string {
    const ends = unit === '"' && !escaped;
    escaped = unit === '\\' && !escaped;
    if (place === 'string') {
      if (ends) place = 'between';
      return unit;
    }
    if (ends) {
      place = 'between';
      return renamed(`"${key}"`, rename);
    }
    key += unit;
    if (key.length <= longest) return '';
    place = 'string';
    return `"${key}`;
  }

  return {
    push(piece) {
      let text = '';
      for (const unit of piece) text += place === 'between' ? between(unit) : within(unit);
      return text;
    },
    end: () => (place === 'key' ? `"${key}` : ''),
  };
}

function renamed(quoted: string, rename: (key: string) => string): string {
  const name = parseJson(quoted);
  if (typeof name !== 'string') return quoted;
  const own = rename(name);
  return own === name ? quoted : JSON.stringify(own);
}
