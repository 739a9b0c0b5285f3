import { expect, test } from 'bun:test';
import { isLoopback } from '../ground/loopback.ts';
import { exposureProblem } from './exposure.ts';

test.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s stays on this computer',
  (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(exposureProblem({ host, 'api-keys': [] })).toBeUndefined();
  },
);

test.each([
  '0.0.0.0',
  '::',
  '',
  '192.168.1.5',
  'example.com',
  '127.0.0.1.example.com',
  'localhost.example.com',
])('"%s" without a client key is refused, and with one it is not', (host) => {
  expect(exposureProblem({ host, 'api-keys': [] })).toMatchObject({ key: 'host' });
  expect(exposureProblem({ host, 'api-keys': [{ key: 'a', name: undefined }] })).toBeUndefined();
});
