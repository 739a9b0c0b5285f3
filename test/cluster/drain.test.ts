/** A replica that is asked to stop gives everybody the time to go elsewhere. */
import { expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { oneUpstream } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { ask, startLoad } from './load.ts';
import { startReplicas } from './replicas.ts';

const sandbox = sandboxOfTests();

const models = [{ name: 'sandbox' }, { name: 'sandbox-fault-slow-5', alias: 'slow' }];
const settings = { ...oneUpstream('openai-chat', sandbox.url, models), 'shutdown-drain': '1500ms' };

test('it says not ready first, answers on with connections that close, and ends its streams', async () => {
  await using replicas = await startReplicas(1, { settings });
  const replica = replicas.at(0);
  const stream = ask(replica.url, { model: 'slow', stream: true, text: 'say 500 words' });
  await eventually(() => sandbox.openStreams === 1);
  const stopped = replica.stop();
  await eventually(async () => (await fetch(`${replica.url}/readyz`)).status === 503);

  const ready = await fetch(`${replica.url}/readyz`);
  expect(ready.headers.get('connection')).toBe('close');
  expect(await ready.text()).toContain('"stopping"');
  expect(await ask(replica.url, { model: 'sandbox' })).toBeUndefined();

  expect(await stream).toBeUndefined();
  expect(await stopped).toBe(0);
  expect(await ask(replica.url, { model: 'sandbox' })).toBe('ECONNREFUSED');
}, 60_000);

test('no connection that it took is ever reset: each is answered, or was refused', async () => {
  await using replicas = await startReplicas(1, { settings: { ...settings, 'shutdown-drain': '300ms' } });
  const replica = replicas.at(0);
  const load = startLoad(replica.url, { clients: 16, model: 'sandbox' });
  await eventually(() => load.answered() > 50);
  expect(await replica.stop()).toBe(0);
  await eventually(() => load.failures().length >= 16);
  await load.stop();
  expect([...new Set(load.failures())]).toEqual(['ECONNREFUSED']);
}, 60_000);
