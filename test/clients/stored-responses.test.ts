import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const authDir = mkdtempSync(join(tmpdir(), 'stored-responses-'));
const otherKey = 'another-client-key-of-the-tests';
const settings = {
  ...sandboxModels(sandbox.url),
  'api-keys': [clientKey, otherKey],
  'auth-dir': authDir,
};
const gateway = await startTested(settings);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
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

test('an answer within a conversation of a provider that keeps none is refused by the name of the field', async () => {
  const asked = client.responses.create({ model, input: 'x', conversation: 'conv_1' });
  await expect(Promise.resolve(asked)).rejects.toMatchObject({ status: 400, param: 'conversation' });
});

test('an answer of any provider is there a second time as a stream', async () => {
  for (const protocol of protocols) {
    const made = await client.responses.create({ model: modelOver[protocol], input: 'Good morning' });
    const again = await client.responses.stream({ response_id: made.id }).finalResponse();
    expect([protocol, again.output_text]).toEqual([protocol, made.output_text]);
  }
});

describe('over a provider that keeps answers itself', () => {
  /** Gives each request the next of these answers; the same as JSON and, where asked so, as the end of a stream. */
  const asked: { previous_response_id?: string; input?: unknown }[] = [];
  const answers: { status: number; body: object }[] = [];
  const provider = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const body: unknown = await request.json();
      asked.push(typeof body === 'object' && body !== null ? body : {});
      const { status, body: response } = answers.shift() ?? { status: 500, body: {} };
      if (!JSON.stringify(body).includes('"stream":true')) return Response.json(response, { status });
      const failed = 'status' in response && response.status === 'failed';
      const type = failed ? 'response.failed' : 'response.completed';
      const events = [
        { type: 'response.created', response: { id: 'x' } },
        { type: 'response.output_text.delta', delta: 'Half' },
        { type, response },
      ];
      return new Response(
        events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
        { headers: { 'content-type': 'text/event-stream' } },
      );
    },
  });
  afterAll(() => provider.stop(true));
  const answer = (id: string, text: string, more: object = {}) => ({
    status: 200,
    body: {
      id,
      object: 'response',
      status: 'completed',
      output: [
        { type: 'message', id: `msg_${id}`, role: 'assistant', content: [{ type: 'output_text', text }] },
      ],
      ...more,
    },
  });
  const gone = {
    status: 400,
    body: { error: { message: 'Previous response not found.', code: 'previous_response_not_found' } },
  };
  const settingsOf = { ...oneUpstream('openai-responses', provider.url.origin, [{ name: 'kept' }]) };

  test('the id goes to it; when it has forgotten, the conversation is written out', async () => {
    await using own = await startTested(settingsOf);
    const client = clientWith(clientKey, own.url);
    answers.push(answer('resp_1', 'One.'), answer('resp_2', 'Two.'), gone, answer('resp_3', 'Three.'));
    await client.responses.create({ model: 'kept', input: 'first' });
    await client.responses.create({ model: 'kept', input: 'second', previous_response_id: 'resp_1' });
    expect(asked.at(-1)).toMatchObject({ previous_response_id: 'resp_1', input: 'second' });
    const third = await client.responses.create({
      model: 'kept',
      input: 'third',
      previous_response_id: 'resp_2',
    });
    expect(third.id).toBe('resp_3');
    expect(asked.at(-2)).toMatchObject({ previous_response_id: 'resp_2' });
    expect(asked.at(-1)).not.toHaveProperty('previous_response_id');
    expect(JSON.stringify(asked.at(-1)?.input)).toMatch(/first.*One\..*second.*Two\..*third/);
  });

  test('what it alone knows is its to refuse, in its own words', async () => {
    await using own = await startTested(settingsOf);
    answers.push(gone);
    const refused = clientWith(clientKey, own.url).responses.create({
      model: 'kept',
      input: 'x',
      previous_response_id: 'resp_of_yesterday',
    });
    await expect(Promise.resolve(refused)).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      message: expect.stringContaining('Previous response not found.'),
    });
  });

  test('a response that has failed or is incomplete is found, too', async () => {
    await using own = await startTested(settingsOf);
    const client = clientWith(clientKey, own.url);
    for (const status of ['failed', 'incomplete'] as const) {
      answers.push(answer(`resp_${status}`, 'Half', { status }));
      const stream = await client.responses.create({ model: 'kept', input: 'x', stream: true });
      for await (const event of stream) expect(event.type).toStartWith('response.');
      expect((await client.responses.retrieve(`resp_${status}`)).status).toBe(status);
    }
  });
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
