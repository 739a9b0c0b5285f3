/** M6: what servers and account files say is one line of the terminal each, and moves nothing in it. */
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

const outside = 'a\u001b[31m\u202e\u2028\nFAKE LINE@example.com';

test.each(['auth list', 'auth status', 'models', 'config check'])(
  'M6: %s writes what accounts say in its own lines',
  async (command) => {
    using here = emptyDirectory();
    const authDir = join(here.path, 'auth');
    mkdirSync(authDir, { mode: 0o700 });
    const account = (type: string) =>
      JSON.stringify({
        type,
        email: outside,
        access_token: 'access',
        refresh_token: 'refresh',
        expired: '2020-01-01T00:00:00Z',
        project_id: outside,
        plan: outside,
        organization_name: outside,
        label: outside,
      });
    for (const type of ['claude', 'codex', 'antigravity'])
      writeFileSync(join(authDir, `${type}-x.json`), account(type), { mode: 0o600 });
    writeFileSync(join(authDir, 'bad\u001b[31m\nFAKE.json'), '{', { mode: 0o600 });
    const config = join(here.path, 'config.yaml');
    writeFileSync(config, `port: 0\nauth-dir: ${authDir}\n`);
    const { out, err } = await run([...command.split(' '), '--config', config], { cwd: here.path });
    const shown = out + err;
    expect(shown).toContain('\\u001b');
    expect(shown).not.toMatch(/^FAKE/m);
    for (const mark of ['\u001b', '\u2028', '\u202e']) expect(shown).not.toContain(mark);
  },
  60_000,
);
