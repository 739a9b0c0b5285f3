import { describe, expect, test } from 'bun:test';
import { writeRequest } from '../../../test/codec-runs.ts';
import { assistant, call, result, text, user } from '../../../test/messages.ts';
import { anthropicMessages } from '../anthropic-messages/index.ts';
import { isProtocolError } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import type { Message, Part } from '../model.ts';
import type { ModelTraits } from '../model-traits.ts';
import type { ReasoningSetting, Request, Tool } from '../request.ts';
import { gemini as codec } from './index.ts';

function encode(
  request: Partial<Request>,
  target: { model?: string; traits?: ModelTraits } = {},
): { body: JsonObject; losses: string[] } {
  const { body, losses } = writeRequest(codec, request, { model: 'gemini-3-pro', ...target });
  return { body, losses: losses.map(({ kind, field }) => `${kind} ${field}`) };
}

function contents(...messages: Message[]): unknown {
  return encode({ messages }).body.contents;
}

// ---------------------------------------------------------------- conversations

describe('a conversation from another protocol', () => {
  test('has all system and developer texts in systemInstruction', () => {
    const messages: Message[] = [
      { role: 'system', parts: [text('One')] },
      user(text('Hello')),
      { role: 'developer', parts: [text('Two')] },
    ];
    expect(encode({ messages }).body).toEqual({
      systemInstruction: { parts: [{ text: 'One' }, { text: 'Two' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    });
  });

  test('begins with the user', () => {
    expect(contents(assistant(text('Hi')), user(text('Hello')))).toEqual([
      { role: 'user', parts: [{ text: ' ' }] },
      { role: 'model', parts: [{ text: 'Hi' }] },
      { role: 'user', parts: [{ text: 'Hello' }] },
    ]);
  });

  test('has the responses in the order of the calls, in one turn right behind them', () => {
    const turns = [
      user(text('Go')),
      assistant(call('a', 'one'), call('b', 'two', '{"x":1}')),
      user(result('b', 'B')),
      user(result('a', 'A', { isError: true }), text('Next')),
    ];
    expect(contents(...turns)).toEqual([
      { role: 'user', parts: [{ text: 'Go' }] },
      {
        role: 'model',
        parts: [
          {
            functionCall: { id: 'a', name: 'one', args: {} },
            thoughtSignature: 'skip_thought_signature_validator',
          },
          { functionCall: { id: 'b', name: 'two', args: { x: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'one', response: { error: 'A' } } },
          { functionResponse: { id: 'b', name: 'two', response: { output: 'B' } } },
          { text: 'Next' },
        ],
      },
    ]);
  });

  test('asks older models for no signature, and gives them media beside responses', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
    const messages = [
      user(text('Go')),
      assistant(call('a', 'shot')),
      user({ type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'ok' }, image] }),
    ];
    const inline = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const response = { id: 'a', name: 'shot', response: { output: 'ok' } };
    expect(asObjects(encode({ messages }, { model: 'gemini-2.5-pro' }).body.contents).slice(1)).toEqual([
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'shot', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: response }, inline] },
    ]);
    expect(asObjects(encode({ messages }).body.contents).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: { ...response, parts: [inline] } }],
    });
  });

  test('shows a Gemini model no thoughts of others', () => {
    const foreign: Part = {
      type: 'reasoning',
      text: 'Hm',
      signature: { family: 'anthropic', value: 'c2ln' },
    };
    const { body, losses } = encode({
      messages: [user(text('Hi')), assistant(foreign, text('Hey')), user(text('?'))],
    });
    expect(asObjects(body.contents)[1]).toEqual({ role: 'model', parts: [{ text: 'Hey' }] });
    expect(losses).toEqual(['dropped messages.reasoning']);
  });

  test('puts a signature that came back on its own where it was', () => {
    const signed = (value: string): Part => ({
      type: 'reasoning',
      text: '',
      signature: { family: 'gemini', value },
    });
    expect(
      contents(
        user(text('Go')),
        assistant(text('Well'), signed('one'), call('a', 'f'), signed('two')),
        user(result('a', '')),
      ),
    ).toMatchObject([
      {},
      {
        parts: [
          { text: 'Well' },
          { functionCall: { name: 'f' }, thoughtSignature: 'one' },
          { text: '', thoughtSignature: 'two' },
        ],
      },
      {},
    ]);
  });

  const media: [string, Part, JsonObject][] = [
    [
      'a picture at an address',
      { type: 'image', source: { kind: 'url', url: 'https://a.test/x.webp?y' } },
      { fileData: { mimeType: 'image/webp', fileUri: 'https://a.test/x.webp?y' } },
    ],
    [
      'a document at an address',
      { type: 'file', source: { kind: 'url', url: 'https://a.test/x' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://a.test/x' } },
    ],
    [
      'a text document',
      { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'é' } },
      { text: 'é' },
    ],
    [
      'sound',
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
    ],
  ];
  test.each(media)('%s', (_name, part, wire) => {
    expect(contents(user(part))).toEqual([{ role: 'user', parts: [wire] }]);
  });

  test('tells of a file in the store of another provider that it is lost', () => {
    const part: Part = { type: 'file', source: { kind: 'file-id', protocol: 'openai-chat', id: 'file-1' } };
    expect(encode({ messages: [user(text('Read'), part)] }).losses).toEqual(['dropped messages.file']);
  });
});

