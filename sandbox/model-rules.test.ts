/** What the providers refuse for the sake of a model or of a schema is refused here, in their words. */
import { afterAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from './json.ts';
import { startSandbox } from './start.ts';

const sandbox = startSandbox({ pace: 0 });
afterAll(() => sandbox.stop());

const headers = {
  authorization: 'Bearer key',
  'x-goog-api-key': 'key',
  'anthropic-version': '2023-06-01',
};

async function ask(path: string, body: JsonObject): Promise<{ status: number; text: string }> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const hi = [{ role: 'user', content: 'Hi' }];
const chat = (model: string, more: JsonObject) =>
  ask('/v1/chat/completions', { model, messages: hi, ...more });
const responses = (model: string, more: JsonObject) => ask('/v1/responses', { model, input: 'Hi', ...more });
const claude = (model: string, more: JsonObject) =>
  ask('/v1/messages', { model, max_tokens: 4000, messages: hi, ...more });
const gemini = (model: string, thinkingConfig: JsonObject) =>
  ask(`/v1beta/models/${model}:generateContent`, {
    contents: [{ parts: [{ text: 'Hi' }] }],
    generationConfig: { thinkingConfig },
  });
const effort = (level: string) => ({ output_config: { effort: level } });
const budget = { thinking: { type: 'enabled', budget_tokens: 1024 } };
const adaptive = { thinking: { type: 'adaptive' } };

type Row = [what: string, asked: () => Promise<{ status: number; text: string }>, words: string];

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];

