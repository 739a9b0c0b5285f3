/**
 * Low-level work that is written once: who watches files, finds where events end, reads strings of JSON byte by byte. The files
 * that do it are named here with what only they do; whoever needs it imports from them. The clock has a test of its own.
 */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dir, '..');
const sources = ['src', 'sandbox'].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('fixtures/'))
    .map((name) => `${folder}/${name}`),
);

interface Home {
  what: string;
  /** What such code has in it. */
  pattern: RegExp;
  files: Record<string, string>;
}

const homes: Home[] = [
  {
    what: 'a watch of the file system',
    pattern: /\bwatch(?:File)?\b[^;]*from 'node:fs(?:\/promises)?'|\bchokidar\b|\bfs\.watch/,
    files: { 'src/ground/directory-watch.ts': 'all: config, accounts, links' },
  },
  {
    what: 'the end of an event of a stream',
    pattern: /(?:indexOf|split|endsWith|search|match)\((?:'\\n\\n'|\/[^/]*\\n[^/]*\\n)/,
    files: {},
  },
  {
    what: 'a reader of event streams',
    pattern: /function (?:sseReader|eventEnd|behindEvent)\b/,
    files: {
      'src/protocols/sse.ts': 'decodes any stream, in any split',
      'src/protocols/sse-bytes.ts': 'finds where events end in bytes that go through as they are',
    },
  },
  {
    what: 'a scanner of JSON strings',
    pattern: /[=!]== backslash\b|[=!]== 0x5c\b|[=!]== 92\b/,
    files: {
      'src/protocols/json-span.ts': 'the scanner: members, elements and values by their offsets',
      'src/protocols/json-end.ts': 'backwards: whether the last bracket closes the first',
      'src/protocols/json-grammar.ts': 'whether bytes are JSON at all, in one pass over them',
      'src/protocols/json-text-span.ts': 'the scanner over text instead of bytes',
      'src/protocols/json-weight.ts': 'counts values before anything is parsed',
      'src/protocols/repeated-event.ts': 'fast path: events that differ in one text',
      'src/protocols/well-formed.ts': 'half characters in escapes',
      'src/gateway/stream/said-tokens.ts': 'fast path: whether a JSON string could hold bytes as they are',
      'src/gateway/body-scan.ts': 'fast path: model and stream of a request',
      'src/gateway/doubled-name.ts': 'names that a request has twice',
      'src/management/json-depth.ts': 'how deep a body of the management API is nested',
      'src/telemetry/secret-forms.ts': 'secrets in every form in which a text may have them',
    },
  },
  {
    what: 'a type of body that is read piece by piece',
    pattern: /interface (?:BodyReader|ChunkReader)\b/,
    files: {
      'src/http-client/body-queue.ts': 'the body of an answer',
      'src/gateway/answer.ts': 'the same, with what the way of a request adds to it',
    },
  },
];

test.each(homes)('$what has its home, and nobody writes another', ({ pattern, files }) => {
  const found = sources.filter((file) => pattern.test(readFileSync(join(project, file), 'utf8')));
  expect(found.sort()).toEqual(Object.keys(files).sort());
});

/** Code that would be shorter without a measure that says what it saves: each in a file of its own. */
const fastPaths = [
  'src/protocols/delta-text.ts',
  'src/protocols/gemini/plain-text.ts',
  'src/protocols/repeated-event.ts',
  'src/protocols/sse.ts',
  'src/gateway/body-scan.ts',
  'src/gateway/latin1.ts',
  'src/gateway/stream/event-check.ts',
  'src/gateway/stream/usage-scan.ts',
  'src/http-client/text-pieces.ts',
  'src/server/outgoing-body.ts',
];

test('a fast path names at its head the benchmark that justifies it', () => {
  const named = sources.filter((file) =>
    /Fast path: /.test(readFileSync(join(project, file), 'utf8').slice(0, 1200)),
  );
  expect(named.sort()).toEqual([...fastPaths].sort());
  for (const file of fastPaths)
    expect(readFileSync(join(project, file), 'utf8').slice(0, 1200)).toMatch(
      /`npm run bench -- --only [^`]+`/,
    );
});
