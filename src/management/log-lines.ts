/** Lines of our log in the columns that the peer's panel reads out of its own. */
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';

export interface ShownLine {
  text: string;
  /** Seconds since the epoch; undefined where the line has no time. */
  at: number | undefined;
}

/** What stands in the columns of every line already. */
const inColumns: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'id']);

/** A line as it is shown; one that is no JSON stays as it is. */
export function shownLine(line: string): ShownLine {
  const fields = parseJson(line);
  if (!isObject(fields)) return { text: line, at: undefined };
  const time = typeof fields.time === 'string' ? new Date(fields.time) : undefined;
  const at = time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
  const level = typeof fields.level === 'string' ? fields.level : 'info';
  const message = typeof fields.msg === 'string' ? fields.msg : '';
  const head = `[${at === undefined ? '-' : localTime(at)}] [${shortId(fields)}] [${level.padEnd(5)}]`;
  const said = message === 'request' ? requestColumns(fields) : `[log] ${message}${others(fields)}`;
  return { text: `${head} ${said}`, at: at && Math.floor(at.getTime() / 1000) };
}

/** `200 |   58ms | client | POST    "model" …`: where the peer has address and path, ours has the client and the model. */
function requestColumns(fields: JsonObject): string {
  const { status, duration, client, model } = fields;
  const inOwnColumns = { status: undefined, duration: undefined, client: undefined, model: undefined };
  const rest = others({ ...fields, ...inOwnColumns });
  return `[request] ${String(status)} | ${`${String(duration)}ms`.padStart(13)} | ${String(client ?? '-').padStart(15)} | ${'POST'.padEnd(7)} ${JSON.stringify(String(model ?? ''))}${rest}`;
}

function others(fields: JsonObject): string {
  const words = Object.entries(fields).flatMap(([name, value]) =>
    inColumns.has(name) || value === undefined || value === null
      ? []
      : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

/** The end of the id, as long as the peer's ids are: `request-log-by-id` finds it by that, too. */
function shortId({ id }: JsonObject): string {
  return typeof id === 'string' && id.length >= 8 ? id.slice(-8) : '--------';
}

function localTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
