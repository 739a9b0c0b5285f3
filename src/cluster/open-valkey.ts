/** The half of a cluster that changes fast: everything that its replicas share in Valkey. */
import type { FastState, HalfOptions } from './ports.ts';
import { connectValkey } from './valkey/connection.ts';

/** Ms that a start waits for Valkey. */
const startLimit = 2000;

export async function openValkey(url: string, { cluster, timers, now }: HalfOptions): Promise<FastState> {
  const valkey = await connectValkey({ url, name: cluster.name, timers, now });
  await valkey.ready(startLimit);
  return {
    engine: valkey.engine,
    async close() {
      valkey.close();
    },
  };
}