// ---------------------------------------------------------------- tools

describe('tools from another protocol', () => {
  const weather: Tool = {
    type: 'function',
    name: 'my weather',
    parameters: { type: 'object', properties: {} },
  };

  test('names that Google refuses are mapped, in calls and choices alike, and mapped back', () => {
    const request: Partial<Request> = {
      tools: [weather],
      toolChoice: { type: 'tool', name: 'my weather' },
      messages: [user(text('Go')), assistant(call('a', 'my weather')), user(result('a', ''))],
    };
    const { body, losses } = encode(request);
    const name = String(asObjects(asObjects(body.tools)[0]?.functionDeclarations)[0]?.name);
    expect(name).toMatch(/^my_weather_[a-z0-9]+$/);
    expect(body.toolConfig).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [name] },
    });
    expect(JSON.stringify(body.contents)).not.toContain('my weather');
    expect(losses).toEqual(['renamed tools.my weather']);
    const answer = codec.decodeResponse(
      { candidates: [{ content: { parts: [{ functionCall: { name, args: {} } }] } }] },
      { request: { model: 'm', stream: false, messages: [], tools: [weather] } },
    );
    expect(isProtocolError(answer) ? undefined : answer.parts[0]).toMatchObject({ name: 'my weather' });
  });

  test('free text tools are functions with one argument', () => {
    const { body } = encode({
      tools: [{ type: 'custom', name: 'patch' }],
      messages: [
        user(text('Go')),
        assistant({ type: 'tool-call', id: 'a', name: 'patch', kind: 'custom', input: 'free\ntext' }),
        user(result('a', 'done')),
      ],
    });
    expect(asObjects(body.tools)[0]).toMatchObject({
      functionDeclarations: [{ name: 'patch', parametersJsonSchema: { required: ['input'] } }],
    });
    expect(asObjects(body.contents)[1]).toMatchObject({
      parts: [{ functionCall: { args: { input: 'free\ntext' } } }],
    });
  });

  const hosted = (kind: 'web-search' | 'code-execution' | 'url-context' | 'image-generation'): Tool => ({
    type: 'hosted',
    kind,
    name: kind,
    protocol: 'openai-responses',
    value: {},
  });
  test.each([
    ['web-search', [{ googleSearch: {} }], []],
    ['code-execution', [{ codeExecution: {} }], []],
    ['url-context', [{ urlContext: {} }], []],
    ['image-generation', undefined, ['dropped tools.image-generation']],
  ] as const)('%s', (kind, tools, losses) => {
    const written = encode({ tools: [hosted(kind)] });
    expect<unknown>(written.body.tools).toEqual(tools);
    expect(written.losses).toEqual([...losses]);
  });

  test('built-in tools stand beside functions where the model allows it', () => {
    const tools = [weather, hosted('web-search')];
    expect(encode({ tools }).body).toMatchObject({
      tools: [{}, { googleSearch: {} }],
      toolConfig: { includeServerSideToolInvocations: true },
    });
    expect(encode({ tools }, { model: 'gemini-2.5-flash' }).losses).toContain('hint tools.web-search');
  });

  test.each([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'allowed', names: ['f'], required: true },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', names: ['f'], required: false },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
  ] as const)('choice %j is %j', (choice, config) => {
    const toolChoice = choice.type === 'allowed' ? { ...choice, names: [...choice.names] } : choice;
    const { body } = encode({ tools: [{ type: 'function', name: 'f' }], toolChoice });
    expect<unknown>(asObject(body.toolConfig)?.functionCallingConfig).toEqual(config);
    // Google refuses a choice without functions.
    expect(encode({ toolChoice }).body.toolConfig).toBeUndefined();
  });
});

// ---------------------------------------------------------------- settings

