/** Why a request went as it went, and an end to cooldowns: the commands against a running gateway, and against none. */
import { expect, test } from 'bun:test';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, run, serving } from './program.ts';

const clientKey = 'sk-client-of-the-test';
const managementKey = 'management-key-of-the-test';

function ask(url: string, model = 'm'): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

test('explain tells what was tried and who is cooling down, and auth reset ends it, without a key', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = startUpstream(({ key }) =>
    key === 'first-key-of-the-test'
      ? Response.json(
          { error: { message: 'slow down, please' } },
          { status: 429, headers: { 'retry-after': '600' } },
        )
      : chatAnswer('fine'),
  );
  const config: JsonObject = {
    port: 0,
    'auth-dir': join(cwd, 'accounts'),
    'api-keys': [clientKey],
    'remote-management': { 'secret-key': managementKey },
    'openai-compatibility': [
      {
        name: 'local',
        'base-url': `${upstream.url}/v1`,
        'api-key-entries': [{ 'api-key': 'first-key-of-the-test' }, { 'api-key': 'second-key-of-the-tost' }],
        models: [{ name: 'm' }],
      },
    ],
  };
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
  await using server = await serving(['serve'], { cwd });
  const socket = join(cwd, 'accounts', '.gateway.sock');
  // From the first second, in a directory that was not there.
  expect(statSync(socket).mode & 0o777).toBe(0o600);

  const answer = await ask(server.url);
  const id = answer.headers.get('x-request-id') ?? '';
  await answer.text();
  expect(statSync(join(cwd, 'accounts')).mode & 0o777).toBe(0o700);
  const explained = await run(['explain', id], { cwd });
  expect(explained.out).toContain(`request ${id}`);
  expect(explained.out).toContain('candidates: 2 (2 ready, 0 cooling down), chosen by round-robin');
  expect(explained.out).toMatch(
    /local \(…test\) \(local, m\): 429 quota after \d+ ms: slow down, please; cooling down until/,
  );
  expect(explained.out).toMatch(/local \(…tost\) \(local, m\): answered after/);
  expect(explained.out).toContain('answered with 200');

  const listed = await run(['explain'], { cwd });
  expect(listed.out).toMatch(new RegExp(`${id} +\\S+ \\S+ +200 +\\S+ +m +local \\(…tost\\) +2`));
  const now = await run(['explain', '--model', 'm'], { cwd });
  expect(now.out).toContain('passed over: local (…test): quota until');
  // B: those that are ready are named, too.
  expect(now.out).toContain('\n  ready: local (…tost)\n');
  const none = await run(['explain', 'req_unknown'], { cwd });
  expect([none.code, none.err]).toEqual([
    1,
    expect.stringContaining('No request "req_unknown" is remembered'),
  ]);

  const over = (path: string, key: string) =>
    fetch(`${server.url}/v0/management/${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect((await over(`requests/${id}`, clientKey)).status).toBe(401);
  expect(await (await over(`requests/${id}`, managementKey)).json()).toMatchObject({ request: { id } });
  expect(await (await over('cooldowns', managementKey)).json()).toMatchObject({
    cooldowns: [{ label: 'local (…test)', kind: 'quota', model: 'm', reason: 'slow down, please' }],
  });

  const reset = await run(['auth', 'reset', 'local (…test)'], { cwd });
  expect(reset.out).toBe('Ended 1 cooldown of local (…test).\n');
  expect((await run(['auth', 'reset', '--all'], { cwd })).out).toBe('There was no cooldown to end.\n');

  // The key that fails has its turn again, and its rest is there after the gateway has stopped.
  for (let turn = 0; turn < 2; turn++) await (await ask(server.url)).text();
  await server.end('SIGTERM');
  expect(existsSync(socket)).toBe(false);
  const gone = await run(['explain', id], { cwd });
  expect([gone.code, gone.out]).toEqual([0, expect.stringContaining(`request ${id}`)]);
  expect((await run(['explain', 'req_unknown'], { cwd })).code).toBe(1);
  expect((await run(['usage', 'requests'], { cwd })).out).toContain(id);
  expect((await run(['explain', '--model', 'm'], { cwd })).err).toContain('Only a running gateway');
  expect((await run(['auth', 'reset', '--all'], { cwd })).out).toStartWith('Ended 1 cooldown of ');
  expect(existsSync(join(cwd, 'accounts', '.cooldowns.json'))).toBe(false);
});

test('first-hour 10: explain lists by failure, key, model and time, after a restart too', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = startUpstream(({ body }) =>
    new TextDecoder().decode(body).includes('bad')
      ? Response.json({ error: { message: 'no such thing' } }, { status: 400 })
      : chatAnswer('fine'),
  );
  const config: JsonObject = {
    port: 0,
    'auth-dir': join(cwd, 'accounts'),
    'api-keys': [
      { key: 'sk-of-ann-of-the-test', name: 'ann' },
      { key: 'sk-of-bob-of-the-test', name: 'bob' },
    ],
    'openai-compatibility': [
      {
        name: 'local',
        'base-url': `${upstream.url}/v1`,
        'api-key-entries': [{ 'api-key': 'a-key-of-the-test' }],
        models: [{ name: 'good' }, { name: 'bad' }],
      },
    ],
  };
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
  const sent = async (url: string, key: string, model: string) =>
    (
      await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
      })
    ).text();
  const listed = async (...args: string[]) => {
    const { out } = await run(['explain', ...args, '--json'], { cwd });
    const { requests }: { requests: { key: string; model: string; status: number }[] } = JSON.parse(out);
    return requests.map(({ key, model, status }) => `${key} ${model} ${status}`);
  };
  const all = ['bob bad 400', 'ann good 200', 'ann bad 400'];
  {
    await using server = await serving(['serve'], { cwd });
    await sent(server.url, 'sk-of-ann-of-the-test', 'bad');
    await sent(server.url, 'sk-of-ann-of-the-test', 'good');
    await sent(server.url, 'sk-of-bob-of-the-test', 'bad');
    expect(await listed()).toEqual(all);
    expect(await listed('--failed', '--key', 'ann')).toEqual(['ann bad 400']);
    await server.end('SIGTERM');
  }
  expect(await listed('--limit', '2')).toEqual(all.slice(0, 2));
  await using _ = await serving(['serve'], { cwd });
  expect(await listed()).toEqual(all);
  expect(await listed('--failed', '--key', 'ann')).toEqual(['ann bad 400']);
  expect(await listed('--model', 'good', '--since', '1h')).toEqual(['ann good 200']);
  const wrong = await run(['explain', '--since', 'zzz'], { cwd });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('since: expected a time such as')]);
});

test('without a management key there is no management over HTTP', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(
    join(cwd, 'config.yaml'),
    JSON.stringify({ port: 0, 'auth-dir': join(cwd, 'accounts'), 'api-keys': [clientKey] }),
  );
  await using server = await serving(['serve'], { cwd });
  const answer = await fetch(`${server.url}/v0/management/requests`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  expect(answer.status).toBe(404);
});
