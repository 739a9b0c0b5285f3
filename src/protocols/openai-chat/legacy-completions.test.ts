import { describe, expect, test } from 'bun:test';
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import { chatChunkToCompletion, chatToCompletion, completionToChat } from './legacy-completions.ts';

describe('a completion request', () => {
  test.each<[string, JsonObject]>([
    ['a text', { prompt: 'Hi' }],
    ['a list of one text', { prompt: ['Hi'] }],
  ])('with %s is a chat with one user message', (_, prompt) => {
    expect(
      completionToChat({
        model: 'm',
        ...prompt,
        max_tokens: 5,
        stop: ['x'],
        logprobs: 2,
        echo: false,
      }),
    ).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 5,
      stop: ['x'],
      logprobs: true,
      top_logprobs: 2,
    });
  });

  test.each<[string, JsonObject]>([
    ['prompt', {}],
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt', { prompt: [1, 2] }],
    ['suffix', { prompt: 'a', suffix: 'b' }],
    ['echo', { prompt: 'a', echo: true }],
    ['best_of', { prompt: 'a', best_of: 3 }],
    ['logprobs', { prompt: 'a', logprobs: true }],
  ])('is refused by the name of the field: %s in %j', (path, body) => {
    expect(() => completionToChat(body)).toThrow(InvalidRequest);
    expect(() => completionToChat(body)).toThrow(path);
  });
});

test('a chat answer is a text_completion with its text, log probabilities and usage', () => {
  const body = {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hi you' },
        finish_reason: 'tool_calls',
        logprobs: {
          content: [
            { token: 'Hi', logprob: -0.1, top_logprobs: [{ token: 'Yo', logprob: -2 }] },
            { token: ' you', logprob: -0.2, top_logprobs: [] },
          ],
        },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  };
  expect(chatToCompletion(body)).toEqual({
    ...body,
    object: 'text_completion',
    choices: [
      {
        text: 'Hi you',
        index: 0,
        finish_reason: 'stop',
        logprobs: {
          tokens: ['Hi', ' you'],
          token_logprobs: [-0.1, -0.2],
          top_logprobs: [{ Yo: -2 }, {}],
          text_offset: [0, 2],
        },
      },
    ],
  });
});

describe('a chat chunk', () => {
  const chunk = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
    id: 'x',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  });

  test('with text or an end is a text_completion chunk', () => {
    expect(chatChunkToCompletion(chunk({ content: 'a' }))).toEqual({
      id: 'x',
      object: 'text_completion',
      choices: [{ text: 'a', index: 0, logprobs: null, finish_reason: null }],
    });
    expect(chatChunkToCompletion(chunk({}, 'length'))?.choices).toMatchObject([{ finish_reason: 'length' }]);
  });

  test('with usage keeps it', () => {
    expect(chatChunkToCompletion({ choices: [], usage: { prompt_tokens: 1 } })).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1 },
    });
  });

  test('with the role or thinking only says nothing', () => {
    expect(chatChunkToCompletion(chunk({ role: 'assistant', content: '' }))).toBeUndefined();
    expect(chatChunkToCompletion(chunk({ reasoning_content: 'Hmm' }))).toBeUndefined();
  });

  test('with an error stays as it is', () => {
    expect(chatChunkToCompletion({ error: { message: 'No' } })).toEqual({ error: { message: 'No' } });
  });
});
