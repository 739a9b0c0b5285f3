/** A compatible service whose entry names no models: what it lists is served. */

import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import { run } from '../cli/program.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { callOf, jsonOf, send } from './calls.ts';
import { chatAnswer, startUpstream } from './upstream.ts';

let list: () => Response = () => new Response();
const upstream = startUpstream(({ path, key }) => (path.endsWith('/models') ? list() : chatAnswer(key)));
afterAll(() => upstream[Symbol.dispose]());
beforeEach(() => {
  upstream.asked.length = 0;
});

const settings = (more: JsonObject = {}): JsonObject => ({
  'openai-compatibility': [
    {
      name: 'local',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': 'key-of-the-service' }],
      ...more,
    },
  ],
});
const idsOf = async (url: string): Promise<string[]> => {
  const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${clientKey}` } });
  return asArray(asObject(await jsonOf(answer))?.data).map((one) => asString(asObject(one)?.id) ?? '');
};
const openaiList =
  (...ids: string[]) =>
  () =>
    Response.json({ object: 'list', data: ids.map((id) => ({ id })) });

describe('B: a compatible service without models is asked for its list', () => {
  test.each([
    { says: 'OpenAI’s list', answer: openaiList('b', 'a/one') },
    { says: 'a bare array', answer: () => Response.json([{ id: 'a/one' }, { id: 'b' }]) },
    { says: 'Ollama’s list', answer: () => Response.json({ models: [{ name: 'a/one' }, { name: 'b' }] }) },
  ])('$says is served, with the key of the entry', async ({ answer }) => {
    list = answer;
    await using gateway = await startTested(settings());
    expect(await idsOf(gateway.url)).toEqual(['a/one', 'b']);
    const answered = await send(gateway.url, callOf('openai-chat'), { model: 'a/one' });
    expect(answered.status).toBe(200);
    expect(upstream.asked.map(({ method, path, key }) => `${method} ${path} ${key}`)).toEqual([
      'GET /v1/models key-of-the-service',
      'POST /v1/chat/completions key-of-the-service',
    ]);
  });

  test('prefix, excluded-models and suffixes hold for what was found', async () => {
    list = openaiList('keep', 'drop-1', 'models/drop-2');
    await using gateway = await startTested(settings({ prefix: 'work', 'excluded-models': ['drop-*'] }));
    expect(await idsOf(gateway.url)).toEqual(['keep', 'work/keep']);
    for (const model of ['drop-1', 'drop-1 ', 'work/drop-1(high)', 'models/drop-2', 'drop-2'])
      expect((await send(gateway.url, callOf('openai-chat'), { model })).status).toBe(404);
    expect((await send(gateway.url, callOf('openai-chat'), { model: 'work/keep(high)' })).status).toBe(200);
    expect(new TextDecoder().decode(upstream.asked.at(-1)?.body)).toContain('"model":"keep"');
  });

  test('models that the entry names are all there is, and nobody is asked', async () => {
    list = openaiList('other');
    await using gateway = await startTested(settings({ models: [{ name: 'mine' }] }));
    expect(await idsOf(gateway.url)).toEqual(['mine']);
    expect(upstream.asked).toEqual([]);
  });

  test.each([
    { says: 'refuses', answer: () => new Response('no', { status: 404 }) },
    { says: 'lists nothing', answer: openaiList() },
    { says: 'answers something else', answer: () => new Response('<html>') },
    {
      says: 'never ends',
      answer: () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1 << 20)) })),
    },
  ])('a service that $says serves nothing, and the gateway starts', async ({ answer }) => {
    list = answer;
    await using gateway = await startTested(settings());
    expect(await idsOf(gateway.url)).toEqual([]);
    expect((await send(gateway.url, callOf('openai-chat'), { model: 'm' })).status).toBe(404);
  });
});

describe('B: the commands say what was found', () => {
  const folder = () => {
    const cwd = mkdtempSync(join(tmpdir(), 'cli-proxy-api-found-'));
    const config = { 'api-keys': ['k-of-the-client'], 'auth-dir': join(cwd, 'accounts'), ...settings() };
    writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
    return { cwd };
  };

  test('models and config check name what a service lists', async () => {
    list = openaiList('b', 'a/one');
    expect((await run(['models'], folder())).out).toContain('a/one');
    expect((await run(['config', 'check'], folder())).out).toMatch(/local .*: 2 models found\./);
  });

  test('and say plainly that nothing is served', async () => {
    list = () => new Response('no', { status: 403 });
    expect((await run(['models'], folder())).err).toContain('serves nothing');
    const checked = await run(['config', 'check'], folder());
    expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('serves nothing')]);
    expect(checked.out).toContain('/v1/models answered with 403');
  });
});
