/** Messages that say nothing: providers refuse them, and a conversation without them must stay one that can be answered. */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObjects } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import type { FactsName } from '../facts.ts';
import { translated } from './coverage.ts';
import { at } from './feature.ts';

const sides = ['chat', 'responses', 'anthropic', 'gemini'] as const;
const pairs = sides.flatMap((client) =>
  sides.filter((upstream) => upstream !== client).map((upstream) => ({ client, upstream })),
);

const protocolsOf = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
} as const satisfies Record<FactsName, Protocol>;

type Said = { role: 'user' | 'assistant'; says: string | null };
const user = (says: string | null): Said => ({ role: 'user', says });
const model = (says: string | null): Said => ({ role: 'assistant', says });

/** The conversation in the client's words; null is a message with an empty list. */
function body(client: FactsName, said: readonly Said[]): JsonObject {
  const messages = said.map(({ role, says }) => ({ role, content: says ?? [] }));
  switch (client) {
    case 'chat':
      return { messages };
    case 'responses':
      return { input: messages };
    case 'anthropic':
      return { max_tokens: 100, messages };
    case 'gemini':
      return {
        contents: said.map(({ role, says }) => ({
          role: role === 'user' ? 'user' : 'model',
          parts: says === null ? [] : [{ text: says }],
        })),
      };
  }
}

/** Who says what in an upstream's body. */
function heard(upstream: FactsName, sent: JsonObject): { role: Json | undefined; text: string }[] {
  const list = { chat: 'messages', responses: 'input', anthropic: 'messages', gemini: 'contents' }[upstream];
  return asObjects(at(sent, list)).map(({ role, content, parts }) => ({
    role: role === 'model' ? 'assistant' : role,
    text:
      typeof content === 'string'
        ? content
        : asObjects(content ?? parts)
            .map((part) => String(part.text))
            .join('|'),
  }));
}

describe.each(pairs)('$client to $upstream', ({ client, upstream }) => {
  const sent = (said: readonly Said[]) => {
    const { body: wire, losses } = translated(client, upstream, body(client, said));
    return { said: heard(upstream, wire), fields: losses.map(({ field }) => field) };
  };
  const stand = upstream === 'anthropic' ? '.' : ' ';

  test.each([
    ['an empty text', ''],
    ['an empty list', null],
  ])('%s of the user alone stays a turn of the user', (_what, says) => {
    expect(sent([user(says)])).toEqual({ said: [{ role: 'user', text: stand }], fields: ['messages'] });
  });

  test.each([
    ['an empty text', ''],
    ['an empty list', null],
  ])('%s in the middle is left out', (_what, says) => {
    const { said, fields } = sent([user('a'), model('b'), user(says), user('c'), model(says), user('d')]);
    const texts = said.map(({ role, text }) => `${role}: ${text}`).join(', ');
    expect(texts.replace('user: c, user: d', 'user: c|d')).toBe('user: a, assistant: b, user: c|d');
    expect(fields).toEqual([]);
  });

  test.each([
    ['an empty text', ''],
    ['an empty list', null],
  ])('%s at the end does not make the model go on with its own words', (_what, says) => {
    const { said, fields } = sent([user('a'), model('b'), user(says)]);
    expect(said.at(-1)).toEqual({ role: 'user', text: stand });
    expect(fields).toEqual(['messages']);
  });
});

test.each(['chat', 'responses', 'anthropic', 'gemini'] as const)(
  'empty system texts do not go to %s',
  (upstream) => {
    const clients: [FactsName, JsonObject][] = [
      [
        'chat',
        {
          messages: [
            { role: 'system', content: '' },
            { role: 'user', content: 'a' },
          ],
        },
      ],
      ['responses', { instructions: '', input: 'a' }],
      [
        'anthropic',
        { max_tokens: 9, system: [{ type: 'text', text: '' }], messages: [{ role: 'user', content: 'a' }] },
      ],
      [
        'gemini',
        {
          systemInstruction: { parts: [{ text: '' }] },
          contents: [{ role: 'user', parts: [{ text: 'a' }] }],
        },
      ],
    ];
    for (const [client, asked] of clients.filter(([name]) => name !== upstream)) {
      const { body: wire } = translated(client, upstream, asked);
      expect(heard(upstream, wire)).toEqual([{ role: 'user', text: 'a' }]);
      for (const field of ['instructions', 'system', 'systemInstruction'])
        expect(wire[field]).toBeUndefined();
    }
  },
);

describe('a call at the end of a conversation gets a result that says there is none', () => {
  const tool = { type: 'object', properties: {} };
  const asked: Record<FactsName, JsonObject> = {
    chat: {
      messages: [
        { role: 'user', content: 'q' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get', arguments: '{}' } }],
        },
      ],
      tools: [{ type: 'function', function: { name: 'get', parameters: tool } }],
    },
    responses: {
      input: [
        { role: 'user', content: 'q' },
        { type: 'function_call', call_id: 'c1', name: 'get', arguments: '{}' },
      ],
      tools: [{ type: 'function', name: 'get', parameters: tool }],
    },
    anthropic: {
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'get', input: {} }] },
      ],
      tools: [{ name: 'get', input_schema: tool }],
    },
    gemini: {
      contents: [
        { role: 'user', parts: [{ text: 'q' }] },
        { role: 'model', parts: [{ functionCall: { name: 'get', args: {} } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'get' }] }],
    },
  };
  const lastOf: Record<FactsName, (wire: JsonObject) => Json | undefined> = {
    chat: (wire) => asObjects(wire.messages).at(-1)?.role,
    responses: (wire) => asObjects(wire.input).at(-1)?.type,
    anthropic: (wire) => at(asArray(wire.messages).at(-1), 'content.0.type'),
    gemini: (wire) => Object.keys(asObjects(asObjects(wire.contents).at(-1)?.parts)[0] ?? {})[0],
  };
  const words: Record<FactsName, string> = {
    chat: 'tool',
    responses: 'function_call_output',
    anthropic: 'tool_result',
    gemini: 'functionResponse',
  };
  test.each(pairs)('$client to $upstream', ({ client, upstream }) => {
    const { body: wire, losses } = translated(client, upstream, asked[client]);
    expect(lastOf[upstream](wire)).toBe(words[upstream]);
    expect(losses.map(({ field }) => field)).toContain('messages.tool-call');
  });
});

describe.each(pairs)('$client to $upstream', ({ client, upstream }) => {
  test('a conversation of no message is refused by its name', () => {
    const list = { chat: 'messages', responses: 'input', anthropic: 'messages', gemini: 'contents' }[client];
    const [from, to] = [protocolsOf[client], protocolsOf[upstream]];
    const bytes = new TextEncoder().encode(JSON.stringify(body(client, [])));
    const none = (): unknown => translateRequest(bytes, { from, to, model: 'm', stream: false });
    expect(none).toThrow(`${list}: expected one or more, found none`);
  });
});
