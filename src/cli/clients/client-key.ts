/** A client key of its own for a client, in a config that has keys already. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isObject } from '../../clients/edit/change.ts';
import { readYaml } from '../../clients/edit/yaml.ts';
import type { Config } from '../../config/schema.ts';
import type { FileToWrite } from './connected-files.ts';
import { ask } from './served.ts';

/** Milliseconds until a saved config must be in force. */
const reloadTime = 15_000;

/**
 * The entry to write and its key. Undefined where the gateway has no keys, as the first would lock everybody else out; where
 * one of this name is there; and where the file has its keys in another place than `api-keys`.
 */
export async function newClientKey(
  config: Config,
  file: string,
  name: string,
): Promise<{ key: string; file: FileToWrite } | undefined> {
  if (config['api-keys'].length === 0 || config['api-keys'].some((one) => one.name === name))
    return undefined;
  const written = readYaml(await readFile(file, 'utf8').catch(() => ''));
  if (!isObject(written) || !Array.isArray(written['api-keys'])) return undefined;
  const key = `sk-${randomBytes(32).toString('base64url')}`;
  return {
    key,
    file: {
      path: file,
      format: 'yaml',
      changes: [{ path: ['api-keys'], value: { key, name }, entryBy: 'name' }],
    },
  };
}

/** Waits until the gateway takes the key: a saved config is in force a moment later. False where it never does. */
export async function isTaken(url: string, key: string): Promise<boolean> {
  const deadline = Date.now() + reloadTime;
  for (;;) {
    const response = await ask(
      `${url}/v1/models`,
      { headers: { authorization: `Bearer ${key}` } },
      reloadTime,
    );
    await response.body?.cancel();
    if (response.status !== 401 && response.status !== 403) return true;
    if (Date.now() >= deadline) return false;
    await Bun.sleep(100);
  }
}
