import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { fakeClock } from '../../test/fake-clock.ts';
import { alertKinds } from '../config/alert-keys.ts';
import { alertChanges, type Condition } from './alert-changes.ts';
import { type AlertClaim, createAlerts } from './alerts.ts';

const condition: Condition = { kind: 'model-unserved', subject: 'm', message: 'Nothing serves m' };
const url = 'http://127.0.0.1/hook/secret-in-the-path';

/** Alerts whose webhook answers with these statuses in turn (0: not at all); `look` is one look at all conditions. */
function watched(statuses: number[], claim?: AlertClaim) {
  const sent: { body: string; headers: Headers }[] = [];
  const warned: string[] = [];
  let present: Condition[] = [];
  let fire: () => void = () => {};
  let at = 0;
  let pending: (() => void)[] = [];
  const alerts = createAlerts({
    conditions: () => present,
    async fetch(_, init) {
      sent.push({ body: String(init.body), headers: new Headers(init.headers) });
      await made.held;
      const status = statuses.shift() ?? 204;
      if (status === 0) throw new Error(`cannot reach ${url}`);
      return new Response(null, { status });
    },
    log: { warn: (text, fields) => warned.push(JSON.stringify([text, fields])) },
    clock: {
      ...fakeClock(),
      after(_, run) {
        pending.push(run);
        return () => {};
      },
      every(_, run) {
        fire = run;
        return () => {};
      },
      wait: async () => {},
      now: () => at,
    },
    claim,
  });
  const settings = {
    url,
    headers: { 'x-mine': '1' },
    secret: 's',
    on: [...alertKinds],
    'min-interval': 1000,
  };
  alerts.configure(settings);
  // The first look after the start is the test's own.
  pending = [];
  const made = {
    alerts,
    /** The webhook answers when this is over. */
    held: Promise.resolve(),
    sent,
    warned,
    async look(now: number, ...conditions: Condition[]) {
      at = now;
      present = conditions;
      fire();
      await Bun.sleep(0);
    },
    /** What waits for its time comes to it. */
    async later() {
      const due = pending;
      pending = [];
      for (const run of due) run();
      await Bun.sleep(0);
    },
  };
  return made;
}

test('one signed alert goes out when something begins, and one when it is over', async () => {
  const { sent, look } = watched([]);
  await look(0, condition);
  await look(5000, condition);
  await look(9000);
  expect(sent.map(({ body }) => JSON.parse(body).state)).toEqual(['firing', 'resolved']);
  const [first] = sent;
  expect(first?.headers.get('x-mine')).toBe('1');
  const signature = createHmac('sha256', 's')
    .update(first?.body ?? '')
    .digest('hex');
  expect(first?.headers.get('x-signature-256')).toBe(`sha256=${signature}`);
});

test('what comes and goes within the shortest interval is alerted once', () => {
  const begun = alertChanges(new Map(), [condition], 1000, 0);
  const over = alertChanges(begun.state, [], 1000, 500);
  const again = alertChanges(over.state, [condition], 1000, 900);
  expect([begun.alerts.length, over.alerts, again.alerts]).toEqual([1, [], []]);
  expect(alertChanges(again.state, [], 1000, 1000).alerts).toMatchObject([{ state: 'resolved' }]);
});

test.each([
  ['is tried three times', [0, 503, 500], 3, 1],
  ['is tried until it is taken', [503, 204], 2, 0],
  ['is not tried again when the webhook refuses it', [401], 1, 1],
] as const)('a delivery %s, and the log holds no address', async (_, statuses, count, warnings) => {
  const { sent, warned, look } = watched([...statuses]);
  await look(0, condition);
  expect(sent).toHaveLength(count);
  expect(warned).toHaveLength(warnings);
  expect(warned.join()).not.toContain('secret-in-the-path');
});

