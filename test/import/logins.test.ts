/** Logins of command-line clients: rotating ones are copied only where somebody says so. */
import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from '../cli/program.ts';

const jwt = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'secret']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

const rotating = {
  codex: {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: jwt({
        email: 'ann@example.com',
        'https://api.openai.com/auth': { chatgpt_account_id: 'acc' },
      }),
      access_token: jwt({ exp: 4_000_000_000 }),
      refresh_token: 'rt-secret',
      account_id: 'acc',
    },
    last_refresh: '2026-11-01T00:00:00Z',
  },
  claude: {
    claudeAiOauth: {
      accessToken: 'sk-ant-oat01-secret',
      refreshToken: 'sk-ant-ort01-secret',
      expiresAt: 4_000_000_000_000,
      scopes: ['user:inference', 'user:profile'],
      subscriptionType: 'max',
    },
  },
  qwen: {
    access_token: 'at-secret',
    refresh_token: 'rt-secret',
    token_type: 'Bearer',
    resource_url: 'portal.qwen.ai',
    expiry_date: 4_000_000_000_000,
  },
};

const accountsIn = (cwd: string) =>
  readdirSync(join(cwd, '.cli-proxy-api')).filter((name) => name.endsWith('.json') && !name.startsWith('.'));

for (const [program, content] of Object.entries(rotating))
  test(`${program}: a sign-in is offered, and the login copied with --take-over alone`, async () => {
    using here = emptyDirectory();
    const text = JSON.stringify(content);
    writeFileSync(join(here.path, 'login.json'), text);
    const offered = await run(['import', program, 'login.json', '--json'], { cwd: here.path });
    expect(offered.code).toBe(0);
    expect(JSON.parse(offered.out)).toMatchObject({ carried: [], changed: false });
    expect(JSON.parse(offered.out).left[0].reason).toContain(`cli-proxy-api auth ${program}`);

    const copied = await run(['import', program, 'login.json', '--take-over', '--json'], { cwd: here.path });
    expect({ ...copied, out: '' }).toEqual({ code: 0, err: '', out: '' });
    expect(copied.out).not.toContain('secret');
    expect(JSON.parse(copied.out)).toMatchObject({ changed: true, carried: [{ state: 'new' }] });
    const [file = ''] = accountsIn(here.path);
    const path = join(here.path, '.cli-proxy-api', file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ type: program });
    const again = await run(['import', program, 'login.json', '--take-over', '--json'], { cwd: here.path });
    expect(JSON.parse(again.out)).toMatchObject({ changed: false, carried: [{ state: 'there' }] });
    expect(accountsIn(here.path)).toEqual([file]);
    expect(readFileSync(join(here.path, 'login.json'), 'utf8')).toBe(text);
  }, 60_000);

test.each(Object.entries({ codex: 'auth.json', claude: '.credentials.json', qwen: 'oauth_creds.json' }))(
  '%s: the directory of the program is as good as its file',
  async (program, name) => {
    using here = emptyDirectory();
    mkdirSync(join(here.path, 'of-mine'));
    const login: unknown = new Map<string, unknown>(Object.entries(rotating)).get(program);
    writeFileSync(join(here.path, 'of-mine', name), JSON.stringify(login));
    const read = await run(['import', program, 'of-mine', '--dry-run', '--json'], { cwd: here.path });
    expect(JSON.parse(read.out)).toMatchObject({ carried: [], left: [{}], changed: false });
  },
);

test('qwen: a login that names nobody is known again after its token was renewed; another is another', async () => {
  using here = emptyDirectory();
  const login = { resource_url: 'portal.qwen.ai', token_type: 'Bearer', expiry_date: 4e12 };
  const read = async (refresh: string) => {
    writeFileSync(
      join(here.path, 'login.json'),
      JSON.stringify({ ...login, access_token: `at-of-${refresh}`, refresh_token: refresh }),
    );
    const { out } = await run(['import', 'qwen', 'login.json', '--take-over', '--json'], { cwd: here.path });
    return JSON.parse(out);
  };
  expect(await read('rt-one')).toMatchObject({ changed: true });
  const [file = ''] = accountsIn(here.path);
  const path = join(here.path, '.cli-proxy-api', file);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('rt-one', 'rt-renewed'));
  expect(await read('rt-one')).toMatchObject({ changed: false, carried: [{ state: 'there' }] });
  expect(await read('rt-two')).toMatchObject({ changed: true, carried: [{ state: 'new' }] });
  expect(accountsIn(here.path)).toHaveLength(2);
}, 60_000);

test('gemini: a Google login does not rotate and is copied', async () => {
  using here = emptyDirectory();
  const content = {
    access_token: 'ya29.secret',
    refresh_token: '1//secret',
    token_type: 'Bearer',
    expiry_date: 4e12 + 0.5,
  };
  writeFileSync(join(here.path, 'oauth_creds.json'), JSON.stringify(content));
  writeFileSync(join(here.path, 'google_accounts.json'), '{"active": "ann@example.com", "old": []}');
  const dry = await run(['import', 'gemini', 'oauth_creds.json', '--dry-run', '--json'], { cwd: here.path });
  expect(JSON.parse(dry.out)).toMatchObject({ carried: [{ title: 'the Google login (ann@example.com)' }] });
  expect(readdirSync(here.path)).not.toContain('.cli-proxy-api');
  const { out } = await run(['import', 'gemini', 'oauth_creds.json', '--json'], { cwd: here.path });
  expect(out).not.toContain('secret');
  expect(accountsIn(here.path)).toHaveLength(1);
}, 60_000);

test('codex: an API key that it keeps becomes a codex-api-key', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'auth.json'), '{"OPENAI_API_KEY": "sk-secret"}');
  const { out, code } = await run(['import', 'codex', 'auth.json', '--config', 'config.yaml'], {
    cwd: here.path,
  });
  expect(code).toBe(0);
  expect(out).not.toContain('secret');
  expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toContain(
    'codex-api-key:\n  - api-key: sk-secret\n',
  );
}, 60_000);
