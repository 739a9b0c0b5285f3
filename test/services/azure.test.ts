/** Azure OpenAI: its two kinds of addresses, its header, its deployments, over a stand-in that refuses all others. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/load.ts';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { calls, jsonOf, post, send } from '../gateway/calls.ts';
import { startTested } from '../gateway-harness.ts';
import { startStrictAzure } from './strict-azure.ts';

const resource = startStrictAzure();
afterAll(() => resource[Symbol.dispose]());
beforeEach(() => {
  resource.asked.length = 0;
});

const azure = (more: JsonObject = {}): JsonObject => ({
  'openai-compatibility': [
    {
      name: 'azure',
      'base-url': resource.url,
      'api-key': 'azure-key',
      models: [{ name: 'my-gpt', alias: 'gpt-5' }],
      ...more,
    },
  ],
});
const v1 = '/openai/v1/chat/completions';
const dated = '/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21';

describe.each([
  { says: 'no api-version', more: {}, path: v1 },
  { says: 'api-version preview', more: { 'api-version': 'preview' }, path: `${v1}?api-version=preview` },
  { says: 'a dated api-version', more: { 'api-version': '2024-10-21' }, path: dated },
])('with $says', ({ more, path }) => {
  test.each(calls)('a client of $protocol is answered, whole and streamed', async (call) => {
    await using gateway = await startTested(azure(more));
    for (const stream of [false, true]) {
      const answer = await send(gateway.url, call, { model: 'gpt-5', stream });
      expect(answer.status).toBe(200);
      const text = stream ? await answer.text() : call.textOf(await jsonOf(answer));
      expect(text).toContain('noon');
    }
    expect(resource.asked.map((asked) => asked.path)).toEqual([path, path]);
    for (const { headers } of resource.asked)
      expect([headers.get('api-key'), headers.get('authorization')]).toEqual(['azure-key', null]);
  });
});

test.each([
  ['', '/openai/v1/responses'],
  ['2025-04-01-preview', '/openai/responses?api-version=2025-04-01-preview'],
])('the Responses API of version "%s" names the deployment in the body', async (version, path) => {
  const more = { protocol: 'responses', ...(version === '' ? {} : { 'api-version': version }) };
  await using gateway = await startTested(azure(more));
  const answer = await post(`${gateway.url}/v1/responses`, { model: 'gpt-5', input: 'a' });
  expect(answer.status).toBe(200);
  expect(resource.asked.at(-1)?.path).toBe(path);
  expect(new TextDecoder().decode(resource.asked.at(-1)?.body)).toContain('"my-gpt"');
});

test.each([
  [{}, '/openai/v1/embeddings'],
  [{ 'api-version': '2024-10-21' }, '/openai/deployments/my-gpt/embeddings?api-version=2024-10-21'],
])('embeddings with %j are at %s', async (more, path) => {
  await using gateway = await startTested(azure(more));
  const answer = await post(`${gateway.url}/v1/embeddings`, { model: 'gpt-5', input: 'a' });
  expect(answer.status).toBe(200);
  expect(resource.asked.at(-1)?.path).toBe(path);
});

test.each(['/openai', '/openai/v1', '/openai/v1/', '/openai/deployments/my-gpt', '/'])(
  'a base-url that ends with %s is the same resource',
  async (end) => {
    await using gateway = await startTested(azure({ 'base-url': resource.url + end }));
    const messages = [{ role: 'user', content: 'a' }];
    const answer = await post(`${gateway.url}/v1/chat/completions`, { model: 'gpt-5', messages });
    expect(answer.status).toBe(200);
    expect(resource.asked.at(-1)?.path).toBe(v1);
  },
);

test('a token of Microsoft Entra ID is a bearer', async () => {
  const token = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJheiJ9.c2ln';
  await using gateway = await startTested(azure({ 'api-key': token }));
  const messages = [{ role: 'user', content: 'a' }];
  const answer = await post(`${gateway.url}/v1/chat/completions`, { model: 'gpt-5', messages });
  expect(answer.status).toBe(200);
  expect(resource.asked.at(-1)?.headers.get('api-key')).toBeNull();
});

test.each([
  ['a name that is no deployment', { models: [{ name: 'gpt-5' }] }, 'must be that of a deployment'],
  ['a version that the resource lacks', { 'api-version': '1999-01-01' }, 'remove api-version'],
])('%s: the answer says what to write instead', async (_, more, sentence) => {
  await using gateway = await startTested(azure(more));
  const messages = [{ role: 'user', content: 'a' }];
  const answer = await post(`${gateway.url}/v1/chat/completions`, { model: 'gpt-5', messages });
  expect(answer.status).toBe(404);
  expect(JSON.stringify(await jsonOf(answer))).toContain(sentence);
});

test('a gateway of the owner before the resource keeps its own path', () => {
  const yaml = `openai-compatibility: [{name: azure, base-url: 'https://apim.example/a/b/openai', api-key: k}]`;
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const [credential] = credentialsFromConfig(result.config);
  expect(credential?.baseUrl).toBe('https://apim.example/a/b');
  expect(credential?.provider.authenticate('k', '')).toEqual({ 'api-key': 'k' });
});

test.each(['https://llm.example/v1', 'https://mine.models.ai.azure.com'])(
  'an entry called azure for %s is a plain compatible service as before',
  (address) => {
    const yaml = `openai-compatibility: [{name: azure, base-url: '${address}', api-key: k}]`;
    const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const [credential] = credentialsFromConfig(result.config);
    expect(credential).toMatchObject({ baseUrl: address, provider: { offers: { path: '/models' } } });
    expect(credential?.provider.authenticate('k', address)).toEqual({ authorization: 'Bearer k' });
  },
);

test('a host of Azure is enough; without models there is a warning', () => {
  const yaml = `openai-compatibility: [{name: mine, base-url: 'https://r.openai.azure.com/openai/v1', api-key: k}]`;
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const [credential] = credentialsFromConfig(result.config);
  expect(credential).toMatchObject({ baseUrl: 'https://r.openai.azure.com', givenName: 'mine' });
  expect(credential?.provider.authenticate('k', '')).toEqual({ 'api-key': 'k' });
  expect(result.warnings.map(({ key, message }) => `${key} ${message}`)).toEqual([
    'openai-compatibility[0] has no models, and Azure OpenAI has no model list for this key: it serves none',
  ]);
});
