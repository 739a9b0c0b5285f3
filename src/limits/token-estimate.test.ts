import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { shippedBounds } from '../config/bounds.ts';
import { askedInBody } from './asked-in-body.ts';
import { inputTokens, usualAnswer, type WantedAnswer } from './token-estimate.ts';

const wantedAnswer = (body: Uint8Array): WantedAnswer =>
  askedInBody(body, { models: false, answer: true, contentType: null }).answer;

const limit = shippedBounds['token-estimate'];

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('the size of an input', () => {
  test('a token for every four bytes of JSON', () => {
    expect(inputTokens(new TextEncoder().encode('x'.repeat(400)), limit)).toBe(100);
  });

  test.each([
    ['a data URL', (file: string) => ({ image_url: { url: `data:image/png;base64,${file}` } })],
    ['Anthropic', (file: string) => ({ source: { type: 'base64', media_type: 'image/png', data: file } })],
    ['Gemini', (file: string) => ({ inlineData: { mimeType: 'image/png', data: file } })],
  ])('a file is not counted as the text of its base64: %s', (_, body) => {
    const large = inputTokens(bytes([body('A'.repeat(4_000_000)), body('B'.repeat(2_000_000))]), limit);
    expect(large).toBeGreaterThan(3200);
    expect(large).toBeLessThan(3300);
  });

  test('any bytes have a size', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => new TextEncoder().encode(json)),
        ),
        (body) => {
          expect(inputTokens(body, limit)).toBe(Math.ceil(body.length / 4));
        },
      ),
    );
  });

  test('a mark at the very end ends the search', () => {
    for (const text of ['"data"', '"data":', '"data":"', ';base64,'])
      expect(inputTokens(new TextEncoder().encode(text), limit)).toBeGreaterThan(0);
  });
});

describe('H3: an estimate takes time in proportion to the body', () => {
  test.each([
    ['marks of files behind the last string', '{"model":"m"};base64,', ';base64,'],
    ['members of files that never end', '{', '"data":'],
    ['settings in settings', '{"generationConfig":', '{"generationConfig":'],
    ['members without a name', '{', '"":1,'],
    ['escaped quotes', '{"a":"', '\\\\\\"'],
  ])('%s', (_, begin, again) => {
    const body = (bytes: number) => new TextEncoder().encode(begin + again.repeat(bytes / again.length));
    const bytes = body(4_000_000);
    const begun = performance.now();
    inputTokens(bytes, limit);
    wantedAnswer(bytes);
    // It takes 10 to 100 ms; work that grows with the square of the bytes would take half a minute.
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});

test('H3: what is behind the bound counts by its length', () => {
  const body = bytes({ first: 'x'.repeat(1000), source: { data: 'A'.repeat(4_000_000) } });
  expect(inputTokens(body, 500)).toBe(Math.ceil(body.length / 4));
});

describe('M2: the largest answer that a request wants', () => {
  test.each([
    [{ max_tokens: 7 }, 7],
    [{ max_completion_tokens: 8 }, 8],
    [{ max_output_tokens: 9 }, 9],
    [{ generationConfig: { maxOutputTokens: 10 } }, 10],
    [{ generation_config: { max_output_tokens: 10 } }, 10],
    [{ messages: [{ content: 'say "max_tokens": 5' }], max_tokens: 11 }, 11],
    [{ tools: [{ parameters: { properties: { max_tokens: { type: 'number' } } } }], max_tokens: 12 }, 12],
    [{ x: { max_tokens: 1 }, metadata: [{ max_tokens: 2 }], max_tokens: 100_000 }, 100_000],
    [{ max_tokens: 1, max_completion_tokens: 100_000 }, 100_000],
    [{ generationConfig: { maxOutputTokens: '100000' } }, 100_000],
    [{ max_tokens: 1, MAX_TOKENS: 100_000 }, 100_000],
    [{ Max_Completion_Tokens: 100_000 }, 100_000],
    [{ 'max_to\u212aen\u017f': 100_000 }, 100_000],
    [{ GenerationConfig: { MaxOutputTokens: 100_000 } }, 100_000],
    [{ maxTokens: 100_000 }, 100_000],
    [{ max_tokens: 1, n_predict: 100_000 }, 100_000],
    [{ max_tokens: 1, max_new_tokens: 100_000 }, 100_000],
    [{ max_tokens: '+100000' }, 100_000],
    [{ max_tokens: ' 100_000 ' }, 100_000],
    [{ max_tokens: 1, max_completion_tokens: -1 }, usualAnswer],
    [{ max_tokens: 1, max_completion_tokens: 'none' }, usualAnswer],
    [{ max_tokens: 1, max_completion_tokens: [100_000] }, usualAnswer],
    [{ max_tokens: 1, max_completion_tokens: null }, 1],
    [{ max_tokens: 1, reasoning: { max_tokens: 100_000 } }, 1],
    [{ max_tokens: 1, fallbacks: [{ model: 'm', max_tokens: 100_000 }] }, 100_000],
    [{ max_tokens: null }, undefined],
    [{ x: { max_tokens: 1 } }, undefined],
    [{}, undefined],
  ])('%j', (body, tokens) => {
    expect(wantedAnswer(bytes(body)).tokens).toBe(tokens);
  });

  test.each([
    ['{"max\\u005ftokens":100000}', 100_000],
    ['{"max_tokens":1e5}', 100_000],
    ['{"max_tokens":1,"max_tokens":100000}', 100_000],
    ['{"max_tokens":100000,"max_tokens":1}', 100_000],
    ['{ "max_tokens" : 100000.0 }', 100_000],
  ])('%s', (body, tokens) => {
    expect(wantedAnswer(new TextEncoder().encode(body)).tokens).toBe(tokens);
  });

  test.each([
    [{ n: 3 }, 3],
    [{ generationConfig: { candidateCount: 4 } }, 4],
    [{ n: 1, best_of: 5 }, 5],
    [{ n: 1, N: 5 }, 5],
    [{ generation_config: { Candidate_Count: 6 } }, 6],
    [{ n: 1, n_cmpl: 5 }, 5],
    [{}, undefined],
  ])('%j: how many answers', (body, answers) => {
    expect(wantedAnswer(bytes(body)).answers).toBe(answers);
  });

  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 5000 } }, true, 5000],
    [{ reasoning_effort: 'high' }, true, 24_576],
    [{ reasoning: { effort: 'HIGH' } }, true, 24_576],
    [{ reasoning: { max_tokens: 7000 } }, true, 7000],
    [{ output_config: { effort: 'low' } }, true, 1024],
    [{ generationConfig: { thinkingConfig: { thinkingBudget: 9000 } } }, true, 9000],
    [{ generation_config: { thinking_config: { thinking_level: 'LOW' } } }, true, 1024],
    [{ generationConfig: { thinkingConfig: { includeThoughts: true } } }, true, undefined],
    [{ messages: [{ content: 'x', thinking: { budget_tokens: 5 } }] }, false, undefined],
  ])('%j: how much thinking', (body, thinks, thinking) => {
    expect(wantedAnswer(bytes(body))).toMatchObject({ thinks, thinking });
  });
});

