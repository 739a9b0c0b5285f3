/** Usage of streamed Chat Completions: asked for where the service takes the wish, and shown to who has asked. */
import { expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { eventually } from '../eventually.ts';
import { callOf } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const event = (value: JsonObject): string => `data: ${JSON.stringify({ ...head, ...value })}\n\n`;
const usage = { prompt_tokens: 31, completion_tokens: 7, total_tokens: 38 };

/** What OpenAI sends, by what it is asked; in pieces that begin and end anywhere. */
function openaiStream(asked: boolean): Response {
  const more = asked ? { usage: null } : {};
  const text = [
    event({
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      ...more,
    }),
    event({ choices: [{ index: 0, delta: { content: 'the "usage":null' }, finish_reason: null }], ...more }),
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...more }),
    asked ? event({ choices: [], usage }) : '',
    'data: [DONE]\n\n',
  ].join('');
  const pieces = text.match(/[\s\S]{1,97}/g) ?? [];
  return eventStream(
    new ReadableStream({
      async pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) return controller.close();
        controller.enqueue(new TextEncoder().encode(piece));
      },
    }),
  );
}

function startService(refuses = false) {
  return startUpstream(({ body }) => {
    const sent = asObject(parseJson(new TextDecoder().decode(body)));
    if (refuses && sent?.stream_options !== undefined)
      return Response.json(
        { error: { message: 'Extra inputs are not permitted: stream_options' } },
        { status: 422 },
      );
    return openaiStream(asObject(sent?.stream_options)?.include_usage === true);
  });
}

const managementKey = 'management-key-of-the-tests';

function settings(url: string, more: JsonObject): JsonObject {
  return {
    'openai-compatibility': [
      {
        name: 'ollama',
        'base-url': `${url}/v1`,
        'api-key': 'k',
        models: [{ name: 'm' }, { name: 'up', alias: 'other' }],
        ...more,
      },
    ],
    'remote-management': { 'secret-key': managementKey },
    'request-retry': 0,
  };
}

async function send(url: string, client: Protocol, model: string, more: JsonObject = {}) {
  const call = callOf(client);
  const response = await fetch(`${url}${call.path(model, true)}`, {
    method: 'POST',
    headers: { 'x-api-key': clientKey, 'content-type': 'application/json' },
    body: JSON.stringify({ ...call.body(model, 'hi', true), ...more }),
  });
  return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') };
}

async function listed(url: string, id: string | null): Promise<ListedRequest> {
  let found: ListedRequest | undefined;
  await eventually(async () => {
    const answer = await fetch(`${url}/v0/management/usage/requests/${id}`, {
      headers: { 'x-management-key': managementKey },
    });
    if (answer.status === 200) found = ((await answer.json()) as { request: ListedRequest }).request;
    return found !== undefined;
  });
  if (found === undefined) throw new Error('not kept');
  return found;
}

const counted = { tokens: { input: 31, output: 7 }, counted: 'provider' };

test.each(protocols)('%s client: a stream is counted by the service that takes the wish', async (client) => {
  using service = startService();
  await using gateway = await startTested(settings(service.url, {}));
  const { status, id } = await send(gateway.url, client, 'm');
  expect(status).toBe(200);
  const [asked] = service.asked;
  expect(asObject(parseJson(new TextDecoder().decode(asked?.body)))?.stream_options).toEqual({
    include_usage: true,
  });
  expect(await listed(gateway.url, id)).toMatchObject(counted);
});

test.each([
  ['says nothing', {}],
  ['says null', { stream_options: null }],
  ['wants none', { stream_options: { include_usage: false } }],
  ['has another wish', { stream_options: { include_obfuscation: false } }],
])('a Chat client that %s gets the stream as it would be unasked', async (_what, options: JsonObject) => {
  using service = startService();
  await using gateway = await startTested(settings(service.url, {}));
  for (const model of ['m', 'other']) {
    const { text, id } = await send(gateway.url, 'openai-chat', model, options);
    expect(text).toBe(await openaiStream(false).text());
    expect(await listed(gateway.url, id)).toMatchObject(counted);
  }
  const sent = service.asked.map(({ body }) => asObject(parseJson(new TextDecoder().decode(body))));
  expect(sent.map((body) => body?.model)).toEqual(['m', 'up']);
  for (const body of sent)
    expect(body?.stream_options).toEqual({ ...(options.stream_options as object), include_usage: true });
});

test('a Chat client that asks gets all of it, and the service its very bytes', async () => {
  using service = startService();
  await using gateway = await startTested(settings(service.url, {}));
  const { text, id } = await send(gateway.url, 'openai-chat', 'm', {
    stream_options: { include_usage: true },
  });
  expect(text).toBe(await openaiStream(true).text());
  expect(await listed(gateway.url, id)).toMatchObject(counted);
});

test('the older completions: usage for who asks only', async () => {
  using service = startService();
  await using gateway = await startTested(settings(service.url, {}));
  const complete = async (more: JsonObject): Promise<string> => {
    const response = await fetch(`${gateway.url}/v1/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', prompt: 'hi', stream: true, ...more }),
    });
    return response.text();
  };
  expect(await complete({})).not.toContain('"usage":{');
  expect(await complete({ stream_options: { include_usage: true } })).toContain('"total_tokens":38');
});

test('a service of which nothing is known gets the client’s bytes; its tokens are estimated', async () => {
  using service = startService(true);
  await using gateway = await startTested(settings(service.url, { name: 'mine' }));
  const { text, id } = await send(gateway.url, 'openai-chat', 'm');
  expect(text).toBe(await openaiStream(false).text());
  expect(await listed(gateway.url, id)).toMatchObject({ counted: 'estimate' });
});

test('stream-usage: what the owner says goes before what is known', async () => {
  using service = startService();
  await using taking = await startTested(settings(service.url, { name: 'mine', 'stream-usage': true }));
  const { text, id } = await send(taking.url, 'openai-chat', 'm');
  expect(text).toBe(await openaiStream(false).text());
  expect(await listed(taking.url, id)).toMatchObject(counted);

  using strict = startService(true);
  await using refusing = await startTested(settings(strict.url, { 'stream-usage': false }));
  for (const client of protocols) {
    const answer = await send(refusing.url, client, 'm');
    expect(answer.status).toBe(200);
    expect(await listed(refusing.url, answer.id)).toMatchObject({ counted: 'estimate' });
  }
});
