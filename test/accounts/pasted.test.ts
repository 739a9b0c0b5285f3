/** Browsers on other computers: the answer is pasted, or comes through a tunnel. */
import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { household } from './household.ts';
import { agree, printedAddress } from './sign-in.ts';

/** Where the browser is sent after the person agreed, without going there. */
async function callbackOf(address: string): Promise<string> {
  const answer = await fetch(`${address}&sandbox_person=ada`, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

test.each([
  ['the whole address', (callback: URL) => callback.href],
  ['only its query', (callback: URL) => callback.search],
  [
    'code#state, as Claude shows it',
    ({ searchParams }: URL) => `${searchParams.get('code')}#${searchParams.get('state')}`,
  ],
])('%s is pasted while it waits', async (_, paste) => {
  await using home = await household();
  const login = home.start(['auth', 'claude', '--no-browser']);
  login.type('what do I do now?');
  await login.says(/no answer of the sign-in/);
  login.type(paste(new URL(await callbackOf(await printedAddress(login)))));
  expect(await login.exited).toBe(0);
  expect(home.files()).toHaveLength(1);
});

test('over SSH no browser is opened, and the tunnel is told from the connection', async () => {
  await using home = await household();
  const login = home.start(['auth', 'claude'], {
    SSH_CONNECTION: '198.51.100.7 51234 203.0.113.9 2222',
    USER: 'ann',
  });
  const address = await printedAddress(login);
  const port = new URL(new URL(address).searchParams.get('redirect_uri') ?? '').port;
  await login.says(new RegExp(`ssh -N -L ${port}:127\\.0\\.0\\.1:${port} ann@203\\.0\\.113\\.9 -p 2222\\n`));
  expect(login.output()).not.toContain('Your browser opens it');
  await agree(address);
  expect(await login.exited).toBe(0);
});

test('BROWSER gets the address as its argument', async () => {
  await using home = await household();
  const browser = join(home.path, 'browser');
  writeFileSync(
    browser,
    `#!/bin/sh\nprintf %s "$1" > "${home.path}/opened.part"\nmv "${home.path}/opened.part" "${home.path}/opened"\n`,
    { mode: 0o755 },
  );
  const login = home.start(['auth', 'gemini'], { BROWSER: browser });
  const address = await printedAddress(login);
  await login.says(/Your browser opens it now/);
  await agree(address);
  expect(await login.exited).toBe(0);
  expect(readFileSync(join(home.path, 'opened'), 'utf8')).toBe(address);
});

test("C: the peer's flags sign in as well; its callback port moves the redirect where any port will do", async () => {
  await using home = await household();
  const port = String(freePort());
  const login = home.start(['-login', '-no-browser', '-project_id', 'ada-lab', '-oauth-callback-port', port]);
  const callback = new URL(await callbackOf(await printedAddress(login)));
  expect(callback.port).toBe(port);
  expect((await fetch(callback)).status).toBe(200);
  expect(await login.exited).toBe(0);
  expect(home.read(home.files()[0] ?? '')).toMatchObject({ type: 'gemini', projects: ['ada-lab'] });
});

test('C: where the provider knows one port, --callback-port moves the listener alone, for tunnels', async () => {
  await using home = await household();
  const port = String(freePort());
  const login = home.start(['-codex-login', '-no-browser', '-oauth-callback-port', port]);
  const callback = new URL(await callbackOf(await printedAddress(login)));
  expect(callback.port).not.toBe(port);
  callback.port = port;
  expect((await fetch(callback)).status).toBe(200);
  expect(await login.exited).toBe(0);
});

test('C: a taken callback port: it goes on, and a pasted address finishes it', async () => {
  await using home = await household();
  await using other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
  const login = home.start([
    'auth',
    'gemini',
    '--no-browser',
    '--project',
    'ada-lab',
    '--port',
    String(other.port),
  ]);
  await login.says(/go on without/);
  const address = await printedAddress(login);
  login.type(await callbackOf(address));
  expect(await login.exited).toBe(0);
  expect(home.files()).toHaveLength(1);
});
