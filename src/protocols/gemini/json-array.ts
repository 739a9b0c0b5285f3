/** The other framing of `streamGenerateContent`: without `alt=sse` the answer is one JSON array that grows. */
import type { StreamEncoder } from '../codec.ts';

const eventStart = 'data: ';
const eventEnd = '\n\n';

/** Frames what `encoder` writes as a JSON array, as Google does: a chunk an element, closed by the last event. */
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
