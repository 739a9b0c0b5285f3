/**
 * Errors that an upstream reports in a stream of the client's own protocol: the event stays, but what it has about the credential
 * behind it does not.
 */
import { isCredentialRefusal } from '../../credentials/verdict.ts';
import { atOnce, runYielding } from '../../ground/steps.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import { usualAnswerBounds } from '../../protocols/answer-bounds.ts';
import type { Codec, DecodeContext } from '../../protocols/codec.ts';
import { errorJson } from '../../protocols/error-body.ts';
import { errorPattern, errorsIn, errorWord, withError } from '../../protocols/event-errors.ts';
import { errorOfFinish } from '../../protocols/finish-words.ts';
import { isObject, type Json } from '../../protocols/json.ts';
import { parsingJson } from '../../protocols/json-in-steps.ts';
import { isTextDeeper } from '../../protocols/json-text-span.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import type { SseEvent } from '../../protocols/sse.ts';
import { behindEmptyLines, behindEvent, eventEnd, eventOf } from '../../protocols/sse-bytes.ts';
import { latin1 } from '../latin1.ts';
import { type Showing, shownInStream } from '../shown-error.ts';
import { workedAtOnce } from '../yield-for.ts';

/**
 * Whole events as the client gets them: the very same bytes where none reports an error, for answers are not searched. Secrets
 * are ASCII, whatever surrounds them. Of long ones that report an error a promise: each is read in turns with others.
 */
export function errorEvents(
  codec: Codec,
  context: () => DecodeContext,
  showing: Showing,
): (events: Uint8Array) => Uint8Array | Promise<Uint8Array> {
  function* rewriting(events: Uint8Array, text: string): Generator<void, Uint8Array> {
    const isLong = text.length > workedAtOnce;
    let shown = '';
    let from = 0;
    for (let end = eventEnd(events, 0); from < text.length; end = eventEnd(events, from)) {
      const behind = end < 0 ? text.length : behindEmptyLines(events, behindEvent(events, end));
      const part = text.slice(
        from,
        end < 0 ? behind : text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end,
      );
      shown += errorPattern.test(part) ? yield* rewritten(part, codec, context, showing) : part;
      shown += text.slice(from + part.length, behind);
      from = behind;
    }
    if (isLong) yield;
    const masked = isLong ? maskedNear(shown, showing.mask) : showing.mask(shown);
    return masked === text ? events : Buffer.from(masked, 'latin1');
  }

  return (events) => {
    // Without a Buffer over them: that costs several times as much as the search.
    if (!Buffer.prototype.includes.call(events, errorWord)) return events;
    const text = latin1(events);
    if (!errorPattern.test(text)) return events;
    const steps = rewriting(events, text);
    return text.length > workedAtOnce ? runYielding(steps) : atOnce(steps);
  };
}

/** Characters before and behind the beginning of an error in which secrets are looked for, where the events with it are long, and in all. */
const before = 1024;
const behind = 16 * 1024;
const mostMasked = 16 * behind;
const eachError = new RegExp(errorPattern, 'gm');

/** Long events with their errors masked: the rest of them is an answer, which is not searched elsewhere either. */
function maskedNear(text: string, mask: (text: string) => string): string {
  let out = '';
  let from = 0;
  let left = mostMasked;
  for (const { index } of text.matchAll(eachError)) {
    if (left <= 0) break;
    const start = Math.max(from, index - before);
    const end = Math.min(text.length, index + behind);
    if (end <= start) continue;
    out += text.slice(from, start) + mask(text.slice(start, end));
    left -= end - start;
    from = end;
  }
  return out + text.slice(from);
}

const carriageReturn = 13;

/** An event with another error where its own is not for clients, in steps; one byte a character, before and after. */
function* rewritten(
  latin1: string,
  codec: Codec,
  context: () => DecodeContext,
  showing: Showing,
): Generator<void, string> {
  const { event, data } = eventOf(Buffer.from(latin1, 'latin1').toString());
  const value = data.length > workedAtOnce ? yield* readingError(data) : errorJson(data);
  if (!isObject(value)) return latin1;
  const found = errorsIn(value, event, codec.streamForm);
  if (found.length === 0) return latin1;
  const error = errorIn(codec, context, { event, data, value });
  if (data.length > workedAtOnce) yield;
  const isLong = found.some((one) => JSON.stringify(one).length > showing.mostBytes);
  // What only the mask would change is left to it: the event stays as it is written otherwise.
  if (!isLong && !isCredentialRefusal(error)) return latin1;
  const written = JSON.stringify(withError(codec, value, shownInStream(error, showing)));
  const gap = latin1.includes('\r\n') ? '\r\n' : '\n';
  const head = otherLines(latin1) ?? (event === undefined ? [] : [`event: ${event}`]);
  return [...head, `data: ${Buffer.from(written).toString('latin1')}`].join(gap);
}

/** The value of a long event in steps; undefined for what is none of an error. */
function* readingError(data: string): Generator<void, Json | undefined> {
  yield;
  if (isTextDeeper(data, usualAnswerBounds.nesting)) return undefined;
  yield;
  try {
    return yield* parsingJson(data);
  } catch {
    return undefined;
  }
}

/** Lines of an event that are kept beside its data; of more only its name is. */
const mostLines = 1024;

/** The lines of an event that are no data; undefined where there are very many lines. */
function otherLines(event: string): string[] | undefined {
  const lines = event.split(/\r?\n/, mostLines + 1);
  return lines.length > mostLines
    ? undefined
    : lines.filter((line) => line !== '' && !line.startsWith('data:'));
}

/** The error that an event reports, in the words of its protocol. */
export function errorIn(
  codec: Codec,
  context: () => DecodeContext,
  event: SseEvent | undefined,
): ProtocolError {
  const data = event?.data ?? '';
  let found: ProtocolError | undefined;
  try {
    if (event !== undefined) {
      const decoder = codec.streamDecoder(context());
      const emit = (decoded: StreamEvent): void => {
        if (decoded.type === 'error') found ??= decoded.error;
        else if (decoded.type === 'finish') found ??= errorOfFinish(decoded.finish);
      };
      decoder.decode(event, emit);
      decoder.end(emit);
    }
  } catch {
    // The request went through without being read, and cannot be: its error can all the same.
  }
  return found ?? codec.decodeError(500, data);
}
