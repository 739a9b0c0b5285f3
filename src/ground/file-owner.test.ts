import { expect, test } from 'bun:test';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foreignOwner } from './file-owner.ts';

const module = join(import.meta.dir, 'file-owner.ts');

/** As another user sees it; only root can be one. */
function asNobody(path: string): string {
  const script = `process.setgid(65534); process.setuid(65534); const { foreignOwner } = await import(${JSON.stringify(module)}); console.log(await foreignOwner(${JSON.stringify(path)}) ?? 'none');`;
  return Bun.spawnSync([process.execPath, '--no-env-file', '-e', script], { env: { HOME: '/tmp' } })
    .stdout.toString()
    .trim();
}

test("another user's files are told with what gives them away", async () => {
  if (process.getuid?.() !== 0) {
    expect(await foreignOwner('/etc/shadow')).toStartWith(
      'it belongs to user 0, and this program runs as user',
    );
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-owner-'));
  try {
    chmodSync(directory, 0o755);
    const file = join(directory, 'config.yaml');
    writeFileSync(file, 'port: 1\n', { mode: 0o600 });
    const advice =
      'it belongs to user 0, and this program runs as user 65534: chown -R 65534:65534 gives it away';
    expect(asNobody(file)).toStartWith(advice);
    // One that may be read is nobody's concern; a directory must be written to, too.
    chmodSync(file, 0o644);
    expect(asNobody(file)).toBe('none');
    expect(asNobody(directory)).toStartWith(advice);
    chownSync(directory, 65534, 65534);
    expect(asNobody(directory)).toBe('none');
    expect(asNobody(join(directory, 'gone'))).toBe('none');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
