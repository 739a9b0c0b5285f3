/** Accounts that are there: listed, shown, renewed, removed, encrypted, and signed in to once more. */
import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { household } from './household.ts';
import { agree, browserCookie, printedAddress, signIn } from './sign-in.ts';

test('nothing is there yet: every command says what to do, none fails without need', async () => {
  await using home = await household();
  expect(await home.run('auth', 'list')).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('cli-proxy-api auth'),
  });
  expect(JSON.parse((await home.run('auth', 'list', '--json')).out)).toEqual({
    directory: home.accounts,
    accounts: [],
    problems: [],
  });
  for (const command of [
    ['status'],
    ['refresh'],
    ['refresh', '--all'],
    ['status', 'ann'],
    ['remove', 'ann', '--yes'],
  ]) {
    const { code, err } = await home.run('auth', ...command);
    expect({ command, code }).toEqual({ command, code: 1 });
    expect(err).toContain('cli-proxy-api auth');
  }
});

test('two accounts in a list, with a file that is none beside them', async () => {
  await using home = await household();
  await signIn(home, 'claude', '--label', 'at home');
  await signIn(home, 'qwen');
  writeFileSync(join(home.accounts, 'half.json'), '{"type": "claude", "access_tok');
  const { out, err, code } = await home.run('auth', 'list');
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}at home +ada@sandbox\.example +claude +ready .* claude_oauth_\S+$/m);
  expect(out).toMatch(/^ {2}- +\S+ +qwen +ready .* qwen_oauth_\S+$/m);
  expect(err).toContain('half.json');
  const { accounts, problems } = JSON.parse((await home.run('auth', 'list', '--json')).out);
  expect(accounts.map(({ provider }: { provider: string }) => provider)).toEqual(['claude', 'qwen']);
  expect(problems).toMatchObject([{ file: join(home.accounts, 'half.json') }]);
  const check = await home.run('config', 'check');
  expect(check).toMatchObject({ code: 0, out: expect.stringContaining('half.json') });
});

test('signing in again renews the tokens and keeps what the owner wrote', async () => {
  await using home = await household();
  await signIn(home, 'claude');
  const [file = ''] = home.files();
  const before = home.read(file);
  writeFileSync(
    join(home.accounts, file),
    JSON.stringify({ ...before, prefix: 'mine', attributes: { priority: '7', description: 'kept' } }),
  );
  await signIn(home, 'claude');
  expect(home.files()).toEqual([file]);
  const after = home.read(file);
  expect(after).toMatchObject({ prefix: 'mine', attributes: { priority: '7', description: 'kept' } });
  expect(after.refresh_token).not.toBe(before.refresh_token);
  const [account] = JSON.parse((await home.run('auth', 'list', '--json')).out).accounts;
  expect(account).toMatchObject({ priority: 7, prefix: 'mine', description: 'kept' });
});

test('iflow, with the browser and with a cookie in turns: one account, renewed in the way of its last login', async () => {
  await using home = await household();
  await signIn(home, 'iflow');
  const [file = ''] = home.files();
  const withCookie = home.start(['auth', 'iflow', '--cookie']);
  withCookie.type(await browserCookie(home));
  expect(await withCookie.exited).toBe(0);
  expect(home.files()).toEqual([file]);
  expect(Object.keys(home.read(file))).not.toContain('refresh_token');
  home.sandbox.accounts.revoke();
  expect(await home.run('auth', 'refresh')).toMatchObject({
    code: 14,
    err: expect.stringContaining('cli-proxy-api auth iflow --cookie'),
  });
  await signIn(home, 'iflow');
  expect(Object.keys(home.read(file))).not.toContain('cookie');
  expect((await home.run('auth', 'refresh')).code).toBe(0);
});

test('qwen does not say whose login it is: a label does, and the same label is the same account', async () => {
  await using home = await household();
  for (const label of ['work', 'work']) await signIn(home, 'qwen', '--label', label);
  expect(home.files()).toEqual(['qwen_oauth_work.json']);
});

test('two workspaces of one e-mail are two accounts', async () => {
  await using home = await household();
  await signIn(home, 'codex');
  const second = home.start(['auth', 'codex', '--no-browser']);
  await agree(await printedAddress(second), 'ada-team');
  expect(await second.exited).toBe(0);
  expect(home.files()).toHaveLength(2);
  const shown = await home.run('auth', 'status', 'ada@sandbox.example');
  expect(shown).toMatchObject({ code: 1, err: expect.stringContaining('fits 2 accounts') });
});

