import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock } from '../../../test/fake-clock.ts';
import { parseConfig } from '../../config/load.ts';
import { inputOfItems } from './input-items.ts';
import { managedResponses } from './managed-responses.ts';
import type { StoredResponse } from './stored-response.ts';

const folder = mkdtempSync(join(tmpdir(), 'managed-responses-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kept responses in an empty directory, and what the log has said. */
function keptIn(directory: string) {
  const loaded = parseConfig(`auth-dir: ${directory}\n`, { file: 'config.yaml', env: {} });
  if (!loaded.ok) throw new Error('the configuration is good');
  const said: string[] = [];
  const note = (sentence: string): void => void said.push(sentence);
  const clock = fakeClock();
  const log = { request: () => {}, flush: () => {}, debugging: false };
  const kept = managedResponses(
    { ...log, debug: note, info: note, warn: note, error: note },
    undefined,
    clock,
  );
  const file = join(directory, '.responses.sqlite');
  return { kept, config: loaded.config, clock, said, file };
}

test('a file that could not be opened is tried again after a minute, and owners of meanwhile stay', () => {
  const { kept, config, clock, said, file } = keptIn(folder);
  mkdirSync(file);
  kept.configure(config);
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

test('15: a file that is deleted while it is in use has a new one in its place', () => {
  const directory = mkdtempSync(join(folder, 'deleted-'));
  const { kept, config, clock, said, file } = keptIn(directory);
  kept.configure(config);
  expect(kept.store()).toBeDefined();
  clock.pass(600_000);
  expect(said).toEqual([]);
  for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
  clock.pass(600_000);
  clock.pass(1);
  expect(said).toEqual([
    'the file of kept responses is not the one that was opened any more: what is there now is used',
  ]);
  expect(kept.store()).toBeDefined();
  expect(existsSync(file)).toBe(true);
  kept.close();
});

function answer(id: string): StoredResponse {
  const input = inputOfItems([{ role: 'user', content: `asked for ${id}` }]);
  return { id, client: 'alice', previous: undefined, native: false, input, response: { id, output: [] } };
}

/** A directory whose file of kept responses is deleted behind the back of who has it open; it has kept an answer, and whose a container is. */
function deletedWhileInUse() {
  const directory = mkdtempSync(join(folder, 'moved-'));
  const opened = keptIn(directory);
  const { kept, config, file } = opened;
  kept.configure(config);
  kept.store()?.keep(answer('resp_1'));
  kept.owners().own(['container-1'], 'alice');
  const remove = () => {
    for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
  };
  return { ...opened, remove, directory };
}

test('15: what waits for a file that is deleted is found in the one in its place, and is on its disk', () => {
  const { kept, config, clock, remove, directory } = deletedWhileInUse();
  remove();
  clock.pass(600_000);
  clock.pass(1);
  expect(kept.store()?.find('resp_1', 'alice')?.id).toBe('resp_1');
  expect(kept.store()?.find('resp_1', 'bob')).toBeUndefined();
  expect(kept.owners().isForeign('container-1', 'bob')).toBe(true);
  expect(kept.owners().isForeign('container-1', 'alice')).toBe(false);
  kept.close();

  const again = keptIn(directory).kept;
  again.configure(config);
  expect(again.store()?.find('resp_1', 'alice')?.id).toBe('resp_1');
  expect(again.owners().isForeign('container-1', 'bob')).toBe(true);
  again.close();
});

test('15: what waits for a file that is deleted waits until there can be one in its place', () => {
  const { kept, clock, said, file, remove } = deletedWhileInUse();
  remove();
  mkdirSync(file);
  clock.pass(600_000);
  clock.pass(1);
  expect(kept.store()).toBeUndefined();
  expect(said.at(-1)).toBe('responses are not kept: the file cannot be opened');
  rmSync(file, { recursive: true });
  clock.pass(60_000);
  expect(kept.store()?.find('resp_1', 'alice')?.id).toBe('resp_1');
  expect(kept.owners().isForeign('container-1', 'bob')).toBe(true);
  kept.close();
});
