import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { namingMembers, sessionKey, systemMembers, turnMembers } from '../credentials/session-key.ts';
import { conversationStart } from './conversation-start.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const part = fc.oneof(text, fc.record({ type: fc.constant('text'), text }), fc.jsonValue({ maxDepth: 2 }));
const content = fc.oneof(
  text,
  fc.array(part, { maxLength: 3 }),
  fc.record({ parts: fc.array(part, { maxLength: 2 }) }),
);
const message = fc.record(
  { role: fc.constantFrom('system', 'developer', 'user', 'assistant'), content, parts: fc.array(part) },
  { requiredKeys: [] },
);
const messages = fc.oneof(
  fc.array(fc.oneof(message, fc.jsonValue()), { maxLength: 4 }),
  text,
  fc.jsonValue(),
);
const metadata = fc.record({ user_id: text, session_id: text }, { requiredKeys: [] });
const request = fc.record(
  {
    model: text,
    ...{ session_id: text, prompt_cache_key: text, conversation: fc.oneof(text, fc.record({ id: text })) },
    ...{ system: content, instructions: text, systemInstruction: content, metadata },
    ...{ messages, contents: messages, input: messages, tools: fc.jsonValue() },
  },
  { requiredKeys: ['model'] },
);

test('the conversation of a request is the same by its beginning as by all of it', () => {
  const headers = new Headers();
  fc.assert(
    fc.property(request, (body) => {
      const bytes = encode(body);
      const whole = JSON.parse(new TextDecoder().decode(bytes));
      expect(sessionKey(headers, () => conversationStart(bytes))).toBe(sessionKey(headers, () => whole));
    }),
    { numRuns: 500 },
  );
});

test('its members are found in whatever letters their names are written', () => {
  const escaped = (name: string): string =>
    [...name].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('');
  for (const name of [...namingMembers, ...systemMembers, ...turnMembers]) {
    const body = `{"${escaped(name)}":[{"role":"user"}]}`;
    expect(conversationStart(new TextEncoder().encode(body))).toEqual({ [name]: [{ role: 'user' }] });
  }
});

test('of a long conversation nothing behind its first message is read', () => {
  const first = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'first' },
  ];
  const more = Array.from({ length: 1000 }, () => ({ role: 'assistant', content: 'more' }));
  const start = conversationStart(encode({ model: 'm', tools: more, messages: [...first, ...more] }));
  expect(start).toEqual({ messages: first });
});

test.each(['', 'x', '[1]', '{"messages":[', '{"input":"never closed'])(
  'of what is no object there is none: %j',
  (body) => {
    expect(conversationStart(new TextEncoder().encode(body))).toEqual({});
  },
);
