/** What a provider's refusal means beyond its status: rows of data in the provider's record, read in one place. */
import { errorJson } from '../protocols/error-body.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';

export interface Refusal {
  statuses: readonly number[];
  /** A pattern of the body; without it the status is enough. */
  says?: RegExp;
  /**
   * `token`: the token is not good, whatever the status. `quota`: used up for now. `forbidden`: the account may not.
   * Undefined: by the status.
   */
  means?: 'token' | 'quota' | 'forbidden';
  /** Seconds until another try makes sense, where no header has them; undefined when unknown. */
  wait?: (answer: RefusedAnswer, now: number) => number | undefined;
  /** What a person can do about it: a sentence, or what the answer makes of it. */
  next?: string | ((answer: RefusedAnswer) => string);
}

export interface RefusedAnswer {
  headers: Headers;
  text: string;
  /** The JSON object in the text; empty for other texts. */
  body: JsonObject;
}

/** The row that fits an answer; undefined for most answers. */
export function refusalOf(
  refusals: readonly Refusal[] | undefined,
  status: number,
  text: string,
): Refusal | undefined {
  return refusals?.find(
    ({ statuses, says }) => statuses.includes(status) && (says === undefined || says.test(text)),
  );
}

/** Reads the answer's text; Google's streaming calls wrap the error in an array. */
export function refusedAnswer(headers: Headers, text: string): RefusedAnswer {
  const value = errorJson(text);
  const body = Array.isArray(value) ? value.find(isObject) : value;
  return { headers, text, body: isObject(body) ? body : {} };
}

/** The status that the rest of the gateway understands for each meaning. */
export const statusOfMeaning = { token: 401, quota: 429, forbidden: 403 } as const;

/** Seconds from `now` until a moment in Unix seconds, when it has not passed. */
export function secondsUntil(unixSeconds: number | undefined, now: number): number | undefined {
  if (unixSeconds === undefined) return undefined;
  const seconds = Math.ceil(unixSeconds - now / 1000);
  return seconds > 0 ? seconds : undefined;
}
