import { yieldToEventLoop } from '../../ground/steps.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import { beyondError, tooHeavy, usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import type { Emit, StreamDecoder } from '../../protocols/codec.ts';
import type { SseEvent } from '../../protocols/sse.ts';
import { parsedYielding } from '../json-body.ts';
import { isTooHeavyExactly, isTooHeavyInTurns } from '../weight-in-turns.ts';
import { isWords, kindOfData } from './event-check.ts';
import { type TurningReader, turningReader } from './turning-reader.ts';

const brace = 123;

/** How events are read. */
export interface EventReading {
  /** What is read of one (`bounds.answer-values`). */
  mostValues?: number | undefined;
  /** Members below which numbers stay as they are written: {@link Codec.exactMembers}. */
  exact?: ReadonlySet<string> | undefined;
}

/**
 * Reads an upstream's stream into its decoder. Words are no event of any protocol, and half of the last event is none any
 * more: whether the answer is complete without them is for its end to show. A long event is weighed and read in turns with others.
 */
export function answerEvents(
  decoder: StreamDecoder,
  emit: Emit,
  { mostValues = usualAnswerBounds.values, exact }: EventReading = {},
): TurningReader {
  let closing = false;
  let over = false;

  // Nearly all data begins as an object does: that needs no closer look.
  const hasWords = (data: string): boolean => data.charCodeAt(0) !== brace && isWords(data);

  function take(event: SseEvent): void {
    if (over || hasWords(event.data) || (closing && kindOfData(event.data, mostValues) === 'broken')) return;
    decoder.decode(event, emit);
  }

  async function takeLong(event: SseEvent): Promise<void> {
    const { data } = event;
    if (over || hasWords(data)) return;
    await yieldToEventLoop();
    if ((await isTooHeavyInTurns(mostValues, data)) || (await isTooHeavyExactly(mostValues, data, exact))) {
      over = true;
      if (!closing) emit({ type: 'error', error: beyondError(tooHeavy(mostValues)) });
      return;
    }
    const value = await parsedYielding(data, exact);
    if (closing && value === undefined) return;
    const said: StreamEvent[] = [];
    decoder.decode({ ...event, value: value ?? null }, (one) => void said.push(one));
    // Writing the first of them takes a turn by itself.
    await yieldToEventLoop();
    for (const one of said) emit(one);
  }

  function close(): void {
    if (!over) decoder.end(emit);
  }

  const reader = turningReader(take, takeLong, (stream, at) =>
    over ? -1 : (decoder.decodeKnown?.(stream, at, emit) ?? -1),
  );
  return {
    push: reader.push,
    end() {
      closing = true;
      const taken = reader.end();
      if (taken !== undefined) return taken.then(close);
      close();
      return undefined;
    },
  };
}
