/** Answers of an upstream that speaks the client's protocol: the bytes go through; only their end is looked at. */
import { reasonOf } from '../../ground/reason.ts';
import type { Codec, DecodeContext } from '../../protocols/codec.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import type { SseEvent } from '../../protocols/sse.ts';
import { sseReader } from '../../protocols/sse.ts';
import { mayReportFailure } from '../../protocols/stream-form.ts';
import type { TokenCounts } from '../../protocols/token-counts.ts';
import type { ChunkReader, StreamBody } from '../answer.ts';
import type { Showing } from '../shown-error.ts';
import { brokenStream, clientWentAway, streamError } from './broken-stream.ts';
import { errorEvents, errorIn } from './error-events.ts';
import { checkEvents, eventsInBrackets, isWholeEvent } from './event-check.ts';
import { keepAliveBytes, sendKeepAlives } from './keep-alive.ts';
import { saidTokens } from './said-tokens.ts';
import { createTail, streamEnd } from './usage-scan.ts';
import { wholeEvents } from './whole-events.ts';

/** What is known once an answer has gone out. */
export interface Outcome extends TokenCounts {
  /** Estimated tokens of an answer without counts, or that ended early. */
  said?: number;
  /** Set when the stream did not end well. */
  error?: string;
  /** The error that the upstream reported in its stream. */
  upstreamError?: ProtocolError;
  /** A limit of time has ended it. */
  stalled?: true;
}

export type Finished = (outcome: Outcome) => void;

const encoder = new TextEncoder();

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * The client's answer over the upstream's bytes. `first` has been read already, to know that there is something. `showing` is
 * what clients may read of the events that report an error, `mostValues` what is read of one event (`bounds.answer-values`). With `hidesUsage`
 * clients do not see the usage that was asked for without them.
 */
export function passThrough(
  codec: Codec,
  first: Uint8Array,
  reader: ChunkReader,
  finished: Finished,
  context: () => DecodeContext,
  showing: Showing,
  mostValues?: number,
  hidesUsage = false,
): StreamBody {
  const { protocol, streamUsage } = codec;
  const masked = errorEvents(codec, context, showing);
  const hidden = (events: Uint8Array): Uint8Array =>
    hidesUsage && streamUsage !== undefined ? streamUsage.hidden(events) : events;
  const tail = createTail();
  const events = wholeEvents();
  let broken = false;
  tail.push(first);
  const opening = events.push(first);
  const atOnce = opening === first && reader.isOver?.() ? eventsInBrackets(first) : undefined;
  if (atOnce !== undefined) {
    const { kind, counts } = streamEnd(protocol, tail);
    const shown = kind === 'complete' ? masked(first) : undefined;
    if (shown instanceof Uint8Array) {
      finished(countedOrSaid(counts));
      return hidden(shown);
    }
  }

  /** What a whole answer came to; where its counts are missing, about how much that was. */
  function countedOrSaid(counts: TokenCounts): Outcome {
    return counts.output === undefined ? { ...counts, said: saidTokens(codec, tail) } : counts;
  }

  /** True when there is something for the client in these events. */
  function show(controller: Controller, events: Uint8Array): boolean | Promise<boolean> {
    const shown = events.length > 0 ? masked(events) : events;
    return shown instanceof Uint8Array
      ? handOver(controller, shown)
      : shown.then((bytes) => handOver(controller, bytes));
  }

  function handOver(controller: Controller, events: Uint8Array): boolean {
    const visible = events.length > 0 ? hidden(events) : events;
    if (visible.length > 0) controller.enqueue(visible);
    return visible.length > 0;
  }

  /** Hands the good events on; true when there are any. */
  function deliver(controller: Controller, bytes: Uint8Array): boolean | Promise<boolean> {
    if (eventsInBrackets(bytes) !== undefined) return show(controller, bytes);
    const checked = checkEvents(bytes, mostValues);
    broken = checked.broken;
    return show(controller, checked.good);
  }

  async function end(controller: Controller, because: string | undefined): Promise<void> {
    const rest = events.rest();
    const whole = because === undefined && isWholeEvent(rest, mostValues);
    const { kind, text, counts } = streamEnd(protocol, tail, whole ? 0 : rest.length);
    if (whole) await show(controller, rest);
    // What comes behind the terminal event no longer matters, and that it is missing always does.
    if (kind === 'complete' && !broken) finished(countedOrSaid(counts));
    else if (kind === 'failed') {
      const upstreamError = errorIn(codec, context, lastEvent(text));
      finished({
        ...counts,
        said: saidTokens(codec, tail),
        error: upstreamError.message,
        upstreamError,
      });
    } else {
      controller.enqueue(encoder.encode(`\n\n${streamError(protocol, brokenStream(reader.passed?.()))}`));
      const error =
        reader.passed?.() ?? because ?? 'the upstream closed the stream before its terminal event';
      finished({ ...counts, said: saidTokens(codec, tail), error });
    }
    controller.close();
  }

  return new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        const isOver = (): boolean => streamEnd(protocol, tail).kind !== 'open';
        sendKeepAlives(reader, controller, keepAliveBytes(protocol), isOver);
        return opening === undefined ? undefined : deliver(controller, opening);
      },
      async pull(controller) {
        let because: string | undefined;
        try {
          while (!broken) {
            const { done, value } = await reader.read();
            if (done) break;
            tail.push(value);
            const whole = events.push(value);
            const given = whole === undefined ? false : deliver(controller, whole);
            if ((typeof given === 'boolean' ? given : await given) && !broken) return;
          }
        } catch (error) {
          because = `the upstream's connection broke: ${reasonOf(error)}`;
        }
        if (broken) {
          because = 'an event of the upstream was not JSON';
          // It is of no use any more; how it ends does not matter.
          void reader.cancel().catch(() => undefined);
        }
        try {
          await end(controller, because);
        } catch (error) {
          finished({ error: `its end could not be read: ${String(error)}` });
          throw error;
        }
      },
      cancel() {
        const { kind, counts } = streamEnd(protocol, tail);
        const outcome =
          kind === 'complete' ? countedOrSaid(counts) : { ...counts, said: saidTokens(codec, tail) };
        finished({ ...outcome, error: clientWentAway });
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The last event of a stream's end that may report an error. */
function lastEvent(latin1: string): SseEvent | undefined {
  let last: SseEvent | undefined;
  const reader = sseReader((event) => {
    if (mayReportFailure(event.data)) last = event;
  });
  reader.push(Buffer.from(latin1, 'latin1'));
  reader.end();
  return last;
}
