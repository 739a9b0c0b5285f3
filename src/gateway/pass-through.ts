/** Answers of an upstream that speaks the client's protocol: the bytes go through; only their end is looked at. */
import type { Codec } from '../protocols/codec.ts';
import { sseText } from '../protocols/sse.ts';
import type { ChunkReader } from './answer.ts';
import { brokenStream, clientWentAway } from './broken-stream.ts';
import { createTail, streamEnd, type TokenCounts } from './usage-scan.ts';
import { type Send, wholeEvents } from './whole-events.ts';

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
  const events = wholeEvents();

  return new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        tail.push(first);
        events.push(first, (chunk) => controller.enqueue(chunk));
      },
      async pull(controller) {
        const send: Send = (chunk) => controller.enqueue(chunk);
        let failure: string | undefined;
        try {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) break;
            tail.push(value);
            if (events.push(value, send)) return;
          }
        } catch (error) {
          failure = `the upstream's connection broke: ${error instanceof Error ? error.message : String(error)}`;
        }
        const { well, ...counts } = streamEnd(codec.protocol, tail);
        if (failure === undefined && !well) {
          failure = 'the upstream closed the stream before its terminal event';
        }
        if (failure === undefined) events.end(send);
        else controller.enqueue(new TextEncoder().encode(`\n\n${errorText(codec)}`));
        finished({ ...counts, error: failure });
        controller.close();
      },
      cancel() {
        const { well: _cutOff, ...counts } = streamEnd(codec.protocol, tail);
        finished({ ...counts, error: clientWentAway });
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The protocol's own stream error, as one event of a stream that is not ours. */
function errorText(codec: Codec): string {
  switch (codec.protocol) {
    case 'openai-chat':
    case 'gemini':
      return sseText(JSON.stringify(codec.encodeError(brokenStream)));
    case 'anthropic-messages':
      return sseText(JSON.stringify(codec.encodeError(brokenStream)), 'error');
    case 'openai-responses': {
      // OpenAI's `error` event is flat, unlike its error bodies.
      const { code, message } = brokenStream;
      return sseText(
        JSON.stringify({ type: 'error', code, message, param: null, sequence_number: 0 }),
        'error',
      );
    }
  }
}
