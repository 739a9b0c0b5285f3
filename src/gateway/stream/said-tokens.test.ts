import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { protocols } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import { saidTokens } from './said-tokens.ts';
import { createTail } from './usage-scan.ts';

const chunk = (delta: object): string =>
  `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;

function saidBy(text: string, cuts: readonly number[]): number {
  const tail = createTail();
  const bytes = new TextEncoder().encode(text);
  let from = 0;
  for (const cut of [...cuts.map((at) => at % bytes.length), bytes.length].sort((a, b) => a - b)) {
    if (cut > from) tail.push(bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  return saidTokens(codecs['openai-chat'], tail);
}

/** Its further pieces have neither id nor name. */
const call = {
  tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '' } }],
};

const words = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const delta = fc.oneof(
  { weight: 8, arbitrary: words.map((content) => ({ content })) },
  words.map((reasoning_content) => ({ reasoning_content })),
  words.map((text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
  fc.constant({ role: 'assistant', content: '' }),
);

test('a stream says as much as its events, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(delta, { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (further, cuts) => {
        const deltas = [call, ...further];
        const { answerBytes } = codecs['openai-chat'];
        const each = deltas.map((one) => answerBytes({ choices: [{ delta: one }] }));
        const bytes = each.reduce((sum, one) => sum + one, 0);
        expect(saidBy(`${deltas.map(chunk).join('')}data: [DONE]\n\n`, cuts)).toBe(Math.ceil(bytes / 4));
      },
    ),
  );
});

test('lines may end in any of the three ways', () => {
  const text = ['Hello', ' there', ', Ann', '!'].map((content) => chunk({ content })).join('');
  for (const end of ['\n', '\r\n', '\r']) expect(saidBy(text.replaceAll('\n', end), [])).toBe(5);
});

test.each([...protocols])('a stream of %s that says nothing comes to nothing', (protocol) => {
  const tail = createTail();
  tail.push(new TextEncoder().encode(': ping\n\ndata: {}\n\n'));
  expect(saidTokens(codecs[protocol], tail)).toBe(0);
});

test('a long stream is sampled: about what it says, whatever is around it', () => {
  const texts = Array.from({ length: 2000 }, (_, at) => ' word'.repeat(1 + (at % 3)));
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  const said = saidBy(texts.map((content) => chunk({ content })).join(''), [50_000, 90_000]);
  expect(Math.abs(said / (bytes / 4) - 1)).toBeLessThan(0.3);
});

test('a long stream of lines in whatever order comes to an end', () => {
  const line = fc.constantFrom('\n', '\r', '\r\n', ':\n', 'event: x\n', 'data: {}\n\n', 'x');
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), fc.array(fc.nat()), (lines, cuts) => {
      const text = lines.join('');
      for (const size of [100, 17_000, 70_000, 300_000])
        saidBy(text.repeat(Math.ceil(size / text.length)), cuts);
    }),
    { numRuns: 50 },
  );
});

const chunks = (count: number, delta: (at: number) => object): string =>
  Array.from({ length: count }, (_, at) => chunk(delta(at))).join('');
const word = { content: 'eight ch' };

test.each<[what: string, text: string, tokens: number]>([
  [
    'long reasoning and short words',
    chunks(300, () => ({ reasoning_content: 'r'.repeat(40) })) + chunks(300, () => ({ content: 'abc' })),
    3225,
  ],
  ['one event alone', chunks(1, () => ({ content: 'a'.repeat(300_000) })), 75_000],
  [
    'one event, and words behind it',
    chunks(1, () => ({ content: 'a'.repeat(100_000) })) + chunks(100, () => word),
    25_200,
  ],
  ['empty events before the words', chunks(500, () => ({})) + chunks(100, () => word), 200],
  ['an empty event behind each word', chunks(400, (at) => (at % 2 === 0 ? word : {})), 400],
])('a long stream of %s is estimated within a fifth', (_, text, tokens) => {
  const cuts = Array.from({ length: text.length >> 14 }, (_, at) => at << 14);
  expect(Math.abs(saidBy(text, cuts) / tokens - 1)).toBeLessThan(0.2);
});
