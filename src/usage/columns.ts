/** Rows of the usage store: what each of their columns is, and how a request's id is a place in the order of time. */

/** Columns of `requests`. Names are ids of the dictionary; what is not known is null. */
export const requestColumns = [
  'id',
  // The random half of the request's id.
  'rnd',
  ...['key', 'session', 'credential', 'provider', 'model', 'asked', 'protocol', 'operation', 'tier'],
  ...['error', 'choice', 'status', 'attempts', 'streamed', 'began', 'ttft', 'bucket', 'duration'],
  ...['input', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning', 'output', 'counted'],
  // `bucket` is that of the histogram of `ttft`. Cost in nano-dollars; who says so; whether it is billed or comes with a subscription.
  ...['cost', 'source', 'billed'],
] as const;

/** Columns of `attempts`: of requests that one attempt has answered at once, there are none. */
export const attemptColumns = [
  'request',
  'n',
  ...['credential', 'provider', 'model', 'status', 'reason', 'started', 'waited', 'duration', 'trial'],
  ...['cooldown', 'billed', 'input', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning', 'output'],
  ...['counted', 'tier', 'cost', 'source'],
] as const;

export type RequestColumn = (typeof requestColumns)[number];
export type AttemptColumn = (typeof attemptColumns)[number];

/** Requests of one millisecond that have a place of their own. */
export const perMillisecond = 1024;

/** The first place of a time: ms since the epoch. */
export function placeOf(at: number): number {
  return at * perMillisecond;
}

/** The time of a place. */
export function timeOf(place: number): number {
  return Math.floor(place / perMillisecond);
}

const requestId = /^req_[0-9a-f]{24}$/;

/** What `req_` and 24 hexadecimal digits say: when, and which of that time. Undefined for any other id. */
export function readRequestId(id: string): { at: number; rnd: number } | undefined {
  if (!requestId.test(id)) return undefined;
  return { at: Number.parseInt(id.slice(4, 16), 16), rnd: Number.parseInt(id.slice(16), 16) };
}

export function writeRequestId(at: number, rnd: number): string {
  return `req_${hex12(at)}${hex12(rnd)}`;
}

function hex12(number: number): string {
  return number.toString(16).padStart(12, '0');
}

/** A closed list in the order in which its words are numbered in the file: new ones go to the end. */
export const countedWords = ['provider', 'estimate', 'odd', 'none'] as const;
export const sourceWords = ['upstream', 'owner', 'list'] as const;
export const billingWords = ['paid', 'subscription'] as const;
