/** Cloudflare Workers AI: the account in its address, its list of models, its contents, over a stand-in that refuses the rest. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/load.ts';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { cloudflare } from '../../src/providers/cloudflare.ts';
import { refusalOf, refusedAnswer } from '../../src/providers/refusal.ts';
import { jsonOf, post } from '../gateway/calls.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { conversationClients, converse } from './conversations.ts';
import { seeingModel, startStrictCloudflare, textModel } from './strict-cloudflare.ts';

const service = startStrictCloudflare();
const entry = (more: JsonObject = {}): JsonObject => ({
  'openai-compatibility': [
    {
      name: 'cloudflare',
      'base-url': `${service.account}/ai/v1`,
      'api-key': 'cloudflare-token',
      ...more,
    },
  ],
});
const gateway = await startTested(entry());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  service[Symbol.dispose]();
});
beforeEach(() => {
  service.asked.length = 0;
});

describe.each(conversationClients)('a %s client', (client) => {
  test.each([false, true])('has its conversation with tools taken (stream: %p)', async (stream) => {
    const answer = await converse(gateway.url, textModel, client, stream);
    const text = await answer.text();
    expect({ status: answer.status, text }).toMatchObject({ status: 200 });
    expect(text).toContain('high at noon');
    expect(asObjects(service.bodies().at(-1)?.messages).map(({ content }) => typeof content)).not.toContain(
      'object',
    );
  });
});

test('the same service under another name refuses such a conversation', async () => {
  // As a relay of the same API at an address that says nothing.
  const relay = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) =>
      fetch(new URL(`${service.account}/ai${new URL(request.url).pathname}`), {
        method: request.method,
        headers: { authorization: request.headers.get('authorization') ?? '' },
        body: request.body,
      }),
  });
  const plain = {
    name: 'plain',
    'api-key': 'cloudflare-token',
    'base-url': `${relay.url.href}v1`,
    models: [{ name: textModel }],
  };
  await using other = await startTested({ 'openai-compatibility': [plain] });
  const answer = await converse(other.url, textModel, 'chat', false);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(await jsonOf(answer))).toContain('AiError: Bad input');
  await relay.stop(true);
});

test('its models that talk are listed, whatever else the account has', async () => {
  const answer = await fetch(`${gateway.url}/v1/models`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const listed = asObjects(asObject(await jsonOf(answer))?.data).map(({ id }) => id);
  expect(listed.sort()).toEqual([seeingModel, textModel]);
});

test('an entry that names its models does not ask for them', async () => {
  await using named = await startTested(entry({ models: [{ name: textModel, alias: 'oss' }] }));
  const messages = [{ role: 'user', content: 'a' }];
  const answer = await post(`${named.url}/v1/chat/completions`, { model: 'oss', messages });
  expect(answer.status).toBe(200);
  expect(service.asked.map(({ method }) => method)).toEqual(['POST']);
});

test('lists of texts become one text, an image stays, and what fits goes out byte for byte', async () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
  const seen = [{ type: 'text', text: 'What is it?' }, image];
  const messages = [
    {
      role: 'system',
      content: [
        { type: 'text', text: 'Be' },
        { type: 'text', text: 'short.' },
      ],
    },
    { role: 'user', content: seen },
    { role: 'assistant', content: [] },
    { role: 'assistant' },
  ];
  const url = `${gateway.url}/v1/chat/completions`;
  expect((await post(url, { model: seeingModel, messages })).status).toBe(200);
  const sent = asObjects(service.bodies()[0]?.messages).map(({ content }) => content);
  expect(sent).toEqual(['Be\nshort.', seen, '', '']);
  const text = `{"messages":[{"role":"user","content":"é"}], "model":"${textModel}","seed":1.0}`;
  expect((await post(url, text)).status).toBe(200);
  expect(new TextDecoder().decode(service.asked.at(-1)?.body)).toBe(text);
});

test('embeddings are at the address of the same account', async () => {
  await using named = await startTested(entry({ models: [{ name: '@cf/baai/bge-m3' }] }));
  const answer = await post(`${named.url}/v1/embeddings`, { model: '@cf/baai/bge-m3', input: 'a' });
  expect(answer.status).toBe(200);
});

describe('the address in an entry', () => {
  const credentialAt = (address: string, name = 'cloudflare') => {
    const yaml = `openai-compatibility: [{name: ${name}, base-url: '${address}', api-key: k}]`;
    const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return credentialsFromConfig(result.config)[0];
  };
  const account = 'https://api.cloudflare.com/client/v4/accounts/0123';

  test.each(['', '/', '/ai', '/ai/', '/ai/v1', '/ai/v1/', '/ai/run', '/ai/run/'])(
    'may end with "%s" behind the account',
    (end) => {
      expect(credentialAt(account + end)?.baseUrl).toBe(`${account}/ai`);
    },
  );

  test('may be that of a gateway at Cloudflare', () => {
    const gatewayed = 'https://gateway.ai.cloudflare.com/v1/0123/mine/workers-ai';
    expect(credentialAt(`${gatewayed}/v1`)?.baseUrl).toBe(gatewayed);
  });

  test('is recognised under any name', () => {
    expect(credentialAt(`${account}/ai/v1`, 'mine')).toMatchObject({
      baseUrl: `${account}/ai`,
      provider: { title: cloudflare.service.title },
    });
  });

  test('of something else is a plain compatible service', () => {
    const other = 'https://gateway.ai.cloudflare.com/v1/0123/mine/compat';
    expect(credentialAt(other)).toMatchObject({ baseUrl: other, provider: { offers: { path: '/models' } } });
  });

  test('is required: there is a warning with the way out', () => {
    const yaml = 'openai-compatibility: [{name: cloudflare, api-key: k}]';
    const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.warnings.map(({ hint }) => hint)).toEqual([
      'Cloudflare Workers AI has another address for each customer: write it',
    ]);
  });
});

describe('what it refuses', () => {
  const models = [{ name: textModel }];
  const messages = [{ role: 'user', content: 'a' }];
  const ask = async (more: JsonObject) => {
    await using other = await startTested(entry({ models, ...more }));
    const answer = await post(`${other.url}/v1/chat/completions`, { model: textModel, messages });
    return { status: answer.status, text: JSON.stringify(await jsonOf(answer)) };
  };

  test.each([
    ['another account', { 'api-key': 'of-another' }, 401, 'the permission \\"Workers AI\\"'],
    ['a token that none can be', { 'api-key': 'a+b' }, 401, 'the permission \\"Workers AI\\"'],
  ])('%s: the answer says what the token needs', async (_, more, status, words) => {
    const { status: answered, text } = await ask(more);
    expect(text).toContain(words);
    expect(answered).toBe(status);
  });

  test('an account that is none: the answer shows the address', async () => {
    const { status, text } = await ask({ 'base-url': `${service.url}/client/v4/accounts/none/ai/v1` });
    expect(text).toContain('accounts/ACCOUNT_ID/ai/v1');
    expect(status).toBe(404);
  });

  test('a day whose allocation is spent ends at 00:00 UTC', async () => {
    using spent = startStrictCloudflare(true);
    const answer = await fetch(`${spent.account}/ai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer cloudflare-token' },
      body: '{}',
    });
    const text = await answer.text();
    const { refusals } = cloudflare.service.differences({ protocol: 'openai-chat' });
    const refusal = refusalOf(refusals, answer.status, text);
    const evening = Date.parse('2026-11-30T23:50:00Z');
    expect(refusal?.means).toBe('quota');
    expect(refusal?.wait?.(refusedAnswer(answer.headers, text), evening)).toBe(600);
  });

  test('another account takes over when the day is spent', async () => {
    using spent = startStrictCloudflare(true);
    const first = {
      name: 'first',
      'base-url': `${spent.account}/ai/v1`,
      'api-key': 'cloudflare-token',
      models,
    };
    const second = { ...first, name: 'cloudflare', 'base-url': `${service.account}/ai/v1` };
    await using both = await startTested({
      routing: { strategy: 'fill-first' },
      'openai-compatibility': [{ ...first, name: 'workers-ai' }, second],
    });
    const answer = await post(`${both.url}/v1/chat/completions`, { model: textModel, messages });
    expect(answer.status).toBe(200);
    expect(spent.asked.length).toBe(1);
  });
});
