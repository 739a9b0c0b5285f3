import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { Group } from '../config/group.ts';
import { editedText } from './edit-text.ts';
import { sectionsEdited } from './section-edit.ts';

const text = `# ours
host: 127.0.0.1 # here
debug: false

# the keys
gemini-api-key:
- api-key: one # the first
  strange: {kept: [1, 2]}
- api-key: two

# behind
routing:
  strategy: "round-robin"
  # inner
`;

const as = (written: string) => written;
const edit = (source: string, change: (contents: Group) => Group) => {
  const contents: Group = parse(source);
  return sectionsEdited(source, contents, change(contents), as);
};

test('16: a switch is changed in its own line, whatever else the file says', async () => {
  const made = await edit(text, (contents) => ({ ...contents, debug: true }));
  expect(made).toBe(text.replace('debug: false', 'debug: true'));
});

test('16: a list in the column of its key is changed in its own lines', async () => {
  const made = await edit(text, (contents) => ({
    ...contents,
    'gemini-api-key': [{ 'api-key': 'one', strange: { kept: [1, 2] }, priority: 3 }],
  }));
  expect(made).toContain('- api-key: one # the first\n  strange: {kept: [1, 2]}\n  priority: 3\n');
  expect(made).toContain('\n# behind\nrouting:');
  expect(made).not.toContain('two');
});

test('16: a key that comes stands behind all others, and one that goes leaves the remarks above it', async () => {
  const made = await edit(text, ({ debug: _, ...contents }) => ({ ...contents, port: 1 }));
  expect(made).toBe(text.replace('debug: false\n', '').replace('  # inner\n', 'port: 1\n  # inner\n'));
});

test.each([
  ['an anchor', 'a: &x 1\nb: *x\n', (contents: Group) => ({ ...contents, a: 2 })],
  ['a key in quotes', '"a": 1\nb: 2\n', (contents: Group) => ({ ...contents, b: 3 })],
  ['a document of its own', '---\na: 1\n', (contents: Group) => ({ ...contents, a: 3 })],
  ['brackets around all', '{a: 1, b: 2}\n', (contents: Group) => ({ ...contents, a: 3 })],
])('16: %s is left to a look at the whole text', async (_, source, change) => {
  expect(await edit(source, change)).toBeUndefined();
});

test('16: lines that say something else than was known are not touched', async () => {
  expect(await sectionsEdited('a: 1\n', { a: 2 }, { a: 3 }, as)).toBeUndefined();
});

const value = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.array(fc.record({ 'api-key': fc.string({ minLength: 1 }), note: fc.string() }), { maxLength: 4 }),
  fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.oneof(fc.string(), fc.integer()), { minKeys: 1 }),
);
const files = fc.dictionary(
  fc.constantFrom('debug', 'proxy-url', 'routing', 'gemini-api-key', 'unknown'),
  value,
  { minKeys: 1 },
);
const remark = fc.constantFrom('', '# a remark\n', '\n', '  # further in\n\n');

const changes = fc.record({
  changed: fc.option(value, { nil: undefined }),
  added: fc.option(value, { nil: undefined }),
  removed: fc.boolean(),
});

test('16: key by key the text becomes what it becomes as a whole, remarks and all', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.array(remark, { minLength: 6, maxLength: 6 }),
      changes,
      async (contents, remarks, { changed, added, removed }) => {
        const source = Object.entries(contents)
          .map(([key, member], at) => `${remarks[at] ?? ''}${stringify({ [key]: member })}`)
          .join('');
        const known: Group = parse(source);
        const [key = '', other = ''] = Object.keys(known);
        const change = (before: Group): Group => {
          const next = { ...before };
          if (changed !== undefined) next[key] = changed;
          if (removed) delete next[other];
          if (added !== undefined) next.port = added;
          return next;
        };
        const made = await sectionsEdited(source, known, change(known), as);
        if (made === undefined) return;
        compared += 1;
        expect(editedText(source, change)).toEqual({ ok: true, text: made });
      },
    ),
    { numRuns: 80 },
  );
  expect(compared).toBeGreaterThan(20);
});
