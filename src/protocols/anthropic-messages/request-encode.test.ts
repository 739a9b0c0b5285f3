import { describe, expect, test } from 'bun:test';
import { writeRequest } from '../../../test/codec-runs.ts';
import type { Loss } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import type { Message } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { HostedTool, Request, Tool } from '../request.ts';
import { anthropicMessages as codec } from './index.ts';

const hello: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };
const weather: Tool = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: {} },
};

function encode(
  fields: Partial<Request>,
  traits?: ModelTraits,
): { body: JsonObject; dropped: string[]; losses: Loss[] } {
  const { body, losses } = writeRequest(codec, fields, { model: 'claude-test', ...(traits && { traits }) });
  return { body, losses, dropped: losses.filter(({ kind }) => kind === 'dropped').map(({ field }) => field) };
}

const budgetModel: ModelTraits = {
  maxOutputTokens: 64_000,
  reasoning: { kind: 'budget', min: 1024, max: 32_000, canDisable: true, canAuto: false },
};
const levelModel: ModelTraits = {
  maxOutputTokens: 64_000,
  reasoning: { kind: 'levels', levels: ['low', 'medium', 'high', 'max'], canDisable: false, canAuto: true },
};

describe('a length limit', () => {
  test.each<[string, Partial<Request>, ModelTraits | undefined, number]>([
    ['is what the client says', { maxTokens: 100 }, budgetModel, 100],
    ["is the model's where the client says none", {}, budgetModel, 64_000],
    ['is 32000 where nobody says one', {}, undefined, 32_000],
    ["is at most the model's", { maxTokens: 100_000 }, budgetModel, 64_000],
    [
      'leaves room beside the thinking',
      { maxTokens: 1000, reasoning: { amount: { kind: 'budget', tokens: 4000 } } },
      budgetModel,
      5000,
    ],
    [
      'grows no further than the model allows',
      { maxTokens: 1000, reasoning: { amount: { kind: 'budget', tokens: 32_000 } } },
      { ...budgetModel, maxOutputTokens: 32_000 },
      32_000,
    ],
  ])('%s', (_name, fields, traits, expected) => {
    expect(encode(fields, traits).body.max_tokens).toBe(expected);
  });

  test('that is too small for the thinking makes the budget smaller than itself', () => {
    const { body } = encode(
      { maxTokens: 1000, reasoning: { amount: { kind: 'budget', tokens: 32_000 } } },
      { ...budgetModel, maxOutputTokens: 32_000 },
    );
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 31_999 });
  });
});

