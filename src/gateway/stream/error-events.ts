/**
 * Errors that an upstream reports in a stream of the client's own protocol: the event stays, but what it has about the credential
 * behind it does not.
 */
import { isCredentialRefusal } from '../../credentials/verdict.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import type { Codec, DecodeContext } from '../../protocols/codec.ts';
import { errorJson } from '../../protocols/error-body.ts';
import { errorPattern, errorsIn, errorWord, withError } from '../../protocols/event-errors.ts';
import { errorOfFinish } from '../../protocols/finish-words.ts';
import { isObject } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import type { SseEvent } from '../../protocols/sse.ts';
import { eventOf } from '../../protocols/sse-bytes.ts';
import { latin1 } from '../latin1.ts';
import { type Showing, shownInStream } from '../shown-error.ts';
import { workedAtOnce } from '../yield-for.ts';

/**
 * Whole events as the client gets them: the very same bytes where none reports an error, for answers are not searched. Secrets
 * are ASCII, whatever surrounds them.
 */
export function errorEvents(
  codec: Codec,
  context: () => DecodeContext,
  showing: Showing,
): (events: Uint8Array) => Uint8Array {
  return (events) => {
    // Without a Buffer over them: that costs several times as much as the search.
    if (!Buffer.prototype.includes.call(events, errorWord)) return events;
    const text = latin1(events);
    if (!errorPattern.test(text)) return events;
    const shown = text
      .split(eventEnds)
      .map((part) => (errorPattern.test(part) ? rewritten(part, codec, context, showing) : part))
      .join('');
    const masked = shown.length > workedAtOnce ? maskedNear(shown, showing.mask) : showing.mask(shown);
    return masked === text ? events : Buffer.from(masked, 'latin1');
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

/** Blank lines; in a group, so that splitting keeps them. */
const eventEnds = /((?:\r?\n){2,})/;

/** An event with another error where its own is not for clients; one byte a character, before and after. */
function rewritten(latin1: string, codec: Codec, context: () => DecodeContext, showing: Showing): string {
  const { event, data } = eventOf(Buffer.from(latin1, 'latin1').toString());
  const value = errorJson(data);
  if (!isObject(value)) return latin1;
  const found = errorsIn(value, event, codec.streamForm);
  if (found.length === 0) return latin1;
  const error = errorIn(codec, context, { event, data, value });
  const isLong = found.some((one) => JSON.stringify(one).length > showing.mostBytes);
  // What only the mask would change is left to it: the event stays as it is written otherwise.
  if (!isLong && !isCredentialRefusal(error)) return latin1;
  const written = JSON.stringify(withError(codec, value, shownInStream(error, showing)));
  const gap = latin1.includes('\r\n') ? '\r\n' : '\n';
  const head = otherLines(latin1) ?? (event === undefined ? [] : [`event: ${event}`]);
  return [...head, `data: ${Buffer.from(written).toString('latin1')}`].join(gap);
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
