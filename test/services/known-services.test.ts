/** Services by their names: `openai-compatibility: [{name: openrouter, api-key: …}]`. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/load.ts';
import { credentialsFromConfig } from '../../src/credentials/from-config.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { services } from '../../src/providers/registry.ts';
import { jsonOf, post } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

function configured(yaml: string) {
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}
const credentialsOf = (yaml: string) => credentialsFromConfig(configured(yaml).config);

describe('an entry with the name of a service', () => {
  test.each(Object.entries(services).flatMap(([name, { baseUrl }]) => (baseUrl ? [[name, baseUrl]] : [])))(
    '%s needs no base-url: it is %s',
    (name, baseUrl) => {
      const [credential, ...others] = credentialsOf(
        `openai-compatibility: [{name: ${name}, api-key: a-key-of-mine}]`,
      );
      expect(others).toEqual([]);
      expect(credential).toMatchObject({ baseUrl, secret: 'a-key-of-mine', givenName: name });
    },
  );

  test.each(Object.entries(services).map(([name, service]) => ({ name, ...service })))(
    '$name: lists its models, or they are shipped',
    ({ name, models }) => {
      const [{ provider } = {}] = credentialsOf(
        `openai-compatibility: [{name: ${name}, base-url: 'https://x.example'}]`,
      );
      expect({ lists: provider?.offers?.path, models: provider?.models }).toEqual(
        models === undefined ? { lists: '/models', models: [] } : { lists: undefined, models },
      );
    },
  );

  test('letters of any case and other names mean the same; a base-url of its own counts', () => {
    const at = (entry: string) => credentialsOf(`openai-compatibility: [${entry}]`)[0]?.baseUrl;
    expect(at('{name: OpenRouter}')).toBe('https://openrouter.ai/api/v1');
    expect(at('{name: lmstudio}')).toBe('http://127.0.0.1:1234/v1');
    expect(at('{name: groq, base-url: "https://mirror.example/v1"}')).toBe('https://mirror.example/v1');
  });

  test('one key, several keys, and none', () => {
    const secrets = (entry: string) =>
      credentialsOf(`openai-compatibility: [${entry}]`).map(({ secret }) => secret);
    expect(secrets('{name: groq, api-key: a, api-key-entries: [b, {api-key: c}]}')).toEqual(['a', 'b', 'c']);
    expect(secrets('{name: ollama}')).toEqual(['']);
  });

  test.each([
    ['mine', undefined],
    ['opnrouter', 'did you mean "openrouter"?'],
    ['azure', 'Azure OpenAI has another address for each customer: write it'],
  ])('%s without a base-url is left out, with a warning and the hint %p', (name, hint) => {
    const { config, warnings } = configured(`openai-compatibility: [{name: ${name}, api-key: a}]`);
    expect(config['openai-compatibility']).toEqual([]);
    expect(warnings.map((warning) => [warning.message, warning.hint])).toEqual([
      ['has no base-url, so the entry is left out', hint],
    ]);
  });
});

test('names of services are unique, and each says where it is described', () => {
  const names = Object.entries(services).flatMap(([name, { otherNames = [] }]) => [name, ...otherNames]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toBe(name.toLowerCase());
  for (const { source } of Object.values(services)) expect(source).toMatch(/\w\.\w/);
});

describe('what a service refuses does not reach it', () => {
  const upstream = startUpstream(() => chatAnswer('yes'));
  afterAll(() => upstream[Symbol.dispose]());
  beforeEach(() => {
    upstream.asked.length = 0;
  });
  const ask = async (name: string, body: JsonObject) => {
    const models = [{ name: 'm' }];
    const entry = { name, 'base-url': `${upstream.url}/v1`, models };
    await using gateway = await startTested({ 'openai-compatibility': [entry] });
    const answer = await post(`${gateway.url}/v1/chat/completions`, { model: 'm', ...body });
    expect(answer.status).toBe(200);
    const sent = asObject(JSON.parse(new TextDecoder().decode(upstream.asked.at(-1)?.body))) ?? {};
    return { sent, lost: answer.headers.get('x-translation-loss') ?? '', asked: upstream.asked.at(-1) };
  };
  const thoughtful = [
    { role: 'user', name: 'ada', content: 'a' },
    { role: 'assistant', content: 'b', reasoning_content: 'c' },
    { role: 'user', content: 'd' },
  ];

  test('Groq: unsupported fields, names, thoughts', async () => {
    const { sent, lost } = await ask('groq', {
      logprobs: true,
      logit_bias: { '1': 2 },
      n: 1,
      messages: thoughtful,
    });
    expect(Object.keys(sent).sort()).toEqual(['messages', 'model']);
    expect(asObjects(sent.messages).map((message) => Object.keys(message))).toEqual([
      ['role', 'content'],
      ['role', 'content'],
      ['role', 'content'],
    ]);
    for (const field of ['logprobs', 'logit_bias', 'name', 'reasoning_content'])
      expect(lost).toContain(field);
    expect(lost).not.toMatch(/\bn\b/);
  });

  test('Cerebras: penalties and thoughts; names stay', async () => {
    const { sent, lost } = await ask('cerebras', {
      frequency_penalty: 0,
      presence_penalty: 0.5,
      messages: thoughtful,
    });
    expect(sent).toMatchObject({ messages: [{ name: 'ada' }, { role: 'assistant', content: 'b' }, {}] });
    expect(JSON.stringify(sent)).not.toMatch(/penalty|reasoning_content/);
    expect(lost).toContain('presence_penalty');
    expect(lost).not.toContain('frequency_penalty');
  });

  test('LM Studio: one tool that must be called is offered alone; any object is a schema', async () => {
    const tool = (name: string) => ({
      type: 'function',
      function: { name, parameters: { type: 'object', properties: {} } },
    });
    const { sent } = await ask('lm-studio', {
      tools: [tool('one'), tool('two')],
      tool_choice: { type: 'function', function: { name: 'two' } },
      response_format: { type: 'json_object' },
      messages: [{ role: 'user', content: 'a' }],
    });
    expect(sent).toMatchObject({
      tools: [tool('two')],
      tool_choice: 'required',
      response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } },
    });
  });

  test('a server without keys is asked without one, for its models too', async () => {
    const lists = startUpstream(({ path }) =>
      path === '/v1/models'
        ? Response.json({ object: 'list', data: [{ id: 'llama:8b' }] })
        : chatAnswer('yes'),
    );
    const entry = { name: 'ollama', 'base-url': `${lists.url}/v1` };
    await using gateway = await startTested({ 'openai-compatibility': [entry] });
    const listed = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    expect(asObjects(asObject(await jsonOf(listed))?.data).map(({ id }) => id)).toEqual(['llama:8b']);
    const messages = [{ role: 'user', content: 'a' }];
    const answer = await post(`${gateway.url}/v1/messages`, { model: 'llama:8b', max_tokens: 9, messages });
    expect(answer.status).toBe(200);
    expect(lists.asked.map(({ headers }) => headers.get('authorization'))).toEqual([null, null]);
    lists[Symbol.dispose]();
  });
});
