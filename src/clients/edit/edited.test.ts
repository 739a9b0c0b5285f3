import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { changed, UneditableFile } from './change.ts';
import { edited, reversed, takenBack } from './edited.ts';

describe('JSON with comments', () => {
  const text = '{\n    // mine\n    "env": { "A": "1" }, /* kept */\n    "list": [1],\n}\n';

  test('a value is set, everything else stays', () => {
    const next = edited(text, 'json', [{ path: ['env', 'URL'], value: 'http://x' }]);
    expect(next).toContain('// mine');
    expect(next).toContain('/* kept */');
    expect(Bun.JSONC.parse(next)).toEqual({ env: { A: '1', URL: 'http://x' }, list: [1] });
  });

  test('a second time changes nothing', () => {
    const changes = [{ path: ['a', 'b'], value: { c: [1] } }];
    const once = edited(text, 'json', changes);
    expect(edited(once, 'json', changes)).toBe(once);
  });

  test('an entry takes the place of the one of its name', () => {
    const entry = (id: string) => ({ path: ['models'], value: { key: 'K', id }, entryBy: 'key' });
    const one = edited('{"models":[{"key":"other"}]}', 'json', [entry('a')]);
    expect(JSON.parse(edited(one, 'json', [entry('b')])).models).toEqual([
      { key: 'other' },
      { key: 'K', id: 'b' },
    ]);
  });

  test.each([
    'null\n',
    '{"env": null}\n',
    '{\r\n  "env": null, // none yet\r\n  "b": 1\r\n}\r\n',
    '\ufeff{"env": {}}\n',
  ])('a group that is null, and the mark of an editor, are no reason to stop: %j', (before) => {
    const changes = [
      { path: ['env', 'URL'], value: 'http://x' },
      { path: ['env', 'list'], value: { key: 'K' }, entryBy: 'key' },
    ];
    const next = edited(before, 'json', changes);
    expect(next.startsWith('\ufeff')).toBe(before.startsWith('\ufeff'));
    const meant = Bun.JSONC.parse(next.replace('\ufeff', ''));
    expect(meant).toMatchObject({ env: { URL: 'http://x', list: [{ key: 'K' }] } });
    expect(edited(next, 'json', changes)).toBe(next);
    const other = edited(next, 'json', [{ path: ['theme'], value: 'dark' }]);
    const left = takenBack(other, before, 'json', changes);
    const old: unknown = Bun.JSONC.parse(before.replace('\ufeff', ''));
    expect(Bun.JSONC.parse(left.replace('\ufeff', ''))).toEqual(
      changed(old, { path: ['theme'], value: 'dark' }),
    );
  });

  test('what is no JSON is left alone', () => {
    expect(() => edited('{"a": ', 'json', [{ path: ['b'], value: 1 }])).toThrow(UneditableFile);
    expect(() => edited('{"a": "text"}', 'json', [{ path: ['a', 'b'], value: 1 }])).toThrow(UneditableFile);
  });
});

describe('TOML', () => {
  const text = `# mine
approval = "never" # c

[mcp.x]
args = [
  "[not.a.table]", # first
]

# about y
[y]
model = "other"
`;

  test('a top-level value stands before the first table, a table at the end', () => {
    const next = edited(text, 'toml', [
      { path: ['model'], value: 'm' },
      { path: ['providers', 'gw'], value: { url: 'http://x' } },
    ]);
    expect(next).toBe(
      text.replace('# c\n', '# c\nmodel = "m"\n').concat('\n[providers.gw]\nurl = "http://x"\n'),
    );
  });

  test('a table is replaced by its new values', () => {
    const changes = (url: string) => [{ path: ['providers', 'gw'], value: { url } }];
    const next = edited(edited(text, 'toml', changes('one')), 'toml', changes('two'));
    expect(next).toEndWith('[providers.gw]\nurl = "two"\n');
    expect(next).not.toContain('one');
  });

  test('a value that is there is changed in its place', () => {
    expect(edited(text, 'toml', [{ path: ['y', 'model'], value: 'm' }])).toBe(text.replace('"other"', '"m"'));
  });

  test('a table in a form that cannot be edited safely is left alone', () => {
    expect(() =>
      edited('providers = { gw = { a = 1 } }\n', 'toml', [{ path: ['providers', 'gw'], value: { a: 2 } }]),
    ).toThrow('"providers.gw" cannot be changed without touching the rest');
  });
});

describe('YAML', () => {
  const text = 'host: x        # aligned\nkeys:\n  - one # first\n\n# end\n';

  test('a new value stands after the last one, and nothing else moves', () => {
    expect(edited(text, 'yaml', [{ path: ['model'], value: 'm' }])).toBe(
      text.replace('# first\n', '# first\nmodel: m\n'),
    );
    expect(edited(text, 'yaml', [{ path: ['host'], value: 'z' }])).toBe(text.replace('x  ', 'z  '));
  });

  test('a new entry is the last of its list', () => {
    const change = { path: ['keys'], value: { key: 'k', name: 'claude' }, entryBy: 'name' };
    const next = edited(text, 'yaml', [change]);
    expect(next).toBe(text.replace('# first\n', '# first\n  - key: k\n    name: claude\n'));
    expect(Bun.YAML.parse(edited(next, 'yaml', reversed(text, 'yaml', [change])))).toEqual(
      Bun.YAML.parse(text),
    );
  });
});

test('taken back, the groups that were made for it are gone, and what the program added does not count', () => {
  const changes = [
    { path: ['env', 'KEY'], value: 'k' },
    { path: ['providers', 'openai'], value: { id: 'm', key: 'KEY' }, entryBy: 'key' },
  ];
  const back = (before: string, by: Record<string, unknown>) => {
    const written: object = JSON.parse(edited(before, 'json', changes));
    return takenBack(JSON.stringify({ ...written, ...by }), before, 'json', changes, ['$version']);
  };
  expect(back('{ "a": 1 }', { $version: 4 })).toBe('{ "a": 1 }');
  expect(back('', { $version: 4 })).toBe('');
  expect(JSON.parse(back('{"env": {}}', { theme: 'dark' }))).toEqual({ env: {}, theme: 'dark' });
});

test('environment files: a variable is set once', () => {
  const set = (value: string) => [{ path: ['URL'], value }];
  const next = edited('# mine\nA=1', 'dotenv', set('http://x'));
  expect(next).toBe('# mine\nA=1\nURL=http://x\n');
  expect(edited(next, 'dotenv', set('http://y'))).toBe('# mine\nA=1\nURL=http://y\n');
});

test('taken back, a file means what it meant before', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'model');
  const settings = fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 4 });
  fc.assert(
    fc.property(settings, fc.dictionary(key, fc.string(), { maxKeys: 4 }), (before, wanted) => {
      const text = JSON.stringify(before);
      const changes = Object.entries(wanted).map(([name, value]) => ({ path: [name], value }));
      for (const format of ['json', 'yaml'] as const) {
        const next = edited(text, format, changes);
        expect(Bun.YAML.parse(next)).toEqual({ ...before, ...wanted });
        expect(Bun.YAML.parse(edited(next, format, reversed(text, format, changes)))).toEqual(before);
      }
    }),
    { numRuns: 100 },
  );
});
