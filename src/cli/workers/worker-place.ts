/** What a worker has for itself, so that several processes can serve with one config. */
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';

/** The variable by which a process knows that it is a worker, and which: 1, 2, … */
export const workerVariable = 'CLI_PROXY_API_WORKER';

/** The number of this worker; undefined for a process that a person or a service manager has started. */
export function workerNumber(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = Number(env[workerVariable]);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

/**
 * The configuration as a worker has it. The first has all that is written there, so that other commands find it in the
 * `auth-dir`; the others have a folder below it, log files of their own, and the ports of their metrics count up.
 */
export function configOfWorker(config: Config, number: number): Config {
  if (number === 1) return config;
  const folder = join(config['auth-dir'], 'workers', String(number));
  const { directory } = config.log;
  const { listen } = config.metrics;
  return {
    ...config,
    'auth-dir': folder,
    log: {
      ...config.log,
      directory: directory === undefined ? join(folder, 'logs') : join(directory, `worker-${number}`),
    },
    metrics: { ...config.metrics, ...(listen === undefined ? {} : { listen: portUp(listen, number - 1) }) },
  };
}

/** `127.0.0.1:9090` so many ports higher. */
function portUp(address: string, by: number): string {
  return address.replace(/\d+$/, (port) => String(Number(port) + by));
}
