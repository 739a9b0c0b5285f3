import { expect, test } from 'bun:test';
import { createSessions, lifetime } from './sessions.ts';

function at(start = 1000) {
  let now = start;
  return { sessions: createSessions(() => now), pass: (milliseconds: number) => (now += milliseconds) };
}

test('a ticket opens once, within a minute', () => {
  const { sessions, pass } = at();
  const ticket = sessions.ticket();
  expect(sessions.redeem(ticket)).toBe(true);
  expect(sessions.redeem(ticket)).toBe(false);
  const late = sessions.ticket();
  pass(60_000);
  expect(sessions.redeem(late)).toBe(false);
  expect(sessions.redeem('')).toBe(false);
});

test('what a start prints opens as often as wanted, and a new one ends it', () => {
  const { sessions, pass } = at();
  const first = sessions.lasting();
  pass(lifetime);
  expect([sessions.redeem(first), sessions.redeem(first)]).toEqual([true, true]);
  sessions.lasting();
  expect(sessions.redeem(first)).toBe(false);
});

test('a session holds while it is used, and ends twelve hours after its last use', () => {
  const { sessions, pass } = at();
  const secret = sessions.open({ kind: 'owner' }, '127.0.0.1');
  pass(lifetime - 1);
  expect(sessions.find(secret)?.role).toEqual({ kind: 'owner' });
  pass(lifetime);
  expect(sessions.find(secret)?.role).toEqual({ kind: 'owner' });
  pass(lifetime + 1);
  expect(sessions.find(secret)).toBeUndefined();
});

test('signing out ends one session, or all; lists hold nothing that opens', () => {
  const { sessions } = at();
  const one = sessions.open({ kind: 'owner' }, undefined);
  const other = sessions.open({ kind: 'key', id: 'i', name: 'ann' }, undefined);
  expect(JSON.stringify(sessions.list())).not.toContain(one);
  sessions.close(one);
  expect([sessions.find(one), sessions.find(other)?.role.kind]).toEqual([undefined, 'key']);
  sessions.closeAll();
  expect(sessions.find(other)).toBeUndefined();
});

test('neither sessions nor tickets grow without end', () => {
  const { sessions } = at();
  const first = sessions.open({ kind: 'owner' }, undefined);
  for (let count = 0; count < 1000; count += 1) {
    sessions.open({ kind: 'owner' }, undefined);
    sessions.ticket();
  }
  expect(sessions.list().length).toBeLessThanOrEqual(200);
  expect(sessions.find(first)).toBeUndefined();
});

test('with another management key the sessions of owners end, those of client keys do not', () => {
  let key = 'one';
  const sessions = createSessions(
    () => 0,
    () => key,
  );
  const owner = sessions.open({ kind: 'owner' }, undefined);
  const client = sessions.open({ kind: 'key', id: 'i', name: 'ann' }, undefined);
  expect(sessions.find(owner)?.role.kind).toBe('owner');
  key = 'other';
  expect([sessions.find(owner), sessions.find(client)?.role.kind]).toEqual([undefined, 'key']);
  key = 'one';
  expect(sessions.find(owner)).toBeUndefined();
});
