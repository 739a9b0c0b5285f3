/** Names of tools that an upstream refuses: others go out, and calls come back under the names that the client declared. */
import { describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import type { FactsName } from '../facts.ts';
import { answered, translated } from './coverage.ts';
import { at, greeting } from './feature.ts';

const sides = ['chat', 'responses', 'anthropic', 'gemini'] as const;
const declared: Record<FactsName, (name: string) => JsonObject> = {
  chat: (name) => ({ tools: [{ type: 'function', function: { name, parameters: { type: 'object' } } }] }),
  responses: (name) => ({ tools: [{ type: 'function', name, parameters: { type: 'object' } }] }),
  anthropic: (name) => ({ tools: [{ name, input_schema: { type: 'object' } }] }),
  gemini: (name) => ({ tools: [{ functionDeclarations: [{ name }] }] }),
};
const nameIn: Record<FactsName, (body: JsonObject) => Json | undefined> = {
  chat: (body) => at(body, 'tools.0.function.name'),
  responses: (body) => at(body, 'tools.0.name'),
  anthropic: (body) => at(body, 'tools.0.name'),
  gemini: (body) => at(body, 'tools.0.functionDeclarations.0.name'),
};
const calling: Record<FactsName, (name: Json) => JsonObject> = {
  chat: (name) => ({
    id: 'c',
    created: 1,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: '{}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
  }),
  responses: (name) => ({
    id: 'resp_1',
    status: 'completed',
    output: [{ type: 'function_call', id: 'fc_1', call_id: 'call_1', name, arguments: '{}' }],
  }),
  anthropic: (name) => ({
    id: 'msg_1',
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'toolu_1', name, input: {} }],
    stop_reason: 'tool_use',
    usage: { input_tokens: 1, output_tokens: 1 },
  }),
  gemini: (name) => ({
    candidates: [
      {
        index: 0,
        finishReason: 'STOP',
        content: { role: 'model', parts: [{ functionCall: { name, args: {} } }] },
      },
    ],
  }),
};
const calledIn: Record<FactsName, string> = {
  chat: 'choices.0.message.tool_calls.0.function.name',
  responses: 'output.0.name',
  anthropic: 'content.0.name',
  gemini: 'candidates.0.content.parts.0.functionCall.name',
};
const pairs = sides.flatMap((client) =>
  sides.filter((upstream) => upstream !== client).map((upstream) => ({ client, upstream })),
);

describe.each(['mcp:server/tool.name', `files.${'x'.repeat(90)}`, 'wetter_für', '9lives', 'get weather'])(
  'the tool %s',
  (name) => {
    test.each(pairs)('of $client is called by $upstream under its name', ({ client, upstream }) => {
      const tools = declared[client](name);
      const { body } = translated(client, upstream, { ...greeting[client], ...tools });
      const wire = nameIn[upstream](body) ?? null;
      for (const told of answered(upstream, client, calling[upstream](wire), tools))
        expect(at(told, calledIn[client])).toBe(name);
    });
  },
);
