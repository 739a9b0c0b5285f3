/**
 * The beginning of a stream in the client's own protocol. It is read before the client gets anything, so that another
 * credential may take over when it holds an error, or no answer at all.
 */
import { yieldToEventLoop } from '../../ground/steps.ts';
import { growingBytes } from '../../http-client/growing-bytes.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import { usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import { errorOfFinish } from '../../protocols/finish-words.ts';
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import { doneMark, type SseEvent } from '../../protocols/sse.ts';
import { behindEmptyLines, behindEvent, dataOf, eventEnd, eventOf } from '../../protocols/sse-bytes.ts';
import type { ChunkReader } from '../answer.ts';
import { beginsAsJson, formReader } from '../answer-form.ts';
import { parsedYielding } from '../json-body.ts';
import { latin1 } from '../latin1.ts';
import { unknownRequest } from '../read-request.ts';
import { isTooHeavyExactly, isTooHeavyInTurns } from '../weight-in-turns.ts';
import { workedAtOnce } from '../yield-for.ts';
import { isWholeEvent, kindOfData } from './event-check.ts';

export type FirstEvent =
  /** The answer has begun; `bytes` are what came so far, from its first event on. */
  | { kind: 'begun'; bytes: Uint8Array }
  /** It is one value of JSON, whatever its content type; `bytes` are what has been read of it. */
  | { kind: 'json'; bytes: Uint8Array }
  /** The stream reports a failure. `seen` is everything received, including this: it may have counts. */
  | { kind: 'error'; event: SseEvent; seen: Uint8Array }
  /** It is not an answer; the sentence has the reason. */
  | { kind: 'nothing'; message: string; seen: Uint8Array; cause?: unknown };

/** Characters of announcements that are held back at most: Responses repeats the whole request in them. */
const usuallyHeld = 4 * 1024 * 1024;

/**
 * Reads until the answer has begun, the stream has reported a failure, or has ended. `mostHeld`: bytes of announcements
 * (`bounds.held-events`), `mostValues`: what is read of one event (`bounds.answer-values`).
 */
export async function readFirstEvent(
  protocol: Protocol,
  reader: ChunkReader,
  mostHeld = usuallyHeld,
  mostValues = usualAnswerBounds.values,
): Promise<FirstEvent> {
  const held = growingBytes();
  /** Where the next event begins, and where the first that the client gets. */
  let at = 0;
  let from = 0;
  /** Up to here there is no end of the next event: however many pieces it comes in, it is searched once. */
  let searched = 0;
  let announced = false;
  let look: ReturnType<typeof formReader> | undefined;
  for (;;) {
    let chunk: Uint8Array | undefined;
    try {
      chunk = (await reader.read()).value;
    } catch (cause) {
      const message = 'The upstream broke off before its answer began.';
      return { kind: 'nothing', message, seen: held.bytes(), cause };
    }
    if (chunk !== undefined) {
      if (held.length === 0 && beginsAtOnce(protocol, chunk)) return { kind: 'begun', bytes: chunk };
      look ??= formReader();
      const seen = look(chunk);
      if (seen?.form === 'json') return { kind: 'json', bytes: seen.bytes };
      held.push(chunk);
    }
    const bytes = held.bytes();
    /** The position of the next data: lines before it have no content, and there may be tens of thousands of them. */
    let dataAt = -1;
    for (;;) {
      at = behindEmptyLines(bytes, at);
      const found = eventEnd(bytes, Math.max(at, searched));
      // The last one may lack its blank line.
      if (found < 0 && (chunk !== undefined || at >= bytes.length)) break;
      const end = found < 0 ? bytes.length : found;
      const behind = found < 0 ? end : behindEvent(bytes, end);
      if (dataAt < at) dataAt = nextData(bytes, at);
      if (dataAt >= end && chunk !== undefined) {
        at = behind;
        continue;
      }
      const event = latin1(bytes, at, end);
      const isLast = chunk === undefined;
      const { seen, read } =
        event.length > workedAtOnce
          ? await lookAtLong(protocol, event, isLast, mostValues)
          : {
              seen:
                isLast && !isWholeEvent(event, mostValues) ? 'broken' : lookAt(protocol, event, mostValues),
            };
      switch (seen) {
        case 'begun':
          return { kind: 'begun', bytes: bytes.subarray(from) };
        case 'error':
          return { kind: 'error', event: read ?? eventIn(event), seen: bytes };
        case 'broken':
          return {
            kind: 'nothing',
            message: 'The upstream began its stream with something that is not JSON.',
            seen: bytes,
          };
        case 'done':
          return {
            kind: 'nothing',
            message: 'The upstream ended the stream without an answer.',
            seen: bytes,
          };
        case 'announced':
          announced = true;
          break;
        case 'words':
          // Skipped, with everything before it that has no content.
          if (!announced) from = behind;
          break;
        case 'silence':
          break;
      }
      at = behind;
    }
    // The line feeds of a blank line may come apart.
    searched = Math.max(0, bytes.length - 2);
    if (bytes.length > mostHeld) return { kind: 'begun', bytes: bytes.subarray(from) };
    if (chunk === undefined) {
      const message = announced
        ? 'The upstream closed the stream before its answer began.'
        : 'The upstream closed the stream without any event.';
      return { kind: 'nothing', message, seen: bytes };
    }
  }
}

