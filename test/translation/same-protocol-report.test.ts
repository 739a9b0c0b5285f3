/** Where client and upstream speak one protocol the bytes go through; what becomes another all the same is reported. */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { wrapSignature } from '../../src/protocols/signature-envelope.ts';
import { factsNames } from '../facts.ts';
import { greeting } from './feature.ts';

function sent(from: Protocol, to: Protocol, model: string | undefined, more: JsonObject) {
  const body = new TextEncoder().encode(JSON.stringify({ ...greeting[factsNames[from]], ...more }));
  return translateRequest(body, { from, to, model, stream: false });
}

const suffixes = ['none', 'minimal', 'low', 'high', 'xhigh', 'max', 'auto', '0', '100', '8192', '200000'];
/** Models that always think, never do, know levels, know budgets, and some that nobody knows. */
const models: Record<Protocol, string[]> = {
  'openai-chat': ['gpt-4o', 'gpt-5', 'gpt-5.1', 'o3', 'a-model'],
  'openai-responses': ['gpt-4o', 'gpt-5', 'gpt-5.1', 'o3', 'gpt-5.6-terra', 'a-model'],
  'anthropic-messages': ['claude-opus-4-8', 'claude-haiku-4-5', 'claude-3-5-haiku-latest', 'claude-a-model'],
  gemini: ['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-x'],
};

const tool = { name: 'look', description: 'Looks.' };
const schema = { type: 'object', properties: {} };
/** A call that must be made, which some models do not think before. */
const forced: Record<Protocol, JsonObject> = {
  'openai-chat': {
    tools: [{ type: 'function', function: { ...tool, parameters: schema } }],
    tool_choice: 'required',
  },
  'openai-responses': {
    tools: [{ type: 'function', ...tool, parameters: schema, strict: false }],
    tool_choice: 'required',
  },
  'anthropic-messages': { tools: [{ ...tool, input_schema: schema }], tool_choice: { type: 'any' } },
  gemini: {
    tools: [{ functionDeclarations: [{ ...tool, parameters: schema }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY' } },
  },
};

describe.each([...protocols])('%s', (protocol) => {
  test('A: a suffix that the model does not take is reported as it is to clients of other protocols', () => {
    for (const model of models[protocol])
      for (const suffix of suffixes)
        for (const force of [false, true]) {
          const report = (from: Protocol) =>
            sent(from, protocol, `${model}(${suffix})`, force ? forced[from] : {})
              .losses.filter(({ field }) => field === 'reasoning')
              .map(({ kind, detail }) => `${kind}: ${detail}`);
          const others = protocols.filter((from) => from !== protocol);
          for (const from of others)
            expect([model, suffix, force, report(protocol)]).toEqual([model, suffix, force, report(from)]);
        }
  });

  test('A: what the body says itself goes through without a report', () => {
    expect(sent(protocol, protocol, 'a-model', forced[protocol]).losses).toEqual([]);
  });
});

test('A: claude-opus-4-8(max) before a forced call says that the effort is lower', () => {
  const { body, losses } = sent(
    'anthropic-messages',
    'anthropic-messages',
    'claude-opus-4-8(max)',
    forced['anthropic-messages'],
  );
  expect(body).toMatchObject({ thinking: { type: 'disabled' }, output_config: { effort: 'high' } });
  expect(losses).toContainEqual(
    expect.objectContaining({
      kind: 'approximated',
      field: 'reasoning',
      detail: expect.stringContaining('max'),
    }),
  );
});

describe('thinking of an earlier turn that another family signed', () => {
  const foreign = { family: 'gemini', value: 'c2lnbmF0dXJl' } as const;
  const bodies: Partial<Record<Protocol, JsonObject>> = {
    'anthropic-messages': {
      thinking: { type: 'enabled', budget_tokens: 2000 },
      messages: [
        { role: 'user', content: 'Look.' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: wrapSignature(foreign, 'anthropic') },
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'A cat.' }] },
      ],
    },
    'openai-responses': {
      input: [
        { type: 'message', role: 'user', content: 'Look.' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          encrypted_content: wrapSignature(foreign, 'openai'),
        },
        { type: 'message', role: 'user', content: 'And?' },
      ],
    },
    gemini: {
      contents: [
        { role: 'user', parts: [{ text: 'Look.' }] },
        {
          role: 'model',
          parts: [
            {
              text: 'Hm.',
              thought: true,
              thoughtSignature: btoa(wrapSignature({ family: 'anthropic', value: 'c2lnbmF0dXJl' }, 'gemini')),
            },
            { text: 'A cat.' },
          ],
        },
        { role: 'user', parts: [{ text: 'And?' }] },
      ],
    },
  };

  test.each(Object.keys(bodies))('A: is left out of a body for %s, and reported', (name) => {
    const protocol = protocols.find((one) => one === name) ?? 'gemini';
    const model = protocol === 'gemini' ? 'gemini-2.5-pro' : undefined;
    const body = { ...(protocol !== 'gemini' && { model: 'a-model' }), ...bodies[protocol] };
    const written = sent(protocol, protocol, model, body);
    expect(JSON.stringify(written.body)).not.toContain('Hm.');
    expect(written.losses).toContainEqual(
      expect.objectContaining({ kind: 'dropped', field: 'messages.reasoning' }),
    );
    if (protocol === 'anthropic-messages') {
      expect(written.body.thinking).toEqual({ type: 'disabled' });
      expect(written.losses).toContainEqual(expect.objectContaining({ kind: 'dropped', field: 'reasoning' }));
    }
  });
});
