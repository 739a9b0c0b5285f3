import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import type { FunctionTool, ResponseInputItem } from 'openai/resources/responses/responses';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
const client = new OpenAI({ baseURL: `${sandbox.url}/openai/v1`, apiKey: 'key', maxRetries: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const tool = (name: string): FunctionTool => ({
  type: 'function',
  name,
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
});
const tools = [tool('get_weather'), tool('get_time')];
const model = 'sandbox';

describe('answers', () => {
  test('greets and quotes what was said, with usage', async () => {
    const answer = await client.responses.create({ model, input: 'Hello' });
    expect(answer.output_text).toBe('Hello from the sandbox! You said: "Hello"');
    expect(answer).toMatchObject({ status: 'completed', usage: { input_tokens: 2, output_tokens: 7 } });
  });

  test('a stream adds up to the same, with events in order', async () => {
    const stream = client.responses.stream({ model, input: 'repeat: a b' });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      expect(event.sequence_number).toBe(types.length - 1);
    }
    expect((await stream.finalResponse()).output_text).toBe('a b');
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test('instructions and system items are the system text', async () => {
    const answer = await client.responses.create({
      model,
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: 'say system' },
      ],
    });
    expect(answer.output_text).toBe('The system text is: "Be brief.\nBe kind."');
  });

  test('an answer cut by the limit is incomplete', async () => {
    const stream = client.responses.stream({ model, input: 'say 50 words', max_output_tokens: 16 });
    expect(await stream.finalResponse()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 16 },
    });
  });

  test('images and files are acknowledged', async () => {
    const answer = await client.responses.create({
      model,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', detail: 'auto' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
          ],
        },
      ],
    });
    expect(answer.output_text).toBe(
      'Hello from the sandbox! I see an image/gif of 14 bytes. I read an application/pdf named a.pdf of 5 bytes.',
    );
  });

  test('a schema is answered with JSON that it allows', async () => {
    const schema = {
      type: 'object',
      properties: { when: { type: 'string', format: 'date' } },
      required: ['when'],
      additionalProperties: false,
    };
    const format = { type: 'json_schema', name: 'thing', strict: true, schema } as const;
    const answer = await client.responses.create({ model, input: 'Fill it in', text: { format } });
    expect(JSON.parse(answer.output_text)).toEqual({ when: '2026-01-31' });
  });

  test('a refusal is a refusal part', async () => {
    const final = await client.responses.stream({ model, input: 'please refuse' }).finalResponse();
    expect(final.output[0]).toMatchObject({ type: 'message', content: [{ type: 'refusal' }] });
  });

  test('previous_response_id goes on with the conversation', async () => {
    const first = await client.responses.create({ model, input: 'Hello' });
    const second = await client.responses.create({
      model,
      input: 'say turns',
      previous_response_id: first.id,
    });
    expect(second.output_text).toBe('The turns are: user, assistant, user');
  });

  test('input tokens are counted', async () => {
    const { input_tokens } = await client.responses.inputTokens.count({ model, input: 'Hello there' });
    expect(input_tokens).toBe(3);
  });
});

describe('tools', () => {
  test('parallel calls and their results make a round trip', async () => {
    const input: ResponseInputItem[] = [{ role: 'user', content: 'call get_weather and get_time' }];
    const first = await client.responses.stream({ model, input, tools }).finalResponse();
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls.map((call) => [call.name, call.arguments])).toEqual([
      ['get_weather', '{"city":"sandbox"}'],
      ['get_time', '{"city":"sandbox"}'],
    ]);
    const results = calls.map(
      ({ call_id }): ResponseInputItem => ({
        type: 'function_call_output',
        call_id,
        output: 'fine',
      }),
    );
    const second = await client.responses.create({ model, tools, input: [...input, ...calls, ...results] });
    expect(second.output_text).toBe('get_weather answered: "fine" get_time answered: "fine"');
  });

  test('a custom tool gets free text', async () => {
    const stream = client.responses.stream({
      model,
      input: 'call apply_patch with *** Begin\nx',
      tools: [{ type: 'custom', name: 'apply_patch' }],
    });
    expect((await stream.finalResponse()).output[0]).toMatchObject({
      type: 'custom_tool_call',
      name: 'apply_patch',
      input: '*** Begin\nx',
    });
  });
});

