/** The queue of usage, as the programs that keep usage of their own ask it. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { callOf, send } from '../gateway/calls.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';

const canary = 'CANARY-51b2';
const managementKey = `management-${canary}-key`;
const clientKey = `sk-${canary}-of-a-client-key`;
const unnamedKey = `sk-${canary}-of-another-key`;

const sandbox = sandboxOfTests();
const folder = mkdtempSync(join(tmpdir(), 'usage-queue-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: JsonObject = {}): JsonObject => ({
  ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
    headers: { 'x-sandbox-fault': '$x-sandbox-fault', 'x-proof': `proof-${canary}-of-the-owner` },
  }),
  'auth-dir': folder,
  'api-keys': [{ key: clientKey, name: 'alice' }, unnamedKey],
  'remote-management': { 'secret-key': managementKey },
  'usage-statistics-enabled': true,
  'disable-cooling': true,
  'request-retry': 0,
  ...more,
});

async function taken(url: string, query = '?count=100'): Promise<JsonObject[]> {
  const answer = await fetch(`${url}/v0/management/usage-queue${query}`, {
    headers: { authorization: `Bearer ${managementKey}` },
  });
  expect(answer.status).toBe(200);
  const records: JsonObject[] = JSON.parse(await answer.text());
  return records;
}

/** What the peer answered to the same question: its recorded answers. */
function peerRecord(): JsonObject {
  const answers: { q: string; said: string }[] = JSON.parse(
    readFileSync(join(import.meta.dir, 'fixtures/peer-usage-queue.json'), 'utf8'),
  );
  const [said] = answers.flatMap(({ said }) => [parseJson(said)].flat());
  return asObject(said) ?? {};
}

const shapeOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? 'list'
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]))
      : typeof value;

describe.each(protocols)('a request over %s', (protocol) => {
  test.each([false, true])('is in the queue with the fields of the peer (stream: %p)', async (stream) => {
    await using gateway = await startTested(settings());
    const answer = await send(gateway.url, callOf(protocol), {
      model: modelOver[protocol],
      stream,
      headers: {
        authorization: `Bearer ${clientKey}`,
        'user-agent': 'the-client/1.0',
        'x-forwarded-for': '203.0.113.7',
      },
    });
    await answer.text();
    const [record = {}, ...more] = await taken(gateway.url);
    expect(more).toEqual([]);
    const { response_headers: headers, ...others } = record;
    const { response_headers: _, ...wanted } = peerRecord();
    expect(shapeOf(others)).toMatchObject(asObject(parseJson(JSON.stringify(shapeOf(wanted)))) ?? {});
    expect(Object.values(asObject(headers) ?? {}).every(Array.isArray)).toBe(true);
    expect(record).toMatchObject({
      client_ip: '127.0.0.1',
      x_forwarded_for: '203.0.113.7',
      user_agent: 'the-client/1.0',
      api_key: 'alice',
      alias: modelOver[protocol],
      model: 'sandbox',
      failed: false,
      generate: true,
      fail: { status_code: 200, body: '' },
      auth_type: 'apikey',
      request_id: answer.headers.get('x-request-id'),
    });
    expect(String(record.endpoint)).toStartWith('POST /v1');
    expect(JSON.stringify(record)).not.toContain(canary);
  });

  test.each(['401', '429', '500'])(
    'that fails with %s has status and a body without secrets',
    async (fault) => {
      await using gateway = await startTested(settings());
      const refused = await send(gateway.url, callOf(protocol), {
        model: modelOver[protocol],
        headers: { authorization: `Bearer ${unnamedKey}`, 'x-sandbox-fault': fault },
      });
      await refused.text();
      const [record = {}] = await taken(gateway.url);
      expect(record.failed).toBe(true);
      const fail = asObject(record.fail) ?? {};
      expect(fail.status_code).toBe(refused.status);
      expect(String(fail.body).length).toBeGreaterThan(0);
      expect(JSON.stringify(record)).not.toContain(canary);
      expect(JSON.stringify(record)).not.toContain('upstream-key');
    },
  );
});

