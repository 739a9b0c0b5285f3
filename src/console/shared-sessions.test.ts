import { expect, test } from 'bun:test';
import type { SharedTexts } from '../cluster/ports.ts';
import { createSessions, lifetime, type Role } from './sessions.ts';
import { sharedSessions } from './shared-sessions.ts';

const owner: Role = { kind: 'owner' };

/** Replicas over one store whose clock, and whether it answers, is what the test says. */
function cluster() {
  let time = 1000;
  let away = false;
  let ownerKey = 'management-key-of-the-test';
  const kept = new Map<string, { text: string; until: number }>();
  const lists = new Map<string, Map<string, number>>();
  const alive = (name: string) => {
    const found = kept.get(name);
    return found !== undefined && time < found.until ? found : undefined;
  };
  const texts: SharedTexts = {
    async get(name, ms) {
      if (away) return undefined;
      const found = alive(name);
      if (found !== undefined && ms !== undefined) found.until = time + ms;
      return found?.text ?? null;
    },
    async put(name, text, ms) {
      if (!away) kept.set(name, { text, until: time + ms });
    },
    async add(name, text, ms) {
      if (away) return undefined;
      if (alive(name) !== undefined) return false;
      kept.set(name, { text, until: time + ms });
      return true;
    },
    async note(list, name, ms) {
      if (!away) lists.set(list, (lists.get(list) ?? new Map<string, number>()).set(name, time + ms));
    },
    async noted(list) {
      if (away) return undefined;
      return [...(lists.get(list) ?? [])]
        .map(([name, until]) => ({ name, until }))
        .filter(({ until }) => until > time);
    },
  };
  const now = () => time;
  const replica = () =>
    sharedSessions(
      createSessions(now, () => ownerKey),
      texts,
      now,
    );
  return {
    one: replica(),
    two: replica(),
    pass: (ms: number) => {
      time += ms;
    },
    setAway: (value: boolean) => {
      away = value;
    },
    setOwnerKey: (key: string) => {
      ownerKey = key;
    },
    lose: () => kept.clear(),
    written: () => JSON.stringify([...kept]),
  };
}

test('a session opens on every replica, with its role, for as long as it is used on any', async () => {
  const { one, two, pass } = cluster();
  const role: Role = { kind: 'key', id: 'i', name: 'ann' };
  const secret = await one.open(role, '127.0.0.1');
  expect(await two.find(secret)).toMatchObject({ role, address: '127.0.0.1', since: 1000 });
  pass(lifetime - 1);
  expect(await two.find(secret)).toMatchObject({ role });
  pass(lifetime - 1);
  expect(await one.find(secret)).toMatchObject({ role });
  pass(lifetime + 1);
  expect([await one.find(secret), await two.find(secret)]).toEqual([undefined, undefined]);
});

test('signing out ends a session everywhere within a second; no copy brings it back', async () => {
  const { one, two, pass } = cluster();
  const secret = await one.open(owner, undefined);
  const other = await one.open(owner, undefined);
  await two.find(secret);
  await one.close(secret);
  expect(await one.find(secret)).toBeUndefined();
  pass(1000);
  expect([await two.find(secret), await one.find(secret)]).toEqual([undefined, undefined]);
  expect(await two.find(other)).toMatchObject({ role: owner });
});

test('signing all out ends those of all replicas, and later ones hold', async () => {
  const { one, two, pass } = cluster();
  const secrets = [await one.open(owner, undefined), await two.open(owner, undefined)];
  await two.closeAll();
  const later = await one.open(owner, undefined);
  pass(1000);
  for (const secret of secrets)
    expect([await one.find(secret), await two.find(secret)]).toEqual([undefined, undefined]);
  expect([await one.find(later), await two.find(later)]).toMatchObject([{ role: owner }, { role: owner }]);
});

test('a ticket is spent once over all replicas, within its minute', async () => {
  const { one, two, pass } = cluster();
  const tickets = [await one.ticket(), await one.ticket()];
  const spent = await Promise.all(tickets.flatMap((ticket) => [two.redeem(ticket), one.redeem(ticket)]));
  expect(spent.filter(Boolean)).toHaveLength(2);
  for (const ticket of tickets)
    expect([await one.redeem(ticket), await two.redeem(ticket)]).toEqual([false, false]);
  const late = await one.ticket();
  pass(60_000);
  expect([await two.redeem(late), await one.redeem(late)]).toEqual([false, false]);
});

test('what a start prints opens on every replica as often as wanted, until a new one', async () => {
  const { one, two } = cluster();
  const first = await one.lasting();
  for (const replica of [one, two, one, two]) expect(await replica.redeem(first)).toBe(true);
  const next = await one.lasting();
  expect([await one.redeem(first), await two.redeem(first), await two.redeem(next)]).toEqual([
    false,
    false,
    true,
  ]);
});

test('while nobody can say, each replica goes by its own; then all know it again', async () => {
  const { one, two, pass, setAway, lose } = cluster();
  const before = await one.open(owner, undefined);
  setAway(true);
  const meanwhile = await one.open(owner, undefined);
  const ticket = await one.ticket();
  pass(2000);
  expect([await one.find(before), await one.find(meanwhile)]).toMatchObject([
    { role: owner },
    { role: owner },
  ]);
  expect([await two.find(before), await two.redeem(ticket), await one.redeem(ticket)]).toEqual([
    undefined,
    false,
    true,
  ]);
  setAway(false);
  lose();
  await one.find(before);
  await one.find(meanwhile);
  expect([await two.find(before), await two.find(meanwhile)]).toMatchObject([
    { role: owner },
    { role: owner },
  ]);
});

test('the list has the sessions of all replicas, each with its last use on any, and none that has ended', async () => {
  const { one, two, pass, setAway } = cluster();
  const first = await one.open(owner, '127.0.0.1');
  const second = await two.open({ kind: 'key', id: 'i', name: 'ann' }, undefined);
  pass(5000);
  await two.find(first);
  for (const replica of [one, two])
    expect(await replica.list()).toMatchObject([
      { role: owner, address: '127.0.0.1', since: 1000, usedAt: 6000 },
      { role: { name: 'ann' }, since: 1000, usedAt: 1000 },
    ]);
  await one.close(second);
  expect(await two.list()).toHaveLength(1);
  setAway(true);
  expect(await two.list()).toHaveLength(2);
  setAway(false);
  await two.closeAll();
  expect([await one.list(), await two.list()]).toEqual([[], []]);
});

test('another management key ends the sessions of owners on all replicas', async () => {
  const { one, two, setOwnerKey } = cluster();
  const secret = await one.open(owner, undefined);
  await two.find(secret);
  setOwnerKey('another-key');
  expect([await one.find(secret), await two.find(secret)]).toEqual([undefined, undefined]);
});

test('what is shared opens nothing and shows no key', async () => {
  const { one, written } = cluster();
  const secrets = [await one.open(owner, undefined), await one.ticket()];
  for (const secret of [...secrets, 'management-key-of-the-test']) expect(written()).not.toContain(secret);
});
