/**
 * Faults on request: what goes wrong is written in the model's name, in a header, or in the API key.
 *
 * | words in a model or key name | in the header        | what happens                                                        |
 * |------------------------------|----------------------|---------------------------------------------------------------------|
 * | `429` (400–599)              | `status=429`         | that status, with an error body in the provider's shape             |
 * | `retry-7`                    | `retry-after=7`      | with a status: wait 7 s (header; in the body for Gemini)            |
 * | `html`                       | `html`               | a page of HTML instead of JSON, status 502 or the one given         |
 * | `redirect`                   | `redirect`           | 307 to `/sandbox/redirected`                                        |
 * | `empty`                      | `empty`              | 200 and no body                                                     |
 * | `drop`                       | `drop`               | the connection closes without an answer                             |
 * | `slow-first-byte-50`         | `slow-first-byte=50` | 50 ms pass before the answer begins                                 |
 * | `slow-5`                     | `slow=5`             | 5 ms pass between stream events                                     |
 * | `stall`, `stall-3`           | `stall`, `stall=3`   | after 3 events (1) nothing more comes, until the client leaves      |
 * | `cut`, `cut-3`               | `cut`, `cut=3`       | after 3 events (1) the connection is reset                          |
 * | `cut-bytes-40`               | `cut-bytes=40`       | after 40 bytes of the body the connection is reset                  |
 * | `garbage`, `garbage-3`       | `garbage`, …         | after 3 events (1) comes a line that is not JSON; then the rest     |
 * | `error-event`, `-event-3`    | `error-event`, …     | after 3 events (1) the stream says that it failed, and ends         |
 * | `no-terminal`                | `no-terminal`        | the stream ends before it says how the answer finished              |
 * | `first-2`                    | `first=2`            | only the first 2 requests with this fault and key fail              |
 * | `@key-a` at the end          | `key=key-a`          | only requests with this API key fail                                |
 *
 * Answers that are not streams count as one event: `stall`, `cut` and `no-terminal` send the first half of the body,
 * `garbage` a body that is not JSON, `error-event` an error object with status 200.
 *
 * - Model: `sandbox-fault-429-retry-7`, `sandbox-fault-stall-3`, `sandbox-fault-503-first-1@key-a`. Anything before
 *   `sandbox-fault-` is passed over, so that prefixes may stand there.
 * - Header: `x-sandbox-fault: status=429; retry-after=7; key=key-a`.
 * - API key: `key-429-retry-7`, `key-503`, `key-cut-2`; whatever follows an `@` distinguishes such keys: `key-429@second`.
 *
 * The header wins over the model, the model over the key.
 */

/** What is to go wrong. Times are milliseconds, `retryAfter` seconds, counts stream events. */
export interface Fault {
  status?: number;
  retryAfter?: number;
  html?: true;
  redirect?: true;
  empty?: true;
  drop?: true;
  slowFirstByte?: number;
  slow?: number;
  stall?: number;
  cut?: number;
  cutBytes?: number;
  garbage?: number;
  errorEvent?: number;
  noTerminal?: true;
  first?: number;
  key?: string;
}

type NumberField = Exclude<
  { [K in keyof Fault]-?: Fault[K] extends number | undefined ? K : never }[keyof Fault],
  'status'
>;
type FlagField = { [K in keyof Fault]-?: Fault[K] extends true | undefined ? K : never }[keyof Fault];

interface Word {
  /** As the model's name writes it; the longest fitting one counts. */
  word: string;
  header: string;
  field: { number: NumberField; otherwise?: number } | { flag: FlagField };
}

