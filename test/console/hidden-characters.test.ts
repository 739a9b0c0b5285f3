import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { withoutHidden } from '../../console/hidden-characters.ts';

test.each([
  ['a right-to-left override', 'invoice\u202egpj.exe', 'invoice⟨U+202E⟩gpj.exe'],
  ['a space without a width', 'ad\u200bmin', 'ad⟨U+200B⟩min'],
  ['an isolate', '\u2067abc\u2069', '⟨U+2067⟩abc⟨U+2069⟩'],
  ['a tag', 'a\u{e0041}', 'a⟨U+E0041⟩'],
  ['an escape of a terminal', '\u001b[31mred', '⟨U+001B⟩[31mred'],
])('%s is shown by its number', (_, text, shown) => {
  expect(withoutHidden(text)).toBe(shown);
});

test.each(['line\nand\ttab', '账号 é 👩\u200d💻', 'می\u200cخواهم', 'שלום', '<img src=x>'])(
  'what people write stays as it is: %s',
  (text) => {
    expect(withoutHidden(text)).toBe(text);
  },
);

test('law: what is shown is shown the same again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = withoutHidden(text);
      expect(withoutHidden(shown)).toBe(shown);
    }),
  );
});
