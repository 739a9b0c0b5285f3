import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { configSchema } from '../../config/schema.ts';
import { keysIn } from '../../config/schema-facts.ts';
import { createConfigFile, type LoadedConfig } from '../../config-file/config-file.ts';
import { createConfigDesk } from './config-desk.ts';

const env = { HOME: '/home/ann', CLIENT_KEY: 'anns-key-0001' };
const first = `# ours
port: 8317
api-keys:
  - \${CLIENT_KEY}
  - bobs-key-0001   # two
gemini-api-key:
  - api-key: AIza-first-key-of-all
routing: {strategy: fill-first}
`;

const key = new Uint8Array(32).fill(7);

function desk(text = first) {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-desk-'));
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  const loaded = (written: string): LoadedConfig => {
    const result = parseConfig(written, { file: path, env });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return result;
  };
  let inForce = loaded(text);
  const file = createConfigFile({
    ...{ file: path, env, authDir: () => join(folder, 'accounts'), now: Date.now },
    written: async (config) => {
      inForce = config;
    },
  });
  return {
    ...createConfigDesk({ file: async () => file, inForce: () => inForce }, key),
    file,
    said: () => readFileSync(path, 'utf8'),
    write: (next: string) => writeFileSync(path, next),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('a changed strategy is shown as it would be, then written, and the rest stays', async () => {
  using one = desk();
  const { etag } = await one.settings();
  const changes = [{ path: ['routing', 'strategy'], value: 'round-robin' }];
  const looked = await one.look({ changes });
  expect(looked).toMatchObject({ ok: true, value: { problems: [], atStart: [] } });
  if (!looked.ok) throw new Error(looked.error);
  expect(looked.value.before.replace('fill-first', 'round-robin')).toBe(looked.value.after);
  const saved = await one.save({ changes }, etag, 'console');
  expect(saved.ok).toBe(true);
  expect(one.said()).toBe(first.replace('fill-first', 'round-robin'));
  const [newest] = await one.file.versions();
  expect(newest).toMatchObject({ who: 'console', what: 'routing.strategy', current: true });
});

test('the YAML is saved with its secrets in their places', async () => {
  using one = desk();
  const { text, etag } = await one.settings();
  expect(text).not.toMatch(/bobs-key-0001|AIza-first-key/);
  expect(text).toContain('${CLIENT_KEY}');
  const saved = await one.save({ text: text.replace('# ours', '# mine') }, etag, 'console');
  expect(saved.ok).toBe(true);
  expect(one.said()).toBe(first.replace('# ours', '# mine'));
});

test('a text that was read before a restart, or of another replica, keeps its secrets', async () => {
  using before = desk();
  const { text } = await before.settings();
  using after = desk();
  const { etag } = await after.settings();
  const saved = await after.save({ text: text.replace('# ours', '# mine') }, etag, 'console');
  expect(saved.ok).toBe(true);
  expect(after.said()).toBe(first.replace('# ours', '# mine'));
});

test('a secret is written and never read', async () => {
  using one = desk();
  const { etag } = await one.settings();
  const changes = [{ path: ['remote-management', 'secret-key'], value: 'a-new-owner-key-1' }];
  const looked = await one.look({ changes });
  const saved = await one.save({ changes }, etag, 'console');
  expect(one.said()).toContain('secret-key: a-new-owner-key-1');
  expect(JSON.stringify([looked, saved])).not.toContain('a-new-owner-key-1');
  if (!saved.ok) throw new Error(saved.error);
  const field = saved.value.settings.fields.find(({ key }) => key === 'remote-management.secret-key');
  expect(field).toMatchObject({ kind: 'secret', written: { as: 'secret' } });
});

test('a problem has its line; what does not load is not written', async () => {
  using one = desk();
  const { text, etag } = await one.settings();
  const wrong = { text: `${text}request-retry: many\n` };
  expect(await one.look(wrong)).toMatchObject({
    ok: true,
    value: { problems: [{ line: 9, key: 'request-retry' }] },
  });
  expect(await one.save(wrong, etag, 'console')).toMatchObject({ ok: false, status: 422 });
  expect(one.said()).toBe(first);
});

test('a file that was changed meanwhile is not written over, and by whom is said', async () => {
  using one = desk();
  const { etag } = await one.settings();
  await one.file.edit((said) => ({ ...said, debug: true }), { who: 'Bob', what: 'debug' });
  const changes = [{ path: ['port'], value: 1234 }];
  const refused = await one.save({ changes }, etag, 'console');
  expect(refused).toMatchObject({ ok: false, status: 412, code: 'config_changed' });
  expect(refused.ok ? '' : refused.error).toContain('by Bob');
  one.write(`${first}# by hand\n`);
  expect(await one.save({ changes }, etag, 'console')).toMatchObject({
    error: expect.stringContaining('an editor'),
  });
});

test('what needs a new start is named', async () => {
  using one = desk();
  const { etag } = await one.settings();
  const changes = [
    { path: ['port'], value: 9000 },
    { path: ['tls', 'cert'], value: 'a.pem' },
    { path: ['debug'], value: true },
  ];
  expect(await one.look({ changes })).toMatchObject({ value: { atStart: ['port', 'tls.cert'] } });
  expect(await one.save({ changes }, etag, 'console')).toMatchObject({
    value: { atStart: ['port', 'tls.cert'] },
  });
});

test('a broken file is shown with its problem, and a version of it is compared', async () => {
  using one = desk();
  const { etag } = await one.settings();
  await one.save({ changes: [{ path: ['debug'], value: true }] }, etag, 'console');
  one.write(`${one.said()}api-keys: [\n`);
  const broken = await one.settings();
  expect(broken.problems.length).toBeGreaterThan(0);
  expect(broken.text).not.toContain('bobs-key-0001');
  expect(await one.look({ changes: [{ path: ['debug'], value: null }] })).toMatchObject({
    code: 'unreadable',
  });
  const [version] = await one.file.versions();
  const compared = await one.version(version?.id ?? '');
  expect(compared?.text).toContain('debug: true');
  expect(JSON.stringify(compared)).not.toContain('bobs-key-0001');
});

test('circles of model routes are refused in words, at their line', async () => {
  using one = desk();
  const routes = [
    { path: ['model-routes', 'a'], value: ['b'] },
    { path: ['model-routes', 'b'], value: ['a'] },
  ];
  const looked = await one.look({ changes: routes });
  const [problem] = looked.ok ? looked.value.problems : [];
  expect(problem?.key).toContain('model-routes');
  expect(problem?.message).toMatch(/circle|itself/);
});

const folder = join(import.meta.dir, '../../../test/fixtures/config/peer-files');
test.each(readdirSync(folder))(
  'the peer’s file %s is read, without its secrets, and comes back whole',
  async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    using one = desk(text);
    const { text: shown, etag, fields } = await one.settings();
    expect(fields.length).toBeGreaterThan(100);
    expect(shown).not.toMatch(/AIzaSy[\w-]{8}|sk-[\w-]{12}/);
    expect((await one.save({ text: `${shown}# seen\n` }, etag, 'console')).ok).toBe(true);
    expect(one.said()).toBe(`${text}# seen\n`);
  },
);

test('a setting of the newer layout is changed where it stands', async () => {
  using one = desk('config-version: 8\nrouting:\n  retry:\n    request-retry: 3\n');
  const { fields, etag } = await one.settings();
  expect(fields.find(({ key }) => key === 'request-retry')?.written).toEqual({ as: 'value', value: 3 });
  await one.save({ changes: [{ path: ['request-retry'], value: 5 }] }, etag, 'console');
  expect(one.said()).toBe('config-version: 8\nrouting:\n  retry:\n    request-retry: 5\n');
});

test('every key of the file has a field, with what it means', async () => {
  using one = desk();
  const { fields } = await one.settings();
  expect(new Set(fields.map(({ path }) => path[0]))).toEqual(new Set(keysIn(configSchema)));
  expect(fields.filter(({ description }) => description === '').map(({ key }) => key)).toEqual([]);
});
