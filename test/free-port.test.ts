/** Ports of tests: nobody else's, whoever chooses at the same time. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const module = join(import.meta.dir, 'free-port.ts');

test('ports differ within a process, and between processes that choose at the same time', async () => {
  const script = `import { freePort } from ${JSON.stringify(module)};
    console.log(Array.from({ length: 30 }, freePort).join(' '));
    for await (const _ of process.stdin) break;`;
  const others = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, '-e', script], { stdin: 'pipe', stdout: 'pipe' }),
  );
  // Each holds its block until it has been read; then it ends by itself.
  const lines = await Promise.all(
    others.map(async ({ stdout }) => new TextDecoder().decode((await stdout.getReader().read()).value)),
  );
  for (const other of others) void other.stdin.end();
  const ports = [
    ...lines.flatMap((line) => line.trim().split(' ').map(Number)),
    ...Array.from({ length: 30 }, freePort),
  ];
  expect(ports).toHaveLength(150);
  expect(new Set(ports).size).toBe(150);
  expect(ports.every((port) => port > 20_000 && port < 32_000)).toBe(true);
  expect(await Promise.all(others.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
});

test('a port that somebody listens on is passed over, at either address', () => {
  for (const hostname of ['127.0.0.1', '::1']) {
    const next = freePort() + 1;
    using _taken = Bun.listen({ hostname, port: next, socket: { data() {} } });
    expect(freePort()).not.toBe(next);
  }
});