/** Whether the answer begins in the first piece, at most behind announcements, as it mostly does; looks no further than that. */
function beginsAtOnce(protocol: Protocol, chunk: Uint8Array): boolean {
  const head = chunk.subarray(0, firstLook);
  // Lines of data may follow, and are none then: the same as where the pieces are shorter.
  if (beginsAsJson(head)) return false;
  for (let at = behindEmptyLines(head, 0); ; ) {
    const end = eventEnd(head, at);
    if (end < 0) return false;
    const seen = lookAt(protocol, latin1(head, at, end), usualAnswerBounds.values);
    if (seen !== 'announced') return seen === 'begun';
    at = behindEvent(head, end);
  }
}

const firstLook = 1024;

const dataField = Buffer.from('data:');

/** The position of the next data; the end where there is none. */
function nextData(bytes: Uint8Array, from: number): number {
  const at = Buffer.prototype.indexOf.call(bytes, dataField, from);
  return at < 0 ? bytes.length : at;
}

type Seen = 'silence' | 'words' | 'announced' | 'begun' | 'error' | 'broken' | 'done';

function lookAt(protocol: Protocol, event: string, mostValues: number): Seen {
  const data = dataOf(event)?.trim() ?? '';
  if (looksCut(data) && kindOfData(eventIn(event).data, mostValues) === 'broken') return 'broken';
  const seen = glance(protocol, event, data);
  return mustBeRead(seen) ? seenIn(seen, saidBy(protocol, eventIn(event))) : seen;
}

/** The same of a long event, which is weighed and read in turns with others, where it must be. `isLast`: nothing comes behind it, not even a blank line. */
async function lookAtLong(
  protocol: Protocol,
  event: string,
  isLast: boolean,
  mostValues: number,
): Promise<{ seen: Seen; read?: SseEvent }> {
  const data = dataOf(event)?.trim() ?? '';
  const mayBeCut = isLast || looksCut(data);
  const seen = glance(protocol, event, data);
  if (!mayBeCut && seen !== 'error' && !mustBeRead(seen)) return { seen };
  await yieldToEventLoop();
  const written = eventIn(event);
  const { exactMembers } = codecs[protocol];
  if (
    (await isTooHeavyInTurns(mostValues, written.data)) ||
    (await isTooHeavyExactly(mostValues, written.data, exactMembers))
  )
    return { seen: mayBeCut ? 'broken' : 'error' };
  const value = await parsedYielding(written.data, exactMembers);
  if (mayBeCut && value === undefined) return { seen: 'broken' };
  const read = { ...written, value: value ?? null };
  return { seen: mustBeRead(seen) ? seenIn(seen, saidBy(protocol, read)) : seen, read };
}

/** Whether data that begins as JSON does not end as it. */
function looksCut(data: string): boolean {
  return data.startsWith('{') && !data.endsWith('}');
}

/** What is to be seen of an event that is not read. */
type Glance = Seen | 'finish' | 'unclear';

function glance(protocol: Protocol, event: string, data: string): Glance {
  if (data === '') return 'silence';
  if (data === doneMark) return 'done';
  if (!data.startsWith('{')) return 'words';
  const kind = codecs[protocol].streamForm.firstEvent(event, data);
  return kind === 'announcement' ? 'announced' : kind === 'content' ? 'begun' : kind;
}

function mustBeRead(seen: Glance): seen is 'finish' | 'unclear' {
  return seen === 'finish' || seen === 'unclear';
}

function seenIn(seen: 'finish' | 'unclear', said: ReturnType<typeof saidBy>): Seen {
  return seen === 'finish' && said !== 'error' ? 'begun' : said;
}

/** The kind of a single event: an error includes an answer that was given up, or ended before any content. */
function saidBy(protocol: Protocol, event: SseEvent): 'announced' | 'begun' | 'error' {
  let gone = false;
  let said = false;
  let content = false;
  const decoder = codecs[protocol].streamDecoder({ request: unknownRequest });
  const emit = (decoded: StreamEvent): void => {
    if (decoded.type === 'part-start') content = true;
    else if (decoded.type === 'error') gone = true;
    else if (decoded.type === 'finish') {
      said = true;
      gone ||= errorOfFinish(decoded.finish) !== undefined;
    }
  };
  decoder.decode(event, emit);
  decoder.end(emit);
  if (content) return 'begun';
  if (gone) return 'error';
  return said ? 'begun' : 'announced';
}

/** The event as it was written, one byte a character before. */
function eventIn(written: string): SseEvent {
  return eventOf(Buffer.from(written, 'latin1').toString());
}