const refused: readonly Row[] = [
  [
    'tools with an effort for GPT-5.4 over Chat',
    () => chat('gpt-5.4', { tools, reasoning_effort: 'low' }),
    'Please use /v1/responses instead',
  ],
  [
    'tools without an effort for GPT-5.6 Luna over Chat',
    () => chat('gpt-5.6-luna', { tools }),
    "set reasoning_effort to 'none'",
  ],
  ['no effort for GPT-6 Astra', () => responses('gpt-6-astra', { reasoning: { effort: 'none' } }), "'none'"],
  [
    'an id of a user that is too long',
    () => chat('gpt-4.1', { user: 'u'.repeat(65) }),
    'at most 64 characters',
  ],
  ['the same over Responses', () => responses('gpt-5.4', { user: 'u'.repeat(65) }), 'at most 64 characters'],
  [
    'verbosity for GPT-4o over Chat',
    () => chat('gpt-4o', { verbosity: 'low' }),
    "Supported values are: 'medium'",
  ],
  [
    'verbosity for o3 over Responses',
    () => responses('o3', { text: { verbosity: 'high' } }),
    "Supported values are: 'medium'",
  ],
  [
    'an address of a person for Claude',
    () => claude('claude-sonnet-4-5', { metadata: { user_id: 'jane@example.com' } }),
    'appears to contain an email address',
  ],
  [
    'an id of a megabyte for Claude',
    () => claude('claude-sonnet-4-5', { metadata: { user_id: 'a'.repeat(1e6) } }),
    'at most 512 characters',
  ],
  [
    'xhigh without thinking for Opus 5',
    () => claude('claude-opus-5', { thinking: { type: 'disabled' }, ...effort('xhigh') }),
    'not supported when thinking is disabled',
  ],
  [
    'no thinking for Opus 5.5',
    () => claude('claude-opus-5-5', { thinking: { type: 'disabled' } }),
    'is not supported for this model',
  ],
  ['max for GPT-5.6 Sol over Chat', () => chat('gpt-5.6-sol', { reasoning_effort: 'max' }), "'max'"],
  ['max for GPT-6.2 Astra over Chat', () => chat('gpt-6.2-astra', { reasoning_effort: 'max' }), "'max'"],
  ['no effort for GPT-6.1 Sol', () => chat('gpt-6.1-sol', { reasoning_effort: 'none' }), "'none'"],
  [
    'temperature for Opus 4.7',
    () => claude('claude-opus-4-7', { temperature: 0.5 }),
    '`temperature` is deprecated',
  ],
  ['top_p for Sonnet 5', () => claude('claude-sonnet-5', { top_p: 0.5 }), '`top_p` is deprecated'],
  ['top_k for Fable 5.1', () => claude('claude-fable-5-1', { top_k: 4 }), '`top_k` is deprecated'],
  [
    'temperature with top_p',
    () => claude('claude-sonnet-4-5', { temperature: 1, top_p: 0.9 }),
    'cannot both',
  ],
  [
    'effort for Haiku 4.5',
    () => claude('claude-haiku-4-5', effort('low')),
    'not support the effort parameter',
  ],
  [
    'xhigh for Opus 4.6',
    () => claude('claude-opus-4-6', effort('xhigh')),
    `does not support effort level 'xhigh'. Supported levels: high, low, max, medium.`,
  ],
  ['a budget for Opus 4.8', () => claude('claude-opus-4-8', budget), 'thinking.type.adaptive'],
  [
    'adaptive thinking for Sonnet 4.5',
    () => claude('claude-sonnet-4-5', adaptive),
    'adaptive thinking is not',
  ],
  ['thinking for Claude 3.5', () => claude('claude-3-5-haiku-latest', budget), 'thinking is not supported'],
  [
    'too many tokens for Opus 4.5',
    () => claude('claude-opus-4-5-20251101', { max_tokens: 64_001 }),
    'max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-opus-4-5-20251101',
  ],
  [
    'a last word of the assistant for Sonnet 4.6',
    () => claude('claude-sonnet-4-6', { messages: [...hi, { role: 'assistant', content: 'I' }] }),
    'must end with a user message',
  ],
  [
    'half a character for Claude',
    () => claude('claude-sonnet-4-5', { system: 'half \ud83d' }),
    'no low surrogate in string',
  ],
  [
    'a property that Claude has no word for',
    () =>
      claude('claude-sonnet-4-5', {
        tools: [{ name: 'a', input_schema: { type: 'object', properties: { 'page[size]': {} } } }],
      }),
    'Property keys should match pattern',
  ],
  ['temperature for GPT-5, Chat', () => chat('gpt-5', { temperature: 0.5 }), 'Only the default (1) value'],
  [
    'temperature for GPT-5, Responses',
    () => responses('gpt-5', { temperature: 1 }),
    `'temperature' is not supported`,
  ],
  [
    'temperature for GPT-5.2 that reasons',
    () => responses('gpt-5.2', { temperature: 0.5, reasoning: { effort: 'low' } }),
    `'temperature' is not supported`,
  ],
  ['stop for o3', () => chat('o3', { stop: ['a'] }), `'stop' is not supported with this model`],
  ['max_tokens for o4-mini', () => chat('o4-mini', { max_tokens: 9 }), `Use 'max_completion_tokens' instead`],
  [
    'minimal for GPT-5.1, Chat',
    () => chat('gpt-5.1', { reasoning_effort: 'minimal' }),
    `Supported values are: 'none', 'low', 'medium', and 'high'.`,
  ],
  [
    'none for a Codex model',
    () => responses('gpt-5.1-codex', { reasoning: { effort: 'none' } }),
    `'none' is not supported with the 'gpt-5.1-codex' model`,
  ],
  [
    'effort for GPT-4o',
    () => chat('gpt-4o', { reasoning_effort: 'low' }),
    `'reasoning_effort' is not supported`,
  ],
  [
    'too many tokens for GPT-4o',
    () => chat('gpt-4o', { max_tokens: 20_000 }),
    'supports at most 16384 completion',
  ],
  [
    'no budget for 2.5 Pro',
    () => gemini('gemini-2.5-pro', { thinkingBudget: 0 }),
    'only works in thinking mode',
  ],
  [
    'a budget too small for 2.5 Pro',
    () => gemini('gemini-2.5-pro', { thinkingBudget: 100 }),
    'between 128 and 32768',
  ],
  [
    'a level for 2.5 Flash',
    () => gemini('gemini-2.5-flash', { thinkingLevel: 'LOW' }),
    'level is not supported',
  ],
  [
    'MINIMAL for 3.1 Pro',
    () => gemini('gemini-3.1-pro-preview', { thinkingLevel: 'MINIMAL' }),
    'level MINIMAL is not',
  ],
  [
    'thinking for 2.0',
    () => gemini('gemini-2.0-flash', { includeThoughts: true }),
    'Thinking is not enabled',
  ],
];

