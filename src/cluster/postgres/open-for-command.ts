/** What lasts of a cluster, for a command beside its replicas. The connection ends with the process. */
import { hostname } from 'node:os';
import type { Encryption } from '../../accounts/encryption.ts';
import type { ClusterConfig } from '../../config/cluster-keys.ts';
import { ClusterRefused } from '../../config/cluster-refused.ts';
import { systemClock } from '../../ground/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { DurableState } from '../ports.ts';
import { openDurable } from './open-durable.ts';

export type OpenedForCommand =
  | { ok: true; durable: DurableState }
  /** `message` is for people; `refused`: it is there, and not for this program or this key. */
  | { ok: false; refused: boolean; message: string };

/** Opens it where it can be reached now: a command does not wait for a server. */
export async function openForCommand(
  url: string,
  cluster: ClusterConfig,
  { version, encryption, log }: { version: string; encryption: Encryption; log: Log },
): Promise<OpenedForCommand> {
  const replica = { id: `command-${process.pid}`, name: hostname(), version, startedAt: systemClock.now() };
  try {
    const durable = await openDurable(url, { cluster, replica, encryption, log, clock: systemClock });
    const { state } = durable.engine;
    if (state.kind === 'up') return { ok: true, durable };
    await durable.close();
    return { ok: false, refused: false, message: `cluster.postgres cannot be reached: ${state.why}` };
  } catch (error) {
    if (error instanceof ClusterRefused) return { ok: false, refused: true, message: error.message };
    throw error;
  }
}
