/** What was used, from the file that a gateway has left. */
import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

test('who only looks at usage leaves a broken file where it is, and is told of it', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify({ 'auth-dir': cwd }));
  const file = join(cwd, '.usage.sqlite');
  const text = 'not a database, and longer than a header of one '.repeat(100);
  writeFileSync(file, text);
  for (const args of [['usage'], ['usage', 'requests'], ['explain', `req_${'0'.repeat(24)}`]]) {
    const { out, err, code } = await run(args, { cwd });
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(err).toContain(`${file} cannot be read: file is not a database`);
    expect(err).toContain('The gateway moves it aside at its next start');
  }
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(existsSync(`${file}.broken`)).toBe(false);
});
