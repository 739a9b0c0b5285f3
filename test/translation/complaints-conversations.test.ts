/** What people complain about in conversations through gateways, each shown to be otherwise here. */
import { describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { callOf, jsonOf, post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import { answered, sides, translated } from './coverage.ts';
import { at } from './feature.ts';

const { gateway } = await overSandbox();

const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

describe('thinking and tools in one answer are both told', () => {
  test.each([...sides])('to a client of %s', (client) => {
    const answer = {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 'I need the weather.', thought: true },
              { functionCall: { name: 'weather', args: { city: 'Bonn' } }, thoughtSignature: 'c2lnbmVk' },
            ],
          },
          finishReason: 'STOP',
        },
      ],
    };
    // Claude's clients get of thinking if they asked for it.
    const asked = client === 'anthropic' ? { thinking: { type: 'adaptive' } } : {};
    for (const told of answered('gemini', client, answer, asked)) {
      const text = JSON.stringify(told);
      expect(text).toContain('I need the weather.');
      expect(text).toContain('Bonn');
    }
  });
});

describe('thinking is shown to whoever asks for it', () => {
  const asking: Record<Protocol, JsonObject> = {
    'openai-chat': { reasoning_effort: 'high' },
    'openai-responses': { reasoning: { effort: 'high', summary: 'auto' } },
    'anthropic-messages': { max_tokens: 20_000, thinking: { type: 'enabled', budget_tokens: 8192 } },
    gemini: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } } },
  };
  const shown: Record<Protocol, RegExp> = {
    'openai-chat': /"reasoning(_content)?":"The user said/,
    'openai-responses':
      /"type":"summary_text","text":"The user said|"type":"reasoning_text","text":"The user said/,
    'anthropic-messages': /"type":"thinking","thinking":"The user said/,
    gemini: /"text":"The user said[^}]*"thought":true|"thought":true[^}]*"text":"The user said/,
  };
  const pairs = protocols.flatMap((client) => protocols.map((upstream) => [client, upstream] as const));
  test.each(pairs)('%s over %s', async (client, upstream) => {
    const call = callOf(client);
    const model = modelOver[upstream];
    const body = { ...call.body(model, 'Hello', false), ...asking[client] };
    const answer = await post(`${gateway.url}${call.path(model, false)}`, body);
    expect(await answer.text()).toMatch(shown[client]);
  });
});

describe('a conversation may change its model and provider in the middle', () => {
  // Each provider of the sandbox refuses signatures that it did not make.
  test('a client of Anthropic with thinking and tools goes round all providers and back', async () => {
    const messages: Json[] = [];
    const turn = async (upstream: Protocol, content: Json): Promise<JsonObject> => {
      messages.push({ role: 'user', content });
      const answer = await post(`${gateway.url}/v1/messages`, {
        model: modelOver[upstream],
        max_tokens: 20_000,
        thinking: { type: 'enabled', budget_tokens: 4000 },
        tools: [{ name: 'weather', input_schema: weather }],
        messages,
      });
      const body = asObject(await jsonOf(answer)) ?? {};
      expect([upstream, answer.status, body.error]).toEqual([upstream, 200, undefined]);
      messages.push({ role: 'assistant', content: body.content });
      return body;
    };
    for (const upstream of [...protocols, ...protocols]) {
      const asked = await turn(upstream, 'call weather');
      expect(asked.stop_reason).toBe('tool_use');
      const call = asArray(asked.content).find((block) => at(block, 'type') === 'tool_use');
      const result = { type: 'tool_result', tool_use_id: at(call, 'id'), content: 'sunny' };
      // The result may well go to another provider than the one that called.
      const other = protocols[(protocols.indexOf(upstream) + 1) % protocols.length] ?? upstream;
      expect(JSON.stringify((await turn(other, [result])).content)).toContain('sunny');
    }
  });
});

describe('upstreams that want their reasoning_content back get it', () => {
  const value = 'First the weather, then the answer.';
  const answer: JsonObject = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          reasoning_content: value,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
          ],
        },
        finish_reason: 'tool_calls',
      },
    ],
  };
  const goneOn: Record<(typeof sides)[number], (told: JsonObject) => JsonObject> = {
    chat: (told) => ({
      model: 'm',
      messages: [
        { role: 'user', content: 'Weather?' },
        at(told, 'choices.0.message') ?? null,
        { role: 'tool', tool_call_id: at(told, 'choices.0.message.tool_calls.0.id'), content: 'sunny' },
      ],
    }),
    responses: (told) => ({
      model: 'm',
      input: [
        { type: 'message', role: 'user', content: 'Weather?' },
        ...asArray(told.output),
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
      ],
    }),
    anthropic: (told) => ({
      model: 'm',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: told.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'sunny' }] },
      ],
    }),
    gemini: (told) => ({
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        at(told, 'candidates.0.content') ?? null,
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'sunny' } } }] },
      ],
    }),
  };
  test.each([...sides])('from a client of %s', (client) => {
    const [told] = answered('chat', client, answer);
    const { body } = translated(client, 'chat', goneOn[client](told ?? {}), 'deepseek-reasoner');
    const assistant = asArray(body.messages).find((message) => at(message, 'role') === 'assistant');
    expect(at(assistant, 'reasoning_content')).toBe(value);
  });
});

