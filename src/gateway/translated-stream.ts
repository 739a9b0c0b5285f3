/** A stream that is decoded and encoded event by event between two protocols. */
import type { StreamDecoder, StreamEncoder } from '../protocols/codec.ts';
import type { ProtocolError, StreamEvent, Usage } from '../protocols/model.ts';
import { type SseEvent, sseReader } from '../protocols/sse.ts';
import type { ChunkReader } from './answer.ts';
import { brokenStream, clientWentAway } from './broken-stream.ts';
import type { Finished } from './pass-through.ts';
import { countsOfUsage } from './usage-scan.ts';

/** A stream that has shown its first content, or failed before it had any. */
export type Opened =
  | { kind: 'open'; body: ReadableStream<Uint8Array> }
  /** Nothing has reached the client: another credential may take over. */
  | { kind: 'failed'; error: ProtocolError };

const encoder = new TextEncoder();

/**
 * Reads upstream bytes until the answer has content, then hands out the client's stream.
 * The upstream's terminal event is required: without it the stream ends with the client protocol's own error.
 */
export async function openTranslated(
  reader: ChunkReader,
  decoder: StreamDecoder,
  client: StreamEncoder,
  finished: Finished,
): Promise<Opened> {
  let text = '';
  let usage: Usage | undefined;
  let failed: ProtocolError | undefined;
  let content = false;
  let ended = false;

  const emit = (event: StreamEvent): void => {
    if (ended || failed !== undefined) return;
    switch (event.type) {
      case 'start':
        usage = event.usage ?? usage;
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'error':
        failed = event.error;
        // Before any content the router decides what the client sees.
        if (!content) return;
        break;
      case 'end':
        ended = true;
        break;
      default:
        content = true;
    }
    text += client.encode(event);
  };
  const events = sseReader((event: SseEvent) => decoder.decode(event, emit));

  /** Reads until there is text for the client or the stream is over. Returns true when it is over. */
  async function advance(until: () => boolean): Promise<boolean> {
    while (!until()) {
      let chunk: Uint8Array | undefined;
      try {
        const { done, value } = await reader.read();
        if (!done) chunk = value;
      } catch (error) {
        emit({ type: 'error', error: brokenStream });
        return error !== undefined;
      }
      if (chunk === undefined) {
        events.end();
        decoder.end(emit);
        if (!ended) emit({ type: 'error', error: brokenStream });
        return true;
      }
      events.push(chunk);
      if (ended || failed !== undefined) {
        letGo(reader);
        return true;
      }
    }
    return false;
  }

  let over = await advance(() => content);
  if (!content && failed !== undefined) return { kind: 'failed', error: failed };

  const outcome = (error: string | undefined) => ({ ...countsOfUsage(usage), error });
  function send(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (text.length > 0) {
      controller.enqueue(encoder.encode(text));
      text = '';
    }
    if (over) {
      finished(outcome(failed?.message));
      controller.close();
    }
  }
  const body = new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start: send,
      async pull(controller) {
        over = await advance(() => text.length > 0);
        send(controller);
      },
      cancel() {
        finished(outcome(clientWentAway));
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  return { kind: 'open', body };
}

/** Ends an upstream that has said its last word. One more read lets a well-behaved connection end and be used again. */
function letGo(reader: ChunkReader): void {
  reader
    .read()
    .then(({ done }) => (done ? undefined : reader.cancel()))
    // The answer is complete; how the connection ends no longer matters.
    .catch(() => undefined);
}
