import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run, serving } from './program.ts';

const key = 'gemini-api-key:\n  - api-key: never-called\n    base-url: http://127.0.0.1:1\n';
const config = `host: 127.0.0.1\nport: 1\nauth-dir: ./accounts\n`;

test('health ends with 0 while the gateway serves, wherever that is, and with 1 after it', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), config + key);
  const server = await serving(['serve', '--port', '0'], { cwd: here.path });
  // A proxy of the environment is not asked.
  const env = { HTTP_PROXY: 'http://127.0.0.1:1' };
  const alive = await run(['health'], { cwd: here.path, env });
  expect(alive).toEqual({ out: `alive: ${server.url}\n`, err: '', code: 0 });
  const ready = await run(['health', '--ready'], { cwd: here.path, env });
  expect(ready).toEqual({ out: `ready: ${server.url}\n`, err: '', code: 0 });
  await server.end('SIGTERM');
  const dead = await run(['health'], { cwd: here.path });
  expect({ out: dead.out, code: dead.code }).toEqual({ out: '', code: 1 });
  expect(dead.err).toContain('http://127.0.0.1:1/livez does not answer');
});

test('health --ready ends with 1 and the reason where no credential is', async () => {
  using here = emptyDirectory();
  using refusing = Bun.serve({
    port: 0,
    fetch: () => Response.json({ status: 'not-ready', reasons: [{ code: 'stopping' }] }, { status: 503 }),
  });
  const { code, err } = await run(['health', '--ready', '--url', refusing.url.href], { cwd: here.path });
  expect(code).toBe(1);
  expect(err).toContain('/readyz responds with 503');
  expect(err).toContain('stopping');
});

test('test sends one small request, says how it went, and fails for a model that is not there', async () => {
  using here = emptyDirectory();
  await using server = await serving(['serve', '--port', '0'], { cwd: here.path });
  expect(server.url).toContain('127.0.0.1');
  const asked = await run(['test'], { cwd: here.path });
  expect(asked).toMatchObject({ err: '', code: 0, out: expect.stringContaining('answered in') });
  const json = await run(['test', 'no-such-model', '--json'], { cwd: here.path });
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toEqual({
    ok: false,
    error: expect.stringContaining('no-such-model'),
    tests: [],
  });
});
