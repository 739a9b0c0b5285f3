/** `test`: one small request through the running gateway. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start.ts';
import { emptyDirectory, run, serving } from './program.ts';

test('without a gateway it says so in words, and how to start one', async () => {
  using here = emptyDirectory();
  const { out, err, code } = await run(['test'], { cwd: here.path });
  expect([code, out]).toEqual([69, '']);
  expect(err).toContain('no gateway runs');
  expect(err).toContain('serve"');
  expect(err).not.toContain('Error:');
});

test('a credential is asked by its name, and no other for it', async () => {
  using here = emptyDirectory();
  const sandbox = startSandbox({ pace: 0 });
  try {
    writeFileSync(
      join(here.path, 'config.yaml'),
      `port: 0
auth-dir: accounts
api-keys: ["sha256:${'0'.repeat(64)}"]
request-retry: 0
openai-compatibility:
  - name: good
    base-url: ${sandbox.url}/v1
    models: [{ name: sandbox, alias: m }]
    api-key-entries: [{ api-key: sk-sandbox, name: first }]
  - name: gone
    base-url: http://127.0.0.1:9/v1
    models: [{ name: sandbox, alias: m }]
    api-key-entries: [{ api-key: sk-other, name: second }]
`,
    );
    await using _ = await serving(['serve'], { cwd: here.path });
    const asked = (...args: string[]) => run(['test', ...args], { cwd: here.path });
    // Both serve the model, and the config keeps no client key that could be sent.
    for (const name of ['good/first', 'first', 'good']) {
      const good = await asked(name);
      expect([good.code, good.out]).toEqual([
        0,
        expect.stringMatching(/^good\/first with m answered in \d+ ms/),
      ]);
    }
    const gone = await asked('gone/second');
    expect([gone.code, gone.out]).toEqual([1, '']);
    expect(gone.err).toMatch(
      /^failed: gone\/second with m: 50\d after \d+ ms: .*\n"[^"]*explain req_\w+" shows why/,
    );
    const json = JSON.parse((await asked('good', '--json')).out);
    expect(json.ok).toBe(true);
    expect(json.tests).toMatchObject([{ ok: true, credential: 'good/first', model: 'm', status: 200 }]);
    expect((await asked('m')).out).toContain('answered');
    expect((await asked('nobody')).err).toContain('There is no credential and no model "nobody"');
  } finally {
    await sandbox.stop();
  }
});
