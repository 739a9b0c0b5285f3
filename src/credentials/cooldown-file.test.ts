import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cooldownFileName, cooldownText, createCooldownFile, parseCooldowns } from './cooldown-file.ts';
import type { CooldownRecord } from './known-states.ts';

const records: CooldownRecord[] = [
  {
    credential: 'claude:0123456789ab',
    rest: {
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
    rest: {
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

test('what is written is read back as it was', () => {
  expect(parseCooldowns(cooldownText(records))).toEqual(records);
});

test.each([
  ['not JSON', '{"version":1,'],
  ['another version', '{"version":2,"rests":[]}'],
  ['a list', '[]'],
])('%s is not taken for cooldowns', (_, text) => {
  expect(parseCooldowns(text)).toBeUndefined();
});

test('a rest that is not whole is left out, the others are kept', () => {
  const text = JSON.stringify({ version: 1, rests: [{ credential: 'a', kind: 'tired' }, 7, null] });
  expect(parseCooldowns(text)).toEqual([]);
});

test('closing writes what has changed, readable by the owner only, and a new run loads it', async () => {
  using temporary = folder();
  const { directory } = temporary;
  const problems: string[] = [];
  const options = { directory, onProblem: (sentence: string) => problems.push(sentence), delay: 3_600_000 };
  const file = createCooldownFile({ ...options, rests: () => records });
  expect(await file.load()).toBeUndefined();
  file.changed();
  file.changed();
  await file.close();
  expect(statSync(join(directory, cooldownFileName)).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual([cooldownFileName]);
  expect(await createCooldownFile({ ...options, rests: () => [] }).load()).toEqual(records);
  expect(problems).toEqual([]);
});

test('when nobody rests any more, the file goes', async () => {
  using temporary = folder();
  const { directory } = temporary;
  let rests = records;
  const file = createCooldownFile({ directory, rests: () => rests, onProblem: () => {}, delay: 3_600_000 });
  file.changed();
  await file.close();
  rests = [];
  file.changed();
  await file.close();
  expect(readdirSync(directory)).toEqual([]);
});

test('a file that cannot be understood is reported by name and left alone, whatever changes', async () => {
  using temporary = folder();
  const { directory } = temporary;
  const path = join(directory, cooldownFileName);
  writeFileSync(path, 'scribble');
  const problems: string[] = [];
  const file = createCooldownFile({
    directory,
    rests: () => records,
    onProblem: (sentence) => problems.push(sentence),
  });
  expect(await file.load()).toBeUndefined();
  file.changed();
  await file.close();
  expect(problems).toEqual([expect.stringContaining(path)]);
  expect(readFileSync(path, 'utf8')).toBe('scribble');
});
