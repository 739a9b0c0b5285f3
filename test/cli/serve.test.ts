import { describe, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, program, run, type Serving, save, serving } from './program.ts';

/** Words that must not be in anything a person reads. */
const stackTrace = /^\s+at .*:\d+:\d+/m;

/** A request as the printed `curl` line makes it: parsed out of the line, so that the line itself is what is tested. */
function printedRequest(output: string, flag: '' | '-N '): { url: string; init: RequestInit } {
  const line = output.split('\n').find((text) => text.startsWith(`curl ${flag}http`)) ?? '';
  const headers = [...line.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  return {
    url: /http\S+/.exec(line)?.[0] ?? '',
    init: {
      method: 'POST',
      headers: Object.fromEntries(headers),
      body: /-d '(.*)'$/.exec(line)?.[1] ?? '',
    },
  };
}

function ask(server: Serving, key: string, model: string): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

/** What the program wrote; `.bun` is where the runtime keeps what it compiled, in the HOME of the moment. */
function filesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name !== '.bun');
}

function asDirectory(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

/** What stands for a provider where no answer of it is needed. */
const unusedCredential = `gemini-api-key:
  - api-key: never-called-key
    base-url: http://127.0.0.1:1
`;

describe('the first run, in an empty directory', () => {
  test('writes a config for its owner only, and the printed line is answered by the sandbox', async () => {
    using here = emptyDirectory();
    await using server = await serving(['--port', '0'], { cwd: here.path });
    await server.says(/api-key: AIza/);
    // The first config is in the program's home: started elsewhere, it is the same gateway.
    expect(filesIn(here.path)).toEqual(['.cli-proxy-api']);
    expect(statSync(join(here.path, '.cli-proxy-api/config.yaml')).mode & 0o077).toBe(0);

    const { url, init } = printedRequest(server.output(), '');
    const answer = await fetch(url, init);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: expect.stringContaining('sandbox') } }],
    });
  });

  test('the printed streaming line is answered piece by piece', async () => {
    using here = emptyDirectory();
    await using server = await serving(['--port', '0'], { cwd: here.path });
    await server.says(/api-key: AIza/);
    const { url, init } = printedRequest(server.output(), '-N ');
    const answer = await fetch(url, init);
    expect(answer.headers.get('content-type')).toStartWith('text/event-stream');
    const events = (await answer.text()).split('\n\n').filter(Boolean);
    expect(events.length).toBeGreaterThan(4);
    expect(events.at(-1)).toBe('data: [DONE]');
  });

  test('a second start keeps the config and the key', async () => {
    using here = emptyDirectory();
    const keyOf = async () => {
      await using server = await serving(['serve', '--port', '0'], { cwd: here.path });
      await server.says(/api-key: AIza/);
      return /Bearer (\S+)'/.exec(server.output())?.[1];
    };
    const first = await keyOf();
    expect(first).toMatch(/^sk-/);
    expect(await keyOf()).toBe(first);
  });

  test('works through a symbolic link, from another directory', async () => {
    using here = emptyDirectory();
    using elsewhere = emptyDirectory();
    const link = join(elsewhere.path, 'gateway');
    symlinkSync(program, link);
    await using server = await serving(['--port', '0'], { cwd: here.path, command: link });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('a config that cannot be served', () => {
  const refused: { why: string; args: string[]; text: string; says: RegExp }[] = [
    {
      why: 'a typo is named with its line and the right key',
      args: [],
      text: 'prot: 80\n',
      says: /config\.yaml:1:1 {2}prot: unknown key\n\s+hint: did you mean "port"\?/,
    },
    {
      why: 'all problems are named at once',
      args: [],
      text: 'port: many\ndebug: perhaps\n',
      says: /2 problems[\s\S]+port[\s\S]+debug/,
    },
    {
      why: 'without a key, other computers are not let in',
      args: ['--host', '0.0.0.0'],
      text: 'port: 0\n',
      says: /host: other computers could reach 0\.0\.0\.0/,
    },
    {
      why: 'a certificate that is not there is named',
      args: [],
      text: 'port: 0\ntls: { enable: true, cert: nowhere.pem, key: nowhere.key }\n',
      says: /nowhere\.pem/,
    },
  ];
  test.each(refused)('$why: exit code 78', async ({ args, text, says }) => {
    using here = emptyDirectory();
    writeFileSync(join(here.path, 'config.yaml'), text);
    const { out, err, code } = await run(['serve', ...args], { cwd: here.path });
    expect({ out, code }).toEqual({ out: '', code: 78 });
    expect(err).toMatch(says);
    expect(err).not.toMatch(stackTrace);
  });

  test('a file that --config names and that is not there is not made up: exit code 78', async () => {
    using here = emptyDirectory();
    const { err, code } = await run(['--config', 'mine.yaml'], { cwd: here.path });
    expect(code).toBe(78);
    expect(err).toContain('mine.yaml  there is no such file');
    expect(filesIn(here.path)).toEqual([]);
  });
});

describe('a running server', () => {
  test('on a taken port the next start ends with 69 and says what to do', async () => {
    using here = emptyDirectory();
    await using first = await serving(['--port', '0'], { cwd: here.path });
    const { port } = new URL(first.url);
    // Another directory of accounts: with the same one it is the gateway that is in the way, not the port.
    const env = { HOME: join(here.path, 'another') };
    const { err, code } = await run(['serve', '--port', port], { cwd: here.path, env });
    expect(code).toBe(69);
    expect(err).toContain(`port ${port} on 127.0.0.1 is taken by another program`);
    expect(err).toContain(`--port ${Number(port) + 1}`);
    expect(err).not.toMatch(stackTrace);
  });

  test('on a taken metrics.listen the next start names that, not its own port', async () => {
    using here = emptyDirectory();
    await using first = await serving(['--port', '0'], { cwd: here.path });
    const { port } = new URL(first.url);
    const config = {
      port: 0,
      'auth-dir': join(here.path, 'another'),
      metrics: { listen: `127.0.0.1:${port}` },
    };
    writeFileSync(join(here.path, 'another.yaml'), JSON.stringify(config));
    const { err, code } = await run(['serve', '--config', 'another.yaml'], { cwd: here.path });
    expect(code).toBe(69);
    expect(err).toContain(`metrics.listen: port ${port} on 127.0.0.1 is taken by another program`);
    expect(err).not.toContain('--port');
    expect(err).not.toMatch(stackTrace);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with 0', async (signal) => {
    using here = emptyDirectory();
    await using server = await serving(['--port', '0'], { cwd: here.path });
    await server.says(/api-key: AIza/);
    expect(await server.end(signal)).toBe(0);
  });

  test('a signal lets a running answer finish, a second one does not', async () => {
    using here = emptyDirectory();
    const stalled = Promise.withResolvers<void>();
    using upstream = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      idleTimeout: 0,
      fetch: () => {
        stalled.resolve();
        return new Response(new ReadableStream());
      },
    });
    writeFileSync(
      join(here.path, 'config.yaml'),
      `port: 0
api-keys: [the-key]
openai-compatibility:
  - { name: stalled, base-url: "${upstream.url.href}v1", models: [{ name: stalled }] }
`,
    );
    await using server = await serving([], { cwd: here.path });
    const answer = ask(server, 'the-key', 'stalled').catch(() => 'cut');
    await stalled.promise;
    server.kill('SIGTERM');
    await server.says(/Stopping/);
    expect(await server.end('SIGTERM')).toBe(130);
    expect(await answer).toBe('cut');
    await upstream.stop(true);
  });

  test('a saved credential replaces the sandbox, a broken edit changes nothing, and the last one gone brings it back', async () => {
    using here = emptyDirectory();
    const file = join(here.path, 'config.yaml');
    const keys = 'sandbox: true\napi-keys: [the-key]\n';
    save(file, keys);
    await using server = await serving(['--port', '0'], { cwd: here.path });
    await server.says(/api-key: AIza/);
    expect((await ask(server, 'the-key', 'sandbox')).status).toBe(200);

    save(file, keys + unusedCredential);
    await server.says(/config reloaded: credentials in use/);
    expect((await ask(server, 'the-key', 'sandbox')).status).toBe(404);

    save(file, `${keys}prot: 80\n`);
    await server.says(/the one before stays in force/);
    expect(server.output()).toContain('did you mean \\"port\\"?');
    expect((await ask(server, 'the-key', 'sandbox')).status).toBe(404);

    save(file, 'sandbox: true\napi-keys: [another-key]\n');
    await server.says(/config reloaded: the sandbox in use/);
    expect((await ask(server, 'another-key', 'sandbox')).status).toBe(200);
    expect((await ask(server, 'the-key', 'sandbox')).status).toBe(401);
  });

  test.each([
    ['emptied', (file: string) => writeFileSync(file, ''), /config\.yaml {2}the file is empty/],
    ['deleted', (file: string) => rmSync(file), /config\.yaml {2}there is no such file/],
    ['made a directory', asDirectory, /config\.yaml {2}this is a directory/],
    [
      'saved in UTF-16',
      (file: string) => writeFileSync(file, '\ufeffport: 1', 'utf16le'),
      /the file is no text in UTF-8/,
    ],
  ])('a config that is %s is reported soon, with what stays in force', async (_, harm, reported) => {
    using here = emptyDirectory();
    const file = join(here.path, 'config.yaml');
    writeFileSync(file, `api-keys: [the-key]\nsandbox: true\n`);
    await using server = await serving(['--port', '0'], { cwd: here.path });
    harm(file);
    await server.says(reported);
    await server.says(/the one before stays in force, with 1 client key, the sandbox/);
    expect((await ask(server, 'the-key', 'sandbox')).status).toBe(200);
  });

  test('the key is not printed once there is a credential behind it', async () => {
    using here = emptyDirectory();
    writeFileSync(join(here.path, 'config.yaml'), `api-keys: [the-secret-key]\n${unusedCredential}`);
    await using server = await serving(['--port', '0'], { cwd: here.path });
    await server.end('SIGTERM');
    await server.says(/Stopping/);
    expect(server.output()).toContain('cli-proxy-api is ready');
    expect(server.output()).not.toContain('the-secret-key');
  });
});

