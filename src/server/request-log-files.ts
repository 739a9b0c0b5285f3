/**
 * Whole requests in files, while `request-log` is on, or those that fail, with `error-logs-max-files`; without either nothing
 * is between a request and the gateway.
 */
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { loggedAnswer } from '../gateway/trace/logged-request.ts';
import { createRequestLog, type RequestLog } from '../gateway/trace/request-log.ts';
import { systemClock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { mostLogBytes } from '../telemetry/log-bounds.ts';
import { logDirectory } from '../telemetry/log-directory.ts';

export interface RequestLogFiles {
  around(handle: Gateway['handle']): Gateway['handle'];
  /** Requests are recorded, too, from now on, as long as `log` gives where. */
  recordBy(log: () => RequestLog | undefined): void;
  configure(config: LogConfig): void;
  /** Resolves when what has ended is on disk. */
  written(): Promise<void>;
}

type LogConfig = Pick<
  Config,
  'request-log' | 'error-logs-max-files' | 'logs-max-total-size-mb' | 'log' | 'auth-dir'
>;

/** What -1 means: the peer's usual number. */
const usualFailures = 10;

export function requestLogFiles(log: Pick<Log, 'warn'>): RequestLogFiles {
  let requests: RequestLog | undefined;
  let recording: (() => RequestLog | undefined) | undefined;
  const warn = (sentence: string): void => log.warn(sentence);
  return {
    around: (handle) => (request) => {
      const recorder = recording?.();
      const log =
        requests === undefined || recorder === undefined ? (recorder ?? requests) : both(requests, recorder);
      return log === undefined ? handle(request) : loggedAnswer(log, request, handle);
    },
    recordBy(log) {
      recording = log;
    },
    configure(config) {
      requests = undefined;
      const failures = config['error-logs-max-files'];
      if (!config['request-log'] && failures === 0) return;
      try {
        const directory = logDirectory({
          directory: config.log.directory,
          writablePath: process.env.WRITABLE_PATH,
          authDir: config['auth-dir'],
        });
        const mostBytes = mostLogBytes(config['logs-max-total-size-mb']);
        const newestFailures = failures < 0 ? usualFailures : failures;
        requests = createRequestLog({
          directory,
          mostBytes,
          newestFailures: config['request-log'] ? undefined : newestFailures,
          now: systemClock.now,
          warn,
        });
      } catch (error) {
        const key = config['request-log'] ? 'request-log' : 'error-logs-max-files';
        warn(`${key} is on, but nothing can be written: ${String(error)}`);
      }
    },
    async written() {
      await requests?.written();
    },
  };
}

/** Each request in two places. */
function both(one: RequestLog, other: RequestLog): RequestLog {
  return {
    lost(error) {
      one.lost(error);
      other.lost(error);
    },
    async written() {
      await one.written();
      await other.written();
    },
    begin(request) {
      const all = [one.begin(request), other.begin(request)];
      return {
        call(call) {
          const calls = all.map((transcript) => transcript.call(call));
          return {
            answered: (status, headers) =>
              calls.forEach((transcript) => void transcript.answered(status, headers)),
            piece: (bytes) => calls.forEach((transcript) => void transcript.piece(bytes)),
            failed: (message) => calls.forEach((transcript) => void transcript.failed(message)),
          };
        },
        answered: (status, headers) => all.forEach((transcript) => void transcript.answered(status, headers)),
        piece: (bytes) => all.forEach((transcript) => void transcript.piece(bytes)),
        failed: () => all.forEach((transcript) => void transcript.failed()),
        end: (note) => all.forEach((transcript) => void transcript.end(note)),
      };
    },
  };
}
