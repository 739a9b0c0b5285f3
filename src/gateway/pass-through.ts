/** Answers of an upstream that speaks the client's protocol: the bytes go through; only their end is looked at. */
import type { Codec } from '../protocols/codec.ts';
import type { Protocol } from '../protocols/model.ts';
import { sseText } from '../protocols/sse.ts';
import type { ChunkReader } from './answer.ts';
import { brokenStream } from './broken-stream.ts';
import { createTail, endsWell, type TokenCounts, tokenCounts } from './usage-scan.ts';

/** What is known once an answer has gone out. */
export interface Outcome extends TokenCounts {
  /** Set when the stream did not end well. */
  error?: string;
}

export type Finished = (outcome: Outcome) => void;

/** The client's stream over the upstream's bytes. `first` has been read already, to know that there is something. */
export function passThrough(
  codec: Codec,
  first: Uint8Array,
  reader: ChunkReader,
  finished: Finished,
): ReadableStream<Uint8Array> {
  const tail = createTail();
  const outcome = (error?: string): Outcome => ({
    ...tokenCounts(codec.protocol, tail.head(), tail.text()),
    error,
  });
  /** An unfinished event: no client can use it yet, and it would spoil the error that follows if the upstream breaks off. */
  const held: Uint8Array[] = [];

  /** Sends what is there up to the last whole event; true when that is anything. */
  function pass(chunk: Uint8Array, controller: ReadableStreamDefaultController<Uint8Array>): boolean {
    tail.push(chunk);
    const end = endOfEvents(held.at(-1), chunk);
    if (end > 0) {
      for (const earlier of held.splice(0)) controller.enqueue(earlier);
      controller.enqueue(end === chunk.length ? chunk : chunk.subarray(0, end));
    }
    if (end < chunk.length) held.push(chunk.subarray(end));
    return end > 0;
  }

  return new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        pass(first, controller);
      },
      async pull(controller) {
        let failure: string | undefined;
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            if (pass(value, controller)) return;
          }
        } catch (error) {
          failure = `the upstream's connection broke: ${error instanceof Error ? error.message : String(error)}`;
        }
        if (failure === undefined && !endsWell(codec.protocol, tail.text())) {
          failure = 'the upstream closed the stream before its terminal event';
        }
        if (failure === undefined) for (const chunk of held) controller.enqueue(chunk);
        else controller.enqueue(new TextEncoder().encode(`\n\n${errorText(codec)}`));
        finished(outcome(failure));
        controller.close();
      },
      cancel() {
        finished(outcome('the client went away'));
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

/** How many bytes of the chunk belong to events that are whole, given what was held before it: up to a blank line. */
function endOfEvents(before: Uint8Array | undefined, chunk: Uint8Array): number {
  const size = chunk.length;
  if (chunk[size - 1] === lineFeed && chunk[size - 2] === lineFeed) return size;
  // A blank line may have begun at the end of what is held.
  const overlap = before?.subarray(-2) ?? new Uint8Array();
  const bytes = Buffer.concat([overlap, chunk]);
  const end = Math.max(bytes.lastIndexOf('\n\n') + 2, bytes.lastIndexOf('\n\r\n') + 3);
  // 1 and 2: nothing was found.
  return end <= 2 && bytes.indexOf('\n\n') !== 0 ? 0 : Math.max(0, end - overlap.length);
}

const lineFeed = 10;

/** The protocol's own stream error, as one event. */
function errorText(codec: Codec): string {
  return sseText(JSON.stringify(codec.encodeError(brokenStream)), errorEventName[codec.protocol]);
}

const errorEventName: Record<Protocol, string | undefined> = {
  'openai-chat': undefined,
  'openai-responses': 'error',
  'anthropic-messages': 'error',
  gemini: undefined,
};
