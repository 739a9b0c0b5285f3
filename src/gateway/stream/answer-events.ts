import { usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import type { Emit, StreamDecoder } from '../../protocols/codec.ts';
import { type SseReader, sseReader } from '../../protocols/sse.ts';
import { isWords, kindOfData } from './event-check.ts';

const brace = 123;

/**
 * Reads an upstream's stream into its decoder. Words are no event of any protocol, and half of the last event is none any
 * more: whether the answer is complete without them is for its end to show. `mostValues`: `bounds.answer-values`.
 */
export function answerEvents(
  decoder: StreamDecoder,
  emit: Emit,
  mostValues = usualAnswerBounds.values,
): SseReader {
  let closing = false;
  const reader = sseReader(
    (event) => {
      // Nearly all data begins as an object does: that needs no closer look.
      const words = event.data.charCodeAt(0) !== brace && isWords(event.data);
      if (words || (closing && kindOfData(event.data, mostValues) === 'broken')) return;
      decoder.decode(event, emit);
    },
    (stream, at) => decoder.decodeKnown?.(stream, at, emit) ?? -1,
  );
  return {
    push: reader.push,
    end() {
      closing = true;
      reader.end();
      decoder.end(emit);
    },
  };
}
