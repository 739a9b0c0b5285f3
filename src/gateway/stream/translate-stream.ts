/** A stream that is decoded and encoded event by event between two protocols. */
import { reasonOf } from '../../ground/reason.ts';
import { runYielding, yieldToEventLoop } from '../../ground/steps.ts';
import { outputTokens } from '../../limits/token-estimate.ts';
import type { StreamEvent, Usage } from '../../protocols/answer.ts';
import { eventBytes } from '../../protocols/answer-size.ts';
import type { LossReport, StreamDecoder, StreamEncoder } from '../../protocols/codec.ts';
import { errorOfFinish, reportWord } from '../../protocols/finish-words.ts';
import { type AnswerRoom, reportLostChoice, reportLostPart } from '../../protocols/lost-parts.ts';
import type { Protocol } from '../../protocols/model.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { countsOf } from '../../protocols/token-counts.ts';
import { holdsHalves, mendedJson, mendingJson } from '../../protocols/well-formed.ts';
import type { ChunkReader, StreamBody } from '../answer.ts';
import { formReader } from '../answer-form.ts';
import type { LongWork } from '../long-work.ts';
import { maskedError } from '../secret-mask.ts';
import { type Showing, shownInStream } from '../shown-error.ts';
import { workedAtOnce } from '../yield-for.ts';
import { answerEvents, type EventReading } from './answer-events.ts';
import { brokenStream, clientWentAway } from './broken-stream.ts';
import { sendKeepAlives } from './keep-alive.ts';
import type { Finished, Outcome } from './pass-stream.ts';
import { createTail, type Tail, tierAlone } from './usage-scan.ts';

/** A stream that has shown its first content, or failed before it had any. */
export type Opened =
  | { kind: 'open'; body: StreamBody }
  /** It is no stream but one value of JSON, whatever its type says; `bytes` are what came of it so far. */
  | { kind: 'json'; bytes: Uint8Array }
  /** Nothing has reached the client: another credential may take over. */
  | { kind: 'failed'; error: ProtocolError /** What came of it. */; seen: Tail };

const encoder = new TextEncoder();

/**
 * Reads upstream bytes until the answer has content, then hands out the client's stream.
 * The upstream's terminal event is required: without it the stream ends with the client protocol's own error.
 * `sign` is what the client gets now and then while the upstream is silent. `room`: what answers of the client's protocol hold;
 * undefined for a client that speaks the upstream's, and reads itself that an answer was given up. `report` gets words that nobody
 * knows, and what there is no room for. `showing` is what clients may read of an error, `reading` how events are read. `between` is
 * called between two long texts.
 */
