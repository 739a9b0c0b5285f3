import { describe, expect, test } from 'bun:test';
import { type Json, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { everyUpstream, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import { calls, jsonOf, post, send } from './calls.ts';

const { gateway } = await overSandbox((url) =>
  everyUpstream(url, (protocol) => [
    { name: 'sandbox', alias: modelOver[protocol] },
    { name: 'text-embedding-3-small', alias: `embedding-${modelOver[protocol]}` },
  ]),
);

const over = protocols.map((protocol) => ({ protocol, model: modelOver[protocol] }));

describe.each(over)('over $protocol', ({ protocol, model }) => {
  test('Gemini streams as one JSON array where the client did not ask for events', async () => {
    const body = { contents: [{ role: 'user', parts: [{ text: 'say 3 words' }] }] };
    const response = await post(`${gateway.url}/v1beta/models/${model}:streamGenerateContent`, body);
    expect(response.headers.get('content-type')).toStartWith('application/json');
    const chunks = asArray(await jsonOf(response));
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.map(geminiText).join('')).toBe('word1 word2 word3');
  });

  test('/v1/completions answers whole', async () => {
    const response = await post(`${gateway.url}/v1/completions`, {
      model,
      prompt: 'say 3 words',
      max_tokens: 100,
    });
    expect(await response.json()).toMatchObject({
      object: 'text_completion',
      model: expect.any(String),
      choices: [{ index: 0, text: 'word1 word2 word3', finish_reason: 'stop' }],
      usage: { completion_tokens: 3, prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    });
  });

  test('/v1/completions streams', async () => {
    const response = await post(`${gateway.url}/v1/completions`, {
      model,
      prompt: 'say 3 words',
      stream: true,
    });
    expect(response.headers.get('content-type')).toStartWith('text/event-stream');
    const events = (await response.text()).split('\n\n').filter((event) => event !== '');
    expect(events.pop()).toBe('data: [DONE]');
    const chunks = events.map((event) => asObject(parseJson(event.replace('data: ', ''))));
    expect(new Set(chunks.map((chunk) => chunk?.object))).toEqual(new Set(['text_completion']));
    const choices = chunks.flatMap((chunk) => asArray(chunk?.choices).map(asObject));
    expect(choices.map((choice) => asString(choice?.text) ?? '').join('')).toBe('word1 word2 word3');
    expect(choices.at(-1)?.finish_reason).toBe('stop');
  });

  test('/v1/completions fails in OpenAI’s words', async () => {
    const response = await post(`${gateway.url}/v1/completions`, { model: 'nothing', prompt: 'x' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('"nothing"') } });
  });

  const countingCalls = [
    {
      path: '/v1/messages/count_tokens',
      body: { model, messages: [{ role: 'user', content: 'Count me, please' }] },
      field: 'input_tokens',
    },
    { path: '/v1/responses/input_tokens', body: { model, input: 'Count me, please' }, field: 'input_tokens' },
    {
      path: `/v1beta/models/${model}:countTokens`,
      body: { contents: [{ role: 'user', parts: [{ text: 'Count me, please' }] }] },
      field: 'totalTokens',
    },
    {
      path: `/v1beta/models/${model}:countTokens`,
      body: {
        generateContentRequest: {
          model: `models/${model}`,
          contents: [{ role: 'user', parts: [{ text: 'Count me, please' }] }],
        },
      },
      field: 'totalTokens',
    },
  ];
  test.each(countingCalls)('$path counts', async ({ path, body, field }) => {
    const response = await post(gateway.url + path, body);
    expect(response.status).toBe(200);
    expect(asObject(await jsonOf(response))?.[field]).toBeGreaterThan(0);
    // Chat Completions has no counting endpoint: what the gateway says then is marked as an estimate.
    expect(response.headers.get('x-token-count')).toBe(protocol === 'openai-chat' ? 'estimate' : null);
  });

  test.each([undefined, 'float', 'base64'])('/v1/embeddings, encoding_format %s', async (format) => {
    const response = await post(`${gateway.url}/v1/embeddings`, {
      model: `embedding-${model}`,
      input: ['one', 'two'],
      ...(format && { encoding_format: format }),
    });
    if (protocol === 'anthropic-messages') {
      expect(response.status).toBe(501);
      expect(await response.json()).toMatchObject({
        error: { message: `No provider that serves the model "embedding-${model}" makes embeddings.` },
      });
      return;
    }
    const kind = format === 'base64' ? expect.any(String) : expect.arrayContaining([expect.any(Number)]);
    expect(await response.json()).toMatchObject({
      object: 'list',
      data: [0, 1].map((index) => ({ object: 'embedding', index, embedding: kind })),
    });
  });
});

describe.each(calls.map((call) => ({ call, title: call.protocol })))('$title', ({ call }) => {
  test.each(
    over.flatMap(({ protocol, model }) => [false, true].map((stream) => ({ protocol, model, stream }))),
  )('over $protocol, stream $stream: each answer has an id of its own', async ({ model, stream }) => {
    const ids = new Set<string | null>();
    for (let i = 0; i < 2; i++) {
      const response = await send(gateway.url, call, { model, stream });
      expect(response.status).toBe(200);
      ids.add(response.headers.get('x-request-id'));
      await response.arrayBuffer();
    }
    expect([...ids]).toEqual([expect.stringMatching(/^req_/), expect.stringMatching(/^req_/)]);
  });
});

function geminiText(chunk: Json): string {
  const content = asObject(asObject(asArray(asObject(chunk)?.candidates)[0])?.content);
  return asArray(content?.parts)
    .map((part) => asString(asObject(part)?.text) ?? '')
    .join('');
}
