/** Client keys over their life, as their owners meet them: rotation, end, and what they read of their own usage. */
import { afterAll, describe, expect, test } from 'bun:test';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import type { OwnUsage } from '../../src/server/usage/own-usage.ts';
import { officialClients } from '../clients/official.ts';
import { callOf, send } from '../gateway/calls.ts';
import { modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { refusal } from './keys.ts';

const sandbox = sandboxOfTests();
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'own-usage-'));
  folders.push(made);
  return made;
}

const settingsWith = (directory: string, keys: JsonObject[]): JsonObject => ({
  ...sandboxModels(sandbox.url),
  prices: { sandbox: { input: 3, output: 15 } },
  'auth-dir': directory,
  'api-keys': keys,
});

const model = modelOver['openai-chat'];

async function ask(url: string, key: string): Promise<number> {
  const answer = await send(url, callOf('openai-chat'), {
    model,
    headers: { authorization: `Bearer ${key}` },
  });
  await answer.text();
  return answer.status;
}

function read(url: string, key: string, query = ''): Promise<Response> {
  return fetch(`${url}/v1/usage${query}`, { headers: { 'x-api-key': key } });
}

async function usageOf(url: string, key: string): Promise<OwnUsage> {
  const usage: OwnUsage = JSON.parse(await (await read(url, key)).text());
  return usage;
}

const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const yesterday = new Date(Date.now() - 86_400_000).toISOString();

test('a key reads its own usage and limits, and nothing of others', async () => {
  await using gateway = await startTested(
    settingsWith(folder(), [
      { key: 'key-of-ann', name: 'ann', budget: { day: { usd: 5 } }, expires: tomorrow },
      { key: 'key-of-bob', name: 'bob-the-other' },
    ]),
  );
  expect(await ask(gateway.url, 'key-of-ann')).toBe(200);
  for (let count = 0; count < 3; count += 1) expect(await ask(gateway.url, 'key-of-bob')).toBe(200);

  const ann = await usageOf(gateway.url, 'key-of-ann');
  expect(ann.key).toEqual({ name: 'ann', expires: tomorrow });
  expect(ann.usage?.today.requests).toBe(1);
  expect(ann.usage?.span.models.map(({ model, requests }) => [model, requests])).toEqual([['sandbox', 1]]);
  expect(ann.limits).toEqual([expect.objectContaining({ limit: 'budget.day.usd', most: 5 })]);
  expect(ann.limits[0]?.used).toBeGreaterThan(0);
  expect(JSON.stringify(ann)).not.toContain('bob');
  const bob = await usageOf(gateway.url, 'key-of-bob');
  expect(bob.usage?.span.total.requests).toBe(3);
  expect(bob.limits).toEqual([]);
});

test('usage is for those with a key, and a wrong span is named', async () => {
  await using gateway = await startTested(settingsWith(folder(), [{ key: 'key-of-ann', name: 'ann' }]));
  expect((await fetch(`${gateway.url}/v1/usage`)).status).toBe(401);
  const refused = await read(gateway.url, 'key-of-ann', '?since=never');
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { param: 'since' } });
  expect((await read(gateway.url, 'key-of-ann', '?since=7d&until=now')).status).toBe(200);
});

test('without a store of usage a key still reads its limits', async () => {
  const keys = [{ key: 'key-of-ann', name: 'ann', concurrency: 2 }];
  await using gateway = await startTested({ ...settingsWith(folder(), keys), usage: { enable: false } });
  expect(await usageOf(gateway.url, 'key-of-ann')).toMatchObject({
    usage: null,
    limits: [{ limit: 'concurrency', most: 2, used: 0 }],
  });
});

