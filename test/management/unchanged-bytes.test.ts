/** Whatever an owner has written into the file: a setter changes the lines of its own key, and no byte of any other. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { emptyDirectory, type Running, started } from '../cli/program.ts';
import { declaredText } from './described.ts';

const here = emptyDirectory();
const path = join(here.path, 'config.yaml');
const needed = 'host: 127.0.0.1\nport: 0\nauth-dir: accounts\nremote-management: {secret-key: the-owner}\n';
let gateway: Running;
let base = '';

beforeAll(async () => {
  writeFileSync(path, `${needed}api-keys: [client-key-0001]\n`, { mode: 0o600 });
  gateway = started(['serve', '--config', path], { cwd: here.path });
  base = (await gateway.says(/Serving +(http\S+)/))[1] ?? '';
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  here[Symbol.dispose]();
});

async function ask(method: string, where: string, body?: unknown): Promise<{ status: number; text: string }> {
  const address = `${base}${where.startsWith('/') ? where : `/v0/management/${where}`}`;
  const response = await fetch(address, {
    method,
    headers: { authorization: 'Bearer the-owner' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await declaredText(method, address, response) };
}

const long = `"${'long '.repeat(900)}"`;

/** What stands between keys: remarks and empty lines, with whatever people put there. */
const filler = fc.constantFrom(
  '',
  '\n',
  '# a remark\n',
  '# two\n\n#   lines,\tone with a tab\n',
  '   # further in\n',
  '# ümläut, 日本, ${NOT_A_VARIABLE and "quotes\n\n',
  `# ${'x'.repeat(3000)}\n`,
  '#debug: true\n# api-keys: [a]\n',
);

/** Keys that the gateway does not know, whose values are as odd as YAML lets them be. */
const ours = fc.constantFrom(
  `x-one: ${long}\n`,
  'x-two: {a: 1,   b: [ \'q\', "r" ] , c: ~ }   # spaces\n',
  'x-three: |\n  text\n    deeper\n  # no remark\n\n  end\n',
  'x-four:\n- one\n-   two # why\n- {three: 3}\n',
  'x-five: &shared\n  base: 1\n  list: [1, 2]\nx-six:\n  <<: *shared\n  more: *shared\n',
  'x-seven: !!str 7\t# after a tab\n',
  '"x-eight": \'single\'\n',
);

/** Each key that a setter changes, as it may be written. */
const written: Readonly<Record<string, readonly string[]>> = {
  debug: ['debug: false\n', 'debug:   true   # loud\n', '"debug": no\n'],
  'request-retry': ['request-retry: 3 # rounds\n', 'request-retry: 0x2\n'],
  'proxy-url': ['proxy-url: ""\n', "proxy-url: 'http://127.0.0.1:9' # theirs\n"],
  routing: [
    'routing: {strategy: round-robin, x-own: 1} # flow\n',
    'routing:\n  # how\n  strategy: "fill-first" # why\n  x-own: [1, 2]\n',
  ],
  'quota-exceeded': [
    'quota-exceeded:\n    switch-project: true\n    # between\n    switch-preview-model: false\n',
  ],
  'api-keys': [
    'api-keys: [client-key-0001, client-key-0002] # both\n',
    'api-keys:\n# Ann\n- client-key-0001\n# Bob, until he goes\n- key: client-key-0002 # his\n  name: bob\n  x-own: {kept: true}\n',
    'api-keys:\n  - "client-key-0001"   # quoted\n\n  - client-key-0002\n',
  ],
  'gemini-api-key': [
    'gemini-api-key:\n  # main\n  - api-key: AIza-first-0001 # theirs\n    x-own: {kept: true}\n    models: [{name: m, alias: a}]\n  - api-key: AIza-second-002\n',
  ],
  'oauth-excluded-models': ['oauth-excluded-models:\n  codex: [gpt-4*] # old\n  claude:\n    - claude-2*\n'],
};

