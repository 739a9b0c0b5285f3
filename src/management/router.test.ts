import { expect, test } from 'bun:test';
import { done } from './reply.ts';
import { route } from './route.ts';
import { createRouter } from './router.ts';

const run = () => done();
const answers = 'done';
const router = createRouter([
  route({ method: 'GET', v0: 'a/:id', answers, sentence: 'One.', run }),
  route({ method: 'GET', v0: 'a/fixed', v8: 'other/fixed', answers, sentence: 'Fixed.', run }),
  route({ method: 'DELETE', v8: 'config/*path', answers, sentence: 'The rest.', run }),
  route({ method: 'GET', root: '/codex/callback', access: 'anyone', answers, sentence: 'A callback.', run }),
]);

const found = (method: string, path: string) => {
  const match = router(method, path);
  return match && [match.route.sentence, match.api, Object.fromEntries(match.parameters)];
};

test('paths without parameters win, and parameters are decoded', () => {
  expect(found('GET', '/v0/management/a/fixed')).toEqual(['Fixed.', 'v0', {}]);
  expect(found('GET', '/v8/management/other/fixed/')).toEqual(['Fixed.', 'v8', {}]);
  expect(found('GET', '/v0/management/a/x%2Fy')).toEqual(['One.', 'v0', { id: 'x/y' }]);
  expect(found('GET', '/v0/management/a/%ff')).toEqual(['One.', 'v0', { id: '%ff' }]);
  expect(found('DELETE', '/v8/management/config/x/y%20z')).toEqual(['The rest.', 'v8', { path: 'x/y z' }]);
  expect(found('GET', '/codex/callback')).toEqual(['A callback.', 'root', {}]);
});

test.each([
  ['POST', '/v0/management/a/fixed'],
  ['GET', '/v8/management/a/fixed'],
  ['GET', '/v0/management/a/../a/fixed'],
  ['GET', '/v0/management/a/%2e%2e/a/fixed'],
  ['GET', '/v0/management//a/fixed'],
  ['GET', '/v0/management/a//'],
  ['GET', '/v0/management/a/x/y'],
  ['GET', '/v0/management'],
  ['DELETE', '/v8/management/config'],
])('%s %s is nothing', (method, path) => {
  expect(found(method, path)).toBeUndefined();
});

test('a path of very many pieces is nothing', () => {
  expect(found('GET', `/v0/management/${'a/'.repeat(10_000)}`)).toBeUndefined();
});