const geminiBody = (model: string, more: JsonObject) =>
  ask(`/v1beta/models/${model}:generateContent`, { contents: [{ parts: [{ text: 'Hi' }] }], ...more });
const declared = { functionDeclarations: [{ name: 'f' }] };
const json = { generationConfig: { responseMimeType: 'application/json' } };
const claudeTools = { tools: [{ name: 'f', input_schema: { type: 'object' } }] };

const together: readonly Row[] = [
  [
    'penalties for 2.5 Flash',
    () => geminiBody('gemini-2.5-flash', { generationConfig: { presencePenalty: 1 } }),
    'Penalty is not enabled',
  ],
  [
    'pictures of a model of text',
    () => geminiBody('gemini-2.5-flash', { generationConfig: { responseModalities: ['IMAGE'] } }),
    'requested response modalities',
  ],
  [
    'JSON beside functions for 2.5 Pro',
    () => geminiBody('gemini-2.5-pro', { tools: [declared], ...json }),
    'Function calling with a response mime type',
  ],
  [
    'a search beside functions for 2.5 Pro',
    () => geminiBody('gemini-2.5-pro', { tools: [declared, { googleSearch: {} }] }),
    'Tool use with function calling is unsupported',
  ],
  [
    'a forced call for Fable 5.1',
    () => claude('claude-fable-5-1', { ...claudeTools, tool_choice: { type: 'any' } }),
    'tool_choice',
  ],
];

test.each(together)('what does not go together is refused: %s', async (_, asked, words) => {
  const { status, text } = await asked();
  expect(text).toContain(words);
  expect(status).toBe(400);
});

test('newer models do both', async () => {
  const both = await geminiBody('gemini-3-flash-preview', { tools: [declared], ...json });
  expect(both.status, both.text).toBe(200);
  const forced = await claude('claude-opus-5', { ...claudeTools, tool_choice: { type: 'any' } });
  expect(forced.status, forced.text).toBe(200);
});

const accepted: readonly Row[] = [
  ['the usual temperature for Opus 4.7', () => claude('claude-opus-4-7', { temperature: 1 }), ''],
  ['temperature for Sonnet 4.5', () => claude('claude-sonnet-4-5', { temperature: 0.5 }), ''],
  ['xhigh for Opus 4.7', () => claude('claude-opus-4-7', { ...adaptive, ...effort('xhigh') }), ''],
  ['a budget for Sonnet 4.5', () => claude('claude-sonnet-4-5', budget), ''],
  [
    'a last word of the assistant for Haiku 4.5',
    () => claude('claude-haiku-4-5', { messages: [...hi, { role: 'assistant', content: 'I' }] }),
    '',
  ],
  ['whole characters and written escapes', () => claude('claude-sonnet-4-5', { system: '😀 \\ud83d' }), ''],
  ['the usual temperature for GPT-5, Chat', () => chat('gpt-5', { temperature: 1 }), ''],
  ['temperature for GPT-5.2 that does not reason', () => responses('gpt-5.2', { temperature: 0.5 }), ''],
  ['max for GPT-5.6', () => responses('gpt-5.6-sol', { reasoning: { effort: 'max' } }), ''],
  ['a level for Gemini 3', () => gemini('gemini-3-flash-preview', { thinkingLevel: 'minimal' }), ''],
];

