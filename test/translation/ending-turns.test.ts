/** Conversations that end with the model's own turn, and tools beside an effort: what some models refuse in translated requests. */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';

const foreign: Record<Exclude<Protocol, 'anthropic-messages'>, JsonObject> = {
  'openai-chat': {
    messages: [
      { role: 'user', content: 'Tell a story.' },
      { role: 'assistant', content: 'Once upon a ' },
    ],
  },
  'openai-responses': {
    input: [
      { role: 'user', content: 'Tell a story.' },
      { role: 'assistant', content: 'Once upon a ' },
    ],
  },
  gemini: {
    contents: [
      { role: 'user', parts: [{ text: 'Tell a story.' }] },
      { role: 'model', parts: [{ text: 'Once upon a ' }] },
    ],
  },
};
const own: JsonObject = { max_tokens: 9, ...foreign['openai-chat'] };

function translated(from: Protocol, to: Protocol, model: string, body: JsonObject) {
  return translateRequest(new TextEncoder().encode(JSON.stringify(body)), { from, to, model, stream: false });
}

function lastOf(body: Json): Json | undefined {
  const messages = typeof body === 'object' && body !== null && !Array.isArray(body) ? body.messages : [];
  return Array.isArray(messages) ? messages.at(-1) : undefined;
}

const without = [
  ...['claude-opus-4-6', 'claude-sonnet-4-6', 'claude-opus-4-8', 'claude-sonnet-5', 'claude-haiku-5-5'],
  ...['claude-opus-5-5', 'claude-fable-5-1', 'claude-opus-9', 'anthropic/claude-sonnet-4.6'],
];

describe.each(['openai-chat', 'openai-responses', 'gemini'] as const)('D: a %s client', (from) => {
  test.each(without)('whose conversation ends with the model gets an answer of %s', (model) => {
    const { body, losses } = translated(from, 'anthropic-messages', model, foreign[from]);
    expect(lastOf(body)).toMatchObject({ role: 'user', content: 'Continue.' });
    expect(losses).toContainEqual(expect.objectContaining({ kind: 'approximated', field: 'messages' }));
  });

  test.each(['claude-sonnet-4-5', 'claude-haiku-4-5'])('may begin the answer of %s', (model) => {
    const { body } = translated(from, 'anthropic-messages', model, foreign[from]);
    expect(lastOf(body)).toMatchObject({ role: 'assistant', content: 'Once upon a' });
  });
});

test('D: a Claude client’s last turn goes to every model as it is', () => {
  const { body } = translated('anthropic-messages', 'anthropic-messages', 'claude-opus-4-8', own);
  expect(lastOf(body)).toEqual({ role: 'assistant', content: 'Once upon a ' });
});

const lookUp = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
const asking: Record<Exclude<Protocol, 'openai-chat'>, { tools: JsonObject; effort: JsonObject }> = {
  'openai-responses': {
    tools: {
      input: 'Hi',
      tools: [{ type: 'function', name: 'look_up', parameters: lookUp, strict: false }],
    },
    effort: { reasoning: { effort: 'high' } },
  },
  'anthropic-messages': {
    tools: {
      max_tokens: 9000,
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ name: 'look_up', input_schema: lookUp }],
    },
    effort: { output_config: { effort: 'high' }, thinking: { type: 'adaptive' } },
  },
  gemini: {
    tools: {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [{ functionDeclarations: [{ name: 'look_up', parametersJsonSchema: lookUp }] }],
    },
    effort: { generationConfig: { thinkingConfig: { thinkingLevel: 'high' } } },
  },
};
const clients = protocols.filter((protocol) => protocol !== 'openai-chat');
const reasoningLosses = (losses: readonly { field: string }[]) =>
  losses.filter(({ field }) => field === 'reasoning');

describe.each(clients)('D: over Chat the tools of a %s client', (from) => {
  const { tools, effort } = asking[from];
  test.each(['gpt-5.6-luna', 'gpt-5.6-terra', 'gpt-5.6-sol', 'gpt-5.4', 'gpt-5.5', 'gpt-6-luna'])(
    'take the place of the effort at %s',
    (model) => {
      const { body, losses } = translated(from, 'openai-chat', model, { ...tools, ...effort });
      expect(body).toMatchObject({ reasoning_effort: 'none', tools: [expect.anything()] });
      expect(reasoningLosses(losses)).toHaveLength(1);
    },
  );

  test('need no effort where nobody asked, but for models that think by themselves', () => {
    expect(translated(from, 'openai-chat', 'gpt-5.4', tools).body).not.toHaveProperty('reasoning_effort');
    expect(translated(from, 'openai-chat', 'gpt-5.6-luna', tools).body).toMatchObject({
      reasoning_effort: 'none',
    });
  });

  test.each(['gpt-5.1', 'gpt-5', 'openai/gpt-5.6-luna'])('go with an effort to %s', (model) => {
    const { body } = translated(from, 'openai-chat', model, { ...tools, ...effort });
    expect(body).toMatchObject({ reasoning_effort: 'high' });
  });

  test('leave an effort without tools alone', () => {
    const { tools: _tools, ...bare } = tools;
    const { body, losses } = translated(from, 'openai-chat', 'gpt-5.6-luna', { ...bare, ...effort });
    expect(body).toMatchObject({ reasoning_effort: 'high' });
    expect(reasoningLosses(losses)).toEqual([]);
  });
});

test.each(clients)('D: over Responses a %s client has both, tools and an effort', (from) => {
  const { tools, effort } = asking[from];
  const { body } = translated(from, 'openai-responses', 'gpt-5.6-luna', { ...tools, ...effort });
  expect(body).toMatchObject({ reasoning: { effort: 'high' }, tools: [expect.anything()] });
});
