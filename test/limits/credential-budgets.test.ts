/** Credentials and accounts with a budget, as clients and owners meet them. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { protocols } from '../../src/protocols/model.ts';
import { callOf, send } from '../gateway/calls.ts';
import { startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const folder = mkdtempSync(join(tmpdir(), 'credential-budgets-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

const managementKey = 'management-key-of-the-tests';
let directories = 0;

function settings(...entries: JsonObject[]): JsonObject {
  directories += 1;
  return {
    'auth-dir': join(folder, String(directories)),
    'remote-management': { 'secret-key': managementKey },
    'claude-api-key': entries.map((entry, index) => ({
      'api-key': `upstream-key-number-${index}`,
      'base-url': sandbox.url,
      models: [{ name: 'sandbox', alias: 'm' }],
      ...entry,
    })),
  };
}

const ask = (url: string, protocol: (typeof protocols)[number], stream = false) =>
  send(url, callOf(protocol), { model: 'm', stream });

async function explained(url: string): Promise<{ choice: { ready: number; passed: JsonObject[] } }> {
  const answer = await fetch(`${url}/v0/management/routing?model=m`, {
    headers: { authorization: `Bearer ${managementKey}` },
  });
  return JSON.parse(await answer.text());
}

test('a credential over its budget is passed over, and explain says why', async () => {
  await using gateway = await startTested(
    settings({ priority: 9, budget: { day: { tokens: 1 } } }, { priority: 1 }),
  );
  for (let count = 0; count < 3; count += 1) {
    const answer = await ask(gateway.url, 'openai-chat', count % 2 === 1);
    await answer.text();
    expect(answer.status).toBe(200);
  }
  const { choice } = await explained(gateway.url);
  expect(choice.ready).toBe(1);
  expect(choice.passed).toEqual([
    expect.objectContaining({
      why: 'budget',
      reason: 'It may use 1 tokens a day (budget.day.tokens), and that is spent.',
    }),
  ]);
});

test.each(protocols)('nobody left is 429 until the budget begins anew, over %s', async (protocol) => {
  const limited = settings({ budget: { day: { tokens: 1 } } });
  await using gateway = await startTested(limited);
  await (await ask(gateway.url, protocol)).text();
  for (const stream of [false, true]) {
    const refused = await ask(gateway.url, protocol, stream);
    const text = await refused.text();
    expect(refused.status).toBe(429);
    expect(text).toContain('budget.day.tokens');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  const [entry = {}] = [limited['claude-api-key']].flat();
  await gateway.reconfigure({
    ...limited,
    'claude-api-key': [{ ...(typeof entry === 'object' && entry), budget: { day: { tokens: 100_000 } } }],
  });
  expect((await ask(gateway.url, protocol)).status).toBe(200);
});
