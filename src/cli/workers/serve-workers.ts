/** `serve --workers N`: a parent that only supervises, and N replicas on one port. */

import { resolve } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { type Ending, exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { listening } from '../listening.ts';
import type { Shell } from '../shell.ts';
import { serveUntilStopped } from '../signals.ts';
import { welcome } from '../welcome.ts';
import { createSupervision } from './supervision.ts';
import type { WorkerReady } from './worker-link.ts';
import { startWorker } from './worker-process.ts';

/** Throws a {@link Failure} where several processes would not be one gateway. */
export function refuseWorkers(count: number, config: Pick<Config, 'cluster'>, file: string): void {
  if (process.platform !== 'linux')
    throw new Failure(
      'unavailable',
      'workers share one port, which only Linux deals out evenly (SO_REUSEPORT)',
      'Leave --workers out, or start several gateways on ports of their own behind a load balancer: docs/scale-out.md.',
    );
  if (count === 1 || config.cluster !== undefined) return;
  throw new Failure(
    'config',
    `${count} workers are ${count} replicas, and without a cluster each would count limits and budgets alone, with its own accounts only`,
    `Add to ${file}, or leave --workers out:

  cluster:
    postgres: postgres://user:password@host:5432/database
    valkey: redis://host:6379
  auth-encryption-key: file:/path/to/key

docs/scale-out.md explains how.`,
  );
}

interface Serving {
  file: string;
  firstRun: boolean;
  /** As it is in force: with the host and port of the command line. */
  config: Config;
  /** What each worker is started with, but for the port. */
  args: readonly string[];
}

/** Serves until it is stopped. */
export async function serveWorkers(
  count: number,
  { file, firstRun, config, args }: Serving,
  shell: Shell,
): Promise<Ending> {
  const port = await listening(config, () => freePort(config));
  const said = Promise.withResolvers<WorkerReady>();
  const supervision = createSupervision({
    count,
    start: (number) => startWorker(number, [...args, '--port', String(port)], said.resolve),
    now: systemClock.now,
    wait: systemClock.wait,
    say: (level, sentence) => shell.err.write(`${level === 'info' ? '' : `${level}: `}${sentence}\n`),
  });
  const stopped = serveUntilStopped(supervision.stop, shell, {
    // At a terminal it is the end of that; a service manager means a restart, as with other servers.
    ...(shell.err.terminal ? {} : { hangUp: () => void supervision.restartAll() }),
  });
  const outcome = await Promise.race([supervision.start(), stopped]);
  if (typeof outcome === 'object') return endingOf(outcome.code);
  if (outcome !== 'serving') return outcome;
  const { url, sandbox, inUse } = await said.promise;
  const about = { configFile: resolve(file), firstRun, clientKey: undefined, console: undefined };
  shell.err.write(welcome({ url, sandbox, inUse, workers: count, ...about }, shell.err));
  return stopped;
}

/** The port to serve at; throws what `Bun.serve` throws where it is taken: workers would share it with a stranger. */
function freePort({ host, port }: Config): number {
  const hostname = host === '' ? '0.0.0.0' : host;
  const probe = Bun.serve({
    hostname,
    port,
    reusePort: false,
    development: false,
    fetch: () => new Response(),
  });
  const found = probe.port;
  void probe.stop(true);
  if (found === undefined) throw new Error('a listener without a port');
  return found;
}

/** What a process with this exit code ended with. */
function endingOf(code: number): Ending {
  const known = Object.entries(exitCodes).find(([, ending]) => ending.code === code)?.[0];
  return isEnding(known) ? known : 'failure';
}

function isEnding(name: string | undefined): name is Ending {
  return name !== undefined && name in exitCodes;
}
