import { expect, test } from 'bun:test';
import type { Message } from '../protocols/model.ts';
import { demandLightConversation } from './call-weight.ts';

const call = (input: string): Message => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'c', name: 'f', kind: 'function', input }],
});
const lists = (count: number): string => `{"x":[${'[[[1]]],'.repeat(count)}1]}`;

test('arguments of calls count as the values that they are parsed to, all calls together', () => {
  expect(() => demandLightConversation({ messages: [call(lists(1000))] }, 250_000)).not.toThrow();
  expect(() => demandLightConversation({ messages: [call(lists(400_000))] }, 250_000)).toThrow(
    'bounds.json-values',
  );
  const many = Array.from({ length: 400 }, () => call(lists(1000)));
  expect(() => demandLightConversation({ messages: many }, 250_000)).toThrow('bounds.json-values');
});

test('long arguments of few values are none too many', () => {
  const input = JSON.stringify({ text: 'word "quoted" {[ '.repeat(500_000) });
  expect(() => demandLightConversation({ messages: [call(input)] }, 250_000)).not.toThrow();
});

test('a quote that is never closed hides no values of other calls, nor those before it', () => {
  const open = `${lists(1000).slice(0, -1)},"never closed`;
  const many = Array.from({ length: 400 }, () => call(open));
  expect(() => demandLightConversation({ messages: many }, 250_000)).toThrow('bounds.json-values');
  // Whoever reads it ends at the quote.
  const few = Array.from({ length: 400 }, () => call(`{"a":"never closed ${'[1],'.repeat(1000)}`));
  expect(() => demandLightConversation({ messages: few }, 250_000)).not.toThrow();
});

test('names that every call has are new once', () => {
  const input = JSON.stringify({ path: 'a', offset: 1, limit: 2, encoding: 'b', content: 'c'.repeat(10) });
  const many = Array.from({ length: 15_000 }, () => call(input));
  expect(() => demandLightConversation({ messages: many }, 250_000)).not.toThrow();
});

test('texts that are messages by themselves are as many as those with a role', () => {
  const said = (count: number): Message[] =>
    Array.from({ length: count }, () => ({ role: 'user', parts: [{ type: 'text', text: 'x' }] }));
  expect(() => demandLightConversation({ messages: said(40_000) }, 250_000)).not.toThrow();
  expect(() => demandLightConversation({ messages: said(60_000) }, 250_000)).toThrow('bounds.json-values');
});
