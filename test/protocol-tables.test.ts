/** Whatever knows how a protocol is written lies in its folder: the way of a request has no tables by protocol. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dir, '..');

/** Files that have one still. None may be added, and one that no longer needs its place here loses it. */
const remaining: string[] = [];

/** A table or a switch by protocol. */
const table =
  /Record<\s*(?:Exclude<)?Protocol\b|case '(?:openai-chat|openai-responses|anthropic-messages|gemini)'/;
const atHome = 'src/gateway/stream/';

function sourcesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

const sources = [...sourcesIn('src/gateway'), ...sourcesIn('src/server')];
const has = (pattern: RegExp) => (file: string) => pattern.test(readFileSync(join(project, file), 'utf8'));

test('no table and no switch by protocol comes into gateway or server', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter(has(table)).sort()).toEqual(remaining);
});

test('streams go through without the name of a protocol', () => {
  const named = sources
    .filter((file) => file.startsWith(atHome))
    .filter(has(/'(?:openai-chat|openai-responses|anthropic-messages|gemini)'/));
  expect(named).toEqual([]);
});
