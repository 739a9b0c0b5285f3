/** What replicas tell each other, in one process and in a test's time: messages take as long as the test says, and can be lost. */
import type { Claim, RecordTable, SharedRecords } from '../../src/cluster/gossip/shared-records.ts';
import { type FakeClock, fakeClock } from '../fake-clock.ts';

export interface RecordNetwork {
  time: FakeClock;
  /** What a replica is given; each has its own. */
  join(): { records: SharedRecords; claim: Claim; cut(): void; mend(): void };
  /** Ms that a message is under way. */
  latency: number;
  /** How many messages were sent. */
  sent(): number;
  /** Everything that is kept is gone, as after a restart of a server that keeps nothing. */
  flush(): void;
}

export function recordNetwork(): RecordNetwork {
  const time = fakeClock();
  const kept: Record<RecordTable, Map<string, string>> = { cooldowns: new Map(), quotas: new Map() };
  const claims = new Map<string, number>();
  const members = new Set<Member>();
  let sent = 0;

  interface Member {
    connected: boolean;
    handlers: Map<RecordTable, (fields: ReadonlyMap<string, string>) => void>;
    returned: (() => void)[];
  }

  const network: RecordNetwork = {
    time,
    latency: 1,
    sent: () => sent,
    flush() {
      for (const table of Object.values(kept)) table.clear();
    },
    join() {
      const member: Member = { connected: true, handlers: new Map(), returned: [] };
      members.add(member);
      const records: SharedRecords = {
        write(table, fields) {
          if (!member.connected) return;
          sent += 1;
          time.after(network.latency, () => {
            for (const [field, text] of fields) kept[table].set(field, text);
            for (const other of members)
              if (other !== member && other.connected) other.handlers.get(table)?.(fields);
          });
        },
        drop(table, fields) {
          for (const field of fields) if (member.connected) kept[table].delete(field);
        },
        read: async (table) => (member.connected ? new Map(kept[table]) : undefined),
        onWrite: (table, handler) => void member.handlers.set(table, handler),
        onReturn: (handler) => void member.returned.push(handler),
      };
      const claim: Claim = async (name, ms) => {
        if (!member.connected) return true;
        if ((claims.get(name) ?? 0) > time.monotonic()) return false;
        claims.set(name, time.monotonic() + ms);
        return true;
      };
      return {
        records,
        claim,
        cut() {
          member.connected = false;
        },
        mend() {
          member.connected = true;
          for (const handler of member.returned) handler();
        },
      };
    },
  };
  return network;
}
