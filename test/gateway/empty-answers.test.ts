/** An answer with nothing in it but why it ended, however its server writes that, as the makers' own clients read it. */
import { afterAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { eventStream, startUpstream } from './upstream.ts';

let reply: () => Response = () => new Response();
const upstream = startUpstream(() => reply());
const gateway = await startTested(
  everyUpstream(upstream.url, (protocol) => [{ name: modelOver[protocol], alias: modelOver[protocol] }], {
    'disable-cooling': true,
  }),
);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed' };
const claude = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };
const usage = { input_tokens: 3, output_tokens: 0 };
const events = (...all: object[]) =>
  all.map((one) => `${'type' in one ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`).join('');

/** What servers have been seen to write, and what follows from a list that has never been filled. */
const empty: Record<Protocol, { wholes: object[]; streams: string[] }> = {
  'openai-chat': {
    wholes: [{}, { message: null }, { message: {} }, { message: { role: 'assistant', content: null } }].map(
      (choice) => ({ id: 'c', choices: [{ index: 0, finish_reason: 'stop', ...choice }] }),
    ),
    streams: [{}, { delta: null }, { delta: {} }].map(
      (choice) =>
        `${events({ id: 'c', choices: [{ index: 0, finish_reason: 'stop', ...choice }] })}data: [DONE]\n\n`,
    ),
  },
  'openai-responses': {
    wholes: [{ output: [] }, { output: null }, {}].map((more) => ({ ...response, ...more })),
    streams: [{ output: [] }, { output: null }, {}].map((more) =>
      events(
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.completed', response: { ...response, ...more } },
      ),
    ),
  },
  'anthropic-messages': {
    wholes: [{ content: [] }, { content: null }, {}].map((more) => ({
      ...claude,
      ...{ stop_reason: 'end_turn', usage },
      ...more,
    })),
    streams: [{ content: [] }, { content: null }, {}].map((more) =>
      events(
        { type: 'message_start', message: { ...claude, usage, ...more } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
        { type: 'message_stop' },
      ),
    ),
  },
  gemini: {
    wholes: [{}, { content: null }, { content: {} }, { content: { role: 'model', parts: [] } }].map(
      (more) => ({
        candidates: [{ index: 0, finishReason: 'STOP', ...more }],
      }),
    ),
    streams: [{}, { content: null }, { content: { parts: null } }].map((more) =>
      events({ candidates: [{ index: 0, finishReason: 'STOP', ...more }] }),
    ),
  },
};

const key = { apiKey: clientKey, maxRetries: 0 };
const openai = new OpenAI({ ...key, baseURL: `${gateway.url}/v1` });
const anthropic = new Anthropic({ ...key, baseURL: gateway.url });
const google = new GoogleGenAI({ apiKey: clientKey, vertexai: false, httpOptions: { baseUrl: gateway.url } });
const messages = [{ role: 'user' as const, content: 'x' }];

/** What a client reads: text, and why there is no more, in its protocol's words. */
const read: Record<Protocol, (model: string, stream: boolean) => Promise<unknown>> = {
  'openai-chat': async (model, stream) => {
    const { choices } = stream
      ? await openai.chat.completions.stream({ model, messages }).finalChatCompletion()
      : await openai.chat.completions.create({ model, messages });
    return choices.map(({ message, finish_reason }) => [message.content ?? '', finish_reason]);
  },
  'openai-responses': async (model, stream) => {
    const answer = stream
      ? await openai.responses.stream({ model, input: 'x' }).finalResponse()
      : await openai.responses.create({ model, input: 'x' });
    // An empty message is as good as none.
    return [[answer.output_text, answer.status]];
  },
  'anthropic-messages': async (model, stream) => {
    const asked = { model, max_tokens: 9, messages };
    const { content, stop_reason } = stream
      ? await anthropic.messages.stream(asked).finalMessage()
      : await anthropic.messages.create(asked);
    return [[content.map((block) => (block.type === 'text' ? block.text : block.type)).join(), stop_reason]];
  },
  gemini: async (model, stream) => {
    const asked = { model, contents: 'x' };
    if (!stream) {
      const { text, candidates } = await google.models.generateContent(asked);
      return [[text ?? '', candidates?.[0]?.finishReason]];
    }
    let last: unknown;
    let said = '';
    for await (const { text, candidates } of await google.models.generateContentStream(asked)) {
      said += text ?? '';
      last = candidates?.[0]?.finishReason ?? last;
    }
    return [[said, last]];
  },
};

const ended: Record<Protocol, unknown> = {
  'openai-chat': [['', 'stop']],
  'openai-responses': [['', 'completed']],
  'anthropic-messages': [['', 'end_turn']],
  gemini: [['', 'STOP']],
};

const pairs = protocols.flatMap((over) => protocols.map((client) => ({ client, over })));
/** In its own protocol a client gets the upstream's bytes. */
const translated = pairs.filter(({ client, over }) => client !== over);

test.each(pairs)(
  'an empty answer is streamed as one that ended: $client over $over',
  async ({ client, over }) => {
    for (const whole of empty[over].wholes) {
      reply = () => Response.json(whole);
      expect([whole, await read[client](modelOver[over], true)]).toEqual([whole, ended[client]]);
    }
  },
);

describe.each(translated)('$client over $over', ({ client, over }) => {
  test.each([false, true])('an empty answer is one that ended, streamed: %p', async (stream) => {
    for (const whole of empty[over].wholes) {
      reply = () => Response.json(whole);
      expect([whole, await read[client](modelOver[over], stream)]).toEqual([whole, ended[client]]);
    }
    for (const text of empty[over].streams) {
      reply = () => eventStream(text);
      expect([text, await read[client](modelOver[over], stream)]).toEqual([text, ended[client]]);
    }
  });
});
