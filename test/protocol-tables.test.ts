/** Whatever knows how a protocol is written lies in its folder: the way of a request has no tables by protocol. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocols } from '../src/protocols/model.ts';

const project = join(import.meta.dir, '..');

function sourcesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

/** Whatever has to do with requests and answers, whichever protocol they are of. */
const rooms = ['gateway', 'server', 'limits', 'usage', 'telemetry'];
const sources = rooms.flatMap((room) => sourcesIn(`src/${room}`));

/** The code of a file, without its comments. */
const code = (file: string): string =>
  readFileSync(join(project, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<![:'"`/\\])\/\/.*$/gm, '');
const has = (pattern: RegExp) => (file: string) => pattern.test(code(file));

const names = protocols.join('|');

/** A table or a switch by protocol. */
const table = new RegExp(
  String.raw`(?:Record|Map)<\s*(?:Exclude<)?Protocol\b|case '(?:${names})'|'(?:${names})(?: [\w-]+)?'\]?: `,
);

test('no table and no switch by protocol stands outside of the codecs', () => {
  // Which addresses a service has for which protocol is a fact of the service.
  const apart = /^src\/(?:protocols|providers)\//;
  const all = sourcesIn('src').filter((file) => !apart.test(file));
  expect(all.length).toBeGreaterThan(700);
  expect(all.filter(has(table))).toEqual([]);
  expect(table.test("Record<Protocol, string> = { gemini: 'x' }")).toBe(true);
  expect(table.test("'openai-chat': chat,")).toBe(true);
  expect(table.test("'gemini generate': '/v1beta',")).toBe(true);
});

/** A protocol by its name, and what stands in its folder. */
const named = new RegExp(`['"\`/](?:${names})['"\`/]`);

test('nothing on the way of a request names a protocol, or reads from its folder', () => {
  expect(sources.length).toBeGreaterThan(200);
  expect(sources.filter(has(named))).toEqual([]);
  expect(named.test("errorAnswer('openai-responses', error)")).toBe(true);
  expect(named.test("from '../protocols/openai-chat/legacy-completions.ts'")).toBe(true);
});

/** Words of one protocol's bytes and addresses that mean nothing else. */
const wireWords = new RegExp(
  [
    /response\\?\.(?:created|completed|incomplete|failed|done|create|append)\b|message_(?:start|delta|stop)/,
    /content_block|chat\\?\.completion|\[DONE\\?\]|event: ?error|usageMetadata|prompt_?[tT]oken|totalTokens/,
    /(?:completion|input|output)_tokens|finish_?[rR]eason|stop_reason|functionCall|(?:tool|function)_calls?\b/,
    /generationConfig|candidates?(?:_c|C)ount|candidates(?:_t|T)oken|stream_options|include_usage|item_reference/,
    /previous_(?:response|interaction)|encrypted_content|(?:inline|file)_?[dD]ata\b|file_?[uU]ri|file_ids?\b/,
    /image_url|input_schema|(?:thinking_?[bB]|['"`]b)udget_?[tT]okens|reasoning_?[eE]ffort|best_of|cached_?[cC]ontent/,
    /max_(?:completion_|output_)?tokens|v1(?:beta\/models|\/(?:chat|completions|responses|messages))\b|[:/]count_?[tT]okens\b/,
    /(?:\.|['"`]"?)(?:choices|delta|fallbacks|contents|systemInstruction)\b|['"]candidates['"]/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** OpenTelemetry has names of its own for counts and operations, which are those of no protocol. */
const metricNames = ['genai-metrics', 'metric-table', 'request-metrics']
  .map((name) => `src/telemetry/metrics/${name}.ts`)
  .concat('src/telemetry/tracing/spans.ts');

test('no word of a protocol’s bytes stands in the code that requests of all go through', () => {
  expect(sources.filter((file) => !metricNames.includes(file)).filter(has(wireWords))).toEqual([]);
  for (const line of [
    `if (event.type === 'response.completed')`,
    '/"finish_reason"/.test(data)',
    'value.choices',
    `const word = '"previous_response_id"'`,
    'stream_options: { include_usage: true }',
  ])
    expect([line, wireWords.test(line)]).toEqual([line, true]);
});

/** A pattern or a plain search over bytes for the error of an answer, which each protocol writes in its own way. */
const errorSearch = /\/[^/\n]*"error\\?"[^/\n]*\/|includes\('(?:"?error"?|failed)'\)|\/error\|/;

test('errors in bytes are looked for by the codecs alone', () => {
  expect(sources.filter(has(errorSearch))).toEqual([]);
  expect(errorSearch.test(String.raw`/"error"\s*:\s*\{/.test(text)`)).toBe(true);
  expect(errorSearch.test(`text.includes('error')`)).toBe(true);
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
  ...['kept-fields', 'media', 'request-decode', 'request-encode', 'request-members', 'response'],
  ...['same-protocol', 'settings'],
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
