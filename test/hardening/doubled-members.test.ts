/**
 * A member that stands twice in an object: here the last counts, elsewhere the first. What a rule has looked at is what a provider
 * gets, whichever it takes; where no rule looks, the bytes go through.
 */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { callOf, calls, post } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';

const otherKey = 'another-client-key-of-the-tests';
let answer: () => Response = () => chatAnswer('x');
const upstream = startUpstream(() => answer());
const gateway = await startTested({
  ...sandboxModels(upstream.url, 'm'),
  'api-keys': [clientKey, otherKey],
  'disable-cooling': true,
  'request-retry': 0,
  'model-routes': { short: { models: Object.values(modelOver), 'max-output-tokens': 77 } },
});
beforeEach(() => {
  upstream.asked.length = 0;
  answer = () => Response.json({ error: { message: 'x' } }, { status: 400 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const sent = (): string => upstream.asked.map(({ body }) => new TextDecoder().decode(body)).join('\n');
const ask = async (path: string, body: string, key = clientKey) =>
  (await post(gateway.url + path, body, { headers: { authorization: `Bearer ${key}` } })).status;

describe.each([...calls])('$protocol', (call) => {
  const model = modelOver[call.protocol];
  const path = call.path(model, false);
  const body = (more: string): string =>
    `${JSON.stringify(call.body(model, 'Hello', false)).slice(0, -1)},${more}}`;

  test.each(['model', 'stream', 'tools', 'max_tokens', 'max_output_tokens', 'generationConfig', 'metadata'])(
    'L: %s twice in a request is a 400, in whatever letters',
    async (name) => {
      for (const second of [name, `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`]) {
        const status = await ask(path, body(`"zz":1,"${name}":"a","${second}":"b"`));
        expect([second, status, upstream.asked.length]).toEqual([second, 400, 0]);
      }
    },
  );

  test('L: deeper down it goes through as it is where no rule looks', async () => {
    const doubled = '"metadata":{"user_id":"a","user_id":"b"}';
    const plain = await startTested({
      ...sandboxModels(upstream.url, 'm'),
      'disable-cooling': true,
      'request-retry': 0,
    });
    await post(plain.url + path, body(doubled));
    expect(sent()).toContain(doubled);
    await plain[Symbol.asyncDispose]();
  });
});

describe('the limit of a model route', () => {
  test.each([
    [
      'openai-chat',
      '{"model":"short","max_tokens":5,"MAX_TOKENS":100000,"messages":[{"role":"user","content":"x"}]}',
    ],
    [
      'openai-chat',
      '{"model":"short","max_tokens":5,"n_predict":100000,"messages":[{"role":"user","content":"x"}]}',
    ],
    ['openai-chat', '{"model":"short","max_tokens":-1,"messages":[{"role":"user","content":"x"}]}'],
    [
      'openai-chat',
      '{"model":"short","max_tokens":5,"max_completion_tokens":"100000","messages":[{"role":"user","content":"x"}]}',
    ],
    ['openai-responses', '{"model":"short","max_output_tokens":"100000","input":"x"}'],
    [
      'anthropic-messages',
      '{"model":"short","max_tokens":100000,"messages":[{"role":"user","content":"x"}]}',
    ],
    [
      'gemini',
      '{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":100000,"maxOutputTokens":5}}',
    ],
    [
      'gemini',
      // A number that is kept as it is written is no object with a member.
      '{"contents":[{"parts":[{"text":"x"},{"functionCall":{"name":"f","args":{"id":12345678901234567890}}}]}],"generationConfig":{"maxOutputTokens":100000,"maxOutputTokens":5}}',
    ],
    [
      'anthropic-messages',
      '{"model":"short","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"id":12345678901234567890}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}],"thinking":{"type":"enabled","budget_tokens":100000,"budget_tokens":2}}',
    ],
    [
      'gemini',
      '{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":5,"max_output_tokens":100000}}',
    ],
    [
      'gemini',
      '{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":5},"generation_config":{"max_output_tokens":100000}}',
    ],
  ] as const)('L: of %s holds in %s', async (protocol, body) => {
    // Each target speaks another protocol, and all fail: the one of the client's own is among them.
    answer = () => Response.json({ error: { message: 'x' } }, { status: 500 });
    await ask(callOf(protocol).path('short', false), body);
    expect(upstream.asked.length).toBeGreaterThan(0);
    expect(sent()).not.toMatch(/100000|-1\b/);
  });
});

describe('what another key has had made', () => {
  const model = modelOver['openai-responses'];
  const made = {
    id: 'resp_doubled',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm',
    output: [
      { type: 'image_generation_call', id: 'ig_doubled', status: 'completed', result: 'aGk=' },
      {
        type: 'message',
        id: 'msg_doubled',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'x', annotations: [] }],
      },
    ],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  };
  const input = (items: string): string =>
    `{"model":"${model}","input":[{"role":"user","content":"x"},${items}]}`;

  test('M1: is not reached by its id, nor by the first of two', async () => {
    answer = () => Response.json(made);
    expect(await ask('/v1/responses', JSON.stringify({ model, input: 'x' }))).toBe(200);
    upstream.asked.length = 0;
    for (const items of [
      '{"type":"image_generation_call","id":"ig_doubled"}',
      '{"type":"image_generation_call","id":"ig_doubled","status":"completed","size":"1024x1024"}',
      '{"type":"image_generation_call","id":"ig_doubled","result":null}',
      '{"type":"message","id":"msg_doubled"}',
      '{"type":"message","id":"msg_doubled","status":"completed"}',
      '{"type":"item_reference","id":"msg_doubled","id":"msg_own"}',
      '{"type":"image_generation_call","id":"ig_doubled","result":"aGk=","id":"ig_own"}',
    ])
      for (const path of ['/v1/responses', '/v1/responses/compact', '/v1/responses/input_tokens']) {
        await ask(path, input(items), otherKey);
        expect([path, items, /(?:msg|ig)_doubled/.test(sent())]).toEqual([path, items, false]);
      }
    upstream.asked.length = 0;
    // Of two types the one that was looked at is what is sent.
    const typed = '{"type":"item_reference","id":"msg_doubled","type":"message","role":"user","content":"x"}';
    await ask('/v1/responses', input(typed), otherKey);
    expect(sent()).not.toContain('item_reference');
    upstream.asked.length = 0;
    // Its own key, and a picture that is brought along.
    await ask('/v1/responses', input('{"type":"image_generation_call","id":"ig_doubled"}'));
    await ask(
      '/v1/responses',
      input('{"type":"image_generation_call","id":"ig_doubled","result":"aGk="}'),
      otherKey,
    );
    expect(sent().split('ig_doubled').length).toBe(3);
  });

  test('M1: a container of Claude is not reached by the first of two ids', async () => {
    const claude = modelOver['anthropic-messages'];
    const body = (more: string): string =>
      `{"model":"${claude}","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"code_execution_20250825","name":"code_execution"}]${more}}`;
    answer = () =>
      Response.json({
        ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn' },
        ...{ stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } },
        content: [{ type: 'text', text: 'x' }],
        container: { id: 'container_doubled', expires_at: 'z' },
      });
    expect(await ask('/v1/messages', body(''))).toBe(200);
    upstream.asked.length = 0;
    await ask('/v1/messages', body(',"container":{"id":"container_doubled","id":"container_own"}'), otherKey);
    expect(sent()).not.toContain('container_doubled');
  });
});
