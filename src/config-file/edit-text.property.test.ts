/** Laws of edits, over files of every layout and arbitrary changes. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Group } from '../config/group.ts';
import { editedText } from './edit-text.ts';

const word = fc.constantFrom(
  'a',
  'b',
  'key',
  'x y',
  'yes',
  '0x1',
  '# no',
  'a: b',
  '',
  '${HOME}',
  '*s',
  'l\nm',
  'ü',
  '-',
  '- a',
  '"q"',
  "it's",
  '{',
  '1.0',
  '<<x',
  ' p ',
);
const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));
const name = fc.constantFrom('a', 'b', 'c', 'd-e', 'name', 'api-key', 'x y', '5');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie('list'), tie('group')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  group: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}));
const root = fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 });

/** Files as people write them: odd indents, brackets, quotes, comments wherever they may be. */
const files = fc.constantFrom(
  '# top\na: 1 # one\n\nb:\n- x\n- y # why\n# between\n- z\nc: {d: 1, e: [1, 2]}\n# end\n',
  'a:\n    # deep\n    b: "1"\n    c:\n        - name: n # here\n          d-e: \'2\'\n\n        # second\n        - name: m\nd-e: |\n  text\n  more\nname: >-\n  folded\n  text\n',
  'a: [1, 2, {b: 3}]\nb: # remark\n  - 1\n  -\n    name: x\n    c: d\n  - - nested\n    - list\nc:\nname: "x" # last',
  'a: &x\n  b: 1\n  c: [1]\nb: *x\nc:\n  <<: *x\n  d-e: 2\nd-e:\n  - &s one\n  - *s\n',
  'a: 1\r\nb:\r\n  # win\r\n  - x\r\n  - y\r\nc:\r\n  name: n\r\n',
  '---\na: 1\nb:\n  - api-key: k1\n    # of k1\n    c: 1\n  # k2\n  - api-key: k2\n    c: 2\n...\n',
  '{"a": 1, "b": [1, 2], "c": {"d-e": null}}\n',
  '# only a remark\n',
);

/** A change of a part: replaced, taken away, added to, or members moved. */
const changes = fc.array(
  fc.record({
    path: fc.array(fc.nat(5), { maxLength: 3 }),
    what: fc.constantFrom('set', 'remove', 'add', 'turn'),
    name,
    value,
  }),
  { minLength: 1, maxLength: 3 },
);

type Change = { path: number[]; what: string; name: string; value: unknown };

function changed(at: unknown, { path, what, name: key, value: next }: Change, depth = 0): unknown {
  const members = typeof at === 'object' && at !== null ? Object.entries(at) : [];
  const step = path[depth];
  const chosen = step === undefined ? undefined : members[step % Math.max(1, members.length)];
  const rebuilt = (entries: [string, unknown][]) =>
    Array.isArray(at) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
  if (chosen !== undefined && depth + 1 < path.length)
    return rebuilt(
      members.map(([k, v]) =>
        k === chosen[0] ? [k, changed(v, { path, what, name: key, value: next }, depth + 1)] : [k, v],
      ),
    );
  if (members.length === 0 && depth > 0) return next;
  if (what === 'turn') return rebuilt(Array.isArray(at) ? members.reverse() : members);
  if (what === 'remove' && chosen !== undefined) return rebuilt(members.filter(([k]) => k !== chosen[0]));
  if (what === 'set' && chosen !== undefined)
    return rebuilt(members.map(([k, v]) => (k === chosen[0] ? [k, next] : [k, v])));
  return rebuilt([...members.filter(([k]) => k !== key), [key, next]]);
}

test('an edited text says what was wanted', () => {
  fc.assert(
    fc.property(files, changes, (text, steps) => {
      const contents = parse(text, { merge: true }) ?? {};
      const next = steps.reduce<unknown>((at, step) => changed(at, step), contents);
      const result = editedText(text, () => next as Group);
      expect(result).toMatchObject({ ok: true });
      expect(parse(result.ok ? result.text : '', { merge: true }) ?? {}).toEqual(next);
    }),
    { numRuns: 150 },
  );
});

test('what is the same stays the same, byte for byte', () => {
  fc.assert(
    fc.property(files, (text) => {
      expect(editedText(text, (contents) => structuredClone(contents))).toEqual({ ok: true, text });
    }),
  );
});

test('a setting at the top changes no line but its own', () => {
  fc.assert(
    fc.property(root, fc.constantFrom('a', 'b', 'zz'), scalar, (values, key, next) => {
      const text = Object.entries(values)
        .map(
          ([k, v]) => `# of ${JSON.stringify(k)}\n${JSON.stringify(k)}: ${JSON.stringify(v)} # ${k.length}\n`,
        )
        .join('\n');
      const result = editedText(text, (contents) => ({ ...contents, [key]: next }));
      const before = text.split('\n');
      const after = result.ok ? result.text.split('\n') : [];
      const own = (line: string) => !line.startsWith(`"${key}":`) && !line.startsWith(`${key}:`);
      expect(after.filter(own)).toEqual(before.filter(own));
    }),
  );
});
