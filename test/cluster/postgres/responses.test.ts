/** `previous_response_id` on any replica: an answer is with the others before its client has the end of it. */
import { afterAll, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../../src/protocols/json.ts';
import { asObject } from '../../../src/protocols/json-members.ts';
import { eventually } from '../../eventually.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { sandboxOfTests } from '../../sandbox-gateway.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';

const sandbox = sandboxOfTests();
const server = await startPostgres();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' };
const post = (url: string, body: JsonObject) =>
  fetch(`${url}/v1/responses`, { method: 'POST', headers, body: JSON.stringify(body) });

const jsonOf = (text: string) => asObject(parseJson(text));

/** The id in the terminal event, as soon as its bytes are there; the rest of the stream is not waited for. */
async function streamedId(answer: Response): Promise<string> {
  let text = '';
  for await (const bytes of answer.body ?? []) {
    text += new TextDecoder().decode(bytes);
    const [, id] = /"type":"response\.completed".*?"id":"(resp_[^"]+)"/.exec(text) ?? [];
    if (id !== undefined) return id;
  }
  throw new Error(`no response came to its end: ${text}`);
}

test('an answer of one replica is gone on from, read and deleted on another', async () => {
  const settings = {
    ...oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]),
    cluster: { postgres: await server.database('responses') },
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, other] = [replicas.at(0), replicas.at(1)];

  for (let round = 0; round < 20; round++) {
    const begun = await post(one.url, { model: 'sandbox', input: `repeat: red ${round}`, stream: true });
    const id = await streamedId(begun);
    const next = await post(other.url, { model: 'sandbox', input: 'repeat: on', previous_response_id: id });
    expect([round, next.status]).toEqual([round, 200]);
    const second = String(jsonOf(await next.text())?.id);
    // And back, over both turns.
    const third = await post(one.url, { model: 'sandbox', input: 'repeat: x', previous_response_id: second });
    expect([round, third.status]).toEqual([round, 200]);
    await third.json();
    if (round > 0) continue;
    const items = await fetch(`${other.url}/v1/responses/${id}/input_items`, { headers });
    expect(JSON.stringify(await items.json())).toContain('repeat: red 0');
    const gone = await fetch(`${other.url}/v1/responses/${id}`, { method: 'DELETE', headers });
    expect(gone.status).toBe(200);
    await eventually(async () => (await fetch(`${one.url}/v1/responses/${id}`, { headers })).status === 404);
  }

  // Another replica's WebSocket goes on from it, too.
  const first = jsonOf(await (await post(one.url, { model: 'sandbox', input: 'repeat: ws' })).text());
  const socket = new WebSocket(`${other.url.replace('http', 'ws')}/v1/responses`, { headers });
  const told: string[] = [];
  socket.onmessage = ({ data }) => told.push(String(data));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  socket.send(
    JSON.stringify({
      type: 'response.create',
      model: 'sandbox',
      input: 'repeat: y',
      previous_response_id: String(first?.id),
    }),
  );
  await eventually(() =>
    told.some((text) => text.includes('"response.completed"') || text.includes('"type":"error"')),
  );
  expect(told.at(-1)).toContain('"response.completed"');
  socket.close();

  // While Postgres is away answers go on, known to their replica, and are with the others when it is back.
  await server.kill();
  await eventually(
    () => one.output().includes('Postgres is away') && other.output().includes('Postgres is away'),
  );
  const alone = jsonOf(await (await post(one.url, { model: 'sandbox', input: 'repeat: alone' })).text());
  const here = await post(one.url, {
    model: 'sandbox',
    input: 'repeat: z',
    previous_response_id: String(alone?.id),
  });
  expect(here.status).toBe(200);
  expect((await fetch(`${other.url}/v1/responses/${alone?.id}`, { headers })).status).toBe(404);
  await server.start();
  await eventually(
    async () => (await fetch(`${other.url}/v1/responses/${alone?.id}`, { headers })).status === 200,
  );
}, 60_000);
