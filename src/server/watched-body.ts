/** An answer's stream with somebody who is told when it has ended, however it ends. */

/** How a stream has ended. */
export interface BodyEnd {
  /** Events of a stream of events that went by: blank lines end them. */
  events: number;
  bytes: number;
}

/**
 * The same stream. `ended` is told once: when the client has all of it, has left, or the stream broke; what the stream itself
 * does at its end has been done by then.
 */
export function watchedBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  ended: (end: BodyEnd) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let events = 0;
  let bytes = 0;
  let lastByte = 0;
  let told = false;
  const end = (): void => {
    if (told) return;
    told = true;
    signal.removeEventListener('abort', leave);
    ended({ events, bytes });
  };
  const leave = (): void => {
    // The stream hears of it first: it knows what was used until now.
    reader.cancel().catch(() => undefined);
    end();
  };
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            events += eventsIn(value, lastByte);
            bytes += value.byteLength;
            lastByte = value.at(-1) ?? lastByte;
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          end();
          throw error;
        }
        end();
        controller.close();
      },
      cancel(reason) {
        const cancelled = reader.cancel(reason);
        end();
        return cancelled;
      },
    },
    { highWaterMark: 0 },
  );
}

const lineEnd = 0x0a;
const blankLine = Buffer.from('\n\n');

function eventsIn(bytes: Uint8Array, before: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = before === lineEnd && buffer[0] === lineEnd ? 1 : 0;
  for (let at = buffer.indexOf(blankLine); at >= 0; at = buffer.indexOf(blankLine, at + 2)) count += 1;
  return count;
}
