/** What a query asks of an answer: `alt` (cloud.google.com/apis/docs/system-parameters). */
import type { QueryForms, StreamEncoder } from '../codec.ts';
import { asksForNumbers, inNumbers } from './enum-numbers.ts';

export const queryForms: QueryForms = {
  // An array, unless events are asked for.
  wantsArray: (query) => !/(^|&)(?:\$|%24)?alt=sse(&|;|%3B|$)/i.test(query),
  array: jsonArrayFraming,
  worded: (codec, query) => (asksForNumbers(query) ? inNumbers(codec) : codec),
};

const eventStart = 'data: ';
const eventEnd = '\n\n';

/** Frames what `encoder` writes as one JSON array that grows, as Google does: a chunk an element, closed by the last event. */
export function jsonArrayFraming(encoder: StreamEncoder): StreamEncoder {
  let separator = '[';
  let over = false;
  return {
    encode(event) {
      if (over) return '';
      let text = '';
      for (const chunk of encoder.encode(event).split(eventEnd)) {
        if (!chunk.startsWith(eventStart)) continue;
        text += separator + chunk.slice(eventStart.length);
        separator = ',\r\n';
      }
      if (event.type !== 'end' && event.type !== 'error') return text;
      over = true;
      return `${text}${separator === '[' ? '[' : '\n'}]\n`;
    },
  };
}
