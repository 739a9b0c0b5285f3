/** Logs, model definitions, versions and plugins, as the peer's clients ask for them. */

import { expect, test } from 'bun:test';
import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientKey } from '../gateway-harness.ts';
import { managedGateway } from './managed-gateway.ts';

const line = (msg: string, more: object = {}, level = 'info') =>
  `${JSON.stringify({ level, time: '2026-11-29T10:10:26.000Z', msg, ...more })}\n`;
const request = line('request', {
  id: 'req_019ba3f0c1d2a1b2c3d4',
  client: 'team-a',
  model: 'gpt-5',
  credential: 'ann',
  status: 200,
  duration: 58,
});

async function withLogs(settings: object = { 'logging-to-file': true }) {
  const gateway = await managedGateway();
  const directory = join(gateway.directory, 'logs');
  mkdirSync(directory);
  await gateway.reconfigure({ ...settings, log: { directory } });
  return {
    gateway,
    directory,
    file: join(directory, 'main.log'),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

test('log lines have the columns of the peer, and a cursor gives what came since', async () => {
  await using kept = await withLogs();
  writeFileSync(kept.file, line('started') + request);
  const { gateway } = kept;
  const { body } = await gateway.ask('GET', 'logs');
  expect(body['line-count']).toBe(2);
  expect(body.lines[0]).toMatch(
    /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[--------\] \[info \] \[log\] started$/,
  );
  expect(body.lines[1]).toMatch(
    /\[a1b2c3d4\] \[info \] \[request\] 200 \| +58ms \| +team-a \| POST {4}"gpt-5" credential=ann$/,
  );
  expect(body['latest-timestamp']).toBe(Date.UTC(2026, 10, 29, 10, 10, 26) / 1000);
  const since = async (cursor: string) => (await gateway.ask('GET', `logs?cursor=${cursor}`)).body;
  const nothing = await since(body['next-cursor']);
  expect(nothing.lines).toEqual([]);
  appendFileSync(kept.file, `${line('new', {}, 'warn')}{"half":`);
  const next = await since(nothing['next-cursor']);
  expect(next.lines).toEqual([expect.stringContaining('[warn ] [log] new')]);
  appendFileSync(kept.file, '1}\n');
  expect((await since(next['next-cursor'])).lines).toEqual(['[-] [--------] [info ] [log]  half=1']);

  renameSync(kept.file, join(kept.directory, 'main-old.log'));
  writeFileSync(kept.file, line('after'));
  const rotated = await since(next['next-cursor']);
  expect([rotated['cursor-reset'], rotated.lines]).toEqual([true, [expect.stringContaining('after')]]);
  expect((await gateway.ask('GET', 'logs?limit=1')).body['line-count']).toBe(1);
  expect((await gateway.ask('GET', 'logs?after=99999999999')).body.lines).toEqual([]);
  expect((await gateway.ask('GET', 'logs?cursor=rubbish')).body['cursor-reset']).toBe(true);
  const cleared = await gateway.ask('DELETE', 'logs');
  expect(cleared.body).toMatchObject({ success: true, removed: 1 });
  expect((await gateway.ask('GET', 'logs')).body.lines).toEqual([]);
});

test('without a log file, and with a wrong limit, the answer says so', async () => {
  await using kept = await withLogs({});
  for (const method of ['GET', 'DELETE']) {
    const off = await kept.gateway.ask(method, 'logs');
    expect([off.status, off.body.error]).toEqual([400, 'logging to file disabled']);
  }
  const wrong = await kept.gateway.ask('GET', 'logs?limit=x');
  expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid limit: must be a positive integer']);
});

test('a megabyte of log is read in slices', async () => {
  await using kept = await withLogs();
  writeFileSync(kept.file, request.repeat(30_000));
  const { body } = await kept.gateway.ask('GET', 'logs?limit=20000');
  expect(body['line-count']).toBe(20_000);
});

test('files of failed requests are listed and read; nothing else of the directory is', async () => {
  await using kept = await withLogs();
  const { gateway, directory } = kept;
  writeFileSync(join(directory, 'error-chat-2026-req_0011223344556677.log'), 'what happened');
  writeFileSync(kept.file, line('secret of the log'));
  expect((await gateway.ask('GET', 'request-error-logs')).body.files).toEqual([
    {
      name: 'error-chat-2026-req_0011223344556677.log',
      size: 13,
      modified: expect.any(Number),
    },
  ]);
  const one = await gateway.ask('GET', 'request-error-logs/error-chat-2026-req_0011223344556677.log');
  expect([one.status, one.text]).toEqual([200, 'what happened']);
  for (const name of ['none.log', 'main.log', '..%2fmain.log', 'error-..%2f..%2fmain.log', 'error-%00.log'])
    expect((await gateway.ask('GET', `request-error-logs/${name}`)).status).toBe(404);
  for (const id of ['req_0011223344556677', '44556677'])
    expect((await gateway.ask('GET', `request-log-by-id/${id}`)).text).toBe('what happened');
  const unknown = await gateway.ask('GET', 'request-log-by-id/abcd1234');
  expect([unknown.status, unknown.body.error]).toEqual([404, 'log file not found for the given request ID']);
  const none = await gateway.ask('GET', 'request-log-by-id');
  expect([none.status, none.body.error]).toEqual([400, 'missing request ID']);
  expect(existsSync(kept.file)).toBe(true);
});

test('a request that has no file is told from what is remembered of it', async () => {
  await using gateway = await managedGateway();
  const question = { model: 'none', messages: [{ role: 'user', content: 'hi' }] };
  const asked = await gateway.ask('POST', '/v1/chat/completions', question, {
    authorization: `Bearer ${clientKey}`,
  });
  const id = asked.headers.get('x-request-id') ?? '';
  for (const given of [id, id.slice(-8)]) {
    const told = await gateway.ask('GET', `request-log-by-id/${given}`);
    expect([told.status, told.text]).toEqual([200, expect.stringContaining(`request ${id}`)]);
  }
});

test.each([
  'codex',
  'claude',
  'gemini',
  'vertex',
  'antigravity',
  'kimi',
  'xai',
  'x-ai',
  'grok',
  'qwen',
  'iflow',
  'gemini-cli',
  'aistudio',
])('model-definitions/%s lists models', async (channel) => {
  await using gateway = await managedGateway();
  const { body } = await gateway.ask('GET', `model-definitions/${channel}`);
  expect(body.channel).toBe(channel);
  expect(body.models.length).toBeGreaterThan(0);
  for (const model of body.models)
    expect(model).toEqual(expect.objectContaining({ object: 'model', type: channel }));
});

test('what there is not is said as the peer says it', async () => {
  await using gateway = await managedGateway();
  const answered = async (method: string, path: string, body?: object) => {
    const answer = await gateway.ask(method, path, body);
    return [answer.status, answer.body];
  };
  expect(await answered('GET', 'model-definitions/bogus')).toEqual([
    400,
    { channel: 'bogus', error: 'unknown channel', code: 'unknown_channel' },
  ]);
  expect(await answered('GET', 'plugins')).toEqual([
    200,
    { plugins_enabled: false, plugins_dir: '', plugins: [] },
  ]);
  const gone = [404, expect.objectContaining({ error: 'plugin_not_found' })];
  expect(await answered('GET', 'plugins/demo/config')).toEqual(gone);
  expect(await answered('PATCH', 'plugins/demo/enabled', { enabled: true })).toEqual(gone);
  expect(await answered('PUT', 'plugins/demo/config', { a: 1 })).toEqual(gone);
  expect(await answered('DELETE', '/v8/management/plugins/demo')).toEqual(gone);
  expect(await answered('POST', 'plugin-store/x/install')).toEqual(gone);
  expect(await answered('GET', 'latest-version')).toEqual([
    200,
    expect.objectContaining({ 'latest-version': expect.stringMatching(/^v\d/), checked: false }),
  ]);
  for (const path of ['ampcode', 'nonsense', '/v8/management/debug', '/v8/management/api-keys'])
    expect(await answered('GET', path)).toEqual([404, undefined]);
});
