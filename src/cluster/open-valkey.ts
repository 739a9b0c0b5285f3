/** The half of a cluster that changes fast: everything that its replicas share in Valkey. */

import type { KeptTotals, MeterBookOptions } from './counters/meter-book.ts';
import { createSharedLimits } from './counters/shared-limits.ts';
import { createSharedSlots } from './counters/shared-slots.ts';
import { createSharedSpending } from './counters/shared-spending.ts';
import { createCooldownGossip } from './gossip/cooldown-gossip.ts';
import { createQuotaGossip } from './gossip/quota-gossip.ts';
import { versionClock } from './gossip/version.ts';
import type { FastState, HalfOptions } from './ports.ts';
import { timezoneWarning } from './timezone-warning.ts';
import { valkeyClaims } from './valkey/claims.ts';
import { connectValkey } from './valkey/connection.ts';
import { valkeyMembers } from './valkey/members.ts';
import { valkeyMeters } from './valkey/meter-script.ts';
import { valkeyRecords } from './valkey/records.ts';
import { valkeyMessages } from './valkey/replica-messages.ts';
import { valkeySessions } from './valkey/sessions.ts';
import { valkeyTexts } from './valkey/texts.ts';

/** Ms that a start waits for Valkey. */
const startLimit = 2000;

export async function openValkey(
  url: string,
  { cluster, replica: self, log, clock, onOperation }: HalfOptions,
  kept?: KeptTotals,
): Promise<FastState> {
  const valkey = await connectValkey({ url, name: cluster.name, clock, onOperation });
  await valkey.ready(startLimit);
  const { engine, offset } = valkey;
  const { id: replica } = self;
  const records = valkeyRecords(valkey, replica);
  const claim = valkeyClaims(valkey, replica);
  const gossip = { records, offset, clock };
  const cooldowns = createCooldownGossip({ ...gossip, replica, versions: versionClock(replica), claim });
  const quotas = createQuotaGossip(gossip);
  const members = valkeyMembers({ valkey, replica: self, clock });
  const counted: MeterBookOptions = {
    ...{ meters: valkeyMeters(valkey), replica, clock },
    isUp: () => engine.state.kind === 'up',
    kept,
  };
  const rule = cluster['when-valkey-is-away'];
  const limits = createSharedLimits({ ...counted, rule, place: members.place });
  const spending = createSharedSpending(counted);
  const places = createSharedSlots({ ...counted, place: members.place });
  members.onChange(timezoneWarning(self, clock.now, (sentence) => log.warn(sentence)));
  const recount = (): void => {
    limits.again();
    spending.again();
  };
  members.onLoss(() => {
    records.again();
    recount();
  });
  engine.onState(({ kind }) => {
    if (kind === 'up') recount();
  });
  return {
    engine,
    limits,
    spending,
    places,
    members: members.list,
    sessions: valkeySessions(valkey, records.notify, clock),
    texts: valkeyTexts(valkey, clock),
    messages: valkeyMessages(valkey, replica),
    notify: records.notify,
    onNotice: records.onNotice,
    cooldownChanged: cooldowns.changed,
    quotaReported: quotas.report,
    credentialsChanged: quotas.again,
    async follow(pool) {
      await Promise.all([cooldowns.follow(pool), quotas.follow(pool)]);
    },
    async close() {
      cooldowns.close();
      quotas.close();
      await Promise.all([limits.close(), spending.close(), places.close(), members.leave()]);
      valkey.close();
    },
  };
}