describe('reasoning', () => {
  const input: ResponseInputItem[] = [{ role: 'user', content: 'call get_weather' }];
  const settings = {
    model,
    tools,
    store: false,
    reasoning: { effort: 'low', summary: 'auto' },
    include: ['reasoning.encrypted_content' as const],
  } as const;
  const output = (call_id: string): ResponseInputItem => ({
    type: 'function_call_output',
    call_id,
    output: 'ok',
  });
  const firstTurn = async () => {
    const { output } = await client.responses
      .stream({ ...settings, tools, include: [...settings.include], input })
      .finalResponse();
    const reasoning = output.find((item) => item.type === 'reasoning');
    const call = output.find((item) => item.type === 'function_call');
    if (reasoning === undefined || call === undefined) throw new Error('reasoning and a call are expected');
    return { reasoning, call };
  };
  const secondTurn = async (items: ResponseInputItem[]) =>
    await client.responses.create({
      ...settings,
      tools,
      include: [...settings.include],
      input: [...input, ...items],
    });

  test('comes back encrypted and is accepted unchanged', async () => {
    const { reasoning, call } = await firstTurn();
    expect(reasoning.summary[0]?.text).toContain('get_weather');
    expect(reasoning.encrypted_content).toBeString();
    const answer = await secondTurn([reasoning, call, output(call.call_id)]);
    expect(answer.output_text).toBe('get_weather answered: "ok"');
  });

  test('is missed when the call comes without it', async () => {
    const { call } = await firstTurn();
    await expect(secondTurn([call, output(call.call_id)])).rejects.toThrow("without its 'reasoning' item");
  });

  test('is refused when its encrypted content was changed', async () => {
    const { reasoning, call } = await firstTurn();
    const changed = { ...reasoning, encrypted_content: `x${reasoning.encrypted_content}` };
    await expect(secondTurn([changed, call, output(call.call_id)])).rejects.toMatchObject({
      code: 'invalid_encrypted_content',
    });
  });

  test('is not found without its encrypted content when nothing is stored', async () => {
    const { reasoning, call } = await firstTurn();
    const { encrypted_content: _, ...bare } = reasoning;
    await expect(secondTurn([bare, call, output(call.call_id)])).rejects.toMatchObject({ status: 404 });
  });
});

describe('refuses', () => {
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  test.each<[string, object, string]>([
    ['no input', {}, 'input'],
    [
      'JSON mode with the word in the instructions alone',
      { input: 'x', instructions: 'JSON', text: { format: { type: 'json_object' } } },
      'input',
    ],
    ['a call that must be made of no tool', { input: 'x', tool_choice: 'required' }, 'tool_choice'],
    [
      'more than 16 pairs of metadata',
      { input: 'x', metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
      'metadata',
    ],
    ['a long cache key', { input: 'x', prompt_cache_key: 'k'.repeat(65) }, 'prompt_cache_key'],
    ['stop, which Responses does not have', { input: 'x', stop: ['a'] }, 'stop'],
    ['fewer than 16 output tokens', { input: 'x', max_output_tokens: 5 }, 'max_output_tokens'],
    [
      'input text of the assistant',
      { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
      'input[0].content[0].type',
    ],
    [
      'output text of the user',
      { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] },
      'input[0].content[0].type',
    ],
    ['a foreign item id', { input: [{ id: 'call_1', role: 'user', content: 'x' }] }, 'input[0].id'],
    ['a call without output', { input: [call] }, 'input'],
    [
      'an output without call',
      { input: [{ type: 'function_call_output', call_id: 'c', output: '' }] },
      'input',
    ],
    [
      'a chat-style tool',
      { input: 'x', tools: [{ type: 'function', function: { name: 'f' } }] },
      'tools[0].name',
    ],
    ['an unknown include', { input: 'x', include: ['everything'] }, 'include[0]'],
    ['an unknown previous response', { input: 'x', previous_response_id: 'resp_x' }, 'previous_response_id'],
  ])('%s, naming the field', async (_, body, param) => {
    const response = await fetch(`${sandbox.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ model, ...body }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });
});
