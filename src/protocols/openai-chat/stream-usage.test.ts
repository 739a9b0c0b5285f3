import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { withoutUnaskedUsage } from './stream-usage.ts';

const shown = (text: string): string =>
  Buffer.from(withoutUnaskedUsage(new TextEncoder().encode(text))).toString();

const head = '"id":"c1","object":"chat.completion.chunk","created":1,"model":"m"';
const event = (members: string, gap = '\n\n'): string => `data: {${head},${members}}${gap}`;
const usage = '"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}';
const choice = (text: string): string => `{"index":0,"delta":{"content":${JSON.stringify(text)}}}`;

test.each([
  [
    'as OpenAI writes it',
    event(`"choices":[${choice('a')}],"usage":null`),
    event(`"choices":[${choice('a')}]`),
  ],
  [
    'before the padding',
    event(`"choices":[${choice('a')}],"usage":null,"obfuscation":"xY3"`),
    event(`"choices":[${choice('a')}],"obfuscation":"xY3"`),
  ],
  [
    'before the choices',
    event(`"usage": null , "choices":[${choice('a')}]`),
    `data: {${head} , "choices":[${choice('a')}]}\n\n`,
  ],
  ['first of all', `data: {"usage":null, ${head}}\n\n`, `data: {${head}}\n\n`],
  ['alone', 'data:{ "usage" : null }\r\n\r\n', 'data:{  }\r\n\r\n'],
  [
    'with line ends of two bytes',
    event('"choices":[],"usage":null', '\r\n\r\n'),
    event('"choices":[]', '\r\n\r\n'),
  ],
])('null goes, %s', (_where, sent, expected) => {
  expect(shown(sent)).toBe(expected);
  expect(shown(`${sent}${event(`"choices":[${choice('b')}]`)}data: [DONE]\n\n`)).toBe(
    `${expected}${event(`"choices":[${choice('b')}]`)}data: [DONE]\n\n`,
  );
});

test('the event with usage and no choice goes, with all its lines', () => {
  const before = event(`"choices":[${choice('a')}]`);
  const done = 'data: [DONE]\n\n';
  for (const sent of [
    event(`"choices":[],${usage}`),
    event(`${usage},"choices":[ ]`),
    event(usage),
    `event: message\nid: 7\ndata: {"choices":[],${usage}}\n\n`,
    `event: message\r\ndata: {"choices":[],${usage}}\r\n\r\n`,
    `data: {"choices":[],${usage}}\nretry: 3\n\n`,
  ])
    expect(shown(before + sent + done)).toBe(before + done);
  expect(shown(event(`"choices":[],${usage}`))).toBe('');
  // Of a line before it something was to go, too.
  expect(shown(`${before}data: {"usage":null}\ndata: {"choices":[],${usage}}\n\n${done}`)).toBe(
    before + done,
  );
  // The last event of a stream may lack its blank line.
  expect(shown(before + event(`"choices":[],${usage}`, ''))).toBe(before);
});

test('what is not of the gateway’s asking stays, byte for byte', () => {
  for (const sent of [
    event(`"choices":[${choice('a')}],${usage}`),
    event(`"choices":[{"index":0,"delta":{},"usage":null}]`),
    event(`"choices":[${choice('say "usage":null')}]`),
    event(`"choices":[${choice('usage')}]`),
    event(`"choices":[{"index":0,"list":["a"],"usage":null}],"x":"usage"`),
    event('"x_groq":{"usage":{"total_tokens":3}},"choices":[]'),
    ': "usage" in a comment\n\n',
    `data: {"choices":[],"usage":\n\n`,
  ])
    expect(shown(sent)).toBe(sent);
});

test('events without the word are the very same bytes', () => {
  const bytes = new TextEncoder().encode(event(`"choices":[${choice('a')}]`));
  expect(withoutUnaskedUsage(bytes)).toBe(bytes);
});

test('whatever the chunks say: with usage asked and taken out they are those without', () => {
  const texts = fc.array(
    fc.record({ text: fc.string({ unit: 'binary', maxLength: 12 }), padded: fc.boolean() }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(texts, (chunks) => {
      const stream = (asked: boolean): string =>
        `${chunks
          .map(({ text, padded }) =>
            event(
              `"choices":[${choice(text)}]${asked ? ',"usage":null' : ''}${padded ? ',"obfuscation":"ab"' : ''}`,
            ),
          )
          .join('')}${asked ? event(`"choices":[],${usage}`) : ''}data: [DONE]\n\n`;
      expect(shown(stream(true))).toBe(stream(false));
    }),
  );
});
