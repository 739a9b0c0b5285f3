/** Logins that come to nothing: each says so in a sentence, ends with a code of its own, and saves nothing. */
import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { type Household, household } from './household.ts';
import { agree, printedAddress, printedCode } from './sign-in.ts';

function expectNothingSaved({ accounts }: Household): void {
  expect(existsSync(accounts)).toBe(false);
}

test('denied in the browser: 10', async () => {
  await using home = await household();
  const login = home.start(['auth', 'claude', '--no-browser']);
  const page = await agree(await printedAddress(login), 'ada', 'deny');
  expect(await page.text()).toContain('<h1>Not signed in to Claude</h1>');
  expect(await login.exited).toBe(10);
  expect(login.output()).toContain('cli-proxy-api: The sign-in to Claude was declined.');
  expect(login.output()).toContain('Nothing was saved.');
  expectNothingSaved(home);
});

test('denied on the other device: 10, and --json says the same on standard output alone', async () => {
  await using home = await household();
  const login = home.start(['auth', 'kimi', '--no-browser', '--json']);
  home.sandbox.accounts.decideDevice(await printedCode(login), 'ada', 'deny');
  expect(await login.exited).toBe(10);
  expect(JSON.parse(login.answer())).toEqual({
    ok: false,
    error: {
      kind: 'denied',
      message: expect.stringContaining('declined'),
      hint: expect.stringContaining('Nothing was saved.'),
    },
  });
  expectNothingSaved(home);
});

test.each(['claude', 'qwen'])('nobody comes in time, at %s: 11', async (provider) => {
  await using home = await household();
  const { code, err } = await home.run('auth', provider, '--no-browser', '--timeout', '50ms');
  expect(code).toBe(11);
  expect(err).toContain('--timeout 15m waits longer');
  expectNothingSaved(home);
});

test('only the answer of another login until the end of the time: 12', async () => {
  await using home = await household();
  const login = home.start(['auth', 'codex', '--no-browser', '--timeout', '2s']);
  const address = new URL(await printedAddress(login));
  address.searchParams.set('state', 'of-another-login');
  await agree(address.href);
  await login.says(/belongs to another sign-in/);
  expect(await login.exited).toBe(12);
  expect(login.output()).toContain('an older tab belongs to an older login');
  expectNothingSaved(home);
});

test('M10: the answers of other pages end no login: the one that was asked for still comes', async () => {
  await using home = await household();
  const login = home.start(['auth', 'claude', '--no-browser']);
  const address = await printedAddress(login);
  const callback = new URL(address).searchParams.get('redirect_uri');
  for (const query of ['error=access_denied', 'code=stolen', 'code=stolen&state=guessed'])
    expect((await fetch(`${callback}?${query}`)).status).toBe(400);
  login.type(`${callback}?code=stolen&state=guessed`);
  await login.says(/That belongs to another sign-in/);
  await agree(address);
  expect(await login.exited).toBe(0);
  expect(home.files()).toHaveLength(1);
});

test('another account than the one that was meant: 15', async () => {
  await using home = await household();
  const login = home.start(['auth', 'claude', '--no-browser', '--account', 'grace@sandbox.example']);
  await agree(await printedAddress(login));
  expect(await login.exited).toBe(15);
  expect(login.output()).toContain('signed in as ada@sandbox.example, not as grace@sandbox.example');
  expectNothingSaved(home);
});

test('the port is taken: 13, at once, with what to do', async () => {
  await using home = await household();
  await using other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
  const { code, err } = await home.run('auth', 'gemini', '--no-browser', '--port', String(other.port));
  expect(code).toBe(13);
  expect(err).toContain(`Port ${other.port}`);
  expect(err).toContain('--callback-port');
  expectNothingSaved(home);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s while it waits: 130', async (signal) => {
  await using home = await household();
  const browser = home.start(['auth', 'iflow', '--no-browser']);
  await printedAddress(browser);
  expect(await browser.end(signal)).toBe(130);
  const device = home.start(['auth', 'xai', '--no-browser']);
  await printedCode(device);
  expect(await device.end(signal)).toBe(130);
  expectNothingSaved(home);
});

test('stopped while Google sets the account up: 130, at once', async () => {
  await using home = await household();
  home.sandbox.accounts.fault({ at: 'onboarding', fault: 'pending', times: 100 });
  const login = home.start(['auth', 'gemini', '--no-browser']);
  await agree(await printedAddress(login), 'grace');
  await login.says(/Setting up|Looking for/i);
  expect(await login.end('SIGINT')).toBe(130);
  expectNothingSaved(home);
});

test('what Google refuses is said word for word, with the name of the account', async () => {
  await using home = await household();
  home.sandbox.accounts.fault({ at: 'onboarding', fault: 'validation-required', times: 100 });
  const login = home.start(['auth', 'gemini', '--no-browser']);
  await agree(await printedAddress(login));
  expect(await login.exited).toBe(1);
  expect(login.output()).toMatch(/ada@sandbox\.example.*(verif|valid)/i);
  expectNothingSaved(home);
});

test.each([
  ['no cookie', '', 1, 'no cookie came'],
  ['another cookie', 'cna=1; lang=en', 1, 'has no BXAuth'],
  ['a cookie that has run out', 'BXAuth=canary-of-the-past', 14, 'copy it again'],
])('iflow with %s: said', async (_, line, code, words) => {
  await using home = await household();
  const login = home.start(['auth', 'iflow', '--cookie']);
  login.type(line);
  expect(await login.exited).toBe(code);
  expect(login.output()).toContain(words);
  expect(login.output()).not.toContain('canary');
  expectNothingSaved(home);
});

test('the provider is out of reach: 69, and no proxy password is told', async () => {
  await using home = await household();
  const proxy = 'http://ann:proxy-password@127.0.0.1:1';
  const { code, err, out } = await home.run('auth', 'kimi', '--no-browser', '--proxy-url', proxy);
  expect(code).toBe(69);
  expect(err).toContain('Kimi');
  expect(out + err).not.toContain('proxy-password');
});

test('a config with a mistake: 78, with the line, before anything is asked', async () => {
  await using home = await household();
  await Bun.write(`${home.path}/broken.yaml`, 'prot: 80\n');
  const { code, err } = await home.run('auth', 'claude', '--config', 'broken.yaml');
  expect(code).toBe(78);
  expect(err).toContain('broken.yaml:1:1  prot: unknown key');
});
