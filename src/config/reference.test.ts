import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from './load.ts';
import { configurationReference } from './reference.ts';
import { configSchema } from './schema.ts';
import { keysBelow } from './schema-facts.ts';

test('every key says what it means and what it expects', () => {
  const silent = keysBelow(configSchema).filter(({ facts }) => !facts.description || !facts.expects);
  expect(silent.map(({ pattern }) => pattern)).toEqual([]);
});

test('docs/configuration.md is up to date (npm run docs)', () => {
  const written = readFileSync(join(import.meta.dir, '../../docs/configuration.md'), 'utf8');
  expect(written).toBe(configurationReference());
});

test('the example in the reference loads', () => {
  const example = /```yaml\n(.*?)```/s.exec(configurationReference())?.[1] ?? '';
  const env = { ALICE_KEY: 'a', GEMINI_API_KEY: 'b', OPENROUTER_API_KEY: 'c' };
  expect(parseConfig(example, { file: 'config.yaml', env })).toMatchObject({ ok: true, warnings: [] });
});