test('web search of Claude Code is web search elsewhere, and its sources come back', () => {
  const { body } = translated('anthropic', 'gemini', {
    model: 'm',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'News?' }],
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
  });
  expect(body.tools).toEqual([{ googleSearch: {} }]);
  const [told] = answered('gemini', 'anthropic', {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'News.' }] },
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://example.com/n', title: 'N' } }],
          groundingSupports: [
            { segment: { startIndex: 0, endIndex: 5, text: 'News.' }, groundingChunkIndices: [0] },
          ],
        },
      },
    ],
  });
  expect(at(told, 'content.0.citations.0.url')).toBe('https://example.com/n');
});

describe('Responses go on from each other', () => {
  const tools = [{ type: 'function', name: 'weather', strict: false, parameters: weather }];

  test.each([...protocols])('over HTTP by the tool result alone, with %s upstream', async (upstream) => {
    const model = modelOver[upstream];
    const first = await jsonOf(
      await post(`${gateway.url}/v1/responses`, { model, tools, input: 'call weather' }),
    );
    const call = asArray(at(first, 'output')).find((item) => at(item, 'type') === 'function_call');
    const next = await post(`${gateway.url}/v1/responses`, {
      model,
      tools,
      previous_response_id: at(first, 'id') ?? null,
      input: [{ type: 'function_call_output', call_id: at(call, 'call_id') ?? null, output: 'sunny' }],
    });
    expect(callOf('openai-responses').textOf(await jsonOf(next))).toContain('sunny');
  });

  /** The terminal events of the answers to these requests, one after the other on one connection. */
  async function overWebSocket(requests: ((last: JsonObject) => JsonObject)[]): Promise<JsonObject[]> {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    await new Promise((opened) => socket.addEventListener('open', opened));
    const told: JsonObject[] = [];
    for (const request of requests) {
      const { promise, resolve } = Promise.withResolvers<JsonObject>();
      const listen = ({ data }: MessageEvent) => {
        const event = asObject(JSON.parse(String(data))) ?? {};
        if (/^(error|response\.(completed|failed|incomplete))$/.test(String(event.type))) resolve(event);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ type: 'response.create', ...request(told.at(-1) ?? {}) }));
      told.push(await promise);
      socket.removeEventListener('message', listen);
    }
    socket.close();
    return told;
  }

  test.each([...protocols])(
    'over a WebSocket with the whole history and a null previous_response_id, with %s upstream',
    async (upstream) => {
      const model = modelOver[upstream];
      const question = { type: 'message', role: 'user', content: 'call weather' };
      const [first, second] = await overWebSocket([
        () => ({ model, tools, store: false, previous_response_id: null, stream_id: 'a', input: [question] }),
        (last) => {
          const items = asArray(at(last, 'response.output'));
          const call = items.find((item) => at(item, 'type') === 'function_call');
          const result = {
            type: 'function_call_output',
            call_id: at(call, 'call_id') ?? null,
            output: 'sunny',
          };
          return {
            model,
            tools,
            store: false,
            previous_response_id: null,
            input: [question, ...items, result],
          };
        },
      ]);
      expect([first?.type, second?.type]).toEqual(['response.completed', 'response.completed']);
      expect([first?.stream_id, second?.stream_id]).toEqual(['a', undefined]);
      expect(JSON.stringify(at(second, 'response.output'))).toContain('sunny');
    },
  );

  test('over a WebSocket what was said is not said twice: the id and the history together', async () => {
    const model = modelOver['openai-chat'];
    const [, second] = await overWebSocket([
      () => ({ model, store: false, input: [{ role: 'user', content: 'Good morning' }] }),
      (last) => ({
        model,
        store: false,
        previous_response_id: at(last, 'response.id') ?? null,
        input: [{ role: 'user', content: 'say turns' }],
      }),
    ]);
    expect(JSON.stringify(at(second, 'response.output'))).toContain('user, assistant, user"');
  });

  test('an id that nobody knows is told as that', async () => {
    const [event] = await overWebSocket([
      () => ({ model: modelOver['openai-chat'], previous_response_id: 'resp_unknown', input: 'Hello' }),
    ]);
    expect(JSON.stringify(event)).toContain('previous_response_not_found');
  });

  test('without the id an upstream of Chat Completions is sent a conversation that it can take', async () => {
    const upstream = startUpstream(() => new Response('{}', { status: 500 }));
    await using own = await startTested({
      'disable-cooling': true,
      ...oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]),
    });
    // A result whose call is not in the request: the call's message is gone.
    await post(`${own.url}/v1/responses`, {
      model: 'm',
      input: [
        { role: 'user', content: 'Weather?' },
        { type: 'function_call_output', call_id: 'call_gone', output: 'sunny' },
      ],
    });
    const body = asObject(JSON.parse(new TextDecoder().decode(upstream.asked[0]?.body)));
    upstream[Symbol.dispose]();
    const roles = asArray(body?.messages).map((message) => at(message, 'role'));
    const orphan = roles.indexOf('tool');
    expect(orphan === -1 || roles[orphan - 1] === 'assistant').toBe(true);
    expect(JSON.stringify(body)).toContain('sunny');
  });
});
