import { expect, test } from 'bun:test';
import { collectedOutput } from '../../../test/cli/collected-output.ts';
import { clock, countDown } from './countdown.ts';

test.each([
  [0, '0:00'],
  [59, '0:59'],
  [245, '4:05'],
  [3600, '60:00'],
])('%d seconds are %s', (seconds, shown) => {
  expect(clock(seconds)).toBe(shown);
});

test('a terminal sees one line that is taken away at the end', () => {
  const output = collectedOutput(true);
  countDown(output, 'Waiting', 301_000, () => 1000).stop();
  expect(output.text()).toBe('\r\x1b[2KWaiting: 5:00 left \r\x1b[2K');
});

test('a pipe sees a plain line', () => {
  const output = collectedOutput(false);
  countDown(output, 'Waiting', 301_000, () => 1000).stop();
  expect(output.text()).toBe('Waiting: 5:00 left.\n');
});