test('what a webhook that is away has not taken is sent when it is back, as long as it holds, and after a restart', async () => {
  const away = watched([0, 0, 0, 503, 503, 503]);
  await away.look(0, condition);
  expect([statesOf(away).length, away.alerts.known()]).toEqual([3, []]);
  await away.later();
  expect([away.sent.length, away.alerts.known()]).toEqual([6, []]);
  await away.later();
  expect([away.sent.length, away.alerts.known().length]).toEqual([7, 1]);
  await away.later();
  expect(away.sent).toHaveLength(7);

  const over = watched([0, 0, 0]);
  await over.look(0, condition);
  await over.look(5000);
  await over.later();
  expect(statesOf(over).slice(3)).toEqual(['resolved']);

  const kept = watched([204, 0, 0, 0]);
  await kept.look(0, condition);
  await kept.look(5000);
  const restarted = watched([]);
  restarted.alerts.restore(kept.alerts.known());
  await restarted.look(6000);
  expect(statesOf(restarted)).toEqual(['resolved']);
});

test('a stop waits for the answer of a webhook that has been sent something, so that it is not sent twice', async () => {
  const slow = watched([]);
  const answered = Promise.withResolvers<void>();
  slow.held = answered.promise;
  await slow.look(0, condition);
  expect([slow.sent.length, slow.alerts.known()]).toEqual([1, []]);
  const closed = slow.alerts.close();
  answered.resolve();
  await closed;
  expect(slow.alerts.known()).toHaveLength(1);
});

/** What replicas share of alerts; `dies`: whoever takes the next one is gone before it has sent it. */
function sharedClaims() {
  const sent = new Map<string, string>();
  const taken = new Set<string>();
  const fate = { dies: false };
  const claim: AlertClaim = {
    async take({ subject, state }) {
      if (sent.get(subject) === state) return 'sent';
      if (taken.has(subject)) return 'taken';
      taken.add(subject);
      // It never comes back to say how it ended.
      return fate.dies ? new Promise(() => {}) : 'mine';
    },
    async end({ subject, state }, _, settled) {
      if (settled) sent.set(subject, state);
      taken.delete(subject);
    },
  };
  return { claim, fate, expire: () => taken.clear() };
}

const statesOf = (...all: { sent: { body: string }[] }[]) =>
  all.flatMap(({ sent }) => sent).map(({ body }) => JSON.parse(body).state);

test('of two replicas that see the same one alerts each change, and what comes again', async () => {
  const { claim } = sharedClaims();
  const [one, two] = [watched([], claim), watched([], claim)];
  for (const [at, present] of [
    [0, [condition]],
    [5000, []],
    [9000, [condition]],
  ] as const) {
    await one.look(at, ...present);
    await two.look(at + 500, ...present);
  }
  expect(statesOf(one, two)).toEqual(['firing', 'resolved', 'firing']);
});

test('an alert whose sender dies before it is sent goes out from another replica, once', async () => {
  const { claim, fate, expire } = sharedClaims();
  const [dead, one, two] = [watched([], claim), watched([], claim), watched([], claim)];
  fate.dies = true;
  await dead.look(0, condition);
  fate.dies = false;
  for (const replica of [one, two]) await replica.look(500, condition);
  for (const replica of [one, two]) await replica.later();
  expect(statesOf(dead, one, two)).toEqual([]);
  expire();
  for (const replica of [one, two]) await replica.later();
  expect(statesOf(dead, one, two)).toEqual(['firing']);
});

test('an alert that waits for another replica is not sent after what came later', async () => {
  const { claim, fate, expire } = sharedClaims();
  const [dead, one] = [watched([], claim), watched([], claim)];
  fate.dies = true;
  await dead.look(0, condition);
  fate.dies = false;
  await one.look(500, condition);
  expire();
  await one.look(5000);
  await one.later();
  expect(statesOf(one)).toEqual(['resolved']);
});

test('what one replica cannot deliver another tries; what the webhook refuses none tries again', async () => {
  for (const [statuses, expected] of [
    [[0, 0, 0], 1],
    [[404], 0],
  ] as const) {
    const { claim } = sharedClaims();
    const [one, two] = [watched([...statuses], claim), watched([], claim)];
    await one.look(0, condition);
    await two.look(500, condition);
    expect(two.sent).toHaveLength(expected);
  }
});
