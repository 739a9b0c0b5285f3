import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
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
  let ring: () => void = () => {};
  let at = 0;
  const alerts = createAlerts({
    conditions: () => present,
    async fetch(_, init) {
      sent.push({ body: String(init.body), headers: new Headers(init.headers) });
      const status = statuses.shift() ?? 204;
      if (status === 0) throw new Error(`cannot reach ${url}`);
      return new Response(null, { status });
    },
    log: { warn: (text, fields) => warned.push(JSON.stringify([text, fields])) },
    timers: {
      after: () => () => {},
      every(_, run) {
        ring = run;
        return () => {};
      },
    },
    wait: async () => {},
    now: () => at,
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
  return {
    sent,
    warned,
    async look(now: number, ...conditions: Condition[]) {
      at = now;
      present = conditions;
      ring();
      await Bun.sleep(0);
    },
  };
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

test('of two replicas that see the same one alerts each change, and what comes again', async () => {
  const kept = new Map<string, string>();
  const claim: AlertClaim = async ({ subject, state }) => {
    const before = kept.get(subject);
    kept.set(subject, state);
    return before !== state;
  };
  const [one, two] = [watched([], claim), watched([], claim)];
  for (const [at, present] of [
    [0, [condition]],
    [5000, []],
    [9000, [condition]],
  ] as const) {
    await one.look(at, ...present);
    await two.look(at + 500, ...present);
  }
  const states = [...one.sent, ...two.sent].map(({ body }) => JSON.parse(body).state);
  expect(states).toEqual(['firing', 'resolved', 'firing']);
});