describe('A1, A12: models', () => {
  test.each(refused)('refuse %s', async (_, asked, words) => {
    const { status, text } = await asked();
    expect(text).toContain(JSON.stringify(words).slice(1, -1));
    expect(status).toBe(400);
  });

  test.each(accepted)('take %s', async (_, asked) => {
    const { status, text } = await asked();
    expect(status, text).toBe(200);
  });

  test('Gemini 3 signs a call that nobody asked to think about, and wants the signature back', async () => {
    const tools = [{ functionDeclarations: [{ name: 'weather' }] }];
    const contents = [{ role: 'user', parts: [{ text: 'call weather' }] }];
    const path = '/v1beta/models/gemini-3-flash-preview:generateContent';
    const first = await ask(path, { contents, tools });
    const part = JSON.parse(first.text).candidates[0].content.parts[0];
    expect(part.thoughtSignature).toBeString();
    const answered = { role: 'user', parts: [{ functionResponse: { name: 'weather', response: {} } }] };
    const back = (given: JsonObject) =>
      ask(path, { contents: [...contents, { role: 'model', parts: [given] }, answered], tools });
    expect(await back(part)).toMatchObject({ status: 200 });
    expect((await back({ functionCall: part.functionCall })).text).toContain('missing a thought_signature');
  });
});

const object = (properties: JsonObject, more: JsonObject = {}) => ({ type: 'object', properties, ...more });
const list = { type: 'array' };

describe('A4, A13: schemas', () => {
  const faulty: readonly [what: string, schema: JsonObject, strict: boolean, words: string][] = [
    ['no type', {}, false, `got 'type: "None"'`],
    ['an array', { type: 'array', items: {} }, false, `got 'type: "array"'`],
    ['object or null', { type: ['object', 'null'] }, false, 'must be a JSON Schema'],
    ['a union at the root', object({}, { anyOf: [object({})] }), false, 'at the top level'],
    ['no properties', { type: 'object' }, false, 'In context=(), object schema missing properties.'],
    ['no items', object({ a: list }), false, `In context=('properties', 'a'), array schema missing items.`],
    [
      'no items in a list of types',
      object({ a: { type: ['string', 'array'] } }),
      false,
      `In context=('properties', 'a', 'type', '1'), array schema missing items.`,
    ],
    [
      'no items deep down',
      object({ a: { anyOf: [object({ b: list })] } }),
      false,
      'array schema missing items',
    ],
    ['an open object', object({}), true, `'additionalProperties' is required to be supplied`],
    [
      'an optional property',
      object({ a: { type: 'string' } }, { additionalProperties: false }),
      true,
      `Missing 'a'`,
    ],
    [
      'oneOf',
      object({ a: { oneOf: [] } }, { additionalProperties: false, required: ['a'] }),
      true,
      `'oneOf' is not permitted`,
    ],
  ];

  test.each(faulty)('a function with %s is refused', async (_, parameters, strict, words) => {
    const quoted = JSON.stringify(words).slice(1, -1);
    const declared = { name: 'f', parameters, strict };
    const inChat = await chat('sandbox', { tools: [{ type: 'function', function: declared }] });
    expect(inChat.text).toContain(quoted);
    expect(inChat.text).toContain(
      '"param":"tools[0].function.parameters","code":"invalid_function_parameters"',
    );
    const inResponses = await responses('sandbox', { tools: [{ type: 'function', ...declared }] });
    expect(inResponses.text).toContain(quoted);
  });

  test.each([
    ['an array', { type: 'array', items: {} }],
    ['an enum', { enum: ['a', 'b'] }],
    ['a union', object({}, { anyOf: [object({})] })],
  ])('an answer that is %s is refused', async (_, schema) => {
    const wanted = { name: 'answer', schema };
    const inChat = await chat('sandbox', { response_format: { type: 'json_schema', json_schema: wanted } });
    expect(inChat.text).toContain(`Invalid schema for response_format 'answer': schema must`);
    const inResponses = await responses('sandbox', { text: { format: { type: 'json_schema', ...wanted } } });
    expect(inResponses.text).toContain(`Invalid schema for response_format 'answer': schema must`);
  });
});
