import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { spanText } from '../../credentials/cooldown-table.ts';
import { brokenStream } from './broken-stream.ts';
import { keepAliveBytes } from './keep-alive.ts';

const page = readFileSync(join(import.meta.dir, '../../../docs/streaming.md'), 'utf8');

test('docs/streaming.md has the defaults of the configuration', () => {
  const result = parseConfig('', { file: 'config.yaml', env: { HOME: '/home/ann' } });
  if (!result.ok) throw new Error('an empty configuration is one');
  const { timeouts, streaming } = result.config;
  for (const key of ['connect', 'first-byte', 'stall', 'whole'] as const)
    expect(page).toContain(`| \`timeouts.${key}\` | ${spanText(timeouts[key])} |`);
  expect(page).toContain(`\`streaming.keepalive-seconds\` (${streaming['keepalive-seconds'] / 1000} s;`);
});

test('docs/streaming.md says what clients get', () => {
  expect(page).toContain(`\`${brokenStream().code}\``);
  expect(page).toContain(`the comment \`${new TextDecoder().decode(keepAliveBytes('openai-chat')).trim()}\``);
});
