/** What people complain about in the requests that gateways make, each shown to be otherwise here. */
import { afterAll, describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { factsNames } from '../facts.ts';
import { callOf, jsonOf, post, send } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { sides, translated } from './coverage.ts';
import { at, greeting } from './feature.ts';

const sandbox = sandboxOfTests();
const gateway = await startTested(sandboxModels(sandbox.url));
const scripted = startUpstream(() => chatAnswer('answered'));
const compatible = await startTested(
  oneUpstream('openai-chat', scripted.url, [{ name: 'm' }, { name: 'gpt-5.2' }, { name: 'gpt-4o' }]),
);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await compatible[Symbol.asyncDispose]();
  scripted[Symbol.dispose]();
});

/** What the compatible upstream was sent last. */
function sent(): JsonObject {
  const body: Json = JSON.parse(new TextDecoder().decode(scripted.asked.at(-1)?.body));
  return asObject(body) ?? {};
}

/** Sends the small request of a client with more fields in it. */
function ask(client: Protocol, model: string, more: JsonObject, url = gateway.url): Promise<Response> {
  const call = callOf(client);
  return post(`${url}${call.path(model, false)}`, { ...call.body(model, 'Hello', false), ...more });
}

describe("Claude Code's tools work over every upstream", () => {
  const name = 'mcp__a-server-with-a-long-name__a_tool_whose_name_goes_on_beyond_what_others_take';
  const odd: JsonObject = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      file: { type: 'string', minLength: 1, pattern: '^/', format: 'path' },
      lines: { type: 'array', items: { type: 'integer', exclusiveMinimum: 0 }, uniqueItems: true },
      mode: { const: 'fast' },
      either: { oneOf: [{ type: 'string' }, { type: 'null' }] },
      map: {
        type: 'object',
        propertyNames: { pattern: '^[a-z]+$' },
        additionalProperties: { type: 'string' },
      },
    },
    required: ['file'],
    additionalProperties: false,
  };
  const tool: JsonObject = {
    name,
    description: 'Reads a file',
    input_schema: odd,
    defer_loading: false,
    input_examples: [{ file: '/a' }],
    eager_input_streaming: true,
    cache_control: { type: 'ephemeral' },
  };

  test.each(protocols.filter((protocol) => protocol !== 'anthropic-messages'))(
    '%s takes their names, schemas and fields, and calls come back under the name that was declared',
    async (upstream) => {
      const answer = await ask('anthropic-messages', modelOver[upstream], {
        tools: [tool],
        messages: [{ role: 'user', content: 'Hello' }],
        tool_choice: { type: 'any' },
      });
      expect(answer.status).toBe(200);
      const [block] = asArray(at(await jsonOf(answer), 'content'));
      expect(at(block, 'type')).toBe('tool_use');
      expect(at(block, 'name')).toBe(name);
      expect(at(block, 'input.file')).toBeString();
    },
  );

  test('fields of tools that only Anthropic knows go nowhere else', () => {
    for (const upstream of sides.filter((side) => side !== 'anthropic')) {
      const { body } = translated('anthropic', upstream, { ...greeting.anthropic, tools: [tool] });
      expect(JSON.stringify(body.tools)).not.toMatch(
        /defer_loading|input_examples|eager_input_streaming|cache_control/,
      );
    }
  });
});

describe('tools declared in the form of another protocol, as some editors send them, are tools', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  test.each<[Protocol, string, JsonObject]>([
    ['openai-chat', "Anthropic's", { name: 'weather', description: 'd', input_schema: parameters }],
    ['openai-chat', "Responses'", { type: 'function', name: 'weather', description: 'd', parameters }],
    [
      'openai-responses',
      "Chat's",
      { type: 'function', function: { name: 'weather', description: 'd', parameters } },
    ],
  ])('%s takes %s', (client, _form, tool) => {
    const { body } = translated(factsNames[client], 'gemini', {
      ...greeting[factsNames[client]],
      tools: [tool],
    });
    expect(at(body, 'tools.0.functionDeclarations.0')).toMatchObject({
      name: 'weather',
      parametersJsonSchema: { required: ['city'] },
    });
  });
});

