import { expect, test } from 'bun:test';
import { collectedOutput } from '../../../test/cli/collected-output.ts';
import { linesOf } from '../lines.ts';
import { choose, confirmed } from './choice.ts';

const projects = [
  { value: 'red-project', label: 'red-project  Red' },
  { value: 'blue-project', label: 'blue-project  Blue' },
];

test.each([
  ['2\n', 'blue-project'],
  ['red-project\n', 'red-project'],
  ['\n', 'red-project'],
  ['7\ngreen\n2\n', 'blue-project'],
  ['', undefined],
])('%p chooses %p', async (typed, chosen) => {
  const signal = new AbortController().signal;
  const output = collectedOutput();
  expect(await choose('Which project?', projects, { lines: linesOf([typed]), output, signal })).toBe(chosen);
  expect(output.text()).toContain('  2  blue-project  Blue\n');
});

test.each([
  ['y\n', true],
  ['YES\n', true],
  ['\n', false],
  ['no\n', false],
  ['yes please\n', false],
  ['', false],
])('%p to a question is %p', async (typed, yes) => {
  expect(await confirmed('Delete it?', linesOf([typed]), collectedOutput())).toBe(yes);
});
