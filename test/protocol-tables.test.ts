/** Whatever knows how a protocol is written lies in its folder: the way of a request has no tables by protocol. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocols } from '../src/protocols/model.ts';

const project = join(import.meta.dir, '..');

/** Files that have one still. None may be added, and one that no longer needs its place here loses it. */
const remaining: string[] = [];

/** A table or a switch by protocol. */
const table =
  /Record<\s*(?:Exclude<)?Protocol\b|case '(?:openai-chat|openai-responses|anthropic-messages|gemini)'/;
const atHome = 'src/gateway/stream/';

function sourcesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

const sources = [...sourcesIn('src/gateway'), ...sourcesIn('src/server')];
const has = (pattern: RegExp) => (file: string) => pattern.test(readFileSync(join(project, file), 'utf8'));

test('no table and no switch by protocol comes into gateway or server', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter(has(table)).sort()).toEqual(remaining);
});

test('streams go through without the name of a protocol', () => {
  const named = sources
    .filter((file) => file.startsWith(atHome))
    .filter(has(/'(?:openai-chat|openai-responses|anthropic-messages|gemini)'/));
  expect(named).toEqual([]);
});

/** Words that stand in one protocol's bytes, as code would name them: in quotes, in a pattern, or as a member. */
const wireWords =
  /['"`/.\\](?:response\\?\.(?:created|completed|incomplete|failed|done)\b|message_(?:start|delta|stop)|content_block|chat\.completion|\[DONE\\?\]|usageMetadata|promptTokenCount|prompt_tokens|completion_tokens|finish_?[rR]eason|stop_reason|functionCall|generationConfig|tool_calls|choices\b)/;

test('no word of a protocol’s bytes stands in the code of gateway or server', () => {
  const code = (file: string): string =>
    readFileSync(join(project, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  expect(sources.filter((file) => wireWords.test(code(file)))).toEqual([]);
  expect(wireWords.test(`if (event.type === 'response.completed')`)).toBe(true);
  expect(wireWords.test('/"finish_reason"/.test(data)')).toBe(true);
  expect(wireWords.test('value.choices')).toBe(true);
});

/** What every codec has, under one name: to see how another protocol does it is to open the same file in another folder. */
const ofEveryCodec = [
  ...[
    'addresses',
    'answer-size',
    'content-decode',
    'content-encode',
    'conversation-encode',
    'errors',
    'finish',
    'index',
  ],
  ...['kept-fields', 'media', 'request-decode', 'request-encode', 'response', 'same-protocol', 'settings'],
  ...['stream-decode', 'stream-encode', 'stream-form', 'tools', 'usage'],
];

test('the four codecs have the same files under the same names', () => {
  for (const protocol of protocols) {
    const files = readdirSync(join(project, 'src/protocols', protocol));
    expect([protocol, ofEveryCodec.filter((name) => !files.includes(`${name}.ts`))]).toEqual([protocol, []]);
  }
});

test('what only some codecs have stands in the documentation, with the reason', () => {
  const page = readFileSync(join(project, 'docs/internals/architecture.md'), 'utf8');
  const further = protocols.flatMap((protocol) =>
    readdirSync(join(project, 'src/protocols', protocol))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -3)),
  );
  const undocumented = new Set(
    further.filter((name) => !ofEveryCodec.includes(name) && !page.includes(`\`${name}\``)),
  );
  expect([...undocumented]).toEqual([]);
});
