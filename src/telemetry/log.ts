/** The log: JSON lines for machines, short coloured lines for people. Secrets and bodies are never given to it. */

import { styleText } from 'node:util';
import type { Logger } from 'pino';
import type { Clock } from '../ground/clock.ts';
import { isPrintable, printable, printableJson, printableOutput } from './printable.ts';
import { isLonger, shortLine } from './short-line.ts';

/** What one request did, as one line. Durations in milliseconds, tokens as the provider counted them. */
export interface RequestRecord {
  id: string;
  client: string;
  /** The name of the client key; undefined where none was looked at. */
  key: string | undefined;
  /** As the client wrote it. */
  model: string;
  /** What the provider was asked for, where that is another name. */
  served_model: string | undefined;
  provider: string | undefined;
  credential: string | undefined;
  attempts: number;
  status: number;
  /** From the request's arrival to the first byte of the answer. */
  ttft: number | undefined;
  duration: number;
  input: number | undefined;
  output: number | undefined;
  /** Present where tokens are estimated: the provider reported no counts, or the answer ended early. */
  estimated?: true | undefined;
  /** Of the tokens: those of attempts that failed when the provider had counted already. */
  failed_input?: number | undefined;
  failed_output?: number | undefined;
  /** Short codes of what translation could not carry over. */
  loss: string | undefined;
  error: string | undefined;
  /** Of the trace, where traces are exported. */
  trace_id?: string | undefined;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** One line for a finished request. */
  request(record: RequestRecord): void;
  /** True when debug lines are written, so that callers can spare the work of making them. */
  readonly debugging: boolean;
  /** Writes what is buffered. */
  flush(): void;
}

/** A log that changes while it runs. */
export interface AdjustableLog extends Log {
  /** From the next line on; lines that are written already stay as they are. */
  configure(settings: LogSettings): void;
  /** Writes there from the next line on, to standard output without a sink; what is buffered is written where it was to go. */
  redirect(sink?: Sink): void;
}

/** Where lines go; standard error and standard output are `sink`s too. */
export interface Sink {
  write(text: string): void;
  /** Writes what it holds back, where it does. */
  flush?(): void;
}

/** Which lines are written, and how. */
export interface LogSettings {
  level: 'debug' | 'info' | 'silent';
  format: 'json' | 'pretty';
  /** Bytes of a line; longer texts in it are cut. No bound without. */
  longest?: number;
}

export interface LogOptions extends LogSettings {
  /** Defaults to standard output, buffered and flushed at least every 100 ms. */
  sink?: Sink;
  now?: Clock['now'];
  /** Written in every JSON line, where several processes write to one output. */
  worker?: number | undefined;
}

/** Lines wait at most this long before they are written, in milliseconds: one system call for many requests. */
const flushInterval = 100;
/** Buffered characters that are written at once without waiting. */
const flushSize = 16_384;

function bufferedOutput(): Sink & { flush(): void } {
  let pending = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = pending;
    pending = '';
    if (text.length > 0) process.stdout.write(text);
  };
  return {
    write(text) {
      pending += text;
      if (pending.length >= flushSize) flush();
      else timer ??= setTimeout(flush, flushInterval);
    },
    flush,
  };
}

