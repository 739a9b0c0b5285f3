/** What the drills stand on: replicas that can be killed and started again, behind the nginx that is shipped. */
import { expect, test } from 'bun:test';
import { clientKey, oneUpstream } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { startBalancer } from './nginx.ts';
import { startReplicas } from './replicas.ts';

const sandbox = sandboxOfTests();

test('nginx passes a replica over that was killed, and comes back to it', async () => {
  const settings = oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]);
  await using replicas = await startReplicas(2, { settings });
  await using balancer = await startBalancer(replicas.all.map(({ port }) => port));
  const ask = async () => {
    const answer = await fetch(`${balancer.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox', messages: [{ role: 'user', content: 'repeat: hi' }] }),
    });
    await answer.text();
    return answer.status;
  };
  const askedOf = () => replicas.all.map(({ output }) => output().split('"msg":"request"').length - 1);
  const many = (count: number) => Promise.all(Array.from({ length: count }, ask));
  const wellFor = (count: number) => Array.from({ length: count }, () => 200);

  expect(await many(8)).toEqual(wellFor(8));
  await replicas.at(0).kill();
  expect(await many(8)).toEqual(wellFor(8));
  await replicas.at(0).start();
  const before = askedOf()[0] ?? 0;
  // nginx leaves out for a second who refused.
  while ((askedOf()[0] ?? 0) === before) expect(await ask()).toBe(200);
  await replicas.at(1).stop();
  expect(await many(8)).toEqual(wellFor(8));
}, 60_000);
