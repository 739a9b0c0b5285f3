import { expect, test } from 'bun:test';
import type { Group } from '../config/group.ts';
import { editedText } from './edit-text.ts';

function edited(text: string, change: (contents: Group) => Group, env: Record<string, string> = {}): string {
  const result = editedText(text, change, (written) =>
    written.replace(/\$\{(\w+)\}/g, (_, name) => env[name] ?? ''),
  );
  expect(result.ok).toBe(true);
  return result.ok ? result.text : '';
}

const file = `# The gateway.
host: "127.0.0.1"   # only here
port: 8317

# Clients
api-keys:
  - "one"     # Ann
  # Bob's
  - two

gemini-api-key:
  # work
  - api-key: \${GEMINI}
    models: [a, b]   # both
    strange: {x: 1}
  # home
  - api-key: 'k2'
    base-url: https://x.test # mirror

debug: false
# the end
`;

test('a scalar is replaced where it stands, the rest stays byte for byte', () => {
  expect(edited(file, (contents) => ({ ...contents, debug: true }))).toBe(
    file.replace('debug: false', 'debug: true'),
  );
  expect(edited(file, (contents) => ({ ...contents, host: '::1' }))).toBe(
    file.replace('"127.0.0.1"', '"::1"'),
  );
});

test('of a map in braces nothing may be left', () => {
  expect(edited('{"a": "x"} # mine\n', () => ({}))).toBe('{} # mine\n');
  expect(edited('{"a": "x"}\n', () => ({ b: 1 }))).toBe('{"b":1}\n');
});

test('a new key stands at the end', () => {
  expect(edited(file, (contents) => ({ ...contents, 'request-retry': 3 }))).toBe(
    file.replace('debug: false\n', 'debug: false\nrequest-retry: 3\n'),
  );
});

test('an entry leaves a list with the comment above it', () => {
  expect(edited(file, (contents) => ({ ...contents, 'api-keys': ['one'] }))).toBe(
    file.replace("  # Bob's\n  - two\n", ''),
  );
  expect(edited(file, (contents) => ({ ...contents, 'api-keys': ['two', 'three'] }))).toBe(
    file.replace('  - "one"     # Ann\n', '').replace('- two\n', '- two\n  - three\n'),
  );
});

test('a variable that says the same stays a variable', () => {
  const change = (contents: Group) => ({
    ...contents,
    'gemini-api-key': [
      { 'api-key': 'secret', models: ['a', 'b'], strange: { x: 1 }, priority: 2 },
      { 'api-key': 'k2', 'base-url': 'https://x.test' },
    ],
  });
  expect(edited(file, change, { GEMINI: 'secret' })).toBe(
    file.replace('strange: {x: 1}\n', 'strange: {x: 1}\n    priority: 2\n'),
  );
});

test('entries change places together with their comments', () => {
  const made = edited(file, (contents) => ({ ...contents, 'api-keys': ['two', 'one'] }));
  expect(made).toBe(
    file.replace(
      '  - "one"     # Ann\n  # Bob\'s\n  - two\n\n',
      '  # Bob\'s\n  - two\n  - "one"     # Ann\n\n',
    ),
  );
});

test('the first key of an entry goes, and the next takes its place', () => {
  const made = edited('a:\n  - x: 1\n    y: 2\n    z: 3\n', () => ({ a: [{ y: 2, z: 4 }] }));
  expect(made).toBe('a:\n  - y: 2\n    z: 4\n');
});

test('brackets stay brackets', () => {
  expect(edited('a: [x, y]\nb: {c: 1}\n', () => ({ a: ['x', 'y', 'z w'], b: { c: 1, d: 'e' } }))).toBe(
    'a: [x, y, "z w"]\nb: {c: 1, d: e}\n',
  );
  expect(edited('a: [x, y, z]\n', () => ({ a: ['x', 'z'] }))).toBe('a: [x, z]\n');
  expect(edited('{"a": 1}', (contents) => ({ ...contents, b: [1] }))).toBe('{"a": 1, b: [1]}');
});

test('a text that says nothing is added to', () => {
  expect(edited('# nothing yet\n', () => ({ a: { b: [1] } }))).toBe('# nothing yet\na:\n  b:\n    - 1\n');
  expect(edited('', () => ({ a: 1 }))).toBe('a: 1\n');
});

test('a null with a comment is filled in before it', () => {
  expect(edited('a:   # say\nb: 1\n', () => ({ a: 'x', b: 1 }))).toBe('a: x   # say\nb: 1\n');
});

test('what an alias stands for changes where it was meant alone', () => {
  const text = 'a: &m\n  - x\n  - z\nb: *m\n';
  expect(edited(text, () => ({ a: ['x'], b: ['x', 'z'] }))).toBe('a: &m\n  - x\nb: ["x","z"]\n');
  expect(edited(text, () => ({ a: ['x', 'z'], b: ['x'] }))).toBe('a: &m\n  - x\n  - z\nb:\n  - x\n');
});

test('a merged map is overridden, not changed', () => {
  const text = 'base: &b\n  p: 1\n  q: 2\nlist:\n  - <<: *b\n    k: a\n  - <<: *b\n    k: b\n';
  const made = edited(text, () => ({
    base: { p: 1, q: 2 },
    list: [
      { p: 1, q: 3, k: 'a' },
      { p: 1, q: 2, k: 'b' },
    ],
  }));
  expect(made).toBe(text.replace('    k: a\n', '    k: a\n    q: 3\n'));
});

test('line breaks are those of the file', () => {
  expect(edited('a: 1\r\nb:\r\n  - x\r\n', () => ({ a: 1, b: ['x', 'why'], c: { d: 1 } }))).toBe(
    'a: 1\r\nb:\r\n  - x\r\n  - why\r\nc:\r\n  d: 1\r\n',
  );
});

test('texts that look like something else are quoted', () => {
  const values = {
    a: 'yes',
    b: '012',
    c: 'null',
    d: '1e3',
    e: 'x: y',
    f: '# z',
    g: '*a',
    h: 'l\nm',
    i: '',
    j: '${X}',
  };
  expect(edited('z: 1\n', () => ({ z: 1, v: values }))).toContain('a: "yes"');
});
