/** Every send of a request stands in its trace: also one that was made because a kept connection had ended unread. */
import { afterAll, expect, test } from 'bun:test';
import { answer, answering, scriptedServer } from '../../src/http-client/fixtures/scripted-server.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { oneUpstream, startTested } from '../gateway-harness.ts';
import { callOf, jsonOf, send } from './calls.ts';

const whole = JSON.stringify({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }],
});
// Each connection carries one request, and drops the next.
const upstream = scriptedServer(
  answering((turn, connection) =>
    turn === 0 ? answer(whole, 'Content-Type: application/json') : void connection.end(),
  ),
);
const secret = 'management-key-of-the-tests';
const gateway = await startTested({
  'remote-management': { 'secret-key': secret },
  ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream.stop();
});

async function stepsOf(id: string | null): Promise<JsonObject[]> {
  const trace = await fetch(`${gateway.url}/v0/management/requests/${id}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  return asObjects(asObject(asObject(await jsonOf(trace))?.request)?.steps);
}

test('a send on a new connection, for the kept one had ended, is seen in the trace', async () => {
  const ask = async () => {
    const response = await send(gateway.url, callOf('openai-chat'), { model: 'm' });
    expect([response.status, (await response.text()).includes('Hi')]).toEqual([200, true]);
    return stepsOf(response.headers.get('x-request-id'));
  };
  const [first] = await ask();
  expect(first).toMatchObject({ kind: 'attempt', result: 'answered' });
  expect(first).not.toHaveProperty('sentAgain');
  expect(await ask()).toMatchObject([
    { kind: 'attempt', result: 'answered', sentAgain: ['connection-gone'] },
  ]);
});