describe('settings', () => {
  const budget: ModelTraits = {
    reasoning: { kind: 'budget', min: 128, max: 24_576, canDisable: true, canAuto: true },
  };
  const levels: ModelTraits = {
    reasoning: { kind: 'levels', levels: ['low', 'high'], canDisable: false, canAuto: true },
  };
  const none: ModelTraits = { reasoning: { kind: 'none' } };
  const effort = (value: 'low' | 'medium' | 'high' | 'max'): ReasoningSetting => ({
    amount: { kind: 'effort', effort: value },
  });
  const thinking: [
    string,
    ReasoningSetting,
    { model?: string; traits?: ModelTraits },
    JsonObject | undefined,
  ][] = [
    ['a level for Gemini 3', effort('low'), {}, { thinkingLevel: 'LOW', includeThoughts: true }],
    ['the highest level', effort('max'), {}, { thinkingLevel: 'HIGH', includeThoughts: true }],
    [
      'a level that the model has',
      effort('medium'),
      { traits: levels },
      { thinkingLevel: 'LOW', includeThoughts: true },
    ],
    [
      'a budget for models with budgets',
      effort('medium'),
      { traits: budget },
      { thinkingBudget: 8192, includeThoughts: true },
    ],
    [
      'a budget for Gemini 2.5',
      effort('max'),
      { model: 'gemini-2.5-flash' },
      { thinkingBudget: 24_576, includeThoughts: true },
    ],
    ['off', { amount: { kind: 'off' } }, {}, { thinkingBudget: 0 }],
    ['as much as it likes', { amount: { kind: 'auto' } }, {}, { thinkingBudget: -1, includeThoughts: true }],
    ['hidden', { ...effort('high'), show: 'none' }, {}, { thinkingLevel: 'HIGH' }],
    ['nothing where the model does not think', effort('high'), { traits: none }, undefined],
  ];
  test.each(thinking)('reasoning: %s', (_name, reasoning, target, config) => {
    expect<unknown>(asObject(encode({ reasoning }, target).body.generationConfig)?.thinkingConfig).toEqual(
      config,
    );
  });

  test('of a schema, with what Google refuses told as text', () => {
    const { body } = encode({
      output: {
        type: 'json-schema',
        schema: { type: 'object', properties: { a: { type: 'string', pattern: '^x' } } },
      },
    });
    expect(body.generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: { a: { type: 'string', description: '(pattern: ^x)' } },
      },
    });
  });

  test('that Google has no word for are told as losses', () => {
    const { losses } = encode({
      user: 'u',
      metadata: {},
      promptCacheKey: 'k',
      verbosity: 'low',
      serviceTier: 'flex',
      parallelToolCalls: false,
      stop: ['1', '2', '3', '4', '5', '6'],
      seed: 2 ** 40,
      extra: { protocol: 'openai-chat', fields: { store: true } },
    });
    expect(losses.sort()).toEqual([
      'approximated seed',
      'dropped metadata',
      'dropped parallel_tool_calls',
      'dropped prompt_cache_key',
      'dropped service_tier',
      'dropped stop',
      'dropped store',
      'dropped user',
      'dropped verbosity',
    ]);
  });

  test('beyond the model are cut to it', () => {
    const { body } = encode({ maxTokens: 100_000 }, { traits: { maxOutputTokens: 8192 } });
    expect(body.generationConfig).toEqual({ maxOutputTokens: 8192 });
  });
});

describe('A11: what a web search loses over Gemini is reported', () => {
  const asked = (choice: JsonObject, ...more: JsonObject[]) => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }, ...more];
    const request = anthropicMessages.decodeRequest(
      { max_tokens: 9, messages: [{ role: 'user', content: 'q' }], tools, tool_choice: choice },
      { model: 'm', stream: false },
    );
    const lost: string[] = [];
    const target = {
      model: 'gemini-3-pro',
      stream: false,
      report: (_kind: string, field: string) => lost.push(field),
    };
    const body = codec.encodeRequest(request, target);
    return { lost, config: asObject(body.toolConfig)?.functionCallingConfig };
  };
  const tool = { name: 'f', input_schema: { type: 'object' } };

  test.each([[{ type: 'tool', name: 'web_search' }], [{ type: 'any' }], [{ type: 'none' }]])(
    'the choice %j of a search alone',
    (choice) => {
      const { lost, config } = asked(choice);
      expect(lost).toContain('tool_choice');
      expect(lost).toContain('tools.web_search.max_uses');
      expect(config).toBeUndefined();
    },
  );

  test('a search that is named beside functions; a function stays chosen', () => {
    expect(asked({ type: 'tool', name: 'web_search' }, tool)).toMatchObject({
      lost: expect.arrayContaining(['tool_choice']),
      config: undefined,
    });
    const { lost, config } = asked({ type: 'tool', name: 'f' }, tool);
    expect(lost).not.toContain('tool_choice');
    expect(config).toEqual({ mode: 'ANY', allowedFunctionNames: ['f'] });
  });
});