export async function openTranslated(
  reader: ChunkReader,
  upstream: Protocol,
  decoder: StreamDecoder,
  client: StreamEncoder,
  finished: Finished,
  sign: Uint8Array | undefined,
  room: AnswerRoom | undefined,
  report: LossReport,
  showing: Showing,
  reading: EventReading = {},
  between: LongWork['between'] = () => {},
): Promise<Opened> {
  let text = '';
  /** A long text before it, of whole events: it is handed out by itself, and others have their turn behind it. */
  let long: string | undefined;
  let longest = 0;
  /** Whole events of a long text behind those that were handed out: the runtime makes a copy of what it is given. */
  let rest: Uint8Array | undefined;
  /** Events behind a long text: some protocols repeat it with each, and it goes out before it is written again. */
  let unwritten: StreamEvent[] = [];
  let usage: Usage | undefined;
  let failed: ProtocolError | undefined;
  /** The answer was given up. What comes behind that is what it has cost. */
  let givenUp: ProtocolError | undefined;
  let content = false;
  /** The bytes before it: without content they may have counts. */
  const seen = createTail();
  const look = formReader();
  let json: Uint8Array | undefined;
  /** Bytes of content that were sent. */
  let said = 0;
  let ended = false;
  /** Why the upstream's bytes ended without its terminal event. */
  let broke: string | undefined;

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
        failed = maskedError(event.error, showing.mask);
        // Before any content the router decides what the client sees.
        if (content) write({ type: 'error', error: shownInStream(failed, showing) });
        return;
      case 'finish': {
        const error = room === undefined && content ? undefined : errorOfFinish(event.finish);
        if (error !== undefined) {
          givenUp ??= error;
          return;
        }
        if (room !== undefined) {
          reportWord(event.finish, report);
          reportLostChoice(room, event.choice ?? 0, report);
        }
        content = true;
        break;
      }
      case 'end':
        if (givenUp !== undefined) {
          emit({ type: 'error', error: givenUp });
          return;
        }
        ended = true;
        break;
      case 'part-start':
        if (room !== undefined) reportLostPart(room, event.part, event.choice ?? 0, report);
        content = true;
        said += eventBytes(event);
        break;
      default:
        content = true;
        said += eventBytes(event);
    }
    write(event);
  };

  function write(event: StreamEvent): void {
    if (long !== undefined || unwritten.length > 0) {
      unwritten.push(event);
      return;
    }
    text += client.encode(event);
    if (text.length <= workedAtOnce) return;
    long = text;
    longest = Math.max(longest, long.length);
    text = '';
  }

  /** The long text has gone. */
  function writeOn(): void {
    const events = unwritten;
    unwritten = [];
    try {
      for (const event of events) write(event);
    } catch (error) {
      unwritten = [];
      breakWith(error);
    }
  }

  const events = answerEvents(decoder, emit, reading);

  function breakOff(reason: string): void {
    if (ended || failed !== undefined) return;
    if (givenUp !== undefined) {
      emit({ type: 'error', error: givenUp });
      return;
    }
    broke = reader.passed?.() ?? reason;
    emit({ type: 'error', error: brokenStream(reader.passed?.()) });
  }

  /** What came of the stream cannot be read or written: a fault of ours, which ends it as one of the upstream does. */
  function giveUp(error: unknown): void {
    if (ended || failed !== undefined) return;
    reader.cancel().catch(() => undefined);
    // Before any content the router decides what the client sees.
    if (!content) throw error;
    breakWith(error);
  }

  function breakWith(error: unknown): void {
    broke = `the answer could not be read: ${reasonOf(error)}`;
    failed = brokenStream();
    if (long === undefined && unwritten.length === 0) text += clientError(client, failed);
    else unwritten.push({ type: 'error', error: failed });
  }

  /** Reads until there is text for the client or the stream is over. Returns true when it is over. */
  async function advance(until: () => boolean): Promise<boolean> {
    while (!until()) {
      let chunk: Uint8Array | undefined;
      try {
        const { done, value } = await reader.read();
        if (!done) chunk = value;
      } catch (error) {
        breakOff(`the upstream's connection broke: ${reasonOf(error)}`);
        return true;
      }
      try {
        if (chunk !== undefined && !content) {
          const shown = look(chunk);
          if (shown?.form === 'json') {
            json = shown.bytes;
            return true;
          }
          seen.push(chunk);
        }
        const taken = chunk === undefined ? events.end() : events.push(chunk);
        if (taken !== undefined) await taken;
      } catch (error) {
        giveUp(error);
        return true;
      }
      if (chunk === undefined) {
        breakOff('the upstream closed the stream before its terminal event');
        return true;
      }
      if (ended || failed !== undefined) {
        letGo(reader);
        return true;
      }
    }
    return false;
  }

  let over = await advance(() => content);
  if (json !== undefined) return { kind: 'json', bytes: json };
  if (!content && failed !== undefined) return { kind: 'failed', error: failed, seen };

  const outcome = (error: string | undefined): Outcome => ({
    ...(usage === undefined ? tierAlone(upstream, seen) : countsOf(usage)),
    ...((!ended || usage?.output === undefined) && { said: outputTokens(said) }),
    ...(error !== undefined && { error }),
  });
  function written(): Uint8Array {
    const json = text;
    text = '';
    const bytes = encoder.encode(json);
    return holdsHalves(bytes) ? encoder.encode(mendedJson(json)) : bytes;
  }
  /** Makes bytes of the long text, in turns where its characters have to be mended. */
  async function writeLong(json: string): Promise<void> {
    const bytes = encoder.encode(json);
    rest = holdsHalves(bytes) ? encoder.encode(await runYielding(mendingJson(json))) : bytes;
    long = undefined;
  }
  function eventsOf(bytes: Uint8Array): Uint8Array {
    const end = bytes.length > 2 * workedAtOnce ? behindEventAt(bytes, workedAtOnce) : bytes.length;
    rest = end < bytes.length ? bytes.subarray(end) : undefined;
    return rest === undefined ? bytes : bytes.subarray(0, end);
  }
  function finish(): void {
    const upstreamError = broke === undefined ? failed : undefined;
    finished({ ...outcome(broke ?? failed?.message), ...(upstreamError && { upstreamError }) });
  }
  function send(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (rest !== undefined) controller.enqueue(eventsOf(rest));
    else if (text.length > 0) controller.enqueue(written());
    if (over && !waits()) {
      finish();
      controller.close();
    }
  }
  const isLong = (): boolean => long !== undefined || rest !== undefined || unwritten.length > 0;
  const waits = (): boolean => text.length > 0 || isLong();
  if (over && !isLong()) {
    finish();
    return { kind: 'open', body: written() };
  }
  const body = new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        sendKeepAlives(reader, controller, sign, () => false);
        if (!isLong()) send(controller);
      },
      async pull(controller) {
        if (isLong()) await yieldToEventLoop();
        if (long === undefined && rest === undefined && unwritten.length > 0) {
          // To collect what is left takes a turn by itself.
          between(longest);
          await yieldToEventLoop();
          writeOn();
        }
        if (!over) over = await advance(waits);
        if (isLong()) await yieldToEventLoop();
        if (long !== undefined) await writeLong(long);
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

/** Where the first event ends that ends behind this place; the end where there is none. */
function behindEventAt(bytes: Uint8Array, from: number): number {
  const end = Buffer.prototype.indexOf.call(bytes, '\n\n', from, 'latin1');
  return end < 0 ? bytes.length : end + 2;
}

/** Ends an upstream that has said its last word. */
export function letGo(reader: ChunkReader): void {
  if (reader.leave !== undefined) reader.leave();
  else reader.cancel().catch(() => undefined);
}

/** The error in the client's words, as far as they can be written. */
function clientError(client: StreamEncoder, error: ProtocolError): string {
  try {
    return client.encode({ type: 'error', error });
  } catch {
    return '';
  }
}
