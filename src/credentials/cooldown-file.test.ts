import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCooldownFile } from './cooldown-file.ts';
import type { CooldownRecord } from './known-states.ts';

const fileName = '.cooldowns.json';
const records: CooldownRecord[] = [
  {
    credential: 'claude:0123456789ab',
    cooldown: {
      kind: 'quota',
      model: 'claude-opus-5',
      failures: 3,
      since: 1_795_000_000_000,
      until: 1_795_000_007_000,
      promised: 1_796_000_000_000,
      reason: 'the upstream said so',
    },
  },
  {
    credential: 'someone@example.com',
    cooldown: {
      kind: 'auth',
      model: undefined,
      failures: 1,
      since: 1_795_000_000_000,
      until: 1_795_000_060_000,
      promised: undefined,
      reason: '',
    },
  },
];

function folder() {
  const directory = mkdtempSync(join(tmpdir(), 'cooldowns-'));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}

async function loaded(text: string): Promise<CooldownRecord[] | undefined> {
  using temporary = folder();
  const { directory } = temporary;
  writeFileSync(join(directory, fileName), text);
  return await createCooldownFile({ directory, records: () => [], onProblem: () => {} }).load();
}

test.each([
  ['not JSON', '{"version":1,'],
  ['another version', '{"version":2,"rests":[]}'],
  ['a list', '[]'],
])('%s is not taken for cooldowns', async (_, text) => {
  expect(await loaded(text)).toBeUndefined();
});

test('a cooldown that is not whole is left out, the others are kept', async () => {
  const cooldowns = [{ credential: 'a', kind: 'tired' }, 7, null];
  expect(await loaded(JSON.stringify({ version: 1, rests: cooldowns }))).toEqual([]);
});

test('closing writes what has changed, readable by the owner only, and a new run loads it', async () => {
  using temporary = folder();
  const { directory } = temporary;
  const problems: string[] = [];
  const options = { directory, onProblem: (sentence: string) => problems.push(sentence), delay: 3_600_000 };
  const file = createCooldownFile({ ...options, records: () => records });
  expect(await file.load()).toBeUndefined();
  file.changed();
  file.changed();
  await file.close();
  expect(statSync(join(directory, fileName)).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual([fileName]);
  expect(await createCooldownFile({ ...options, records: () => [] }).load()).toEqual(records);
  expect(problems).toEqual([]);
});

test('when none is cooling down any more, the file goes', async () => {
  using temporary = folder();
  const { directory } = temporary;
  let cooldowns = records;
  const file = createCooldownFile({
    directory,
    records: () => cooldowns,
    onProblem: () => {},
    delay: 3_600_000,
  });
  file.changed();
  await file.close();
  cooldowns = [];
  file.changed();
  await file.close();
  expect(readdirSync(directory)).toEqual([]);
});

test('a file that cannot be understood is reported by name and left alone, whatever changes', async () => {
  using temporary = folder();
  const { directory } = temporary;
  const path = join(directory, fileName);
  writeFileSync(path, 'scribble');
  const problems: string[] = [];
  const file = createCooldownFile({
    directory,
    records: () => records,
    onProblem: (sentence) => problems.push(sentence),
  });
  expect(await file.load()).toBeUndefined();
  file.changed();
  await file.close();
  expect(problems).toEqual([expect.stringContaining(path)]);
  expect(readFileSync(path, 'utf8')).toBe('scribble');
});
