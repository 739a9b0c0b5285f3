import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { protocols } from '../../src/protocols/model.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';

const sandbox = startSandbox({ pace: 0 });
const authDir = mkdtempSync(join(tmpdir(), 'stored-responses-'));
const otherKey = 'another-client-key-of-the-tests';
const settings = {
  ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }]),
  'api-keys': [clientKey, otherKey],
  'auth-dir': authDir,
};
const gateway = await startTested(settings);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox.stop();
  rmSync(authDir, { recursive: true });
});

function clientWith(apiKey: string, url = gateway.url): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}
const client = clientWith(clientKey);
const model = modelOver['anthropic-messages'];

describe.each(protocols.map((protocol) => ({ protocol, model: modelOver[protocol] })))(
  'an answer by $protocol',
  ({ model }) => {
    test('is gone on from by previous_response_id', async () => {
      const first = await client.responses.create({ model, input: 'Good morning' });
      const second = await client.responses.create({
        model,
        input: 'say turns',
        previous_response_id: first.id,
      });
      expect(second.output_text.replaceAll('model', 'assistant')).toBe(
        'The turns are: user, assistant, user',
      );
      const third = await client.responses.create({
        model,
        input: [{ role: 'user', content: 'say turns' }],
        previous_response_id: second.id,
      });
      expect(third.output_text.replaceAll('model', 'assistant')).toBe(
        'The turns are: user, assistant, user, assistant, user',
      );
    });

    test('is gone on from after a stream, by a tool result alone', async () => {
      const stream = client.responses.stream({
        model,
        input: 'call weather',
        tools: [
          {
            type: 'function',
            name: 'weather',
            strict: false,
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        ],
      });
      const called = await stream.finalResponse();
      const call = called.output.find((item) => item.type === 'function_call');
      if (call === undefined) throw new Error(`no call in ${JSON.stringify(called.output)}`);
      const answered = await client.responses.create({
        model,
        input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }],
        previous_response_id: called.id,
      });
      expect(answered.output_text).toContain('sunny');
    });
  },
);

test('an answer is found by its id, with what was asked for it, until it is deleted', async () => {
  const made = await client.responses.create({ model, input: 'Good morning' });
  const found = await client.responses.retrieve(made.id);
  expect(found.output).toEqual(made.output);
  const items = await client.responses.inputItems.list(made.id);
  expect(items.data).toEqual([expect.objectContaining({ role: 'user', content: 'Good morning' })]);
  await client.responses.delete(made.id);
  await expect(Promise.resolve(client.responses.retrieve(made.id))).rejects.toThrow(/404 .*not found/);
});

test('pages of items go forwards and backwards', async () => {
  const input = ['a', 'b', 'c'].map((content) => ({ role: 'user' as const, content }));
  const { id } = await client.responses.create({ model, input });
  const texts = async (order: 'asc' | 'desc') => {
    const all: unknown[] = [];
    for await (const item of client.responses.inputItems.list(id, { order, limit: 2 }))
      all.push('content' in item ? item.content : item);
    return all;
  };
  expect(await texts('asc')).toEqual(['a', 'b', 'c']);
  expect(await texts('desc')).toEqual(['c', 'b', 'a']);
});

test('an item can be named by its id', async () => {
  const made = await client.responses.create({ model, input: 'Good morning' });
  const id = made.output.find((item) => item.type === 'message')?.id ?? '';
  const next = await client.responses.create({
    model,
    input: [
      { role: 'user', content: 'Good morning' },
      { type: 'item_reference', id },
      { role: 'user', content: 'say turns' },
    ],
  });
  expect(next.output_text).toBe('The turns are: user, assistant, user');
});

test('with store: false an answer is not kept', async () => {
  const made = await client.responses.create({ model, input: 'Good morning', store: false });
  await expect(Promise.resolve(client.responses.retrieve(made.id))).rejects.toThrow(/404/);
  const refused = client.responses.create({ model, input: 'Go on', previous_response_id: made.id });
  await expect(Promise.resolve(refused)).rejects.toMatchObject({
    status: 400,
    code: 'previous_response_not_found',
  });
});

