/** `payload`: the owner's rules for bodies, against a running gateway. */
import { describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { calls } from '../gateway/calls.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { anyUpstream, lastBody, post } from './any-upstream.ts';

/** Every upstream protocol under its own model name, with these rules. */
async function withRules(payload: JsonObject) {
  const upstream = anyUpstream();
  const models = everyUpstream(upstream.url, (protocol) => [
    { name: `up-${protocol}`, alias: modelOver[protocol] },
  ]);
  const gateway = await startTested({ ...models, payload });
  return {
    upstream,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      upstream[Symbol.dispose]();
    },
  };
}

const words = {
  'openai-chat': 'openai',
  'openai-responses': 'codex',
  'anthropic-messages': 'claude',
  gemini: 'gemini',
} as const;

for (const client of calls)
  describe(`C: payload, asked by ${client.protocol}`, () => {
    test.each(protocols)('reaches bodies for %s, and those of no other', async (to) => {
      const rule = (path: string, value: string) => ({
        models: [{ name: 'up-*', protocol: words[to] }],
        params: { [path]: value },
      });
      await using started = await withRules({
        default: [rule('x_default', 'mine')],
        override: [rule('x_override.deep', 'mine')],
        'default-raw': [rule('x_raw', '{"a":[1]}')],
        'override-raw': [rule('x_raw_override', 'true')],
      });
      for (const other of protocols) {
        const model = modelOver[other];
        const answer = await post(
          started.gateway,
          client.path(model, false),
          client.body(model, 'hi', false),
        );
        expect(client.textOf(parseJson(await answer.text()) ?? null)).toBe('hello');
        const { x_default, x_override, x_raw, x_raw_override } = lastBody(started.upstream);
        const wanted = {
          x_default: 'mine',
          x_override: { deep: 'mine' },
          x_raw: { a: [1] },
          x_raw_override: true,
        };
        const found = { x_default, x_override, x_raw, x_raw_override };
        if (other === to) expect(found).toEqual(wanted);
        else expect(Object.values(found)).toEqual([undefined, undefined, undefined, undefined]);
      }
    });
  });

const asked = (more: JsonObject = {}) => ({
  model: modelOver['openai-chat'],
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});

test.each([
  ['default leaves what the request says', 'default', { temperature: 0.1 }, { temperature: 0.7 }, 0.7],
  ['default sets what it leaves open', 'default', { temperature: 0.1 }, {}, 0.1],
  ['override has the last word', 'override', { temperature: 0.1 }, { temperature: 0.7 }, 0.1],
])('C: payload %s', async (_, kind, params: JsonObject, more: JsonObject, temperature) => {
  await using started = await withRules({ [kind]: [{ models: [{ name: 'up-openai-chat' }], params }] });
  await post(started.gateway, '/v1/chat/completions', asked(more));
  expect(lastBody(started.upstream).temperature).toBe(temperature);
});

test('C: payload filter removes, also from lists, after all else', async () => {
  await using started = await withRules({
    override: [{ models: [{ name: '*' }], params: { user: 'x' } }],
    filter: [
      {
        models: [{ name: '*', protocol: 'openai' }],
        params: ['user', 'tools.#(function.name%"web_*")#', 'gone.too'],
      },
    ],
  });
  const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });
  await post(
    started.gateway,
    '/v1/chat/completions',
    asked({ tools: [tool('web_a'), tool('run'), tool('web_b')] }),
  );
  expect(lastBody(started.upstream)).toMatchObject({ tools: [tool('run')] });
  expect(lastBody(started.upstream).user).toBeUndefined();
});

test('C: payload rules of the first model or the last one win as documented', async () => {
  const rule = (value: number) => ({ models: [{ name: '*' }], params: { seed: value } });
  await using started = await withRules({ default: [rule(1), rule(2)] });
  await post(started.gateway, '/v1/chat/completions', asked());
  expect(lastBody(started.upstream).seed).toBe(1);
  await started.gateway.reconfigure({
    ...everyUpstream(started.upstream.url, (protocol) => [
      { name: `up-${protocol}`, alias: modelOver[protocol] },
    ]),
    payload: { override: [rule(1), rule(2)] },
  });
  await post(started.gateway, '/v1/chat/completions', asked());
  expect(lastBody(started.upstream).seed).toBe(2);
});

test.each<[string, JsonObject, boolean]>([
  ['the client’s name of the model', { name: 'model-over-*' }, true],
  ['another model', { name: 'gpt-*' }, false],
  ['no name', {}, false],
  ['the client’s protocol', { name: '*', 'from-protocol': 'openai' }, true],
  ['another client’s protocol', { name: '*', 'from-protocol': 'claude' }, false],
  ['a header that fits', { name: '*', headers: { 'X-Team': 'blue*' } }, true],
  ['a header that does not', { name: '*', headers: { 'X-Team': 'red' } }, false],
  ['a value that is there', { name: '*', match: [{ 'messages.0.role': 'user' }] }, true],
  ['a value that is not', { name: '*', match: [{ 'messages.0.role': 'system' }] }, false],
  ['a value that must not be', { name: '*', 'not-match': [{ 'messages.0.role': 'user' }] }, false],
  ['a path that must be there', { name: '*', exist: ['messages'] }, true],
  ['a path that is missing', { name: '*', exist: ['tools'] }, false],
  ['a path that must not be there', { name: '*', 'not-exist': ['messages'] }, false],
])('C: payload models by %s', async (_, row, fits) => {
  await using started = await withRules({ override: [{ models: [row], params: { seed: 7 } }] });
  await post(started.gateway, '/v1/chat/completions', asked(), { 'x-team': 'blue-one' });
  expect(lastBody(started.upstream).seed).toBe(fits ? 7 : undefined);
});

test('C: payload that cannot be read leaves the rule out, and the bytes as they are', async () => {
  await using started = await withRules({
    'override-raw': [{ models: [{ name: '*' }], params: { seed: '{broken' } }],
    filter: [{ models: [], params: ['messages'] }],
  });
  const text = '{ "messages" : [{"role":"user","content":"hi"}], "model":"up-openai-chat" }';
  await started.gateway.reconfigure({
    ...everyUpstream(started.upstream.url, (protocol) => [{ name: `up-${protocol}` }]),
    payload: { 'override-raw': [{ models: [{ name: '*' }], params: { seed: '{broken' } }] },
  });
  const answer = await fetch(`${started.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer client-key-of-the-tests', 'content-type': 'application/json' },
    body: text,
  });
  expect(answer.status).toBe(200);
  expect(new TextDecoder().decode(started.upstream.asked.at(-1)?.body)).toBe(text);
});