/** Makes the log. JSON lines have `level`, `time` (ISO 8601) and `msg`; request lines have `msg: "request"`. */
export function createLog(options: LogOptions): AdjustableLog {
  const now = options.now ?? Date.now;
  let unbounded = options.sink === undefined ? bufferedOutput() : sinkOf(options.sink);
  let longest = options.longest ?? Number.POSITIVE_INFINITY;
  const output = {
    /** A line that its sink does not take ends no request: a sink reports its own problems. */
    write(line: string): void {
      try {
        unbounded.write(isLonger(line, longest) ? shortLine(line, longest) : line);
      } catch {}
    },
    flush: () => unbounded.flush(),
  };
  let pretty = options.format === 'pretty';
  let silent = options.level === 'silent';
  const destination = {
    write: (line: string) => output.write(pretty ? printableOutput(prettyLine(line)) : printableJson(line)),
  };
  const about = options.worker === undefined ? '' : `"worker":${options.worker},`;
  let logger: Logger | undefined;
  const opened = (): Logger => {
    // Most runs write requests and nothing else: the start, and memory, are spared the library until it is needed.
    const { pino }: typeof import('pino') = require('pino');
    return pino(
      {
        // Which lines come here is decided before.
        level: 'debug',
        base: options.worker === undefined ? null : { worker: options.worker },
        timestamp: () => `,"time":"${timestamp(now())}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    );
  };
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Record<string, unknown>): void => {
      if (silent || (level === 'debug' && !log.debugging)) return;
      logger ??= opened();
      logger[level](fields ?? {}, message);
    };
  const log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    request(record: RequestRecord) {
      if (silent) return;
      const time = timestamp(now());
      // Written by hand: this line is on every request's way, and pino's costs several times as much.
      output.write(
        pretty
          ? prettyRequest(time, record)
          : `{"level":"info","time":"${time}","msg":"request",${about}${recordJson(record).slice(1)}\n`,
      );
    },
    debugging: options.level === 'debug',
    configure({ level, format, longest: most = Number.POSITIVE_INFINITY }: LogSettings) {
      longest = most;
      pretty = format === 'pretty';
      silent = level === 'silent';
      log.debugging = level === 'debug';
    },
    redirect(sink?: Sink) {
      unbounded.flush();
      unbounded = sink === undefined ? bufferedOutput() : sinkOf(sink);
    },
    flush: output.flush,
  };
  return log;
}

/** Few fields of a record contain foreign text: only these are checked instead of the whole line. */
function recordJson(record: RequestRecord): string {
  const { key = '', model, served_model: served = '', credential = '', loss = '', error = '' } = record;
  const json = JSON.stringify(record);
  const plain =
    isPrintable(model) &&
    isPrintable(credential) &&
    isPrintable(key) &&
    isPrintable(served) &&
    isPrintable(loss) &&
    isPrintable(error);
  return plain ? json : printableJson(json);
}

let second = -1;
let secondText = '';

/** ISO 8601 in UTC. The part up to the second is made once a second: it is on every request's way. */
function timestamp(now: number): string {
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    secondText = new Date(current * 1000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(Math.floor(now) - current * 1000).padStart(3, '0')}Z`;
}

function sinkOf(sink: Sink): Sink & { flush(): void } {
  return { write: (text) => sink.write(text), flush: () => sink.flush?.() };
}

const levelColours = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;

function prettyLine(line: string): string {
  const { level, time, msg, ...fields }: Record<string, unknown> = JSON.parse(line);
  const known: keyof typeof levelColours =
    level === 'debug' || level === 'warn' || level === 'error' ? level : 'info';
  const rest = Object.entries(fields)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' ? printable(value) : printableJson(JSON.stringify(value))}`,
    )
    .join(' ');
  const tail = rest.length > 0 ? ` ${styleText('gray', rest)}` : '';
  return `${styleText('gray', clock(String(time)))} ${styleText(levelColours[known], known.padEnd(5))} ${printable(String(msg))}${tail}\n`;
}

function prettyRequest(time: string, record: RequestRecord): string {
  const status = styleText(
    record.status < 400 ? 'green' : record.status < 500 ? 'yellow' : 'red',
    String(record.status),
  );
  const tokens =
    record.input === undefined
      ? ''
      : ` ${record.estimated ? 'about ' : ''}${record.input}→${record.output ?? 0} tokens`;
  const first = record.ttft === undefined ? '' : ` first ${record.ttft} ms`;
  const tries = record.attempts > 1 ? ` ${record.attempts} attempts` : '';
  const loss = record.loss === undefined ? '' : ` lost: ${printable(record.loss)}`;
  const error = record.error === undefined ? '' : ` ${styleText('red', printable(record.error))}`;
  const key = record.key === undefined ? '' : ` ${printable(record.key)}`;
  const served = record.served_model === undefined ? '' : ` as ${printable(record.served_model)}`;
  const where = record.credential === undefined ? '' : ` via ${printable(credentialText(record))}`;
  return `${styleText('gray', clock(time))} ${status} ${record.client}${key} ${printable(record.model)}${served}${where}${first} ${record.duration} ms${tokens}${tries}${loss}${error} ${styleText('gray', record.id)}\n`;
}

/** With its provider, which most labels begin with. */
function credentialText({ provider, credential = '' }: RequestRecord): string {
  return provider === undefined || credential.startsWith(provider) ? credential : `${provider} ${credential}`;
}

/** `03:04:05.006Z`: the `Z` marks UTC, as in the JSON lines. */
function clock(time: string): string {
  return time.slice(11, 24);
}

/** Shows enough of a secret to distinguish two and no more: `sk-a…Q9`. */
export function maskSecret(secret: string): string {
  return secret.length < 12 ? '…' : `${secret.slice(0, 4)}…${secret.slice(-2)}`;
}
