/** Google's SDK with its own chat objects and automatic function calling, over upstreams of the other protocols. */
import { afterAll, describe, expect, test } from 'bun:test';
import { type CallableTool, type Content, GoogleGenAI } from '@google/genai';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

/** What the upstream answers: a text, or a call where the client has a tool and no result of it yet. */
function streamOf(path: string, calls: boolean): JsonObject[] {
  if (path.includes('/messages')) {
    const block = calls
      ? { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }
      : { type: 'text', text: '' };
    const delta = calls
      ? { type: 'input_json_delta', partial_json: '{"city":"Rome"}' }
      : { type: 'text_delta', text: 'Ciao' };
    const usage = { input_tokens: 3, output_tokens: 2 };
    return [
      { type: 'message_start', message: { id: 'msg_1', role: 'assistant', model: 'm', content: [], usage } },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: calls ? 'tool_use' : 'end_turn' }, usage },
      { type: 'message_stop' },
    ];
  }
  if (path.includes('/responses')) {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' };
    const item = calls
      ? { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'weather', arguments: '{"city":"Rome"}' }
      : {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Ciao', annotations: [] }],
        };
    const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', output: [] };
    return [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item: { ...reasoning, encrypted_content: '' } },
      { type: 'response.output_item.done', output_index: 0, item: reasoning },
      { type: 'response.output_item.done', output_index: 1, item },
      {
        type: 'response.completed',
        response: {
          ...response,
          status: 'completed',
          output: [reasoning, item],
          usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
        },
      },
    ];
  }
  const piece = (delta: JsonObject, finish_reason: string | null = null) => ({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const call = { index: 0, id: 'c1', type: 'function', function: { name: 'weather', arguments: '' } };
  return calls
    ? [
        piece({ role: 'assistant', tool_calls: [call] }),
        piece({ tool_calls: [{ index: 0, function: { arguments: '{"city":"Rome"}' } }] }),
        piece({}, 'tool_calls'),
      ]
    : [piece({ role: 'assistant', content: 'Ciao' }), piece({}, 'stop')];
}

const asked: { path: string; body: string }[] = [];
const upstream = startUpstream(({ path, body }) => {
  const text = new TextDecoder().decode(body);
  asked.push({ path, body: text });
  const answered = /tool_result|function_call_output|"role":"tool"/.test(text);
  const events = streamOf(path, text.includes('"weather"') && !answered);
  const named = !path.includes('/chat/');
  const sse = events.map(
    (event) => `${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  );
  return new Response(sse.join('') + (named ? '' : 'data: [DONE]\n\n'), {
    headers: { 'content-type': 'text/event-stream' },
  });
});
const entry = (name: string): JsonObject => ({
  'api-key': 'k',
  'base-url': `${upstream.url}/v1`,
  models: [{ name }],
});
const gateway = await startTested({
  'claude-api-key': [{ ...entry('claude'), 'base-url': upstream.url }],
  'codex-api-key': [entry('gpt')],
  'openai-compatibility': [
    {
      name: 'c',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': 'k' }],
      models: [{ name: 'chat' }],
    },
  ],
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const google = new GoogleGenAI({ apiKey: clientKey, vertexai: false, httpOptions: { baseUrl: gateway.url } });
const textsOf = (history: readonly Content[]): [string | undefined, string][] =>
  history.map(({ role, parts }) => [role, (parts ?? []).map(({ text }) => text ?? '').join('')]);

function weather(): CallableTool & { called: number } {
  return {
    called: 0,
    tool: () =>
      Promise.resolve({
        functionDeclarations: [
          {
            name: 'weather',
            description: 'tells the weather',
            parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
          },
        ],
      }),
    callTool(calls) {
      this.called += 1;
      return Promise.resolve(
        calls.map(({ id, name }) => ({
          functionResponse: { ...(id && { id }), name: name ?? '', response: { output: 'sunny' } },
        })),
      );
    },
  };
}

describe.each(['chat', 'claude', 'gpt'])('A15: Google’s SDK over %s', (model) => {
  test('a streamed chat remembers both turns, a whole one too', async () => {
    for (const stream of [true, false]) {
      const chat = google.chats.create({ model });
      for (const message of ['Hi', 'And again']) {
        asked.length = 0;
        if (stream) for await (const _chunk of await chat.sendMessageStream({ message }));
        else expect((await chat.sendMessage({ message })).text).toBe('Ciao');
      }
      const told = textsOf(chat.getHistory(true)).filter(([, text]) => text !== '');
      expect(told).toEqual([
        ['user', 'Hi'],
        ['model', 'Ciao'],
        ['user', 'And again'],
        ['model', 'Ciao'],
      ]);
      expect(asked[0]?.body).toContain('Ciao');
    }
  });

  test('automatic function calling calls once and ends, streamed and whole', async () => {
    for (const stream of [true, false]) {
      const tool = weather();
      const params = { model, contents: 'Weather in Rome?', config: { tools: [tool] } };
      asked.length = 0;
      let text = '';
      if (stream) {
        for await (const chunk of await google.models.generateContentStream(params)) text += chunk.text ?? '';
      } else text = (await google.models.generateContent(params)).text ?? '';
      expect([text, tool.called, asked.length]).toEqual(['Ciao', 1, 2]);
      expect(asked[1]?.body).toContain('sunny');
    }
  });
});

test('A17: a Gemini client that asked for no thoughts gets none, its calls carry the signature', async () => {
  const answer = await google.models.generateContent({ model: 'gpt', contents: 'Hi' });
  expect(answer.candidates?.[0]?.content?.parts).toEqual([{ text: 'Ciao' }]);
  const declared = await weather().tool();
  const contents: Content[] = [{ role: 'user', parts: [{ text: 'Weather?' }] }];
  const first = await google.models.generateContent({
    model: 'gpt',
    contents,
    config: { tools: [declared] },
  });
  const said = first.candidates?.[0]?.content;
  expect(said?.parts).toEqual([
    {
      functionCall: { id: expect.any(String), name: 'weather', args: { city: 'Rome' } },
      thoughtSignature: expect.any(String),
    },
  ]);
  const id = said?.parts?.[0]?.functionCall?.id ?? '';
  const response = { output: 'sunny' };
  contents.push(said ?? {}, {
    role: 'user',
    parts: [{ functionResponse: { id, name: 'weather', response } }],
  });
  asked.length = 0;
  await google.models.generateContent({ model: 'gpt', contents, config: { tools: [declared] } });
  const { input } = JSON.parse(asked[0]?.body ?? '{}');
  expect(input).toMatchObject([
    { type: 'message' },
    { type: 'reasoning', encrypted_content: 'gAAAA' },
    { type: 'function_call' },
    { type: 'function_call_output' },
  ]);
});
