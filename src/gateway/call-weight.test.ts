import { expect, test } from 'bun:test';
import type { Message } from '../protocols/model.ts';
import { demandLightCalls } from './call-weight.ts';

const call = (input: string): Message => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'c', name: 'f', kind: 'function', input }],
});
const lists = (count: number): string => `{"x":[${'[[[1]]],'.repeat(count)}1]}`;

test('arguments of calls count as the values that they are parsed to, all calls together', () => {
  expect(() => demandLightCalls({ messages: [call(lists(1000))] }, 250_000)).not.toThrow();
  expect(() => demandLightCalls({ messages: [call(lists(400_000))] }, 250_000)).toThrow('bounds.json-values');
  const many = Array.from({ length: 400 }, () => call(lists(1000)));
  expect(() => demandLightCalls({ messages: many }, 250_000)).toThrow('bounds.json-values');
});

test('long arguments of few values are none too many', () => {
  const input = JSON.stringify({ text: 'word "quoted" {[ '.repeat(500_000) });
  expect(() => demandLightCalls({ messages: [call(input)] }, 250_000)).not.toThrow();
});
