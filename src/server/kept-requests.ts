/** Whole requests in files, while `request-log` is on; while it is off, nothing stands between a request and the gateway. */
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { loggedAnswer } from '../gateway/trace/logged-request.ts';
import { createRequestLog, type RequestLog } from '../gateway/trace/request-log.ts';
import type { Log } from '../telemetry/log.ts';
import { mostLogBytes } from '../telemetry/log-bounds.ts';
import { logDirectory } from '../telemetry/log-directory.ts';

export interface KeptRequests {
  around(handle: Gateway['handle']): Gateway['handle'];
  configure(config: Pick<Config, 'request-log' | 'logs-max-total-size-mb' | 'log' | 'auth-dir'>): void;
  /** Resolves when what has ended is on disk. */
  written(): Promise<void>;
}

export function keptRequests(log: Pick<Log, 'warn'>): KeptRequests {
  let requests: RequestLog | undefined;
  const warn = (sentence: string): void => log.warn(sentence);
  return {
    around: (handle) => (request) =>
      requests === undefined ? handle(request) : loggedAnswer(requests, request, handle),
    configure(config) {
      requests = undefined;
      if (!config['request-log']) return;
      try {
        const directory = logDirectory({
          directory: config.log.directory,
          writablePath: process.env.WRITABLE_PATH,
          authDir: config['auth-dir'],
        });
        const mostBytes = mostLogBytes(config['logs-max-total-size-mb']);
        requests = createRequestLog({ directory, mostBytes, now: Date.now, warn });
      } catch (error) {
        warn(`request-log is on, but nothing can be written: ${String(error)}`);
      }
    },
    async written() {
      await requests?.written();
    },
  };
}
