/** Events of a stream, of which a long one is taken in turns with others. */
import { type SseEvent, sseReader, type TakeKnown } from '../../protocols/sse.ts';
import { workedAtOnce } from '../yield-for.ts';

/** As an SseReader. Where a long event is among those that the bytes complete, both give a promise: until it is settled nothing may come. */
export interface TurningReader {
  push(bytes: Uint8Array): Promise<void> | undefined;
  end(): Promise<void> | undefined;
}

/** `takeLong`: takes an event whose data is long. All are taken in their order. The promises reject with what is thrown. */
export function turningReader(
  take: (event: SseEvent) => void,
  takeLong: (event: SseEvent) => Promise<void>,
  takeKnown?: TakeKnown,
): TurningReader {
  /** A long one, and what has come behind it. */
  const waiting: SseEvent[] = [];
  const reader = sseReader(
    (event) => {
      if (waiting.length === 0 && event.data.length <= workedAtOnce) take(event);
      else waiting.push(event);
    },
    takeKnown && ((stream, at) => (waiting.length === 0 ? takeKnown(stream, at) : -1)),
  );

  async function takeWaiting(): Promise<void> {
    try {
      for (const event of waiting)
        if (event.data.length <= workedAtOnce) take(event);
        else await takeLong(event);
    } finally {
      waiting.length = 0;
    }
  }

  return {
    push(bytes) {
      reader.push(bytes);
      return waiting.length === 0 ? undefined : takeWaiting();
    },
    end() {
      reader.end();
      return waiting.length === 0 ? undefined : takeWaiting();
    },
  };
}
