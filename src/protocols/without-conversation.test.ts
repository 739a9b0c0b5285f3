import { expect, test } from 'bun:test';
import type { Message, Request } from './model.ts';
import { withoutConversation } from './without-conversation.ts';

const said = (role: Message['role']): Message => ({ role, parts: [{ type: 'text', text: role }] });
const request = (...messages: Message[]): Request => ({ model: 'm', stream: true, messages, topP: 1 });

test('of a conversation only instructions that stand first stay', () => {
  const spoken = request(said('system'), said('user'), said('assistant'));
  expect(withoutConversation(spoken)).toEqual(request(said('system')));
  expect(withoutConversation(request(said('user'), said('system')))).toEqual(request());
  expect(withoutConversation(request())).toEqual(request());
  expect(spoken.messages.length).toBe(3);
});
