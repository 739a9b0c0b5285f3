import { expect, test } from 'bun:test';
import { readinessOf } from './readiness.ts';

test('a gateway with a credential that is not stopping is ready', () => {
  expect(readinessOf({ stopping: false, credentials: 1 })).toEqual({ status: 'ready', reasons: [] });
});

test('every reason for not being ready is named at once', () => {
  const { status, reasons } = readinessOf({ stopping: true, credentials: 0 });
  expect(status).toBe('not-ready');
  expect(reasons.map(({ code }) => code)).toEqual(['stopping', 'no-credential']);
});

test('a replica whose engines are away serves, and names them', () => {
  const engines = [
    { name: 'valkey', state: { kind: 'down', why: 'nothing listens at its address' } },
    { name: 'postgres', state: { kind: 'up' } },
  ] as const;
  const { status, reasons, engines: shown } = readinessOf({ stopping: false, credentials: 1, engines });
  expect(status).toBe('degraded');
  expect(shown).toEqual({ valkey: 'down', postgres: 'up' });
  expect(reasons).toEqual([
    { code: 'valkey-away', message: expect.stringContaining('nothing listens at its address') },
  ]);
  expect(readinessOf({ stopping: true, credentials: 1, engines }).status).toBe('not-ready');
});

test('an engine that does not do all is degraded, in its server’s words', () => {
  const engines = [
    { name: 'postgres', state: { kind: 'up', degraded: 'it takes no listener: too many clients' } },
  ] as const;
  const { status, reasons, engines: shown } = readinessOf({ stopping: false, credentials: 1, engines });
  expect(status).toBe('degraded');
  expect(shown).toEqual({ postgres: 'degraded' });
  expect(reasons).toEqual([
    { code: 'postgres-degraded', message: expect.stringContaining('too many clients') },
  ]);
});
