/** What every output must be, judged without the code that has written it. */
import { isObject, type Json, type JsonObject } from '../../src/protocols/json.ts';

/** The JSON in a text. Throws where it is none, or not text that UTF-8 can say. */
export function jsonOf(text: string): Json {
  demandWellFormed(text);
  const value: Json = JSON.parse(text);
  demandStrings(value);
  return value;
}

export function objectOf(text: string): JsonObject {
  const value = jsonOf(text);
  if (!isObject(value)) throw new Error(`expected an object, found ${text.slice(0, 200)}`);
  return value;
}

function demandWellFormed(text: string): void {
  if (!text.isWellFormed()) throw new Error(`half a character in ${JSON.stringify(text).slice(0, 200)}`);
}

function demandStrings(value: Json | undefined): void {
  if (typeof value === 'string') demandWellFormed(value);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      demandWellFormed(key);
      demandStrings(inner);
    }
}

/** The data of each event of a stream that we write: `event` and `data` lines alone, a blank line behind each event. */
export function dataOf(stream: string): string[] {
  demandWellFormed(stream);
  if (stream === '') return [];
  if (!stream.endsWith('\n\n')) throw new Error(`the last event is open: ${stream.slice(-200)}`);
  return stream
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      const found = /^(?:event: [^\n]+\n)?data: ([^\n]*)$/.exec(event);
      if (found === null) throw new Error(`not an event: ${JSON.stringify(event).slice(0, 300)}`);
      return found[1] ?? '';
    });
}

/** Demands that two values are equal as JSON. */
export function demandSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: found ${one?.slice(0, 300)}, wanted ${other?.slice(0, 300)}`);
}
