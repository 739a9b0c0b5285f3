import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { parsedAtOnce, parsedYielding, YamlBoundError } from './yielding-parse.ts';

const options = { keepSourceTokens: true, merge: true, prettyErrors: false, logLevel: 'silent' } as const;

/** What is known of a document: its values, where each node stands, what is wrong with it. */
function known(document: Document.Parsed) {
  const nodes: unknown[] = [];
  visit(document, { Node: (_, node) => void nodes.push([node.constructor.name, node.range]) });
  const wrong = [...document.errors, ...document.warnings]
    .map(({ code, pos, message }) => ({ code, pos, message }))
    .sort((one, other) => one.pos[0] - other.pos[0] || one.pos[1] - other.pos[1]);
  return { value: wrong.length > 0 ? undefined : document.toJS(), nodes, range: document.range, wrong };
}

/** Whether it has more mistakes than are looked at. */
function isRefused(text: string): boolean {
  try {
    parsedAtOnce(text, options);
    return false;
  } catch (error) {
    return error instanceof YamlBoundError;
  }
}

const entry = fc.constantFrom(
  '- key',
  '- key: a\n  name: b # whose',
  '- &one {key: a}',
  '- *one',
  '-',
  '- - nested\n  - list',
  '# between\n- "quoted"',
  '\n- key: a\n  key: b',
  '- |\n  block\n  text\n',
  '- {flow: [1, 2]}',
  '- <<: *one',
);
const file = fc
  .tuple(
    fc.array(entry, { minLength: 90, maxLength: 260 }),
    fc.constantFrom('', 'port: 1\n', '# first\nbase: &one {a: 1}\n', '- broken\n', '"open\n'),
    fc.constantFrom(
      '',
      '\nlast: 1\n',
      '\n# the end\n',
      '\n\n',
      '\nother:\n  - 1',
      '\n---\nmore: 1',
      '\n  wrong: 1\n',
    ),
    fc.constantFrom('', '  '),
  )
  .map(([entries, before, behind, indent]) => {
    const list = entries.join('\n').replaceAll(/^(?=.)/gm, indent);
    return `${before}api-keys:\n${list}${behind}`;
  });

test('a file with long lists is the document that the library makes of it', () => {
  fc.assert(
    fc.property(file, (text) => {
      fc.pre(!isRefused(text));
      expect(known(parsedAtOnce(text, options))).toEqual(known(parseDocument(text, options)));
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 60_000);

test('a thousand keys are read in slices of a fraction of the whole', async () => {
  const text = `api-keys:\n${Array.from({ length: 1000 }, (_, at) => `  - {key: key-${at}, name: "n ${at}"}\n`).join('')}`;
  let turns = 0;
  let done = false;
  const beat = () => {
    turns += 1;
    if (!done) setImmediate(beat);
  };
  setImmediate(beat);
  const document = await parsedYielding(text, options, new LineCounter());
  done = true;
  expect(document.toJS()['api-keys']).toHaveLength(1000);
  expect(turns).toBeGreaterThan(9);
});

test.each([
  ['a value of faces', `x: "${'😀'.repeat(200_000)}"`],
  ['a folded text', `x: >\n${'  a\n\n'.repeat(100_000)}`],
  ['a text over many lines', `x: ${'\n  word'.repeat(100_000)}`],
  ['a remark', `# ${'x'.repeat(300_000)}\nx: 1`],
  ['directives', '%YAML 1.2\n'.repeat(2000)],
  ['anchors of one value', `x: ${'&a '.repeat(100_000)}`],
  ['tags of one value', `x: ${'!a '.repeat(100_000)}`],
])('H3: a text that is made to be slow is refused: %s', (_, text) => {
  expect(() => parsedAtOnce(text, options)).toThrow(YamlBoundError);
});
