/** Values as long as the system lets an argument be: no error repeats more of them than a sentence has. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

const long = 'v'.repeat(120_000);

test.each([
  [[long]],
  [['config', long]],
  [[`--${long}`]],
  [['serve', '--port', long]],
  [['serve', '--host', long]],
  [['serve', '--config', long]],
  [['serve', '--workers', long]],
  [['config', 'check', '--config', long]],
  [['config', 'restore', long]],
  [['explain', long]],
  [['explain', '--limit', long]],
  [['explain', '--since', long]],
  [['explain', '--model', long]],
  [['usage', long]],
  [['usage', '--by', long]],
  [['models', long]],
  [['quota', long]],
  [['auth', 'remove', long]],
  [['auth', 'show', long]],
  [['auth', 'claude', '--account', long, long]],
  [['auth', long]],
  [['run', long]],
  [['connect', long]],
  [['import', long]],
  [['import', 'new-api', long]],
  [['translate', '--from', long, '--to', 'chat']],
  [['translate', '--from', 'chat', '--to', 'chat', long]],
  [['backup', `nowhere/${long}`]],
  [['restore', long]],
  [['replay', long]],
  [['record', '--timeout', long]],
  [['sandbox', '--port', long]],
  [['completion', long]],
  [['help', long]],
  [['service', 'install', long]],
  [['test', long]],
  [['update', '--version', long]],
  [['health', '--url', long]],
])('%p', async (args) => {
  using here = emptyDirectory();
  const { out, err, code } = await run(args, { cwd: here.path });
  expect(code).not.toBe(0);
  expect(err.length + out.length).toBeLessThan(8000);
  expect(err).not.toContain('This is a defect');
});

test.each([
  `${long}: 1`,
  `port: ${long}`,
  `host: ${long}`,
  `proxy-url: ${long}`,
  `debug: \${${long.slice(0, 9000)}}`,
  `model-routes: {${long}: {model: x}}`,
  `claude-api-key: [{api-key: k, ${long}: 1}]`,
  `claude-api-key: [{api-key: k, prefix: "a/${long}"}]`,
  `api-keys: [{key: k, expires: ${long}}]`,
  `payload: {default: [{models: [{name: a, protocol: ${long}}], params: {}}]}`,
  `oauth-model-alias: {${long}: [{name: a, alias: b}]}`,
  `routing: {strategy: ${long}}`,
  `alerts: {on: [${long}]}`,
])('config check of a long value, %#', async (text) => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), `sandbox: true\n${text}\n`);
  for (const json of [[], ['--json']]) {
    const { out, err } = await run(['config', 'check', ...json], { cwd: here.path });
    expect(err).toBe('');
    expect(out.length).toBeLessThan(8000);
  }
});
