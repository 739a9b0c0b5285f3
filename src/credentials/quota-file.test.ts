import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQuotaFile, type QuotaRecord } from './quota-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'quota-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, '.quotas.json');
const window = { name: '5h', ofModel: false, left: 0.4, closed: false, resetsAt: 2000, reportedAt: 1000 };
const record: QuotaRecord = { credential: 'c', of: undefined, window };

async function loaded(text: string) {
  writeFileSync(path, text);
  const problems: string[] = [];
  const onProblem = (sentence: string): number => problems.push(sentence);
  const file = createQuotaFile({ directory: folder, records: () => [], onProblem });
  return { records: await file.load(), problems };
}

test.each([
  ['cut off', '{"version":1,"quotas":[{"credential":"c","na'],
  ['of zeros', '\0'.repeat(100)],
  ['empty', ''],
  ['of another form', '[1, 2]'],
  ['of a later version', '{"version":2,"quotas":[]}'],
])('a damaged .quotas.json (%s) gives nothing, is told of, and breaks nothing', async (_how, text) => {
  const { records, problems } = await loaded(text);
  expect(records ?? []).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(path);
});

test('windows that are not whole are left out, the others stay', async () => {
  const { reportedAt: toldAt, ...others } = window;
  const whole = { credential: 'c', ...others, toldAt };
  const broken = [
    { ...whole, left: 7 },
    { ...whole, name: 3 },
    { ...whole, toldAt: 'x' },
    null,
    'text',
    { ...whole, credential: undefined },
  ];
  const { records, problems } = await loaded(JSON.stringify({ version: 1, quotas: [...broken, whole] }));
  expect(records).toMatchObject([record]);
  expect(problems).toEqual([]);
});

test('what is written is read again', async () => {
  const file = createQuotaFile({ directory: folder, records: () => [record], onProblem: () => {} });
  file.changed();
  await file.close();
  expect((await loaded(readFileSync(path, 'utf8'))).records).toMatchObject([record]);
});
