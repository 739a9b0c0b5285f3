/** H2: the name of a model is a few words; a longer one costs nobody anything. */
import { describe, expect, test } from 'bun:test';
import { calls, jsonOf, post, send } from '../gateway/calls.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';

const { gateway } = await overSandbox();

const long = 'gpt-'.repeat(2_000_000);
/** As long as an address may be. */
const longInAddress = 'gpt-'.repeat(1000);

describe.each(calls)('$protocol', (call) => {
  const model = call.protocol === 'gemini' ? longInAddress : long;

  test.each([false, true])('H2: a name of 8 MB is refused and not repeated, stream %p', async (stream) => {
    const response = await send(gateway.url, call, { model, stream });
    expect(response.status).toBe(400);
    const answer = await jsonOf(response);
    expect(JSON.stringify(answer).length).toBeLessThan(1000);
    expect(call.errorOf(answer).message).toContain('longer than 256 bytes');
  });

  test('H2: a name that nobody serves and that is just short enough is a 404', async () => {
    const response = await send(gateway.url, call, { model: 'x'.repeat(256) });
    expect(response.status).toBe(404);
  });
});

test.each(['/v1/models/', '/v1beta/models/'])('H2: GET %s of a long name is refused', async (path) => {
  const headers = { authorization: `Bearer ${clientKey}` };
  const response = await fetch(`${gateway.url}${path}${longInAddress}`, { headers });
  expect(response.status).toBe(400);
  expect((await response.text()).length).toBeLessThan(1000);
});

test.each(['/v1/completions', '/v1/embeddings', '/v1/messages/count_tokens', '/v1/images/generations'])(
  'H2: POST %s with a long name is refused',
  async (path) => {
    const response = await post(`${gateway.url}${path}`, { model: long, prompt: 'x', input: 'x' });
    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeLessThan(1000);
  },
);

test('H2: a form with a long name is refused', async () => {
  const body = new FormData();
  body.set('model', long);
  body.set('file', new Blob(['x']), 'a.wav');
  const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${clientKey}` },
  });
  expect(response.status).toBe(400);
});

test('H2: a WebSocket stays open when a long name is refused on it', async () => {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const messages: string[] = [];
  const answers = (count: number) =>
    new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        messages.push(String(data));
        if (messages.length === count) resolve();
      };
    });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const both = answers(2);
  for (const model of [long, 'x'.repeat(200)])
    socket.send(JSON.stringify({ type: 'response.create', model, input: 'x' }));
  await both;
  expect(messages[0]).toContain('longer than 256 bytes');
  expect(messages[0]?.length).toBeLessThan(1000);
  expect(messages[1]).toContain('model_not_found');
  socket.close();
});

test('a second spelling of the model is refused, whatever services make of it', async () => {
  const response = await post(`${gateway.url}/v1/chat/completions`, {
    model: modelOver['openai-chat'],
    Model: 'another',
    messages: [{ role: 'user', content: 'x' }],
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('Model');
});

test('L: a name with half a character is kept as text that can be read', async () => {
  const key = 'management-key-of-this-test';
  await using watched = await startTested({ 'remote-management': { 'secret-key': key } });
  for (const name of ['\\ud83d', `${'x'.repeat(255)}\\ud83d\\ude00`])
    await post(`${watched.url}/v1/chat/completions`, `{"model":"${name}","messages":[]}`);
  const headers = { authorization: `Bearer ${key}` };
  const kept = await (await fetch(`${watched.url}/v0/management/requests`, { headers })).text();
  const { requests } = JSON.parse(kept);
  expect(requests.map(({ model }: { model: string }) => model)).toEqual([
    `${'x'.repeat(255)}\ufffd`,
    '\ufffd',
  ]);
});
