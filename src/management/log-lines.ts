/** Lines of our log in the columns that the peer's panel reads out of its own. */
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';

export interface ShownLine {
  text: string;
  /** Seconds since the epoch; undefined where the line has no time. */
  at: number | undefined;
}

/** Fields that are already in the columns of every line, and of a request's. */
const inColumns: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'id']);
const inOwnColumns: ReadonlySet<string> = new Set([...inColumns, 'status', 'duration', 'client', 'model']);

/** A line as it is shown; one that is no JSON stays as it is. */
export function shownLine(line: string): ShownLine {
  const fields = parseJson(line);
  if (!isObject(fields)) return { text: line, at: undefined };
  const time = typeof fields.time === 'string' ? timeIn(fields.time) : undefined;
  const level = typeof fields.level === 'string' ? fields.level : 'info';
  const message = typeof fields.msg === 'string' ? fields.msg : '';
  const head = `[${time?.shown ?? '-'}] [${shortId(fields)}] [${level.padEnd(5)}]`;
  const said =
    message === 'request' ? requestColumns(fields) : `[log] ${message}${others(fields, inColumns)}`;
  return { text: `${head} ${said}`, at: time?.at };
}

/** `200 |   58ms | client | POST    "model" …`: where the peer has address and path, ours has the client and the model. */
function requestColumns(fields: JsonObject): string {
  const { status, duration, client, model } = fields;
  const rest = others(fields, inOwnColumns);
  return `[request] ${String(status)} | ${`${String(duration)}ms`.padStart(13)} | ${String(client ?? '-').padStart(15)} | ${'POST'.padEnd(7)} ${JSON.stringify(String(model ?? ''))}${rest}`;
}

function others(fields: JsonObject, but: ReadonlySet<string>): string {
  let words = '';
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (but.has(name) || value === undefined || value === null) continue;
    words += ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  }
  return words;
}

/** The end of the id, as long as the peer's ids are: `request-log-by-id` finds it by that, too. */
function shortId({ id }: JsonObject): string {
  return typeof id === 'string' && id.length >= 8 ? id.slice(-8) : '--------';
}

interface LineTime {
  /** Seconds since the epoch. */
  at: number;
  shown: string;
}

/** Of the line before, which mostly is of the same second. */
let latest: { second: string; time: LineTime } | undefined;

/** Undefined where the text is no time. */
function timeIn(text: string): LineTime | undefined {
  const second = /^\.\d{3}Z$/.test(text.slice(19)) ? text.slice(0, 19) : undefined;
  if (second !== undefined && second === latest?.second) return latest.time;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return undefined;
  const time = { at: Math.floor(date.getTime() / 1000), shown: localTime(date) };
  if (second !== undefined) latest = { second, time };
  return time;
}

function localTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
