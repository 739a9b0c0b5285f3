import { describe, expect, test } from 'bun:test';
import { answerOf, readRequest, writeRequest } from '../../../test/codec-runs.ts';
import { text, user } from '../../../test/messages.ts';
import { anthropicMessages } from '../anthropic-messages/index.ts';
import type { Codec, EncodeContext } from '../codec.ts';
import { type JsonObject, parseJson } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import { openaiChat } from '../openai-chat/index.ts';
import { openaiResponses } from '../openai-responses/index.ts';
import type { Request, Tool } from '../request.ts';
import { gemini as codec } from './index.ts';

// ---------------------------------------------------------------- reading

describe('reading a request', () => {
  test('links responses without ids to their calls by name and order', () => {
    const parts = (name: string) => ({ functionCall: { name } });
    const answer = (name: string, value: string) => ({
      functionResponse: { name, response: { result: value } },
    });
    const request = readRequest(codec, {
      contents: [
        { role: 'model', parts: [parts('f'), parts('g'), parts('f')] },
        { role: 'function', parts: [answer('g', '1'), answer('f', '2'), answer('', '3')] },
      ],
    });
    const ids = request.messages[0]?.parts.map((part) => (part.type === 'tool-call' ? part.id : ''));
    expect(new Set(ids).size).toBe(3);
    expect(request.messages[1]).toMatchObject({
      role: 'user',
      parts: [
        { callId: ids?.[1], name: 'g', content: [{ text: '1' }] },
        { callId: ids?.[0], name: 'f', content: [{ text: '2' }] },
        { callId: ids?.[2], name: 'f', content: [{ text: '3' }] },
      ],
    });
  });

  test('gives ids that a client counts anew in each turn different meanings', () => {
    const turn = [
      { role: 'model', parts: [{ functionCall: { id: '0', name: 'f' } }] },
      { role: 'user', parts: [{ functionResponse: { id: '0', name: 'f', response: {} } }] },
    ];
    const [first, , second] = readRequest(codec, { contents: [...turn, ...turn] }).messages.map(
      ({ parts }) => parts[0],
    );
    expect(first).toMatchObject({ type: 'tool-call', id: '0' });
    expect(second).not.toMatchObject({ id: '0' });
  });

  test.each([
    [{ output: 'text' }, 'text', undefined],
    [{ result: { a: 1 } }, '{"a":1}', undefined],
    [{ content: [{ type: 'text', text: 'a' }, { text: 'b' }] }, 'ab', undefined],
    [{ error: 'no' }, 'no', true],
    [{ temperature: 20 }, '{"temperature":20}', undefined],
  ])('response %j says %j', (response, said, isError) => {
    const request = readRequest(codec, {
      contents: [{ role: 'user', parts: [{ functionResponse: { name: 'f', response } }] }],
    });
    expect(request.messages[0]?.parts[0]).toMatchObject({
      structured: response,
      content: [{ type: 'text', text: said }],
      ...(isError && { isError }),
    });
  });

  test('calls that the server ran inside the model’s turn are calls with results elsewhere', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Go' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'f', args: {} } },
            { functionResponse: { name: 'f', response: { output: 'x' } } },
            { text: 'Done' },
          ],
        },
      ],
    };
    const request = readRequest(codec, body);
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  test('schemas with type names in capitals are JSON Schema', () => {
    const request = readRequest(codec, {
      contents: [],
      tools: [
        {
          function_declarations: [
            {
              name: 'f',
              parameters: {
                type: 'OBJECT',
                properties: {
                  type: { type: 'STRING', nullable: true, format: 'enum', enum: ['a'] },
                  list: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1' },
                },
                property_ordering: ['type'],
              },
            },
          ],
        },
      ],
    });
    expect(request.tools?.[0]).toMatchObject({
      parameters: {
        type: 'object',
        properties: {
          type: { type: ['string', 'null'], enum: ['a', null] },
          list: { type: 'array', items: { type: 'integer' }, minItems: 1 },
        },
      },
    });
  });

  test.each([
    [{}, 'contents: expected an array, found nothing'],
    [
      { contents: [{ role: 'robot', parts: [] }] },
      'contents.0.role: expected "user" or "model", found the string "robot"',
    ],
    [{ contents: [{ parts: [3] }] }, 'contents.0.parts.0: expected a string, found the number 3'],
    [
      { contents: [{ parts: [{ inlineData: { mimeType: 'image/png' } }] }] },
      'contents.0.parts.0.inlineData.data: expected a string, found nothing',
    ],
    [
      { contents: [], tools: [{ functionDeclarations: [{}] }] },
      'tools.0.functionDeclarations.0.name: expected a string, found nothing',
    ],
  ])('%j is refused: %s', (body, message) => {
    expect(() => readRequest(codec, body)).toThrow(message);
  });
});