test('first-hour 7: the start says how many keys, accounts and models there are', async () => {
  using here = emptyDirectory();
  const accounts = join(here.path, 'accounts');
  mkdirSync(accounts, { mode: 0o700 });
  const claude = {
    type: 'claude',
    email: 'ada@example.com',
    access_token: 'never-called',
    expired: '2099-01-01T00:00:00Z',
  };
  writeFileSync(join(accounts, 'claude-ada.json'), JSON.stringify(claude), { mode: 0o600 });
  writeFileSync(
    join(here.path, 'config.yaml'),
    `api-keys: [the-key]\nauth-dir: ${accounts}\nopenai-compatibility:
  - name: local
    base-url: http://127.0.0.1:1/v1
    models: [{ name: only }]
`,
  );
  await using server = await serving(['--port', '0'], { cwd: here.path });
  await server.says(/In use {3}1 key, 1 account, \d\d+ models\n/);
});

test('first-hour 20: without a credential a config of one’s own is answered with 503, and warned of', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  save(file, 'api-keys: [the-key]\nauth-dir: ./empty-volume\n');
  await using server = await serving(['--port', '0'], { cwd: here.path });
  await server.says(/"level":"warn".*No credential can be used: add an API key/);
  await server.says(/In use {3}0 keys, 0 accounts, 0 models\n/);
  const calls = [
    ['/v1/chat/completions', { model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] }],
    ['/v1/responses', { model: 'gpt-5', input: 'Hello' }],
    [
      '/v1/messages',
      { model: 'claude-opus-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] },
    ],
    ['/v1beta/models/gemini-3-flash:generateContent', { contents: [{ parts: [{ text: 'Hello' }] }] }],
  ] as const;
  for (const [path, body] of calls)
    for (const stream of [false, true]) {
      const answer = await fetch(server.url + path, {
        method: 'POST',
        headers: { authorization: 'Bearer the-key', 'content-type': 'application/json' },
        body: JSON.stringify(path.startsWith('/v1beta') ? body : { ...body, stream }),
      });
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('No credential can be used: add an API key');
    }

  save(file, 'sandbox: true\napi-keys: [the-key]\nauth-dir: ./empty-volume\n');
  await server.says(/config reloaded: the sandbox in use/);
  expect((await ask(server, 'the-key', 'sandbox')).status).toBe(200);
});

test('sandbox runs alone and ends with 0', async () => {
  using here = emptyDirectory();
  await using server = await serving(['sandbox'], { cwd: here.path });
  const answer = await ask(server, 'any', 'sandbox');
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
  expect(filesIn(here.path)).toEqual([]);
  expect(await server.end('SIGINT')).toBe(0);
});