test('no tool is added that the client did not ask for: no image generation, no search', () => {
  for (const client of sides) {
    for (const upstream of sides) {
      const { body } = translated(client, upstream, greeting[client]);
      expect([client, upstream, body.tools, body.web_search_options]).toEqual([
        client,
        upstream,
        undefined,
        undefined,
      ]);
    }
  }
});

describe('no parameter is dropped in silence', () => {
  test.each(sides.filter((side) => side !== 'anthropic'))(
    'stop, top_k and temperature arrive at %s, or the report says which did not',
    (upstream) => {
      const settings = { stop_sequences: ['HALT'], top_k: 7, temperature: 0.4 };
      const { body, losses } = translated('anthropic', upstream, { ...greeting.anthropic, ...settings });
      const said = JSON.stringify(body);
      const lost = losses.map(({ field }) => field);
      for (const [field, value] of [
        ['stop', '["HALT"]'],
        ['top_k', ':7'],
        ['temperature', ':0.4'],
      ] as const)
        expect([field, said.includes(value) !== lost.includes(field)]).toEqual([field, true]);
    },
  );

  test('temperature and top_p do not meet where both are refused', async () => {
    const answer = await ask('openai-chat', modelOver['anthropic-messages'], {
      temperature: 0.4,
      top_p: 0.9,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-translation-loss')).toContain('dropped:top_p');
  });
});

describe('the limit of tokens goes by the name that the model takes', () => {
  test.each([
    ['gpt-5.2', { max_completion_tokens: 500 }],
    ['gpt-4o', { max_tokens: 500 }],
    ['m', { max_tokens: 500 }],
  ])('%s', async (model, limit) => {
    await ask('anthropic-messages', model, { max_tokens: 500 }, compatible.url);
    const { max_tokens, max_completion_tokens } = sent();
    expect({
      ...(max_tokens && { max_tokens }),
      ...(max_completion_tokens && { max_completion_tokens }),
    }).toEqual(limit);
  });

  test('what a chat client wrote goes to a chat upstream as it is', async () => {
    await ask('openai-chat', 'm', { max_completion_tokens: 77 }, compatible.url);
    expect(sent().max_completion_tokens).toBe(77);
    expect(sent().max_tokens).toBeUndefined();
  });
});

describe('/v1/responses is there for upstreams that have only Chat Completions', () => {
  test.each([false, true])('stream: %p', async (stream) => {
    const answer = await send(gateway.url, callOf('openai-responses'), {
      model: modelOver['openai-chat'],
      stream,
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(stream ? 'response.completed' : '"status":"completed"');
  });
});

describe('prompt caches are hit: each turn begins with all that the turn before it said', () => {
  const turns: Record<(typeof sides)[number], { field: string; first: Json[]; more: Json[] }> = {
    chat: {
      field: 'messages',
      first: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Weather?' },
      ],
      more: [
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        { role: 'user', content: 'Thanks' },
      ],
    },
    responses: {
      field: 'input',
      first: [{ type: 'message', role: 'user', content: 'Weather?' }],
      more: [
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
        { type: 'message', role: 'user', content: 'Thanks' },
      ],
    },
    anthropic: {
      field: 'messages',
      first: [{ role: 'user', content: [{ type: 'text', text: 'Weather?' }] }],
      more: [
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bonn' } }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: 'sunny' },
            { type: 'text', text: 'Thanks' },
          ],
        },
      ],
    },
    gemini: {
      field: 'contents',
      first: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
      more: [
        { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: 'Bonn' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'sunny' } } }] },
      ],
    },
  };
  const pairs = sides.flatMap((client) => sides.map((upstream) => [client, upstream] as const));
  test.each(pairs)('%s over %s', (client, upstream) => {
    const { field, first, more } = turns[client];
    const bodyOf = (said: Json[]) =>
      translated(client, upstream, { ...greeting[client], [field]: said }).body;
    const [before, after] = [bodyOf(first), bodyOf([...first, ...more])];
    const { field: wire } = turns[upstream];
    const earlier = JSON.stringify(before[wire]).slice(0, -1);
    expect(JSON.stringify(after[wire]).startsWith(earlier)).toBe(true);
    expect({ ...after, [wire]: null }).toEqual({ ...before, [wire]: null });
    // The same twice is the same bytes.
    expect(JSON.stringify(bodyOf(first))).toBe(JSON.stringify(before));
  });
});
