/**
 * Replicas, a server of meters and the network between them, in virtual time: messages are lost, late, out of order or doubled, replicas
 * are killed, stopped for a while, and have clocks of their own. The replicas run the real code of leases, the server the real step
 * of a meter; everything that happens follows from the plan, so that a failure can be played again and made smaller.
 */

import {
  type MeterKind,
  type MeterMessage,
  type MeterReply,
  type MeterState,
  meterStep,
  newMeter,
} from '../../src/cluster/counters/meter.ts';
import { createSharedMeter, type SharedMeter } from '../../src/cluster/counters/shared-meter.ts';

/** What becomes of a message on its way, and of its answer: ms that it takes; undefined where it is lost. */
export interface Passage {
  there: number | undefined;
  back: number | undefined;
  /** It arrives a second time, so many ms after the first. */
  again: number | undefined;
}

export interface Step {
  /** Ms since the step before. */
  after: number;
  replica: number;
  does: /** A request for so many units, which ends after `takes` ms with `uses` of them used. */
    | { kind: 'request'; units: number; uses: number; takes: number }
    /** kill -9; another takes its place. */
    | { kind: 'kill' }
    /** SIGSTOP, and SIGCONT after so many ms. */
    | { kind: 'stop'; for: number }
    /** Nothing of it reaches the server, or comes back, for so many ms. */
    | { kind: 'cut'; for: number };
}

export interface Plan {
  kind: MeterKind;
  most: number;
  /** Of each replica: how much faster its clock goes than the server's. */
  drifts: readonly number[];
  /** Taken in turn, again and again. */
  passages: readonly Passage[];
  steps: readonly Step[];
}

/** A request that was let in. */
export interface Admitted {
  at: number;
  units: number;
  uses: number;
  /** When its place is free again, be it that its replica is killed. */
  until: number;
}

export interface Outcome {
  admitted: readonly Admitted[];
  /** Units in use that the server could not know of when it no longer kept them: of a replica that was killed, or cut off for long. */
  untold: readonly { at: number; units: number }[];
  /** After everything has become quiet: what the server counts, what is still leased, and whether one more request is let in. */
  counted: number;
  leased: number;
  letsIn: boolean;
  /** Units used by requests that have ended where their replica was not killed. */
  used: number;
}

/** Ms after which a replica no longer waits for an answer: the limit of a command. */
const commandLimit = 250;
/** Ms that a request waits for units. */
const requestWait = 5;
const lookEvery = 100;
/** Ms in which everything is back after the last fault: a lease, and some looks. */
const quiet = 20_000;

interface Node {
  meter: SharedMeter;
  alive: boolean;
  /** What a process that is stopped was to do meanwhile it does later; what is dead does nothing. */
  inProcess(run: () => void): void;
  stoppedUntil: number;
  cutUntil: number;
  running: Set<Admitted>;
}