test("another key finds none of a client's answers", async () => {
  const { id } = await client.responses.create({ model, input: 'Good morning' });
  const other = clientWith(otherKey);
  await expect(Promise.resolve(other.responses.retrieve(id))).rejects.toThrow(/404/);
  await expect(
    Promise.resolve(other.responses.create({ model, input: 'x', previous_response_id: id })),
  ).rejects.toThrow(/400/);
});

test('answers outlive a restart, in a file that is nobody else to read', async () => {
  const own = mkdtempSync(join(tmpdir(), 'stored-responses-'));
  const before = await startTested({ ...settings, 'auth-dir': own });
  const { id } = await clientWith(clientKey, before.url).responses.create({ model, input: 'Good morning' });
  await before.stop();
  expect(statSync(join(own, '.responses.sqlite')).mode & 0o777).toBe(0o600);
  await using after = await startTested({ ...settings, 'auth-dir': own });
  expect((await clientWith(clientKey, after.url).responses.retrieve(id)).id).toBe(id);
  rmSync(own, { recursive: true });
});

describe('over a WebSocket', () => {
  /** Sends events one after the other; gives the text of each answer, or its error. */
  async function converse(...turns: ((last: string | undefined) => object)[]) {
    const socket = new ResponsesWS(client);
    const told: string[] = [];
    let last: string | undefined;
    try {
      for (const turn of turns) {
        const ended = new Promise<void>((resolve, reject) => {
          const done = (event: { type: string; response?: { id: string; output: unknown[] } }) => {
            if (event.type !== 'response.completed') return;
            last = event.response?.id;
            told.push(textIn(event.response?.output ?? []));
            socket.off('event', done);
            resolve();
          };
          socket.on('event', done);
          socket.once('error', reject);
        });
        const message: unknown = turn(last);
        socket.sendRaw(JSON.stringify(message));
        await ended;
      }
      return told;
    } finally {
      socket.close();
    }
  }

  function textIn(output: unknown[]): string {
    return /"text":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(output))?.[1] ?? '';
  }
  const create = (input: unknown, more: object = {}) => ({ type: 'response.create', model, input, ...more });

  test('requests are answered by events, and go on from each other though nothing is stored', async () => {
    const told = await converse(
      () => create('Good morning', { store: false }),
      (last) => create('say turns', { store: false, previous_response_id: last }),
    );
    expect(told).toEqual([
      '"Hello from the sandbox! You said: \\"Good morning\\""',
      '"The turns are: user, assistant, user"',
    ]);
  });

  test('a request that is not to be answered warms up the next', async () => {
    const told = await converse(
      () => create('Good morning', { generate: false }),
      (last) => create('say turns', { previous_response_id: last, model: modelOver['openai-responses'] }),
    );
    expect(told).toEqual(['', '"The turns are: user, user"']);
  });

  test('an error says its status, and the connection goes on', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    const messages: { type: string; status?: number }[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data));
      messages.push(message);
      if (message.type === 'response.completed') resolve();
    });
    await new Promise((opened) => socket.addEventListener('open', opened));
    socket.send('no JSON');
    socket.send(JSON.stringify({ type: 'response.create', model: 'no-such-model', input: 'x' }));
    socket.send(JSON.stringify(create('Good morning')));
    await promise;
    socket.close();
    expect(messages.slice(0, 2)).toEqual([
      expect.objectContaining({ type: 'error', status: 400 }),
      expect.objectContaining({ type: 'error', status: 404 }),
    ]);
  });

  test('without a key there is no connection', async () => {
    const answer = await fetch(`${gateway.url}/v1/responses`, {
      headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    });
    expect(answer.status).toBe(401);
  });
});