/** Setters, and the key that each changes. */
const setters: readonly (readonly [key: string, method: string, where: string, body?: unknown])[] = [
  ['debug', 'PUT', 'debug', { value: true }],
  ['debug', 'PATCH', '/v8/management/config', { observability: { logs: { debug: true } } }],
  ['request-retry', 'PATCH', 'request-retry', { value: 7 }],
  ['proxy-url', 'PUT', 'proxy-url', { value: 'http://127.0.0.1:19' }],
  ['proxy-url', 'DELETE', 'proxy-url'],
  ['routing', 'PUT', 'routing/strategy', { value: 'least-busy' }],
  ['routing', 'PUT', '/v8/management/config/routing/strategy', 'quota-aware'],
  ['quota-exceeded', 'PUT', 'quota-exceeded/switch-project', { value: false }],
  ['api-keys', 'PATCH', 'api-keys', { old: 'client-key-0001', new: 'client-key-0009' }],
  ['api-keys', 'PUT', 'api-keys', ['client-key-0002', 'client-key-0003']],
  ['api-keys', 'DELETE', 'api-keys?index=0'],
  ['api-keys', 'POST', 'client-keys', { name: 'made', 'requests-per-minute': 5 }],
  ['gemini-api-key', 'PATCH', 'gemini-api-key', { index: 0, value: { priority: 4 } }],
  ['gemini-api-key', 'POST', 'provider-keys', { list: 'gemini-api-key', keys: ['AIza-added-0003'] }],
  ['gemini-api-key', 'DELETE', 'gemini-api-key?index=1'],
  ['oauth-excluded-models', 'PATCH', 'oauth-excluded-models', { provider: 'codex', models: ['gpt-3*'] }],
  ['oauth-excluded-models', 'DELETE', 'oauth-excluded-models?provider=claude'],
];

/** A file in pieces, each with the key that it is of. */
const files = fc
  .record({
    keys: fc.shuffledSubarray(Object.keys(written), { minLength: 2 }),
    spellings: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
    fillers: fc.array(filler, { minLength: 12, maxLength: 12 }),
    own: fc.uniqueArray(ours, { maxLength: 3 }),
    windows: fc.boolean(),
    mark: fc.constantFrom('', '\uFEFF'),
    start: fc.constantFrom('', '---\n', '# top\n'),
    ended: fc.boolean(),
  })
  .map(({ keys, spellings, fillers, own, windows, mark, start, ended }) => {
    const pieces: { key: string; text: string }[] = [{ key: '', text: `${start}${needed}` }];
    for (const [at, key] of keys.entries()) {
      const forms = written[key] ?? [];
      pieces.push({ key: '', text: `${fillers[at] ?? ''}${own[at] ?? ''}` });
      pieces.push({ key, text: forms[(spellings[at] ?? 0) % forms.length] ?? '' });
    }
    pieces.push({ key: '', text: fillers[11] ?? '' });
    if (!keys.includes('api-keys'))
      pieces.push({ key: 'api-keys', text: 'api-keys: [client-key-0001, client-key-0002]\n' });
    const whole = pieces.map(({ key, text }) => ({
      key,
      text: windows ? text.replaceAll('\n', '\r\n') : text,
    }));
    const last = whole.at(-1);
    if (last !== undefined && !ended && last.text !== '') last.text = last.text.replace(/\r?\n$/, '');
    return [{ key: '', text: mark }, ...whole];
  });

test('16: a setter keeps every byte outside of its own key', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.constantFrom(...setters), async (pieces, [key, method, where, body]) => {
      const text = pieces.map((piece) => piece.text).join('');
      const put = await ask('PUT', 'config.yaml', text);
      expect([put.status, put.text]).toEqual([200, '{"ok":true,"changed":["config"]}']);
      expect(readFileSync(path, 'utf8')).toBe(text);
      const said = await ask(method, where, typeof body === 'string' ? JSON.stringify(body) : body);
      const after = readFileSync(path, 'utf8');
      const place = pieces.findIndex((piece) => piece.key === key);
      if (place < 0) {
        // Nothing there: what comes is put in at one place, and what was there stays around it.
        if (said.status !== 200) expect(after).toBe(text);
        else expect(insertedInto(text, after)).toBe(true);
        return;
      }
      expect([said.status, said.text]).toEqual([200, expect.any(String)]);
      const before = pieces
        .slice(0, place)
        .map((piece) => piece.text)
        .join('');
      const behind = pieces
        .slice(place + 1)
        .map((piece) => piece.text)
        .join('');
      expect(after.slice(0, before.length)).toBe(before);
      expect(behind === '' || after.endsWith(behind)).toBe(true);
      const own = after.slice(before.length, after.length - behind.length);
      // Line ends stay of the kind that the file has.
      expect(own.replaceAll('\r\n', '').includes('\n')).toBe(!text.includes('\r\n') && own.includes('\n'));
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** Whether a text is another one with something put in at one place. */
function insertedInto(text: string, after: string): boolean {
  let same = 0;
  while (same < text.length && text[same] === after[same]) same += 1;
  return after.length >= text.length && after.endsWith(text.slice(same));
}
