import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '../../../test/fake-clock.ts';
import { parseConfig } from '../../config/load.ts';
import { keptResponses } from './kept-responses.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-responses-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file that could not be opened is tried again after a minute, and owners of meanwhile stay', () => {
  const loaded = parseConfig(`auth-dir: ${folder}\n`, { file: 'config.yaml', env: {} });
  if (!loaded.ok) throw new Error('the configuration is good');
  const said: string[] = [];
  const note = (sentence: string): void => void said.push(sentence);
  const clock = fakeClock();
  const kept = keptResponses(
    {
      request: () => {},
      flush: () => {},
      debugging: false,
      debug: note,
      info: note,
      warn: note,
      error: note,
    },
    undefined,
    clock,
  );
  const file = join(folder, '.responses.sqlite');
  mkdirSync(file);
  kept.configure(loaded.config);
  expect(kept.store()).toBeUndefined();
  kept.owners().own(['container-1'], 'alice');
  rmSync(file, { recursive: true });
  expect(kept.store()).toBeUndefined();
  clock.pass(60_000);
  expect(kept.store()).toBeDefined();
  expect(kept.owners().isForeign('container-1', 'bob')).toBe(true);
  expect(kept.owners().isForeign('container-1', 'alice')).toBe(false);
  expect(said).toEqual(['responses are not kept: the file cannot be opened', 'responses are kept again']);
  kept.close();
});
