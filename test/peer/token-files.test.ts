/** Files in `auth-dir` that other programs or hands have put there. */
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from '../cli/program.ts';

/** What `auth list` says of a directory with these files. */
async function listed(files: Record<string, object>) {
  using here = emptyDirectory();
  const directory = join(here.path, 'accounts');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(here.path, 'config.yaml'), 'port: 0\napi-keys: [k]\nauth-dir: accounts\n');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), JSON.stringify(content), { mode: 0o600 });
  }
  const list = await run(['auth', 'list'], { cwd: here.path });
  const check = await run(['config', 'check'], { cwd: here.path });
  return { list: list.out + list.err, check: check.out + check.err, code: check.code };
}

const tokens = {
  id_token: 'canary.a.b',
  access_token: 'canary-at',
  refresh_token: 'canary-rt',
  account_id: 'a',
};
const claude = { accessToken: 'sk-ant-oat01-canary', refreshToken: 'sk-ant-ort01-canary', expiresAt: 1 };

test.each<[string, string, object, string]>([
  ['Codex', 'auth.json', { OPENAI_API_KEY: null, tokens, last_refresh: 'x' }, 'cli-proxy-api auth codex'],
  ['Codex with a key', 'auth.json', { OPENAI_API_KEY: 'sk-canary', tokens: null }, 'codex-api-key'],
  ['Codex, renamed', 'codex-me.json', { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens }, 'auth codex'],
  ['Claude Code', '.credentials.json', { claudeAiOauth: claude }, 'cli-proxy-api auth claude'],
  ['Claude Code, renamed', 'claude.json', { claudeAiOauth: claude }, 'cli-proxy-api auth claude'],
])('C: the own file of %s is refused, with what to do', async (_, name, content, advice) => {
  const { list, check, code } = await listed({ [name]: content });
  for (const text of [list, check]) {
    expect(text).toContain(name);
    expect(text).toContain(advice);
    expect(text).not.toContain('canary');
  }
  expect(code).toBe(0);
});

test('C: .JSON is an account file, too', async () => {
  const account = { type: 'claude', email: 'ada@example.com', access_token: 'a', refresh_token: 'r' };
  expect((await listed({ 'claude-ada.JSON': account })).list).toContain('ada@example.com');
});

test('C: files in a directory below are mentioned', async () => {
  const account = { type: 'claude', email: 'ada@example.com', access_token: 'a', refresh_token: 'r' };
  const { list, check } = await listed({ 'work/claude-ada.json': account, 'work/b.json': account });
  for (const text of [list, check])
    expect(text).toContain('work: 2 .json files in a directory below are not read');
});
