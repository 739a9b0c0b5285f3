import { expect, test } from 'bun:test';
import { isConsole } from './place.ts';

test.each(['/console', '/console/', '/console/requests?x=1', '/console/api/events', '/management.html'])(
  '%s is the console',
  (path) => {
    expect([isConsole(path), isConsole(`http://localhost:8317${path}`)]).toEqual([true, true]);
  },
);

test.each(['/', '/v1/models', '/consoles', '/consol', '/metrics', '/management.htm', '/v1/x?next=/console/'])(
  '%s is not',
  (path) => {
    expect([isConsole(path), isConsole(`http://localhost:8317${path}`)]).toEqual([false, false]);
  },
);