export async function simulate(plan: Plan): Promise<Outcome> {
  let now = 1_000_000;
  let order = 0;
  const events: { at: number; order: number; run: () => void }[] = [];
  const at = (time: number, run: () => void) => {
    const event = { at: Math.max(now, time), order: order++, run };
    events.push(event);
    return () => {
      event.run = () => {};
    };
  };
  let server: MeterState = newMeter;
  let passage = 0;
  let names = 0;
  let faultless = false;
  const admitted: Admitted[] = [];
  const untold: { at: number; units: number }[] = [];
  let used = 0;

  function start(index: number): Node {
    const name = `replica-${names++}`;
    const drift = plan.drifts[index] ?? 0;
    const clock = () => (now + 7919 * index) * (1 + drift);
    const inProcess = (run: () => void): void => {
      if (!node.alive) return;
      if (now < node.stoppedUntil) at(node.stoppedUntil, () => inProcess(run));
      else run();
    };
    /** The server no longer keeps what this replica holds: it has not been heard of for as long as that lasts. */
    const lapsed = (replica: string, until: number): void => {
      if (!node.alive || server.leases.get(replica)?.until !== until) return;
      const { used: spent, reserved } = meter.lease;
      untold.push({ at: now, units: spent - (server.counted.get(replica) ?? 0) + reserved });
    };
    const say = (_: string, message: MeterMessage): Promise<MeterReply> =>
      new Promise((resolve, reject) => {
        const way: Passage = faultless
          ? { there: 1, back: 1, again: undefined }
          : (plan.passages[passage++ % plan.passages.length] ?? { there: 1, back: 1, again: undefined });
        at(now + commandLimit, () => inProcess(() => reject(new Error('no answer in time'))));
        const arrive = (answers: boolean) => {
          if (now < node.cutUntil && !faultless) return;
          const step = meterStep(server, message, now);
          server = step.state;
          // The meter has a name of its own to the server.
          const until = server.leases.get(message.replica)?.until ?? now;
          at(until, () => lapsed(message.replica, until));
          if (answers && way.back !== undefined)
            at(now + way.back, () => inProcess(() => resolve(step.reply)));
        };
        if (way.there === undefined) return;
        at(now + way.there, () => arrive(true));
        if (way.again !== undefined) at(now + way.there + way.again, () => arrive(false));
      });
    const meter: SharedMeter = createSharedMeter({
      ...{ name: 'meter', kind: plan.kind, most: plan.most, replica: name },
      meters: { say },
      isUp: () => true,
      keep: () => 120_000,
      seedOf: () => [meter.lease.known?.used ?? 0],
      clock: { monotonic: clock, after: (ms, run) => at(now + ms, () => inProcess(run)) },
    });
    const node: Node = { meter, alive: true, inProcess, stoppedUntil: 0, cutUntil: 0, running: new Set() };
    const look = () => {
      if (!node.alive) return;
      meter.look();
      at(now + lookEvery, () => inProcess(look));
    };
    at(now + lookEvery + index, look);
    return node;
  }

  const nodes = plan.drifts.map((_, index) => start(index));

  function request(node: Node, units: number, uses: number, takes: number): void {
    const decide = () => {
      if (!node.alive || node.meter.free() < units) return;
      node.meter.take(units);
      const one = { at: now, units, uses, until: now + takes };
      admitted.push(one);
      const end = () => {
        if (!node.alive) return;
        node.running.delete(one);
        used += uses;
        node.meter.settle(units, plan.kind === 'slots' ? 0 : uses);
      };
      node.running.add(one);
      if (plan.kind === 'window') end();
      else at(now + takes, () => node.inProcess(end));
    };
    if (!node.alive || now < node.stoppedUntil) return;
    if (node.meter.free() >= units) {
      decide();
      return;
    }
    let decided = false;
    const once = () => {
      if (!decided) decide();
      decided = true;
    };
    void node.meter.ask(units, units).then(once);
    at(now + requestWait, () => node.inProcess(once));
  }

  let time = now;
  let last = now;
  for (const { after, replica, does } of plan.steps) {
    time += after;
    last = time;
    at(time, () => {
      const node = nodes[replica % nodes.length];
      if (node === undefined) return;
      switch (does.kind) {
        case 'request':
          return request(node, does.units, does.uses, does.takes);
        case 'stop':
          node.stoppedUntil = Math.max(node.stoppedUntil, now + does.for);
          return;
        case 'cut':
          node.cutUntil = Math.max(node.cutUntil, now + does.for);
          return;
        case 'kill': {
          const { lease } = node.meter;
          const running = [...node.running].reduce((sum, { uses }) => sum + uses, 0);
          untold.push({ at: now, units: lease.used - lease.counted + (plan.kind === 'slots' ? 0 : running) });
          for (const one of node.running) one.until = now;
          node.alive = false;
          used -= lease.used - lease.counted;
          nodes[replica % nodes.length] = start(replica % nodes.length);
        }
      }
    });
  }

  async function runUntil(end: number): Promise<void> {
    for (;;) {
      let next = -1;
      for (let index = 0; index < events.length; index += 1) {
        const one = events[index];
        const best = events[next];
        if (
          one !== undefined &&
          one.at <= end &&
          (best === undefined || one.at < best.at || (one.at === best.at && one.order < best.order))
        )
          next = index;
      }
      const [event] = next < 0 ? [] : events.splice(next, 1);
      if (event === undefined) break;
      now = event.at;
      event.run();
      // All that waits for nothing but promises happens in the same instant.
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    }
    now = end;
  }

  await runUntil(last);
  faultless = true;
  for (const node of nodes) {
    node.stoppedUntil = 0;
    node.cutUntil = 0;
  }
  await runUntil(last + 90_000);
  const before = admitted.length;
  const counted = plan.kind === 'total' ? (server.total ?? 0) : 0;
  const leased = nodes.reduce((sum, { meter }) => sum + meter.lease.leased, 0);
  const [node] = nodes;
  if (node !== undefined) request(node, 1, 0, 1);
  await runUntil(now + quiet);
  const letsIn = admitted.length > before;
  if (letsIn) admitted.pop();
  return { admitted, untold, counted, leased, letsIn, used };
}
