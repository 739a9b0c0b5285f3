/** Errors in the events of a stream: where a protocol has them, and how another one is put in their place. */
import type { Codec } from './codec.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';
import type { StreamForm } from './stream-form.ts';

/** What every event and every answer that reports an error has in it, of whatever protocol: to be searched first. */
export const errorWord = Buffer.from('error');

/** The beginning of a whole answer that is an error. Texts of answers have their quotes escaped. */
export const errorAnswerPattern = /"error"\s*:\s*\{|"type"\s*:\s*"error"/;

/** An error that is not null, in the bytes of events. Texts of answers have their quotes escaped. */
export const errorPattern = /"error"\s*:\s*[{"]|"type"\s*:\s*"error"|^event:\s*error\s*$/m;

/** The values in the places where clients of the protocol read an error; an event that is nothing else is one itself. */
export function errorsIn(value: JsonObject, event: string | undefined, form: StreamForm): Json[] {
  const answers = answersIn(value, form);
  if (answers !== undefined)
    return [value, ...answers].flatMap(({ error }) => (error === undefined || error === null ? [] : [error]));
  return value.error || value.type === 'error' || event === 'error' ? [value] : [];
}

/** The event with the error at each place where clients of the protocol read one. */
export function withError(
  { streamForm, encodeError }: Codec,
  value: JsonObject,
  error: ProtocolError,
): JsonObject {
  const body = encodeError(error);
  const { answerMember, flatError, responseError } = streamForm;
  if (answerMember === undefined || answersIn(value, streamForm) === undefined) {
    const flat = flatError?.(error, value.sequence_number ?? 0);
    return flat === undefined ? body : { ...flat, ...body };
  }
  const put = (one: JsonObject, shown: Json): JsonObject => (one.error ? { ...one, error: shown } : one);
  const outer = body.error ?? null;
  const inner = responseError?.(error) ?? outer;
  const held = value[answerMember];
  return {
    ...put(value, outer),
    ...(isObject(held) && { [answerMember]: put(held, inner) }),
    ...(Array.isArray(held) && {
      [answerMember]: held.map((one) => (isObject(one) ? put(one, inner) : one)),
    }),
  };
}

/** The answers that an event holds; undefined for one that is no part of an answer. */
function answersIn(value: JsonObject, { answerMember }: StreamForm): JsonObject[] | undefined {
  const held = answerMember === undefined ? undefined : value[answerMember];
  if (held === undefined) return undefined;
  return (Array.isArray(held) ? held : [held]).filter(isObject);
}
