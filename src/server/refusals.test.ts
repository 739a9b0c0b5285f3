import { expect, test } from 'bun:test';
import { createRefusals, type RefusalKind } from './refusals.ts';

/** Refusals under a clock that moves by what they wait. */
function refusals() {
  let time = 0;
  const lines: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const waits: number[] = [];
  const made = createRefusals({
    log: { warn: (message, fields) => lines.push({ message, fields }) },
    now: () => time,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      time += milliseconds;
    },
  });
  const refuse = (kind: RefusalKind, address: string | undefined = '10.0.0.1') =>
    made.refused({ kind, address, method: 'POST', path: '/v1/messages' });
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { ...made, refuse, lines, waits, pass };
}

test('M14: wrong keys from one address wait longer and longer, never for ever', async () => {
  const { refuse, waits } = refusals();
  for (let turn = 0; turn < 12; turn++) await refuse('wrong-client-key');
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('M14: another address, and one that was quiet for long, wait for nothing', async () => {
  const { refuse, waits, pass } = refusals();
  for (let turn = 0; turn < 6; turn++) await refuse('wrong-client-key');
  waits.length = 0;
  await refuse('wrong-client-key', '10.0.0.2');
  pass(11 * 60_000);
  await refuse('wrong-client-key');
  expect(waits).toEqual([]);
});

test('M14: addresses of one IPv6 network count together', async () => {
  const { refuse, waits } = refusals();
  for (const last of ['1', '2', '3', 'ffff:4']) await refuse('wrong-management-key', `2001:db8:1:2::${last}`);
  expect(waits).toEqual([100]);
});

test('M14: unknown addresses and missing keys are counted and do not wait', async () => {
  const { refuse, counts, waits } = refusals();
  for (let turn = 0; turn < 9; turn++) await refuse('unknown-address');
  await refuse('missing-client-key');
  expect(waits).toEqual([]);
  expect(counts()).toMatchObject({ 'unknown-address': 9, 'missing-client-key': 1, 'wrong-client-key': 0 });
});

test('M14: a flood fills no log: twenty lines a minute, then their number', async () => {
  const { refuse, lines, pass } = refusals();
  for (let turn = 0; turn < 500; turn++) await refuse('unknown-address');
  expect(lines).toHaveLength(20);
  pass(60_000);
  await refuse('unknown-address');
  expect(lines.slice(20)).toEqual([
    { message: 'refused, not logged one by one', fields: { reason: 'unknown-address', count: 480 } },
    {
      message: 'refused',
      fields: { reason: 'unknown-address', address: '10.0.0.1', method: 'POST', path: '/v1/messages' },
    },
  ]);
});
