import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
  Type,
} from '@google/genai';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
const client = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: sandbox.url } });
const vertex = new GoogleGenAI({ vertexai: true, apiKey: 'key', httpOptions: { baseUrl: sandbox.url } });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const model = 'sandbox-gemini';
const ask = (contents: string | Content[], config: GenerateContentConfig = {}) =>
  client.models.generateContent({ model, contents, config });
async function gathered(contents: string | Content[], config: GenerateContentConfig = {}) {
  const parts: Part[] = [];
  let last: GenerateContentResponse | undefined;
  for await (const chunk of await client.models.generateContentStream({ model, contents, config })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    last = chunk;
  }
  return { parts, last, text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('') };
}
const declaration = (name: string) => ({
  name,
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const tools = [{ functionDeclarations: [declaration('get_weather'), declaration('get_time')] }];

describe('answers', () => {
  test('greets and quotes what was said, with usage', async () => {
    const answer = await ask('Hello');
    expect(answer.text).toBe('Hello from the sandbox! You said: "Hello"');
    expect(answer.candidates?.[0]?.finishReason).toMatch('STOP');
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 2,
      candidatesTokenCount: 7,
      totalTokenCount: 9,
    });
  });

  test('a stream adds up to the same, with usage at the end', async () => {
    const { text, last } = await gathered('repeat: a  b');
    expect(text).toBe('a  b');
    expect(last?.usageMetadata?.candidatesTokenCount).toBe(2);
  });

  test('without alt=sse a stream is one JSON array', async () => {
    const response = await fetch(`${sandbox.url}/v1beta/models/${model}:streamGenerateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'repeat: a b' }] }] }),
    });
    expect(response.headers.get('content-type')).toStartWith('application/json');
    expect(await response.json()).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'a' }] } }] },
      { candidates: [{ content: { parts: [{ text: ' b' }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
    ]);
  });

  test('Vertex express paths lead to the same', async () => {
    const answer = await vertex.models.generateContent({ model, contents: 'repeat: hi' });
    expect(answer.text).toBe('hi');
  });

  test('names in snake_case are understood', async () => {
    const response = await fetch(`${sandbox.url}/v1beta/models/a/b:c:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': 'k' },
      body: JSON.stringify({
        system_instruction: { parts: { text: 'Be brief.' } },
        contents: [{ parts: [{ text: 'say system' }] }],
        generation_config: { max_output_tokens: 100 },
      }),
    });
    expect(await response.json()).toMatchObject({
      modelVersion: 'a/b:c',
      candidates: [{ content: { parts: [{ text: 'The system text is: "Be brief."' }] } }],
    });
  });

  test('stop sequences and the limit are honoured', async () => {
    expect((await ask('repeat: one two', { stopSequences: ['two'] })).text).toBe('one ');
    const cut = await ask('say 9 words', { maxOutputTokens: 2 });
    expect(cut.text).toBe('word1 word2');
    expect(cut.candidates?.[0]?.finishReason).toMatch('MAX_TOKENS');
  });

  test('media of every kind are acknowledged', async () => {
    const data = 'R0lGODlhAQABAAAAACw=';
    const answer = await ask([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/gif', data } },
          { inlineData: { mimeType: 'audio/wav', data } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a.mp4' } },
        ],
      },
    ]);
    expect(answer.text).toBe(
      'Hello from the sandbox! I see an image/gif of 14 bytes. I hear an audio/wav of 14 bytes. I watch a video/mp4 at https://example.com/a.mp4.',
    );
  });

  test('a schema is answered with JSON that it allows, in either dialect', async () => {
    const responseMimeType = 'application/json';
    const properties = { n: { type: 'integer', minimum: 4 } };
    const json = await ask('Fill it in', {
      responseMimeType,
      responseJsonSchema: { type: 'object', properties },
    });
    expect(JSON.parse(json.text ?? '')).toEqual({ n: 4 });
    const google = await fetch(`${sandbox.url}/v1beta/models/${model}:generateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({
        contents: [{ parts: [{ text: 'x' }] }],
        generationConfig: {
          responseMimeType,
          responseSchema: { type: 'OBJECT', properties: { s: { type: 'STRING', enum: ['a'] } } },
        },
      }),
    });
    expect(await google.json()).toMatchObject({
      candidates: [{ content: { parts: [{ text: '{"s":"a"}' }] } }],
    });
  });

  test('a list, and one word of a list, are answered as such', async () => {
    const items = { type: Type.OBJECT, properties: { n: { type: Type.INTEGER } }, required: ['n'] };
    const list = await ask('Fill it in', {
      responseMimeType: 'application/json',
      responseSchema: { type: Type.ARRAY, items },
    });
    expect(JSON.parse(list.text ?? '')).toEqual([{ n: 1 }]);
    const word = await ask('Which?', {
      responseMimeType: 'text/x.enum',
      responseSchema: { type: Type.STRING, enum: ['sunny', 'rainy'] },
    });
    expect(word.text).toBe('sunny');
  });

  test('schemas inside of schemas may be in snake_case; names of properties stay as they are', async () => {
    const inner = { type: 'OBJECT', properties: { a_b: { type: 'INTEGER' } }, property_ordering: ['a_b'] };
    const response = await fetch(`${sandbox.url}/v1beta/models/${model}:generateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({
        contents: [{ parts: [{ text: 'x' }] }],
        generation_config: {
          response_mime_type: 'application/json',
          response_schema: { type: 'OBJECT', properties: { in_ner: inner }, property_ordering: ['in_ner'] },
        },
      }),
    });
    expect(await response.json()).toMatchObject({
      candidates: [{ content: { parts: [{ text: '{"in_ner":{"a_b":1}}' }] } }],
    });
  });

  test('a refusal is finished by SAFETY', async () => {
    expect((await ask('please refuse')).candidates?.[0]?.finishReason).toMatch('SAFETY');
  });

  test('tokens are counted', async () => {
    expect((await client.models.countTokens({ model, contents: 'Hello there' })).totalTokens).toBe(3);
  });

  test('texts are embedded', async () => {
    const { embeddings } = await client.models.embedContent({
      model,
      contents: ['one', 'two'],
      config: { outputDimensionality: 8 },
    });
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([8, 8]);
    const single = await fetch(`${sandbox.url}/v1beta/models/${model}:embedContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({ content: { parts: [{ text: 'one' }] }, outputDimensionality: 8 }),
    });
    expect(await single.json()).toEqual({ embedding: { values: embeddings?.[0]?.values } });
  });

  test('models are listed', async () => {
    const names: string[] = [];
    for await (const { name } of await client.models.list()) names.push(name ?? '');
    expect(names).toEqual(sandbox.models().map((id) => `models/${id}`));
  });
});

const user = (...parts: Part[]): Content => ({ role: 'user', parts });
const answered = (parts: readonly Part[], response: Record<string, unknown>): Content =>
  user(
    ...parts
      .map((part) => part.functionCall)
      .filter((call) => call !== undefined)
      .map(({ id, name }): Part => ({ functionResponse: { id, name, response } })),
  );

describe('tools', () => {
  test('parallel calls and their results make a round trip', async () => {
    const turn = user({ text: 'call get_weather and get_time' });
    const { parts } = await gathered([turn], { tools });
    const calls = parts.filter((part) => part.functionCall);
    expect(calls).toMatchObject([
      { functionCall: { name: 'get_weather', args: { city: 'sandbox' } } },
      { functionCall: { name: 'get_time', args: { city: 'sandbox' } } },
    ]);
    const contents = [turn, { role: 'model', parts: calls }, answered(calls, { output: 'fine' })];
    expect((await ask(contents, { tools })).text).toBe(
      'get_weather answered: "fine" get_time answered: "fine"',
    );
  });

  test.each([
    ['ANY', { mode: FunctionCallingConfigMode.ANY }, ['get_weather']],
    ['ANY of one', { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] }, ['get_time']],
    ['NONE', { mode: FunctionCallingConfigMode.NONE }, []],
  ])('the mode %s is obeyed', async (_, functionCallingConfig, names) => {
    const answer = await ask('Hello', { tools, toolConfig: { functionCallingConfig } });
    expect((answer.functionCalls ?? []).map(({ name }) => name ?? '')).toEqual(names);
  });
});

describe('thinking', () => {
  const turn = user({ text: 'call get_weather and get_time' });
  const config = { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } };
  const secondTurn = async (calls: Part[]) =>
    await ask([turn, { role: 'model', parts: calls }, answered(calls, { error: 'no' })], config);

  test('is shown, counted, and signs the first call, which is accepted unchanged', async () => {
    const { parts, last } = await gathered([turn], config);
    expect(parts.some((part) => part.thought && part.text)).toBe(true);
    expect(last?.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
    const calls = parts.filter((part) => part.functionCall);
    expect(calls.map((part) => part.thoughtSignature !== undefined)).toEqual([true, false]);
    expect((await secondTurn(calls)).text).toBe('get_weather failed: "no" get_time failed: "no"');
  });

  test('is missed when the call comes back unsigned', async () => {
    const { parts } = await gathered([turn], config);
    const bare = parts
      .filter((part) => part.functionCall)
      .map(({ functionCall }): Part => (functionCall === undefined ? {} : { functionCall }));
    await expect(secondTurn(bare)).rejects.toThrow('missing a thought_signature');
  });

  test.each([
    ['a forged signature is refused', 'Zm9yZ2Vk', 400],
    ['the documented stand-in is accepted', 'skip_thought_signature_validator', 200],
  ])('%s', async (_, thoughtSignature, status) => {
    const response = await fetch(`${sandbox.url}/v1beta/models/${model}:generateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({
        contents: [
          { role: 'user', parts: [{ text: 'x' }] },
          { role: 'model', parts: [{ functionCall: { name: 'get_time', args: {} }, thoughtSignature }] },
          { role: 'user', parts: [{ functionResponse: { name: 'get_time', response: {} } }] },
        ],
        tools,
        generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } },
      }),
    });
    expect(response.status).toBe(status);
  });
});

