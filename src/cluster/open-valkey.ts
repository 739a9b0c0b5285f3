/** The half of a cluster that changes fast: everything that its replicas share in Valkey. */

import { createSharedLimits } from './counters/shared-limits.ts';
import { createCooldownGossip } from './gossip/cooldown-gossip.ts';
import { createQuotaGossip } from './gossip/quota-gossip.ts';
import { versionClock } from './gossip/version.ts';
import type { FastState, HalfOptions } from './ports.ts';
import { valkeyClaims } from './valkey/claims.ts';
import { connectValkey } from './valkey/connection.ts';
import { valkeyMembers } from './valkey/members.ts';
import { valkeyMeters } from './valkey/meter-script.ts';
import { valkeyRecords } from './valkey/records.ts';
import { valkeySessions } from './valkey/sessions.ts';

/** Ms that a start waits for Valkey. */
const startLimit = 2000;

export async function openValkey(
  url: string,
  { cluster, replica: self, timers, now }: HalfOptions,
): Promise<FastState> {
  const valkey = await connectValkey({ url, name: cluster.name, timers, now });
  await valkey.ready(startLimit);
  const { engine, clock } = valkey;
  const { id: replica } = self;
  const records = valkeyRecords(valkey, replica);
  const claim = valkeyClaims(valkey, replica);
  const told = { records, clock, timers, now };
  const cooldowns = createCooldownGossip({ ...told, replica, versions: versionClock(replica), claim });
  const quotas = createQuotaGossip(told);
  const members = valkeyMembers({ valkey, replica: self, timers });
  const limits = createSharedLimits({
    meters: valkeyMeters(valkey),
    replica,
    isUp: () => engine.state.kind === 'up',
    rule: cluster['when-valkey-is-away'],
    place: members.place,
    timers,
    now,
    clock: () => performance.now(),
  });
  members.onLoss(() => {
    records.again();
    limits.again();
  });
  engine.onState(({ kind }) => {
    if (kind === 'up') limits.again();
  });
  return {
    engine,
    limits,
    members: members.list,
    sessions: valkeySessions(valkey, records.notify),
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
      await Promise.all([limits.close(), members.leave()]);
      valkey.close();
    },
  };
}
