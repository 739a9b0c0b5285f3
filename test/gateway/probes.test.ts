/** What load balancers and container platforms ask a gateway: does it live, should it be sent requests. */
import { expect, test } from 'bun:test';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const served = (model: string) =>
  everyUpstream(sandbox.url, (protocol) => [{ name: model, alias: modelOver[protocol] }]);

test('/livez, /readyz and /healthz answer without a client key', async () => {
  await using gateway = await startTested(served('sandbox'));
  for (const path of ['/livez', '/healthz']) {
    const answer = await fetch(`${gateway.url}${path}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok' });
  }
  const ready = await fetch(`${gateway.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(ready.headers.get('cache-control')).toBe('no-store');
  expect(await ready.json()).toEqual({ status: 'ready', reasons: [] });
});

test('without a credential it lives and is not ready, and says so to HEAD, too', async () => {
  await using gateway = await startTested({});
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  const ready = await fetch(`${gateway.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'not-ready', reasons: [{ code: 'no-credential' }] });
  expect((await fetch(`${gateway.url}/readyz`, { method: 'HEAD' })).status).toBe(503);
  expect((await fetch(`${gateway.url}/readyz`, { method: 'POST' })).status).toBe(405);
  await gateway.reconfigure(served('sandbox'));
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
});