const words: readonly Word[] = [
  { word: 'slow-first-byte', header: 'slow-first-byte', field: { number: 'slowFirstByte' } },
  { word: 'cut-bytes', header: 'cut-bytes', field: { number: 'cutBytes' } },
  { word: 'error-event', header: 'error-event', field: { number: 'errorEvent', otherwise: 1 } },
  { word: 'no-terminal', header: 'no-terminal', field: { flag: 'noTerminal' } },
  { word: 'retry', header: 'retry-after', field: { number: 'retryAfter' } },
  { word: 'slow', header: 'slow', field: { number: 'slow' } },
  { word: 'stall', header: 'stall', field: { number: 'stall', otherwise: 1 } },
  { word: 'cut', header: 'cut', field: { number: 'cut', otherwise: 1 } },
  { word: 'garbage', header: 'garbage', field: { number: 'garbage', otherwise: 1 } },
  { word: 'first', header: 'first', field: { number: 'first' } },
  { word: 'html', header: 'html', field: { flag: 'html' } },
  { word: 'redirect', header: 'redirect', field: { flag: 'redirect' } },
  { word: 'empty', header: 'empty', field: { flag: 'empty' } },
  { word: 'drop', header: 'drop', field: { flag: 'drop' } },
];

/** What the header may say, for complaints about it. */
export const headerNames: readonly string[] = ['status', ...words.map((entry) => entry.header), 'key'];

const modelMark = 'sandbox-fault-';
const keyMark = 'key-';

/** The fault in a model's name; undefined when there is none, or its words are not in the table. */
export function faultOfModel(model: string): Fault | undefined {
  const at = model.indexOf(modelMark);
  if (at < 0) return undefined;
  const [name = '', key] = splitAtSign(model.slice(at + modelMark.length));
  const fault = faultOfWords(name);
  return fault === undefined || key === undefined ? fault : { ...fault, key };
}

/** The fault in an API key's name; ordinary keys have none. */
export function faultOfKey(key: string): Fault | undefined {
  if (!key.startsWith(keyMark)) return undefined;
  const [name = ''] = splitAtSign(key.slice(keyMark.length));
  return faultOfWords(name);
}

function splitAtSign(text: string): [string, string | undefined] {
  const at = text.indexOf('@');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function faultOfWords(text: string): Fault | undefined {
  const fault: Fault = {};
  let rest = text;
  while (rest !== '') {
    const found = /^([45]\d\d)(?:-|$)/.exec(rest);
    if (found !== null) {
      fault.status = Number(found[1]);
      rest = rest.slice(found[0].length);
      continue;
    }
    const entry = words.find(({ word }) => rest === word || rest.startsWith(`${word}-`));
    if (entry === undefined) return undefined;
    rest = rest.slice(entry.word.length + 1);
    const count = 'number' in entry.field ? /^(\d+)(?:-|$)/.exec(rest) : null;
    if (count !== null) rest = rest.slice(count[0].length);
    if (!put(fault, entry, count?.[1])) return undefined;
  }
  return Object.keys(fault).length === 0 ? undefined : fault;
}

function put(fault: Fault, { field }: Word, value: string | undefined): boolean {
  if ('flag' in field) {
    fault[field.flag] = true;
    return true;
  }
  const count = value === undefined ? field.otherwise : Number(value);
  if (count === undefined || !Number.isFinite(count)) return false;
  fault[field.number] = count;
  return true;
}

/** The fault in the header; the name of what is not in the table where it says something else. */
export function faultOfHeader(text: string): Fault | { unknown: string } {
  const fault: Fault = {};
  for (const item of text.split(';')) {
    const [name = '', value] = item.split('=').map((side) => side.trim());
    if (name === '') continue;
    const entry = words.find(({ header }) => header === name);
    if (name === 'status' && value !== undefined && /^[1-5]\d\d$/.test(value)) fault.status = Number(value);
    else if (name === 'key' && value !== undefined) fault.key = value;
    else if (entry === undefined || !put(fault, entry, value)) return { unknown: item.trim() };
  }
  return fault;
}

/** How often each fault limited by `first` has struck. */
export type FaultCounts = Map<string, number>;

/** The fault if it strikes this request: its key fits, and it has not struck often enough. Counts the strike. */
export function striking(fault: Fault | undefined, key: string, counts: FaultCounts): Fault | undefined {
  if (fault === undefined || (fault.key !== undefined && fault.key !== key)) return undefined;
  if (fault.first === undefined) return fault;
  const name = `${JSON.stringify(fault)} ${key}`;
  const struck = counts.get(name) ?? 0;
  if (struck >= fault.first) return undefined;
  counts.set(name, struck + 1);
  return fault;
}
