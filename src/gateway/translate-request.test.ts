import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../protocols/json.ts';
import { protocols } from '../protocols/model.ts';
import { type Asked, translateRequest } from './translate-request.ts';

const bytes = (body: JsonObject) => new TextEncoder().encode(JSON.stringify(body));
const translate = (body: JsonObject, asked: Pick<Asked, 'from' | 'to'> & Partial<Asked>) =>
  translateRequest(bytes(body), { model: undefined, stream: false, ...asked });

const chat: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

test.each(protocols)('what every protocol can say is translated from chat to %s without a loss', (to) => {
  const { body, losses } = translate(chat, { from: 'openai-chat', to });
  expect(losses).toEqual([]);
  expect(JSON.stringify(body)).toContain('Hello');
});

describe('in its own protocol', () => {
  test('a request stays as it is, with fields that nobody knows', () => {
    const body = { ...chat, made_up: [1, { deep: true }], top_k: 3 };
    expect(translate(body, { from: 'openai-chat', to: 'openai-chat' })).toEqual({ body, losses: [] });
  });

  test('only another model and the wish for a stream are written into it', () => {
    const asked = { from: 'openai-chat', to: 'openai-chat', model: 'other', stream: true } as const;
    expect(translate({ ...chat, made_up: 1 }, asked).body).toEqual({
      ...chat,
      made_up: 1,
      model: 'other',
      stream: true,
    });
  });
});

test('the suffix of a model is how hard to think, not part of its name', () => {
  const { body } = translate(
    { ...chat, model: 'gpt-5.2(low)' },
    { from: 'openai-chat', to: 'openai-responses' },
  );
  expect(body).toMatchObject({ model: 'gpt-5.2', reasoning: { effort: 'low' } });
});

test('Gemini has no model in the body: it must be given', () => {
  const body = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
  const asked = { from: 'gemini', to: 'anthropic-messages' } as const;
  expect(() => translate(body, asked)).toThrow('model: expected the name of a model');
  expect(translate(body, { ...asked, model: 'claude-opus-4-6' }).body).toMatchObject({
    model: 'claude-opus-4-6',
  });
});

test('a byte order mark before a request is no part of it', () => {
  const text = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
  const asked: Asked = { from: 'gemini', to: 'gemini', model: 'gemini-2.5-pro(high)', stream: false };
  const [plain, marked] = ['', '\ufeff'].map((mark) =>
    translateRequest(new TextEncoder().encode(mark + text), asked),
  );
  expect(marked).toEqual(plain);
});

test('H3: what is lost at thousands of places is written down some times, beside all else', () => {
  const results = Array.from({ length: 3000 }, (_, at) => ({
    role: 'tool',
    tool_call_id: `c${at}`,
    content: 'x',
  }));
  const body = { ...chat, messages: results, logit_bias: { '1': 1 } };
  const { losses } = translate(body, { from: 'openai-chat', to: 'anthropic-messages' });
  expect(losses.length).toBeLessThan(200);
  expect(losses.map(({ field }) => field)).toContain('logit_bias');
  expect(losses.map(({ field }) => field)).toContain('messages.tool-result');
});