test('a login that the provider has ended: 14, remembered, and a new login mends it', async () => {
  await using home = await household();
  await signIn(home, 'codex');
  home.sandbox.accounts.revoke();
  const refreshed = await home.run('auth', 'refresh');
  expect(refreshed).toMatchObject({
    code: 14,
    err: expect.stringContaining('cli-proxy-api auth codex'),
  });
  const listed = await home.run('auth', 'list');
  expect(listed.out).toMatch(/ sign-in-again /);
  expect(listed.err).toContain('cli-proxy-api auth codex');
  const status = await home.run('auth', 'status', '--json');
  expect(status.code).toBe(14);
  expect(JSON.parse(status.out)).toMatchObject({
    ok: false,
    accounts: [{ state: 'sign-in-again', command: 'cli-proxy-api auth codex' }],
  });
  await signIn(home, 'codex');
  expect((await home.run('auth', 'status')).code).toBe(0);
});

test('a login beside a running gateway is in use within a second, and the line to paste works', async () => {
  const port = freePort();
  await using home = await household({ port });
  await using gateway = await home.serve();
  const login = await signIn(home, 'claude');
  const [, line = ''] = await login.says(/^ {2}(curl .*)$/m);
  expect(line).not.toContain(home.clientKey);
  const pasted = () =>
    Bun.spawn(['sh', '-c', line.replace('curl ', 'curl -s ')], {
      env: { ...process.env, KEY: home.clientKey },
      stdout: 'pipe',
    }).stdout.text();
  const ended = performance.now();
  let answer = await pasted();
  while (answer.includes('model_not_found') && performance.now() - ended < 1000) answer = await pasted();
  expect(JSON.parse(answer)).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  expect(await gateway.end('SIGTERM')).toBe(0);
  const next = await signIn(home, 'kimi');
  expect(next.output()).toContain('starts the gateway');
});

test('one account in detail', async () => {
  await using home = await household();
  await signIn(home, 'gemini', '--project', 'ada-lab');
  const [file = ''] = home.files();
  const { out, code } = await home.run('auth', 'status', file);
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}projects +ada-lab$/m);
  expect(out).toMatch(/^ {2}state +ready$/m);
  expect(out).toContain(join(home.accounts, file));
  const named = await home.run('auth', 'status', 'gemini_oauth');
  // How long ago something was depends on when one asks.
  const untimed = (text: string) => text.replaceAll(/ \(.*?\)/g, '');
  expect({ ...named, out: untimed(named.out) }).toMatchObject({ out: untimed(out), code: 0 });
});

test('removing asks where somebody is, wants --yes where nobody is, and takes the file away', async () => {
  await using home = await household();
  await signIn(home, 'kimi');
  const [file = ''] = home.files();
  const unasked = await home.run('auth', 'remove', file);
  expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('Add --yes.') });
  expect(home.files()).toEqual([file]);
  const removed = await home.run('auth', 'remove', file, '--yes', '--json');
  expect(removed.code).toBe(0);
  expect(JSON.parse(removed.out)).toMatchObject({ ok: true, file: join(home.accounts, file) });
  expect(home.files()).toEqual([]);
  writeFileSync(join(home.accounts, 'half.json'), '{');
  expect((await home.run('auth', 'remove', 'half', '--yes')).code).toBe(0);
  expect(home.files()).toEqual([]);
});

test('encrypted, the key changed, used, and plain again', async () => {
  await using home = await household();
  await signIn(home, 'qwen');
  const [file = ''] = home.files();
  const path = join(home.accounts, file);
  const plain = home.read(file);
  const token = String(plain.refresh_token);
  const config = readFileSync(join(home.path, 'config.yaml'), 'utf8');
  const setKey = (name: string) => {
    writeFileSync(join(home.path, `${name}.key`), `key-of-the-accounts-${name}-0123456789abcdef`);
    writeFileSync(
      join(home.path, 'config.yaml'),
      `${config}auth-encryption-key: file:${home.path}/${name}.key\n`,
    );
  };

  expect(await home.run('auth', 'encrypt')).toMatchObject({
    code: 78,
    err: expect.stringContaining('auth-encryption-key is not set'),
  });
  setKey('old');
  expect((await home.run('auth', 'encrypt')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).not.toContain(token);
  expect((await home.run('auth', 'refresh')).code).toBe(0);

  setKey('new');
  expect((await home.run('auth', 'status', file)).err).toContain(file);
  const rotated = await home.run(
    'auth',
    'encrypt',
    '--rotate',
    '--old-key',
    `file:${home.path}/old.key`,
    '--json',
  );
  expect(JSON.parse(rotated.out)).toMatchObject({ ok: true, encrypted: [file] });
  expect(await home.run('auth', 'status', file)).toMatchObject({ code: 0 });

  expect((await home.run('auth', 'decrypt')).code).toBe(0);
  writeFileSync(join(home.path, 'config.yaml'), config);
  expect(home.read(file)).toMatchObject({ type: 'qwen' });
  expect(await home.run('auth', 'status')).toMatchObject({ code: 0 });
  expect(home.written()).not.toContain('key-of-the-accounts');
});