// ---------------------------------------------------------------- there and back

describe('a Gemini signature comes back to its call through a client of', () => {
  const tools: Tool[] = [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }];
  const asked: Request = { model: 'm', stream: true, messages: [user(text('Go'))], tools };
  const chunk = {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'Hm', thought: true },
            { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'c2lnbmF0dXJl' },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    responseId: 'r1',
  };
  const context: EncodeContext = {
    request: asked,
    model: 'm',
    unixSeconds: () => 0,
    newId: (prefix) => `${prefix}_1`,
  };

  const clients: [string, Codec, (answer: JsonObject) => JsonObject][] = [
    [
      'Anthropic Messages',
      anthropicMessages,
      (answer) => {
        const id = asObjects(answer.content).find(({ type }) => type === 'tool_use')?.id ?? '';
        return {
          messages: [
            { role: 'user', content: 'Go' },
            { role: 'assistant', content: answer.content ?? [] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
          ],
        };
      },
    ],
    [
      'OpenAI Chat',
      openaiChat,
      (answer) => {
        const message = asObject(asObjects(answer.choices)[0]?.message) ?? {};
        const id = asObjects(message.tool_calls)[0]?.id ?? '';
        return {
          messages: [
            { role: 'user', content: 'Go' },
            { role: 'assistant', content: null, tool_calls: message.tool_calls ?? [] },
            { role: 'tool', tool_call_id: id, content: 'x' },
          ],
        };
      },
    ],
    [
      'OpenAI Responses',
      openaiResponses,
      (answer) => {
        const output = asObjects(answer.output);
        const id = output.find(({ type }) => type === 'function_call')?.call_id ?? '';
        return {
          input: [
            { role: 'user', content: 'Go' },
            ...output,
            { type: 'function_call_output', call_id: id, output: 'x' },
          ],
        };
      },
    ],
  ];
  test.each(clients)('%s', (_name, client, next) => {
    const decoded = answerOf(codec.decodeResponse(chunk, { request: asked }));
    const answer = client.encodeResponse(decoded, context);
    const again = client.decodeRequest(asObject(parseJson(JSON.stringify(next(answer)))) ?? {}, {
      model: 'm',
      stream: true,
    });
    const { body } = writeRequest(codec, again, { model: 'gemini-3-pro' });
    const turn = asObjects(body.contents)[1];
    expect(asObjects(turn?.parts).at(-1)).toEqual({
      functionCall: { name: 'f', args: { a: 1 } },
      thoughtSignature: 'c2lnbmF0dXJl',
    });
    expect(asObjects(body.contents)[2]).toEqual({
      role: 'user',
      parts: [{ functionResponse: { name: 'f', response: { output: 'x' } } }],
    });
  });
});

describe('thinking of another provider comes back whole from a client that keeps the chunks of a stream', () => {
  const signed = { text: '', thought: true, thoughtSignature: btoa('cpasig1ac2lnbmVk') };
  const pieces = [{ text: 'First ', thought: true }, { text: 'this.', thought: true }, signed];
  const call = { functionCall: { id: 'c1', name: 'f', args: {} } };
  test.each([
    ['as parts of one content', [{ role: 'model', parts: [...pieces, call] }]],
    ['as contents', [...pieces, call].map((part) => ({ role: 'model', parts: [part] }))],
  ])('%s', (_how, turn) => {
    const { messages } = readRequest(codec, {
      contents: [{ role: 'user', parts: [{ text: 'Go' }] }, ...turn],
    });
    expect(messages.slice(1).flatMap(({ parts }) => parts)).toMatchObject([
      { type: 'reasoning', text: 'First this.', signature: { family: 'anthropic', value: 'signed' } },
      { type: 'tool-call', name: 'f' },
    ]);
  });
});
