/** Names that clients make up become neither series nor memory. */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { clientKey, configOf } from '../gateway-harness.ts';
import { readMetrics } from './metrics-page.ts';

test('10,000 models, paths and user agents make no more series than a few', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-cardinality-'));
  const sandbox = startSandbox({ pace: 0 });
  const gateway = await startGateway({
    // Without a list of models it serves every name of its families.
    config: configOf({
      'claude-api-key': [{ 'api-key': 'upstream-key', 'base-url': sandbox.url }],
      'auth-dir': directory,
      metrics: { genai: true },
    }),
    version,
    log: createLog({ level: 'silent', format: 'json' }),
  });
  const ask = async (at: number): Promise<void> => {
    const word = `made-up-${at}`;
    // Each wrong key waits longer than the one before.
    const key = at % 2000 === 0 ? word : clientKey;
    const response = await fetch(`${gateway.url}${at % 10 === 1 ? `/${word}` : '/v1/messages'}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'user-agent': word, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: at % 2 === 0 ? `claude-${word}` : word,
        max_tokens: 1,
        messages: [{ role: 'user', content: 'x' }],
      }),
    });
    await response.arrayBuffer();
  };
  const round = async (from: number): Promise<number> => {
    for (let at = from; at < from + 5000; at += 50)
      await Promise.all(Array.from({ length: 50 }, (_, index) => ask(at + index)));
    Bun.gc(true);
    return process.memoryUsage().heapUsed;
  };
  try {
    const first = await round(0);
    const second = await round(5000);
    expect(second - first).toBeLessThan(12_000_000);
    const page = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(readMetrics(page).length).toBeLessThan(1000);
    expect(page).not.toContain('made-up');
  } finally {
    await gateway.stop();
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
