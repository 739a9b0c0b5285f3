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
