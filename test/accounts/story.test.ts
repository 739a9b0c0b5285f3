/** The whole story of an account, for every provider: from the login through the real program to its end. */
import { expect, test } from 'bun:test';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signInNames } from '../../src/cli/auth/sign-in-command.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import type { Serving } from '../cli/program.ts';
import { type Household, household } from './household.ts';
import { browserCookie, signIn } from './sign-in.ts';

/** What identifies Ada's account at each provider: it stands in the name of the file. */
const identities: Record<AccountKind, RegExp> = {
  gemini: /^gemini_oauth_ada@sandbox\.example\.json$/,
  claude: /^claude_oauth_.*\.json$/,
  codex: /^codex_oauth_ada@sandbox\.example.*\.json$/,
  qwen: /^qwen_oauth_.*\.json$/,
  iflow: /^iflow_oauth_.*\.json$/,
  antigravity: /^antigravity_oauth_ada@sandbox\.example\.json$/,
  kimi: /^kimi_oauth_.*\.json$/,
  xai: /^xai_oauth_.*\.json$/,
  vertex: /^vertex_oauth_gateway@sandbox-project.*\.json$/,
};

async function ask(gateway: Serving, { clientKey }: Household, model: string, stream: boolean) {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** The first model that the gateway lists besides the one that the config has. */
async function modelOf(gateway: Serving, { clientKey }: Household): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/models`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const { data }: { data: { id: string }[] } = JSON.parse(await answer.text());
  return data.find(({ id }) => id !== 'other')?.id ?? 'none';
}

async function answersBothWays(gateway: Serving, home: Household, model: string): Promise<void> {
  const whole = await ask(gateway, home, model, false);
  expect(whole).toMatchObject({ status: 200 });
  expect(JSON.parse(whole.text).choices[0].message.content).toContain('Hello from the sandbox!');
  const streamed = await ask(gateway, home, model, true);
  expect(streamed.status).toBe(200);
  expect(streamed.text).toEndWith('data: [DONE]\n\n');
}

/** From the file on it is the same for a login and for a service account. */
async function livesAndDies(home: Household, name: AccountKind): Promise<void> {
  const files = home.files();
  expect(files).toEqual([expect.stringMatching(identities[name])]);
  const [file = ''] = files;
  const path = join(home.accounts, file);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(home.accounts).mode & 0o777).toBe(0o700);
  const before = home.read(file);
  expect(before).toMatchObject({ type: name });
  // The search for secrets knows what to search for.
  const tokens = ['access_token', 'refresh_token', 'api_key'].flatMap((field) => before[field] ?? []);
  if (name !== 'vertex') expect(home.recorder.secrets()).toEqual(expect.arrayContaining(tokens));

  await using gateway = await home.serve();
  const model = await modelOf(gateway, home);
  await answersBothWays(gateway, home, model);

  const { accounts } = home.sandbox;
  const issued = accounts.logins.reduce((sum, login) => sum + login.issued, 0);
  expect(accounts.expire()).toBeGreaterThan(0);
  await answersBothWays(gateway, home, model);
  expect(accounts.logins.reduce((sum, login) => sum + login.issued, 0)).toBe(issued + 1);
  expect(accounts.reuses()).toBe(0);
  const list = await home.run('auth', 'list', '--json');
  expect(JSON.parse(list.out).accounts).toMatchObject([{ provider: name, state: 'ready' }]);
  if (name !== 'vertex') {
    expect(home.read(file).access_token).not.toBe(before.access_token);
    expect((await home.run('auth', 'refresh')).code).toBe(0);
    expect(accounts.refreshes()).toBe(2);
  }
  expect((await home.run('models')).out).toContain(model);

  const deleted = performance.now();
  rmSync(path);
  let last = await ask(gateway, home, model, false);
  while (last.status === 200) last = await ask(gateway, home, model, false);
  expect(last.status).toBe(404);
  expect(performance.now() - deleted).toBeLessThan(1000);
  await gateway.end('SIGTERM');
}

test.each([...signInNames])(
  '%s: signed in, answered whole and streamed, expired, renewed, answered, deleted, gone; no secret told',
  async (name) => {
    await using home = await household();
    const login = await signIn(home, name);
    expect({ code: login.code, said: login.output() }).toMatchObject({ code: 0 });
    expect(login.answer()).toContain(join(home.accounts, home.files()[0] ?? ''));
    expect(login.output()).toContain('cli-proxy-api models');
    await livesAndDies(home, name);
  },
);

test('iflow with a cookie: signed in, answered whole and streamed, expired, renewed, answered, deleted, gone; no secret told', async () => {
  await using home = await household();
  const login = home.start(['-iflow-cookie']);
  login.type(await browserCookie(home));
  expect({ code: await login.exited, said: login.output() }).toMatchObject({ code: 0 });
  expect(login.answer()).toContain('signed in as ada@sandbox.example');
  expect(home.read(home.files()[0] ?? '')).toMatchObject({ cookie: expect.stringMatching(/^BXAuth=\S+;$/) });
  await livesAndDies(home, 'iflow');
});

test('codex with a device: the same account without a callback', async () => {
  await using home = await household();
  const login = await signIn(home, 'codex', '--device', '--json', '--label', 'from afar');
  expect(login.code).toBe(0);
  expect(JSON.parse(login.answer())).toMatchObject({
    ok: true,
    provider: 'codex',
    email: 'ada@sandbox.example',
    plan: 'plus',
    description: 'from afar',
  });
});

test('vertex: a key file, answered whole and streamed, expired, renewed, answered, deleted, gone; no secret told', async () => {
  await using home = await household();
  const keyFile = join(home.path, 'service-account.json');
  const key = home.sandbox.accounts.serviceAccount();
  writeFileSync(keyFile, JSON.stringify(key));
  const imported = await home.run('auth', 'vertex', '--file', keyFile, '--location', 'europe-west4');
  expect(imported).toMatchObject({ code: 0 });
  await livesAndDies(home, 'vertex');
  const lines = String(key.private_key)
    .split('\n')
    .filter((line) => line.length > 40);
  expect(lines.filter((line) => home.written().includes(line))).toEqual([]);
});
