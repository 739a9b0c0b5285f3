import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { callOf, calls, jsonOf, send } from './calls.ts';
import { type Asked, chatAnswer, startUpstream } from './upstream.ts';

const upstream = startUpstream(({ key }) => chatAnswer(key));
const provider = (name: string, models: JsonObject[], more: JsonObject = {}): JsonObject => ({
  name,
  'base-url': `${upstream.url}/v1`,
  'api-key-entries': [{ 'api-key': `key-of-${name}` }],
  models,
  ...more,
});
const settings: JsonObject = {
  'openai-compatibility': [
    provider('plain', [{ name: 'gpt-plain' }]),
    provider('aliased', [{ name: 'vendor/Long.Name:2026-01', alias: 'short' }]),
    provider('prefixed', [{ name: 'shared' }], { prefix: 'work' }),
    provider('unprefixed', [{ name: 'shared' }]),
    provider('choosy', [{ name: 'keep-1' }, { name: 'drop-1' }, { name: 'drop-2' }], {
      'excluded-models': ['drop-*'],
    }),
    provider(
      'odd',
      ['org/model', 'llama3.1:8b', 'a/b:c.d-e_f', 'models/x'].map((name) => ({ name })),
    ),
  ],
};
const gateway = await startTested(settings);
const chat = callOf('openai-chat');

beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const modelOf = ({ body }: Asked) => asString(asObject(parseJson(new TextDecoder().decode(body)))?.model);
const asked = () => upstream.asked.map((one) => `${one.key} ${modelOf(one)}`);

describe.each(calls.map((call) => ({ call, title: call.protocol })))('$title', ({ call }) => {
  test.each([
    { name: 'gpt-plain', becomes: 'key-of-plain gpt-plain' },
    { name: 'short', becomes: 'key-of-aliased vendor/Long.Name:2026-01' },
    { name: 'SHORT', becomes: 'key-of-aliased vendor/Long.Name:2026-01' },
    { name: 'work/shared', becomes: 'key-of-prefixed shared' },
    { name: 'org/model', becomes: 'key-of-odd org/model' },
    { name: 'llama3.1:8b', becomes: 'key-of-odd llama3.1:8b' },
    { name: 'a/b:c.d-e_f', becomes: 'key-of-odd a/b:c.d-e_f' },
    { name: 'models/x', becomes: 'key-of-odd models/x' },
  ])('$name reaches $becomes', async ({ name, becomes }) => {
    const response = await send(gateway.url, call, { model: name });
    expect(response.status).toBe(200);
    expect(asked()).toEqual([becomes]);
  });

  test.each(['vendor/Long.Name:2026-01', 'drop-1', 'work/gpt-plain', 'nothing-like-it'])(
    '%s is not served: 404 in the words of the protocol',
    async (model) => {
      const response = await send(gateway.url, call, { model });
      expect(response.status).toBe(404);
      const { message, kind } = call.errorOf(await jsonOf(response));
      expect(message).toStartWith(`No credential serves the model "${model}".`);
      expect(kind).toBe(notFoundKind[call.protocol]);
      expect(asked()).toEqual([]);
    },
  );

  test('a typo is answered with the nearest name', async () => {
    const response = await send(gateway.url, call, { model: 'gtp-plain' });
    expect(call.errorOf(await jsonOf(response)).message).toContain('Did you mean gpt-plain');
  });
});

const notFoundKind: Record<Protocol, string> = {
  'openai-chat': 'invalid_request_error',
  'openai-responses': 'invalid_request_error',
  'anthropic-messages': 'not_found_error',
  gemini: 'NOT_FOUND',
};

test('a percent-encoded model name in a Gemini address is the same name', async () => {
  const gemini = callOf('gemini');
  const response = await send(
    gateway.url,
    { ...gemini, path: () => '/v1beta/models/a%2Fb%3Ac.d-e_f:generateContent' },
    { model: '' },
  );
  expect(response.status).toBe(200);
  expect(asked()).toEqual(['key-of-odd a/b:c.d-e_f']);
});

test('a model with and without prefix is shared by the credentials that serve it so', async () => {
  for (let i = 0; i < 4; i++) await send(gateway.url, chat, { model: 'shared' });
  expect(asked().sort()).toEqual([
    ...Array(2).fill('key-of-prefixed shared'),
    ...Array(2).fill('key-of-unprefixed shared'),
  ]);
});

describe('with force-model-prefix', () => {
  test('a credential with a prefix serves only under it', async () => {
    await using forced = await startTested({ ...settings, 'force-model-prefix': true });
    for (let i = 0; i < 2; i++) await send(forced.url, chat, { model: 'shared' });
    await send(forced.url, chat, { model: 'work/shared' });
    expect(asked()).toEqual([
      'key-of-unprefixed shared',
      'key-of-unprefixed shared',
      'key-of-prefixed shared',
    ]);
    expect(await idsFrom(forced.url)).toContain('work/shared');
  });
});

/** Names that clients see, sorted; each once. */
const listed = [
  'a/b:c.d-e_f',
  'gpt-plain',
  'keep-1',
  'llama3.1:8b',
  'models/x',
  'org/model',
  'shared',
  'short',
  'work/shared',
];

async function get(path: string, headers: Record<string, string> = {}, url = gateway.url) {
  return fetch(url + path, { headers: { authorization: `Bearer ${clientKey}`, ...headers } });
}

async function idsFrom(url: string): Promise<string[]> {
  const list = asObject(await jsonOf(await get('/v1/models', {}, url)));
  return asArray(list?.data).map((entry) => asString(asObject(entry)?.id) ?? '');
}

describe('model lists', () => {
  test('OpenAI’s shape', async () => {
    const list = await (await get('/v1/models')).json();
    expect(list).toEqual({
      object: 'list',
      data: listed.map((id) => ({
        id,
        object: 'model',
        created: expect.any(Number),
        owned_by: expect.any(String),
      })),
    });
  });

  test('Anthropic’s shape for clients that name an Anthropic version', async () => {
    const list = await (await get('/v1/models', { 'anthropic-version': '2023-06-01' })).json();
    expect(list).toEqual({
      data: listed.map((id) => ({ type: 'model', id, display_name: id, created_at: expect.any(String) })),
      has_more: false,
      first_id: listed[0],
      last_id: listed.at(-1),
    });
  });

  test('Gemini’s shape', async () => {
    const list = await (await get('/v1beta/models')).json();
    expect(list).toEqual({
      models: listed.map((id) =>
        expect.objectContaining({
          name: `models/${id}`,
          displayName: id,
          supportedGenerationMethods: expect.arrayContaining(['generateContent', 'streamGenerateContent']),
        }),
      ),
    });
  });

  test.each(['short', 'org/model', 'llama3.1:8b'])('one model by name: %s', async (id) => {
    expect(await (await get(`/v1/models/${id}`)).json()).toMatchObject({ id, object: 'model' });
    expect(await (await get(`/v1beta/models/${id}`)).json()).toMatchObject({ name: `models/${id}` });
  });

  test('one model by name in Anthropic’s shape', async () => {
    const answer = await get('/v1/models/short', { 'anthropic-version': '2023-06-01' });
    expect(await answer.json()).toMatchObject({ type: 'model', id: 'short', display_name: 'short' });
  });

  test('an unknown one is a 404', async () => {
    expect((await get('/v1/models/nothing')).status).toBe(404);
    expect((await get('/v1beta/models/nothing')).status).toBe(404);
  });
});
