import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { inputTokens, wantedAnswer } from './token-estimate.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('the size of an input', () => {
  test('a token for every four bytes of JSON', () => {
    expect(inputTokens(new TextEncoder().encode('x'.repeat(400)))).toBe(100);
  });

  test.each([
    ['a data URL', (file: string) => ({ image_url: { url: `data:image/png;base64,${file}` } })],
    ['Anthropic', (file: string) => ({ source: { type: 'base64', media_type: 'image/png', data: file } })],
    ['Gemini', (file: string) => ({ inlineData: { mimeType: 'image/png', data: file } })],
  ])('a file is not counted as the text of its base64: %s', (_, body) => {
    const large = inputTokens(bytes([body('A'.repeat(4_000_000)), body('B'.repeat(2_000_000))]));
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
          expect(inputTokens(body)).toBe(Math.ceil(body.length / 4));
        },
      ),
    );
  });

  test('a mark at the very end ends the search', () => {
    for (const text of ['"data"', '"data":', '"data":"', ';base64,'])
      expect(inputTokens(new TextEncoder().encode(text))).toBeGreaterThan(0);
  });
});

describe('the largest answer that a request wants', () => {
  test.each([
    [{ max_tokens: 7 }, 7],
    [{ max_completion_tokens: 8 }, 8],
    [{ max_output_tokens: 9 }, 9],
    [{ generationConfig: { maxOutputTokens: 10 } }, 10],
    [{ messages: [{ content: 'say "max_tokens": 5' }], max_tokens: 11 }, 11],
    [{ tools: [{ parameters: { properties: { max_tokens: { type: 'number' } } } }], max_tokens: 12 }, 12],
    [{ max_tokens: null }, undefined],
    [{}, undefined],
  ])('%j', (body, tokens) => {
    expect(wantedAnswer(bytes(body))).toBe(tokens);
  });
});
