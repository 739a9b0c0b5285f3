/** Flags and variables of the peer that serving takes. */
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, type Running, save, serving } from '../cli/program.ts';

const managed = (gateway: Running & { url: string }, key: string) =>
  fetch(`${gateway.url}/v0/management/requests`, { headers: { 'x-management-key': key } });

test('C: -password, -tui and -local-model are taken', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), 'port: 0\napi-keys: [k]\n');
  await using gateway = await serving(['-tui', '-local-model', '-password', 'of-this-run'], {
    cwd: here.path,
  });
  expect(gateway.output()).toContain('There is no terminal interface');
  expect((await managed(gateway, 'of-this-run')).status).toBe(200);
  expect((await managed(gateway, 'another')).status).toBe(401);
  expect(gateway.output()).not.toContain('of-this-run');
});

test('C: MANAGEMENT_PASSWORD is a key of the management API beside that of the config', async () => {
  using here = emptyDirectory();
  writeFileSync(
    join(here.path, 'config.yaml'),
    'port: 0\napi-keys: [k]\nremote-management: {secret-key: of-the-file}\n',
  );
  const env = { MANAGEMENT_PASSWORD: 'of-the-environment' };
  await using gateway = await serving(['serve'], { cwd: here.path, env });
  for (const key of ['of-the-environment', 'of-the-file'])
    expect((await managed(gateway, key)).status).toBe(200);
  expect((await managed(gateway, 'neither')).status).toBe(401);
});

test('C: a new foreign key does not keep a changed config from being taken over', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  writeFileSync(file, 'port: 0\napi-keys: [one]\n');
  await using gateway = await serving(['serve'], { cwd: here.path });
  save(file, 'port: 0\napi-keys: [two]\ntui: {theme: dark}\nx-shared: {a: b}\n');
  await gateway.says(/config reloaded/);
  expect(gateway.output()).toContain('tui: is no key of this gateway');
  const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer two' } });
  expect(models.status).toBe(200);
});
