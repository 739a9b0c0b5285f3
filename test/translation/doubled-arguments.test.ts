/**
 * A member that stands twice in the arguments of a call: where arguments go on as text, both go on; where they become a value, the last counts, and
 * the report says so.
 */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';

const written = '{"path":"a","list":[{"b":1,"b":2}],"p\\u0061th":"c","x":{"path":1}}';
const once = '{"path":"a","list":[{"b":1},{"b":2}],"x":{"path":1,"input":{"path":2}}}';

const asked: Record<Protocol, (args: string) => string> = {
  'openai-chat': (args) =>
    `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":${JSON.stringify(args)}}}]},{"role":"tool","tool_call_id":"c1","content":"x"}]}`,
  'openai-responses': (args) =>
    `{"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"c1","name":"t","arguments":${JSON.stringify(args)}},{"type":"function_call_output","call_id":"c1","output":"x"}]}`,
  'anthropic-messages': (args) =>
    `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input": ${args}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"x"}]}]}`,
  gemini: (args) =>
    `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"t","args" :${args}}}]},{"role":"user","parts":[{"functionResponse":{"name":"t","response":{"a":1}}}]}]}`,
};
const asText: readonly Protocol[] = ['openai-chat', 'openai-responses'];

const pairs = protocols.flatMap((from) => protocols.filter((to) => to !== from).map((to) => ({ from, to })));

describe.each(pairs)('$from → $to', ({ from, to }) => {
  const translated = (args: string) =>
    translateRequest(new TextEncoder().encode(asked[from](args)), { from, to, model: 'm', stream: false });
  const doubled = (args: string): string[] =>
    translated(args)
      .losses.filter(({ detail }) => detail?.includes('occurs twice') === true)
      .map(({ field }) => field);

  test('a member that stands twice goes on, or is reported', () => {
    const carried = asText.includes(from) && asText.includes(to);
    expect(doubled(written)).toEqual(carried ? [] : ['messages.tool-call.b', 'messages.tool-call.path']);
    const body = JSON.stringify(translated(written).body);
    expect(body.includes(JSON.stringify(written).slice(1, -1))).toBe(carried);
  });

  test('one that stands once in each object is no loss', () => {
    expect(doubled(once)).toEqual([]);
    expect(doubled('{}')).toEqual([]);
    expect(doubled(`${'{"a":['.repeat(100)}${']}'.repeat(100)}`)).toEqual([]);
  });
});
