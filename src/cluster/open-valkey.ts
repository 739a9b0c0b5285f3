/** The half of a cluster that changes fast: everything that its replicas share in Valkey. */
import { createCooldownGossip } from './gossip/cooldown-gossip.ts';
import { createQuotaGossip } from './gossip/quota-gossip.ts';
import { versionClock } from './gossip/version.ts';
import type { FastState, HalfOptions } from './ports.ts';
import { valkeyClaims } from './valkey/claims.ts';
import { connectValkey } from './valkey/connection.ts';
import { valkeyRecords } from './valkey/records.ts';

/** Ms that a start waits for Valkey. */
const startLimit = 2000;

export async function openValkey(
  url: string,
  { cluster, replica: { id: replica }, timers, now }: HalfOptions,
): Promise<FastState> {
  const valkey = await connectValkey({ url, name: cluster.name, timers, now });
  await valkey.ready(startLimit);
  const { engine, clock } = valkey;
  const records = valkeyRecords(valkey, replica);
  const claim = valkeyClaims(valkey, replica);
  const told = { records, clock, timers, now };
  const cooldowns = createCooldownGossip({ ...told, replica, versions: versionClock(replica), claim });
  const quotas = createQuotaGossip(told);
  return {
    engine,
    notify: records.notify,
    onNotice: records.onNotice,
    restChanged: cooldowns.changed,
    quotaTold: quotas.told,
    credentialsChanged: quotas.again,
    async follow(pool) {
      await Promise.all([cooldowns.follow(pool), quotas.follow(pool)]);
    },
    async close() {
      cooldowns.close();
      quotas.close();
      valkey.close();
    },
  };
}