test('providers, accounts and keys have the names that the peer gives them', async () => {
  await using gateway = await startTested(settings());
  const names: unknown[] = [];
  const executors: unknown[] = [];
  for (const protocol of protocols) {
    const answer = await send(gateway.url, callOf(protocol), {
      model: modelOver[protocol],
      headers: { authorization: `Bearer ${clientKey}` },
    });
    await answer.text();
    const [record = {}] = await taken(gateway.url);
    names.push(record.provider);
    executors.push(record.executor_type);
    expect(record.auth_index).toMatch(/^[0-9a-f]{16}$/);
  }
  expect(names.toSorted()).toEqual(['claude', 'codex', 'gemini', 'openai-compatible-compatible']);
  expect(executors.toSorted()).toEqual([
    'ClaudeExecutor',
    'CodexExecutor',
    'GeminiExecutor',
    'OpenAICompatExecutor',
  ]);
});

describe('readers', () => {
  const ask = async (url: string, count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const model = modelOver['openai-chat'];
      const headers = { authorization: `Bearer ${clientKey}` };
      await (await send(url, callOf('openai-chat'), { model, headers })).text();
    }
  };

  test('without count get one record, without a name they share them', async () => {
    await using gateway = await startTested(settings());
    await ask(gateway.url, 3);
    expect((await taken(gateway.url, '')).length).toBe(1);
    expect((await taken(gateway.url)).length).toBe(2);
    expect(await taken(gateway.url)).toEqual([]);
  });

  test('with a name have all records to themselves', async () => {
    await using gateway = await startTested(settings());
    await ask(gateway.url, 2);
    expect((await taken(gateway.url, '?count=9&reader=one')).length).toBe(2);
    expect((await taken(gateway.url, '?count=9&reader=two')).length).toBe(2);
    expect((await taken(gateway.url, '?count=9&reader=one')).length).toBe(0);
  });

  test.each(['0', '-1', 'many', '1.5', ''])('that ask for "%s" records are refused', async (count) => {
    await using gateway = await startTested(settings());
    const refused = await fetch(`${gateway.url}/v0/management/usage-queue?count=${count}`, {
      headers: { authorization: `Bearer ${managementKey}` },
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: 'count must be a positive integer' });
  });

  test('get nothing of what happened while it was off', async () => {
    await using gateway = await startTested(settings({ 'usage-statistics-enabled': false }));
    await ask(gateway.url, 1);
    await gateway.reconfigure(settings());
    expect(await taken(gateway.url)).toEqual([]);
    await ask(gateway.url, 1);
    expect((await taken(gateway.url)).length).toBe(1);
  });

  test('ask over version 8, too', async () => {
    await using gateway = await startTested(settings());
    await ask(gateway.url, 1);
    const answer = await fetch(`${gateway.url}/v8/management/observability/usage/queue`, {
      headers: { authorization: `Bearer ${managementKey}` },
    });
    expect(await answer.json()).toHaveLength(1);
  });
});

test('a request over a WebSocket is in the queue, too', async () => {
  await using gateway = await startTested(settings());
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}`, 'user-agent': 'socket/1.0' },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.onopen = () =>
    socket.send(
      JSON.stringify({ type: 'response.create', model: modelOver['openai-responses'], input: 'Hello' }),
    );
  socket.onmessage = ({ data }) => {
    if (String(data).includes('response.completed')) resolve();
  };
  socket.onerror = () => reject(new Error('the socket failed'));
  await promise;
  socket.close();
  const [record] = await taken(gateway.url);
  expect(record).toMatchObject({
    endpoint: 'GET /v1/responses',
    user_agent: 'socket/1.0',
    client_ip: '127.0.0.1',
  });
});
