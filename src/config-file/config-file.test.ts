import { afterEach, expect, test } from 'bun:test';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../config/load.ts';
import { createConfigFile } from './config-file.ts';

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const text = '# ours\nport: 8317 # usual\napi-keys:\n  - ${KEY:-k1}\n';

function open(written = text) {
  const directory = mkdtempSync(join(tmpdir(), 'config-file-'));
  made.push(directory);
  const path = join(directory, 'config.yaml');
  writeFileSync(path, written, { mode: 0o640 });
  chmodSync(path, 0o640);
  let time = Date.parse('2026-11-29T12:00:00Z');
  const make = () =>
    createConfigFile({
      file: path,
      env: {},
      authDir: () => join(directory, 'auth'),
      now: () => (time += 1000),
    });
  return { directory, path, file: make(), other: make(), now: () => readFileSync(path, 'utf8') };
}

const author = { who: 'test', what: 'a change' };

test('an edit keeps comments, variables and the mode of the file', async () => {
  const { file, path, now } = open();
  expect(await file.edit((contents) => ({ ...contents, debug: true }), author)).toMatchObject({
    ok: true,
    changed: true,
  });
  expect(now()).toBe(`${text}debug: true\n`);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('where the lines of a key do not show where its text ends, all of it is looked at', async () => {
  const written = 'port: 8317\nmy-notes: |+\n  direct\n\n\n';
  const { path, directory, now } = open(written);
  const known = parseConfig(written, { file: path, env: {} });
  if (!known.ok) throw new Error(JSON.stringify(known.problems));
  const file = createConfigFile({
    ...{ file: path, env: {}, now: Date.now },
    authDir: () => join(directory, 'auth'),
    known: () => known,
  });
  expect(await file.edit((contents) => ({ ...contents, debug: true }), author)).toMatchObject({ ok: true });
  expect(now()).toBe(`${written}debug: true\n`);
});

test('what would not load is not written, and its problems are named', async () => {
  const { file, now } = open();
  const change = await file.edit((contents) => ({ ...contents, port: 'many' }), author);
  expect(change).toMatchObject({ ok: false, reason: 'invalid', problems: [{ key: 'port' }] });
  expect(await file.replace('a: [1', author)).toMatchObject({ ok: false, reason: 'invalid' });
  expect(now()).toBe(text);
});

test('a file that is broken by hand is not edited, but can be replaced', async () => {
  const { file, now } = open('a: [1');
  expect(await file.edit((contents) => contents, author)).toMatchObject({ ok: false, reason: 'unreadable' });
  expect(await file.replace(text, author)).toMatchObject({ ok: true });
  expect(now()).toBe(text);
});

test('a change for another text than the one there is refused', async () => {
  const { file } = open();
  const { etag } = await file.read();
  const first = await file.edit((contents) => ({ ...contents, debug: true }), { ...author, ifMatch: etag });
  expect(first.ok).toBe(true);
  const second = await file.edit((contents) => ({ ...contents, debug: false }), { ...author, ifMatch: etag });
  expect(second).toMatchObject({ ok: false, reason: 'changed' });
});

test('two writers at once: both changes are in the file', async () => {
  const { file, other, now } = open();
  const writes = Array.from({ length: 10 }, (_, at) =>
    (at % 2 === 0 ? file : other).edit(
      (contents) => ({
        ...contents,
        headers: undefined,
        [at % 2 === 0 ? 'debug' : 'ws-auth']: true,
        'request-retry': at,
      }),
      author,
    ),
  );
  expect((await Promise.all(writes)).every(({ ok }) => ok)).toBe(true);
  expect(now()).toContain('debug: true');
  expect(now()).toContain('ws-auth: true');
});

test('twenty versions are kept, for their owner alone, with who wrote them', async () => {
  const { file, directory, path } = open();
  for (let at = 0; at < 25; at++)
    await file.edit((contents) => ({ ...contents, 'request-retry': at }), author);
  const versions = await file.versions();
  expect(versions).toHaveLength(20);
  expect(versions[0]).toMatchObject({ who: 'test', current: true });
  const kept = join(directory, 'auth', '.config-versions');
  expect(statSync(kept).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
  // What an editor wrote in between is a version, too.
  writeFileSync(path, `${text}# by hand\n`);
  await file.edit((contents) => ({ ...contents, debug: true }), author);
  expect((await file.versions()).map(({ who }) => who).slice(0, 3)).toEqual(['test', 'an editor', 'test']);
});

test('a version is put back, and that can be undone', async () => {
  const { file, now } = open();
  await file.edit((contents) => ({ ...contents, debug: true }), author);
  expect(await file.restore(undefined, author)).toMatchObject({ ok: true });
  expect(now()).toBe(text);
  const [, edited] = await file.versions();
  expect(await file.restore(edited?.id, author)).toMatchObject({ ok: true });
  expect(now()).toContain('debug: true');
  expect(await file.restore('2020-01-01T00-00-00-000Z', author)).toMatchObject({
    ok: false,
    reason: 'no-version',
  });
});

test('a link stays a link', async () => {
  const { directory, path, now } = open();
  const link = join(directory, 'link.yaml');
  symlinkSync(path, link);
  const file = createConfigFile({
    file: link,
    env: {},
    authDir: () => join(directory, 'auth'),
    now: Date.now,
  });
  await file.edit((contents) => ({ ...contents, debug: true }), author);
  expect(now()).toContain('debug: true');
});

test('killed in the middle, the file is the old one or the new one', async () => {
  const { directory, path, now } = open(`${text}${'# filler\n'.repeat(2000)}`);
  const whole = now();
  const script = join(directory, 'writer.ts');
  const source = join(import.meta.dir, 'config-file.ts');
  writeFileSync(
    script,
    `import { createConfigFile } from ${JSON.stringify(source)};
const file = createConfigFile({ file: ${JSON.stringify(path)}, env: {}, authDir: () => ${JSON.stringify(join(directory, 'auth'))}, now: Date.now });
for (let at = 0; ; at++) {
  await file.edit((contents) => ({ ...contents, 'request-retry': at % 2 }), { who: 'test', what: 'on and on' });
  if (at === 0) console.log('begun');
}`,
  );
  for (const delay of [0, 7, 19, 41]) {
    const writer = Bun.spawn([process.execPath, script], { stdout: 'pipe' });
    await writer.stdout.getReader().read();
    await Bun.sleep(delay);
    writer.kill('SIGKILL');
    await writer.exited;
    expect(now()).toMatch(/^request-retry: [01]$/m);
    expect(now().replace(/^request-retry: [01]\n/m, '')).toBe(whole);
  }
}, 60_000);
