import { ClusterRefused } from '../config/cluster-refused.ts';
import { errorCode } from '../ground/error-code.ts';
import { AuthDirInUse } from '../server/auth-dir-in-use.ts';
import { MetricsUnlistenable } from '../server/metrics/metrics-unlistenable.ts';
import { Failure } from './failure.ts';

/** Where a server was asked to listen. */
export interface Address {
  host: string;
  port: number;
}

/** Starts a server; a port that is taken or an address that is not ours becomes a {@link Failure} with what to do. */
export async function listening<T>(address: Address, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw explained(error, address) ?? error;
  }
}

function explained(error: unknown, { host, port }: Address): Failure | undefined {
  if (error instanceof AuthDirInUse)
    return new Failure(
      'already-running',
      error.message,
      'Use that one, stop it first, or give this one an auth-dir of its own.',
    );
  if (error instanceof ClusterRefused) return new Failure('config', error.message);
  if (error instanceof MetricsUnlistenable)
    return new Failure(
      'unavailable',
      `metrics.listen: ${explained(error.cause, error.address)?.message ?? String(error.cause)}`,
      'Write another address there, or leave it out: then the gateway serves /metrics at its own.',
    );
  const code = errorCode(error);
  switch (code) {
    case 'EADDRINUSE':
      return new Failure(
        'unavailable',
        `port ${port} on ${host} is taken by another program`,
        `Stop that program, or choose another port: --port ${port + 1 > 65_535 ? 0 : port + 1} (--port 0 takes a free one).`,
      );
    case 'EACCES':
      return new Failure(
        'unavailable',
        `port ${port} needs rights that this user does not have`,
        'Choose a port of 1024 or higher: --port 8317.',
      );
    default:
      // EADDRNOTAVAIL for a foreign address; a name that does not resolve gives whatever code came before.
      return isListenError(error)
        ? new Failure(
            'unavailable',
            `${host} is not an address of this computer`,
            'Use --host 127.0.0.1 for this computer alone, or --host 0.0.0.0 for all its network interfaces.',
          )
        : undefined;
  }
}

function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