describe('M2: what is no file counts as the text that it is', () => {
  const long = 'A'.repeat(400_000);
  const spaced = 'many words '.repeat(40_000);
  test.each([
    ['a text document', { source: { type: 'text', media_type: 'text/plain', data: spaced } }],
    ['the same in letters of base64', { source: { type: 'text', media_type: 'text/plain', data: long } }],
    ['a text in base64', { inlineData: { mimeType: 'text/plain', data: long } }],
    ['a data URL of a text', { image_url: { url: `data:text/plain;base64,${long}` } }],
    ['words behind the mark of a data URL', { type: 'text', text: `data:image/png;base64,${long}` }],
    ['words in a list', ['x;base64,', `data:image/png;base64,${long}`]],
    ['a member called data alone', { data: long }],
    ['the input of a call', { type: 'tool_use', input: { media_type: 'image/png', data: long } }],
    ['the result of a call', { functionResponse: { response: { mimeType: 'image/png', data: long } } }],
    ['the arguments of a call', { functionCall: { args: { url: `data:image/png;base64,${long}` } } }],
    ['a schema', { tools: [{ input_schema: { media_type: 'image/png', data: long } }] }],
    ['what nests deeper than files do', nested(40, { mimeType: 'image/png', data: long })],
  ])('%s', (_, body) => {
    const json = bytes(body);
    expect(inputTokens(json, limit)).toBe(Math.ceil(json.length / 4));
  });

  test.each([
    ['an image of Claude', { source: { type: 'base64', media_type: 'image/png', data: long } }],
    ['the same with its type behind it', { source: { data: long, media_type: 'image/png', type: 'base64' } }],
    ['an image of Gemini', { inline_data: { mime_type: 'image/png', data: long } }],
    ['an image of Responses', { type: 'input_image', image_url: `data:image/png;base64,${long}` }],
    ['a PDF of Chat', { file: { filename: 'a.pdf', file_data: long } }],
    ['sound', { input_audio: { data: long, format: 'wav' } }],
    [
      'an image among the conversation of Responses',
      { input: [{ image_url: `data:image/png;base64,${long}` }] },
    ],
  ])('%s is a file', (_, body) => {
    expect(inputTokens(bytes(body), limit)).toBeLessThan(1700);
  });

  function nested(levels: number, inner: object): object {
    return levels === 0 ? inner : { x: nested(levels - 1, inner) };
  }
});

describe('a budget holds against every way to write a number', () => {
  const raw = (json: string) => wantedAnswer(new TextEncoder().encode(json));

  test.each([
    ['many zeros behind the point', `100000.${'0'.repeat(100)}`, 100_000],
    ['zeros in front, in a text', `"${'0'.repeat(100)}100000"`, 100_000],
    ['spaces around it, in a text', `"${' '.repeat(500)}100000${' '.repeat(400)}"`, 100_000],
    ['more digits than are read', `1${'0'.repeat(2000)}`, 1e12],
    ['a text of more than is read', `"100000${' '.repeat(2000)}"`, 1e12],
    ['an exponent without end', '1e999', 1e12],
  ])('H2: %s', (_, written, tokens) => {
    expect(raw(`{"max_tokens":${written}}`).tokens).toBe(tokens);
    expect(raw(`{"n":${written}}`).answers).toBe(tokens);
    expect(raw(`{"generationConfig":{"candidateCount":${written}}}`).answers).toBe(tokens);
  });

  test('H2: nothing is reckoned with endless numbers', () => {
    const { tokens, answers, thinking } = raw(
      '{"max_tokens":0,"n":1e999,"thinking":{"budget_tokens":1e999}}',
    );
    for (const amount of [tokens, answers, thinking, Number(tokens) * Number(answers)])
      expect(Number.isFinite(amount)).toBe(true);
  });
});
