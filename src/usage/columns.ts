/** Rows of the usage store: what each of their columns is, and how a request's id is a place in the order of time. */
import { type MediaTokens, mediaNames } from '../protocols/token-counts.ts';

/** Tokens that are no text, in the order of {@link mediaNames}; null in nearly all rows, which is a byte each. */
export const mediaColumns = [
  ...[
    'audio_input',
    'image_input',
    'video_input',
    'audio_read',
    'image_read',
    'audio_output',
    'image_output',
  ],
] as const;

type MediaColumn = (typeof mediaColumns)[number];

/** Tokens that are no text, where there are any: parts of the input, of what came from the cache, and of the output. */
export type ListedMedia = { readonly [Name in keyof MediaTokens]?: number };

/** The counts of a row by our names; `of`: its cells. What it has none of is left out. */
export function mediaOf(of: (column: MediaColumn) => number | null): ListedMedia {
  const media: { -readonly [Name in keyof ListedMedia]: number } = {};
  for (const [index, name] of mediaNames.entries()) {
    const column = mediaColumns[index];
    const count = column === undefined ? null : of(column);
    if (count !== null) media[name] = count;
  }
  return media;
}

/** Columns of `requests`. Names are ids of the dictionary; what is not known is null. */
export const requestColumns = [
  'id',
  // The random half of the request's id.
  'rnd',
  ...['key', 'session', 'credential', 'provider', 'model', 'asked', 'protocol', 'operation', 'tier'],
  ...['error', 'choice', 'status', 'attempts', 'streamed', 'began', 'ttft', 'bucket', 'duration'],
  ...['input', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning', 'output', 'counted'],
  // `bucket` is that of the histogram of `ttft`. Cost in nano-dollars; its source; whether it is billed or comes with a subscription.
  ...['cost', 'source', 'billed'],
  // These came later: `usage-database.ts` adds them to a file that has none.
  ...mediaColumns,
] as const;

/** Columns of `attempts`: of requests that one attempt has answered at once, there are none. */
export const attemptColumns = [
  'request',
  'n',
  ...['credential', 'provider', 'model', 'status', 'reason', 'started', 'waited', 'duration', 'trial'],
  ...['cooldown', 'billed', 'input', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning', 'output'],
  ...['counted', 'tier', 'cost', 'source'],
  ...mediaColumns,
] as const;

export type RequestColumn = (typeof requestColumns)[number];
export type AttemptColumn = (typeof attemptColumns)[number];

/** Requests of one millisecond that have a place of their own. */
export const perMillisecond = 1024;

/** The last time whose places are exact numbers: the year 2248. */
export const latestTime = Math.floor(Number.MAX_SAFE_INTEGER / perMillisecond) - 1;

/** The first place of a time: ms since the epoch. */
export function placeOf(at: number): number {
  return at * perMillisecond;
}

/** The time of a place. */
export function timeOf(place: number): number {
  return Math.floor(place / perMillisecond);
}

const idLength = 28;

/** The time and number in an id of `req_` and 24 hexadecimal digits. Undefined for any other id. */
export function readRequestId(id: string): { at: number; rnd: number } | undefined {
  if (id.length !== idLength || !id.startsWith('req_')) return undefined;
  const at = hex12At(id, 4);
  const rnd = hex12At(id, 16);
  return at < 0 || at > latestTime || rnd < 0 ? undefined : { at, rnd };
}

/** The number that twelve hexadecimal digits are; negative where one is none. Without texts of its own: each request has an id. */
function hex12At(text: string, from: number): number {
  let number = 0;
  for (let index = from; index < from + 12; index += 1) {
    const code = text.charCodeAt(index);
    // 0 to 9, and a to f.
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : undefined;
    if (digit === undefined) return -1;
    number = number * 16 + digit;
  }
  return number;
}

export function writeRequestId(at: number, rnd: number): string {
  return `req_${hex12(at)}${hex12(rnd)}`;
}

function hex12(number: number): string {
  return number.toString(16).padStart(12, '0');
}

/** A closed list in the order in which its words are numbered in the file: new ones go to the end. */
export const countedWords = ['provider', 'estimate', 'odd', 'none', 'unknown'] as const;
export const sourceWords = ['upstream', 'owner', 'list'] as const;
export const billingWords = ['paid', 'subscription'] as const;
