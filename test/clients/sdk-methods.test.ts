/** The official SDKs' own loops, parsers and chats, over every upstream protocol: what agents are written with. */
import { describe, expect, test } from 'bun:test';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { GoogleGenAI } from '@google/genai';
import { generateObject, jsonSchema } from 'ai';
import OpenAI from 'openai';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import { protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';

const { gateway } = await overSandbox();

const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0 });
const google = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });

const question = 'call weather with {"city":"Bonn"}';
const answered = 'weather answered: "sunny in Bonn"';
const city = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
const place = {
  type: 'object',
  properties: { name: { type: 'string' }, people: { type: 'integer' } },
  required: ['name', 'people'],
  additionalProperties: false,
} as const;
const samplePlace = { name: 'sandbox', people: 1 };
const weather = async ({ city: name }: { city: string }) => `sunny in ${name}`;

const runnable: RunnableToolFunctionWithParse<{ city: string }> = {
  type: 'function',
  function: {
    name: 'weather',
    description: '',
    parameters: { ...city, required: [...city.required] },
    function: weather,
    parse: (text) => JSON.parse(text),
  },
};

describe.each(protocols.map((protocol) => ({ protocol, model: modelOver[protocol] })))(
  'over $protocol',
  ({ model }) => {
    test.each([false, true])('openai: runTools calls the tool and ends, stream %p', async (stream) => {
      const messages = [{ role: 'user' as const, content: question }];
      const runner = stream
        ? openai.chat.completions.runTools({ model, messages, tools: [runnable], stream })
        : openai.chat.completions.runTools({ model, messages, tools: [runnable] });
      expect(await runner.finalContent()).toBe(answered);
    });

    test('openai: chat.completions.parse and .stream give the object', async () => {
      const asked = {
        model,
        messages: [{ role: 'user' as const, content: 'Hi' }],
        response_format: {
          type: 'json_schema' as const,
          json_schema: { name: 'place', strict: true, schema: place },
        },
      };
      const whole = await openai.chat.completions.parse(asked);
      expect(JSON.parse(whole.choices[0]?.message.content ?? '')).toEqual(samplePlace);
      const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
      expect(JSON.parse(streamed.choices[0]?.message.content ?? '')).toEqual(samplePlace);
    });

    test('openai: responses.parse and .stream give the object', async () => {
      const asked = {
        model,
        input: 'Hi',
        store: false,
        text: { format: { type: 'json_schema' as const, name: 'place', strict: true, schema: place } },
      };
      expect(JSON.parse((await openai.responses.parse(asked)).output_text)).toEqual(samplePlace);
      const streamed = await openai.responses.stream(asked).finalResponse();
      expect(JSON.parse(streamed.output_text)).toEqual(samplePlace);
    });

    test.each([false, true])('anthropic: toolRunner calls the tool and ends, stream %p', async (stream) => {
      const runner = anthropic.beta.messages.toolRunner({
        model,
        max_tokens: 4000,
        messages: [{ role: 'user', content: question }],
        tools: [betaTool({ name: 'weather', description: '', inputSchema: city, run: weather })],
        stream,
      });
      const last = await runner.runUntilDone();
      expect(last.content).toMatchObject([{ type: 'text', text: answered }]);
    });

    test('anthropic: a message thread goes on without one', async () => {
      const thread = anthropic.beta.messages.thread({
        model,
        max_tokens: 4000,
        unsupportedRequestBehavior: 'continue_unthreaded',
      });
      await thread.send({ role: 'user', content: 'repeat: one' });
      const second = await thread.send({ role: 'user', content: 'say turns' });
      expect(second.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/user, .*user$/) }]);
    });

    test('anthropic: messages.parse gives the object, messages.stream the text', async () => {
      const asked = {
        model,
        max_tokens: 4000,
        messages: [{ role: 'user' as const, content: 'Hi' }],
      };
      const parsed = await anthropic.messages.parse({
        ...asked,
        output_config: { format: jsonSchemaOutputFormat(place) },
      });
      expect(parsed.parsed_output).toEqual(samplePlace);
      expect(await anthropic.messages.stream(asked).finalText()).toContain('Hello from the sandbox!');
    });

    test('the SDKs find the id of the request in answers, streams and errors', async () => {
      const asked = { model, max_tokens: 4000, messages: [{ role: 'user' as const, content: 'Hi' }] };
      const ids = [
        (await anthropic.messages.create(asked))._request_id,
        (await anthropic.messages.create({ ...asked, stream: true }).withResponse()).request_id,
        (await anthropic.messages.countTokens({ model, messages: asked.messages }))._request_id,
        (await openai.chat.completions.create({ model, messages: asked.messages }))._request_id,
      ];
      expect(ids).toEqual(ids.map(() => expect.stringMatching(/^req/)));
      expect(new Set(ids).size).toBe(ids.length);
      for (const [client, wrong] of [
        [anthropic, { ...asked, model: 'no-such-model' }],
        [anthropic.withOptions({ apiKey: 'wrong' }), asked],
      ] as const) {
        const failed = await client.messages.create(wrong).catch((error: unknown) => error);
        expect(failed).toBeInstanceOf(Anthropic.APIError);
        expect(failed).toMatchObject({ requestID: expect.stringMatching(/^req/) });
      }
    });

    test('ai: generateObject gives the object', async () => {
      const provider = createOpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1` });
      for (const kind of [provider.chat(model), provider.responses(model)]) {
        const { object } = await generateObject({
          model: kind,
          prompt: 'Hi',
          schema: jsonSchema(place),
          maxRetries: 0,
        });
        expect(object).toEqual(samplePlace);
      }
    });

    test('A15: @google/genai chats remember what was streamed', async () => {
      const chat = google.chats.create({ model });
      for (const message of ['repeat: one', 'say turns']) {
        let text = '';
        for await (const chunk of await chat.sendMessageStream({ message })) text += chunk.text ?? '';
        expect(text).not.toBe('');
      }
      const roles = chat.getHistory(true).map(({ role }) => role);
      expect(roles.filter((role, i) => role !== roles[i - 1])).toEqual(['user', 'model', 'user', 'model']);
    });

    test.each([false, true])('A15: @google/genai calls functions by itself, stream %p', async (stream) => {
      const config = {
        tools: [
          {
            tool: async () => ({ functionDeclarations: [{ name: 'weather', parametersJsonSchema: city }] }),
            callTool: async () => [
              { functionResponse: { name: 'weather', response: { output: 'sunny in Bonn' } } },
            ],
          },
        ],
      };
      const chat = google.chats.create({ model, config });
      let text = '';
      if (stream)
        for await (const chunk of await chat.sendMessageStream({ message: question }))
          text += chunk.text ?? '';
      else text = (await chat.sendMessage({ message: question })).text ?? '';
      expect(text).toBe(answered);
    });
  },
);