describe('a reasoning setting', () => {
  test.each<[string, Request['reasoning'], ModelTraits | undefined, JsonObject]>([
    ['off', { amount: { kind: 'off' } }, undefined, { thinking: { type: 'disabled' } }],
    [
      'an effort for a model of levels',
      { amount: { kind: 'effort', effort: 'xhigh' } },
      levelModel,
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    ],
    [
      'an effort below the lowest',
      { amount: { kind: 'effort', effort: 'minimal' } },
      undefined,
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
    ],
    [
      'an effort for a model of budgets',
      { amount: { kind: 'effort', effort: 'medium' } },
      budgetModel,
      { thinking: { type: 'enabled', budget_tokens: 8192 } },
    ],
    [
      'a budget below the floor',
      { amount: { kind: 'budget', tokens: 200 } },
      undefined,
      { thinking: { type: 'enabled', budget_tokens: 1024 } },
    ],
    [
      'only the wish to see it',
      { show: 'detailed' },
      undefined,
      { thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    [
      'hidden thinking',
      { amount: { kind: 'auto' }, show: 'none' },
      undefined,
      { thinking: { type: 'adaptive', display: 'omitted' } },
    ],
    [
      'any for a model that does not think',
      { amount: { kind: 'auto' } },
      { reasoning: { kind: 'none' } },
      {},
    ],
  ])('%s', (_name, reasoning, traits, expected) => {
    const { body } = encode({ reasoning }, traits);
    expect({ thinking: body.thinking, output_config: body.output_config }).toEqual({
      thinking: undefined,
      output_config: undefined,
      ...expected,
    });
  });

  test('with a forced call becomes the effort alone', () => {
    const { body, dropped } = encode({
      reasoning: { amount: { kind: 'budget', tokens: 8000 } },
      tools: [weather],
      toolChoice: { type: 'required' },
    });
    expect(body.thinking).toBeUndefined();
    expect(body.output_config).toEqual({ effort: 'medium' });
    expect(dropped).toEqual(['reasoning']);
  });

  test('of manual thinking rests while a turn goes on whose calls have no signed thinking', () => {
    const { body, dropped } = encode(
      {
        reasoning: { amount: { kind: 'budget', tokens: 8000 } },
        tools: [weather],
        messages: [
          hello,
          {
            role: 'assistant',
            parts: [{ type: 'tool-call', id: 'call_1', name: 'get_weather', kind: 'function', input: '{}' }],
          },
          {
            role: 'user',
            parts: [{ type: 'tool-result', callId: 'call_1', content: [{ type: 'text', text: 'sunny' }] }],
          },
        ],
      },
      budgetModel,
    );
    expect(body.thinking).toEqual({ type: 'disabled' });
    expect(dropped).toEqual(['reasoning']);
  });
});

describe('sampling', () => {
  test('keeps a temperature that the API takes, and leaves out top_p beside it', () => {
    const { body, dropped } = encode({ temperature: 0.5, topP: 0.9, topK: 40 });
    expect(body).toMatchObject({ temperature: 0.5, top_k: 40 });
    expect(body.top_p).toBeUndefined();
    expect(dropped).toEqual(['top_p']);
  });

  test('brings a temperature above 1 down to 1 and says so', () => {
    const { body, losses } = encode({ temperature: 1.7 });
    expect(body.temperature).toBe(1);
    expect(losses).toMatchObject([{ kind: 'approximated', field: 'temperature' }]);
  });

  test('is dropped while the model thinks', () => {
    const { body, dropped } = encode({
      temperature: 0.2,
      topP: 0.5,
      topK: 5,
      reasoning: { amount: { kind: 'auto' } },
    });
    expect(Object.keys(body)).not.toContain('temperature');
    expect(dropped).toEqual(['temperature', 'top_p', 'top_k']);
  });

  test('names every setting that the API does not have', () => {
    const { dropped } = encode({
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      n: 2,
      logprobs: {},
      verbosity: 'low',
      modalities: ['text', 'audio'],
      metadata: { a: 'b' },
      promptCacheKey: 'k',
      output: { type: 'json' },
      extra: { protocol: 'openai-chat', fields: { logit_bias: { '1': 2 } } },
    });
    expect(dropped.sort()).toEqual(
      [
        ...['frequency_penalty', 'logit_bias', 'logprobs', 'metadata', 'modalities', 'n', 'presence_penalty'],
        ...['prompt_cache_key', 'response_format', 'seed', 'verbosity'],
      ].sort(),
    );
  });
});

describe('tools', () => {
  const search: HostedTool = {
    type: 'hosted',
    kind: 'web-search',
    name: 'web_search',
    protocol: 'openai-responses',
    value: { type: 'web_search' },
    allowedDomains: ['example.com'],
    maxUses: 2,
    userLocation: { city: 'London', country: 'GB' },
  };

  test.each<[string, HostedTool, JsonObject]>([
    [
      'web search',
      search,
      {
        type: 'web_search_20250305',
        name: 'web_search',
        allowed_domains: ['example.com'],
        max_uses: 2,
        user_location: { type: 'approximate', city: 'London', country: 'GB' },
      },
    ],
    [
      'code execution',
      { type: 'hosted', kind: 'code-execution', name: 'codeExecution', protocol: 'gemini', value: {} },
      { type: 'code_execution_20250825', name: 'code_execution' },
    ],
    [
      'reading addresses',
      { type: 'hosted', kind: 'url-context', name: 'urlContext', protocol: 'gemini', value: {} },
      { type: 'web_fetch_20250910', name: 'web_fetch' },
    ],
  ])("that providers run themselves become the API's own: %s", (_name, tool, expected) => {
    expect(encode({ tools: [tool] }).body.tools).toEqual([expected]);
  });

  test("give way to a client's tool of the same name", () => {
    const own: Tool = { type: 'function', name: 'web_search' };
    const { body, dropped } = encode({ tools: [search, own] });
    expect(body.tools).toEqual([{ name: 'web_search', input_schema: { type: 'object' } }]);
    expect(dropped).toEqual(['tools.web_search']);
  });

  test('for free text become functions, and their calls free text again', () => {
    const tools: Tool[] = [{ type: 'custom', name: 'apply_patch' }];
    const { body } = encode({ tools });
    expect(body.tools).toMatchObject([{ name: 'apply_patch', input_schema: { required: ['input'] } }]);
    const request: Request = { model: 'm', stream: false, messages: [hello], tools };
    const answer = codec.decodeResponse(
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: { input: '*** Begin' } }],
        stop_reason: 'tool_use',
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
      { request },
    );
    expect(answer).toMatchObject({ parts: [{ kind: 'custom', name: 'apply_patch', input: '*** Begin' }] });
  });

  test('with names that the API refuses are renamed and mapped back', () => {
    const tools: Tool[] = [{ type: 'function', name: 'files.read' }];
    const { body, losses } = encode({ tools, toolChoice: { type: 'tool', name: 'files.read' } });
    const wire = String((Array.isArray(body.tools) ? body.tools : []).map((tool) => Object(tool).name));
    expect(wire).toMatch(/^files_read_\w+$/);
    expect(body.tool_choice).toEqual({ type: 'tool', name: wire });
    expect(losses).toMatchObject([{ kind: 'renamed', field: 'tools.files.read' }]);
    const request: Request = { model: 'm', stream: false, messages: [hello], tools };
    const answer = codec.decodeResponse(
      { content: [{ type: 'tool_use', id: 't', name: wire, input: {} }], stop_reason: 'tool_use' },
      { request },
    );
    expect(answer).toMatchObject({ parts: [{ name: 'files.read' }] });
  });

  test('that the client does not allow are not sent', () => {
    const other: Tool = { type: 'function', name: 'other' };
    const { body, dropped } = encode({
      tools: [weather, other],
      toolChoice: { type: 'allowed', names: ['get_weather'], required: false },
    });
    expect(body.tools).toMatchObject([{ name: 'get_weather' }]);
    expect(body.tool_choice).toEqual({ type: 'auto' });
    expect(dropped).toEqual(['tools.other']);
  });

  test.each<[string, Partial<Request>, JsonObject | undefined]>([
    ['auto', { toolChoice: { type: 'auto' } }, { type: 'auto' }],
    ['none', { toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    ['any', { toolChoice: { type: 'required' } }, { type: 'any' }],
    ['one call at a time', { parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    ['parallel calls, as is usual', { parallelToolCalls: true }, undefined],
  ])('are chosen: %s', (_name, fields, expected) => {
    expect(encode({ tools: [weather], ...fields }).body.tool_choice).toEqual(expected);
  });
});

describe('an output schema', () => {
  test('is closed, and told in words where the API enforces nothing', () => {
    const { body, losses } = encode({
      output: {
        type: 'json-schema',
        name: 'person',
        schema: {
          type: 'object',
          properties: {
            age: { type: 'integer', minimum: 0, description: 'Years' },
            name: { type: 'string' },
          },
          required: ['age'],
        },
      },
    });
    expect(body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            age: { type: 'integer', description: 'Years\n(minimum: 0)' },
            name: { type: 'string' },
          },
          required: ['age'],
          additionalProperties: false,
        },
      },
    });
    expect(losses).toMatchObject([{ kind: 'approximated', field: 'response_format.schema.minimum' }]);
  });
});
