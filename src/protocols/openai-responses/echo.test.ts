import { describe, expect, test } from 'bun:test';
import { readRequest } from '../../../test/codec-runs.ts';
import type { JsonObject } from '../json.ts';
import type { ReasoningAmount } from '../reasoning.ts';
import { echoedRequest } from './echo.ts';
import { openaiResponses as codec } from './index.ts';

/** What a response repeats of a request with this body, and with this amount of thinking by the model's name. */
function echo(body: JsonObject, amount?: ReasoningAmount): JsonObject {
  const request = readRequest(codec, { input: 'q', ...body });
  return echoedRequest({
    request: amount === undefined ? request : { ...request, reasoning: { ...request.reasoning, amount } },
    model: 'm',
    unixSeconds: () => 0,
    newId: (prefix) => prefix,
  });
}

describe('a response repeats its request', () => {
  test('a field that the client did not write has the default of the API', () => {
    expect(echo({})).toMatchObject({ temperature: 1, tools: [], store: true, instructions: null });
  });
  test.each<[string, JsonObject]>([
    ['a setting', { temperature: 0.2, store: false, user: 'u', metadata: { a: 'b' } }],
    ['instructions', { instructions: 'Be brief.' }],
    ['fields that other protocols have no place for', { truncation: 'auto', previous_response_id: 'resp_1' }],
    [
      'a hosted tool, and the choice of it',
      { tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } },
    ],
    [
      'tools of a namespace',
      { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'custom', name: 'f' }] }] },
    ],
    ['a user known by another name', { safety_identifier: 's' }],
  ])('%s is as the client wrote it', (_, body) => {
    expect(echo(body)).toMatchObject(body);
  });
  test('a function has every field, a choice of it the form of the API', () => {
    const fields = echo({
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    });
    expect(fields.tools).toEqual([
      { type: 'function', name: 'f', description: null, parameters: null, strict: false },
    ]);
    expect(fields.tool_choice).toEqual({ type: 'function', name: 'f' });
  });
  test('a setting of several members keeps those that the client left out', () => {
    expect(echo({ text: { verbosity: 'low' }, reasoning: { effort: 'low' } })).toMatchObject({
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: null },
    });
  });
  test('an effort of the model’s name goes before that of the body', () => {
    const amount: ReasoningAmount = { kind: 'effort', effort: 'high' };
    expect(echo({ reasoning: { effort: 'low', summary: 'concise' } }, amount).reasoning).toEqual({
      effort: 'high',
      summary: 'concise',
    });
  });
});
