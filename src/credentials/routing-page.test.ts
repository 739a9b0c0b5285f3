import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../config/load.ts';
import { cooldownMarkdown, defaultProbe, spanText } from './cooldown-table.ts';
import { quotaReserve } from './quota.ts';
import { strategies } from './strategy.ts';

const page = readFileSync(join(import.meta.dir, '../../docs/routing.md'), 'utf8');

test('docs/routing.md holds the table of cooldowns as it is in the code', () => {
  expect(page).toContain(cooldownMarkdown());
});

test('docs/routing.md says of each strategy what the code says', () => {
  for (const [name, { summary }] of Object.entries(strategies))
    expect(page).toContain(`| \`${name}\` | ${summary} |`);
  expect(page).toContain(`less than ${quotaReserve * 100} %`);
});

test('docs/routing.md has the defaults of the configuration', () => {
  const result = parseConfig('', { file: 'config.yaml', env: { HOME: '/home/ann' } });
  if (!result.ok) throw new Error('an empty configuration is one');
  const { timeouts, cooldown } = result.config;
  for (const key of ['connect', 'first-byte', 'stall', 'whole'] as const)
    expect(page).toContain(`| \`timeouts.${key}\` | ${spanText(timeouts[key])} |`);
  expect(cooldown.probe).toBe(defaultProbe);
});