const hi = { role: 'user', parts: [{ text: 'hi' }] };
const called = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
const respond = (...names: string[]) => ({
  role: 'user',
  parts: names.map((name) => ({ functionResponse: { name, response: {} } })),
});
const declared = (...functionDeclarations: object[]) => ({
  contents: [hi],
  tools: [{ functionDeclarations }],
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['no contents', {}, 'contents'],
    ['an unknown field', { contents: [hi], messages: [] }, 'messages'],
    ['an unknown role', { contents: [{ ...hi, role: 'assistant' }] }, 'contents[0].role'],
    ['an empty part', { contents: [{ parts: [{}] }] }, 'contents[0].parts[0]'],
    [
      'an array without items',
      declared({ name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'ARRAY' } } } }),
      'tools[0].functionDeclarations[0].parameters.properties.a',
    ],
    [
      'a required name that is no property',
      declared({ name: 'f', parameters: { type: 'OBJECT', properties: {}, required: ['a'] } }),
      'tools[0].functionDeclarations[0].parameters',
    ],
    [
      'two settings of one kind of harm',
      {
        contents: [hi],
        safetySettings: ['OFF', 'BLOCK_NONE'].map((threshold) => ({
          category: 'HARM_CATEGORY_HATE_SPEECH',
          threshold,
        })),
      },
      'safetySettings',
    ],
    [
      'a kind of harm that there is not',
      { contents: [hi], safetySettings: [{ category: 'HARM_CATEGORY_NOISE', threshold: 'OFF' }] },
      'safetySettings[0].category',
    ],
    [
      'a threshold that there is not',
      { contents: [hi], safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'NEVER' }] },
      'safetySettings[0].threshold',
    ],
    [
      'a document that is not read',
      { contents: [{ parts: [{ inlineData: { mimeType: 'application/msword', data: 'AA==' } }] }] },
      'contents[0].parts[0].inlineData.mimeType',
    ],
    [
      'a picture in the system instruction',
      {
        contents: [hi],
        systemInstruction: { parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] },
      },
      'systemInstruction.parts[0].text',
    ],
    [
      'log probabilities without their switch',
      { contents: [hi], generationConfig: { logprobs: 2 } },
      'generationConfig',
    ],
    [
      'JSON Schema words in parameters',
      declared({ name: 'f', parameters: { type: 'object', additionalProperties: false } }),
      'tools[0].functionDeclarations[0].parameters.additionalProperties',
    ],
    [
      'both kinds of parameters',
      declared({ name: 'f', parameters: {}, parametersJsonSchema: {} }),
      'tools[0].functionDeclarations[0]',
    ],
    [
      'a function name that begins with a digit',
      declared({ name: '1f' }),
      'tools[0].functionDeclarations[0].name',
    ],
    ['two functions of one name', declared({ name: 'f' }, { name: 'f' }), 'tools'],
    [
      'six stop sequences',
      { contents: [hi], generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } },
      'generationConfig.stopSequences',
    ],
    [
      'a schema without its media type',
      { contents: [hi], generationConfig: { responseSchema: { type: 'STRING' } } },
      'generationConfig.responseMimeType',
    ],
    [
      'a budget and a level',
      { contents: [hi], generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } } },
      'generationConfig.thinkingConfig',
    ],
    ['a call without its response', { contents: [hi, called, hi] }, 'contents[1]'],
    ['more responses than calls', { contents: [hi, called, respond('f', 'f')] }, 'contents[2]'],
    ['a response of another function', { contents: [hi, called, respond('g')] }, 'contents[2]'],
    [
      'allowed names without ANY',
      { ...declared({ name: 'f' }), toolConfig: { functionCallingConfig: { allowedFunctionNames: ['f'] } } },
      'toolConfig.functionCallingConfig.allowedFunctionNames',
    ],
  ])('%s, naming the field', async (_, body, field) => {
    const response = await fetch(`${sandbox.url}/v1beta/models/${model}:generateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field }] }] },
    });
  });
});

test('the stand-in for a signature is taken as a word and in base64', async () => {
  const word = 'skip_thought_signature_validator';
  for (const thoughtSignature of [word, btoa(word)]) {
    const call = { functionCall: { name: 'f', args: {} }, thoughtSignature };
    const response = await fetch(`${sandbox.url}/v1beta/models/sandbox:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': 'key' },
      body: JSON.stringify({
        contents: [
          { role: 'user', parts: [{ text: 'Hi' }] },
          { role: 'model', parts: [call] },
          { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] },
        ],
        generationConfig: { thinkingConfig: { thinkingBudget: 1024 } },
      }),
    });
    expect(response.status, await response.text()).toBe(200);
  }
});
