/**
 * A streamed answer says almost the same event again and again: only its text differs. What is the same is compared
 * instead of parsed, for `JSON.parse` of every event is most of what a translated stream costs.
 */
import { parseJson } from './json.ts';

export interface RepeatedEvent {
  /**
   * The text in `data` when nothing else in it differs from the learned event; undefined for any other data, which
   * must be parsed.
   */
  textIn(data: string): string | undefined;
  /** Remembers `data` as an event whose value of the only key `key` is `text`, and whose other fields say nothing new. */
  learn(data: string, key: string, text: string): void;
  forget(): void;
}

/** Events that differ in more than their text are given up on after this many. */
const patience = 4;

export function repeatedEvent(): RepeatedEvent {
  let before: string | undefined;
  let after = '';
  let misses = 0;

  return {
    textIn(data) {
      if (before === undefined || !data.startsWith(before) || !data.endsWith(after)) return undefined;
      const inner = data.slice(before.length, data.length - after.length);
      if (data.length < before.length + after.length || !isPlain(inner)) return undefined;
      misses = 0;
      if (!inner.includes('\\')) return inner;
      const text = parseJson(`"${inner}"`);
      return typeof text === 'string' ? text : undefined;
    },
    learn(data, key, text) {
      if (misses > patience) return;
      misses += 1;
      // A quote inside of a JSON string is escaped, so a key that is found is a key.
      const name = `"${key}":"`;
      const start = data.indexOf(name) + name.length;
      const end = start + JSON.stringify(text).length - 2;
      const once = start >= name.length && data.lastIndexOf(name) === start - name.length;
      before = undefined;
      // Servers may escape more than they must: then the end is elsewhere.
      if (!once || data.charCodeAt(end) !== 34 || parseJson(`"${data.slice(start, end)}"`) !== text) return;
      before = data.slice(0, start);
      after = data.slice(end);
    },
    forget() {
      before = undefined;
    },
  };
}

/** Whether the text can stand in a JSON string: no quote that is not escaped, no control characters. */
function isPlain(inner: string): boolean {
  return !inner.includes('"') || parseJson(`"${inner}"`) !== undefined;
}