describe('a rotation', () => {
  test('keeps limits and usage, over a restart and past the old key', async () => {
    const directory = folder();
    const limit = { 'requests-per-minute': 3, name: 'ann' };
    const before = await startTested(settingsWith(directory, [{ key: 'old-key', ...limit }]));
    expect(await ask(before.url, 'old-key')).toBe(200);
    const rotated = { key: 'new-key', 'previous-key': 'old-key', 'previous-until': tomorrow, ...limit };
    await before.reconfigure(settingsWith(directory, [rotated]));
    expect(await ask(before.url, 'old-key')).toBe(200);
    expect(await ask(before.url, 'new-key')).toBe(200);
    expect([await ask(before.url, 'old-key'), await ask(before.url, 'new-key')]).toEqual([429, 429]);
    await before.stop();

    await using after = await startTested(settingsWith(directory, [{ key: 'new-key', ...limit }]));
    expect(await ask(after.url, 'old-key')).toBe(401);
    const { usage, limits } = await usageOf(after.url, 'new-key');
    // Those that were refused are requests, too.
    expect(usage?.span.total).toMatchObject({ requests: 5, failed: 2 });
    expect(limits[0]).toMatchObject({ limit: 'requests-per-minute', used: 3 });
    expect(readFileSync(join(directory, '.client-limits.json'), 'utf8')).not.toContain('-key');
  });

  test('gives kept responses to the new key', async () => {
    const directory = folder();
    const other = { key: 'key-of-bob', name: 'bob' };
    const before = await startTested(settingsWith(directory, [{ key: 'old-key', name: 'ann' }, other]));
    const made = await fetch(`${before.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer old-key', 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: 'Hello', store: true }),
    });
    const { id }: { id: string } = JSON.parse(await made.text());
    const rotated = { key: 'new-key', name: 'ann', 'previous-key': 'old-key', 'previous-until': tomorrow };
    await before.reconfigure(settingsWith(directory, [rotated, other]));
    const kept = (url: string, key: string) =>
      fetch(`${url}/v1/responses/${id}`, { headers: { authorization: `Bearer ${key}` } });
    expect((await kept(before.url, 'new-key')).status).toBe(200);
    expect((await kept(before.url, 'old-key')).status).toBe(200);
    expect((await kept(before.url, 'key-of-bob')).status).toBe(404);
    await before.stop();
    await using after = await startTested(settingsWith(directory, [{ key: 'new-key', name: 'ann' }, other]));
    expect((await kept(after.url, 'new-key')).status).toBe(200);
  });
});

test('a key known by its SHA-256 alone opens and counts', async () => {
  const digest = `sha256:${hash('sha256', 'sk-imported', 'hex')}`;
  await using gateway = await startTested(settingsWith(folder(), [{ key: digest, name: 'ann' }]));
  expect(await ask(gateway.url, 'sk-imported')).toBe(200);
  expect(await ask(gateway.url, digest)).toBe(401);
  expect((await usageOf(gateway.url, 'sk-imported')).usage?.span.total.requests).toBe(1);
});

describe.each(officialClients.map((client) => [client.name, client] as const))('%s', (_, client) => {
  test('reads of a key that is disabled, expired or replaced', async () => {
    await using gateway = await startTested(
      settingsWith(folder(), [
        { key: 'disabled-key', disabled: true },
        { key: 'expired-key', expires: yesterday },
        { key: 'new-key', 'previous-key': 'replaced-key', 'previous-until': yesterday },
      ]),
    );
    for (const [key, sentence] of [
      ['disabled-key', 'is disabled'],
      ['expired-key', 'has expired'],
      ['replaced-key', 'was replaced'],
    ] as const)
      for (const stream of [false, true]) {
        const shown = await refusal({ client, stream }, { url: gateway.url, key, model });
        expect(shown.status).toBe(401);
        expect(JSON.stringify(shown)).toContain(sentence);
        expect(JSON.stringify(shown)).not.toContain(key);
      }
  });
});

test.each(protocols)('an address of %s refuses in its own shape', async (protocol) => {
  await using gateway = await startTested(settingsWith(folder(), [{ key: 'disabled-key', disabled: true }]));
  const answer = await send(gateway.url, callOf(protocol), {
    model: modelOver[protocol],
    headers: { authorization: 'Bearer disabled-key' },
  });
  const shape: Record<typeof protocol, JsonObject> = {
    'openai-chat': { error: { code: 'api_key_disabled' } },
    'openai-responses': { error: { code: 'api_key_disabled' } },
    'anthropic-messages': { type: 'error', error: { type: 'authentication_error' } },
    gemini: { error: { code: 401, status: 'UNAUTHENTICATED' } },
  };
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject(shape[protocol]);
});
