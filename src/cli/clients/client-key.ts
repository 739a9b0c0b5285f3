/** A client key of its own for a client, in a config that has keys already. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Group, isGroup } from '../../config/group.ts';
import { keyId } from '../../config/hashed-key.ts';
import type { Config } from '../../config/schema.ts';
import type { ConfigFile } from '../../config-file/config-file.ts';
import { settingIn, withSetting } from '../../config-file/layout.ts';
import { systemClock } from '../../ground/clock.ts';
import { made } from '../editable-config.ts';
import { ask } from './served.ts';

/** Milliseconds until a saved config must be in force. */
const reloadTime = 15_000;
const place = ['api-keys'];
const author = 'connect';

/** A key that `connect` has made: its place, and what is known of it. */
export interface MadeKey {
  /** The config file. */
  config: string;
  name: string;
  /** As {@link keyId} gives it. */
  id: string;
}

/**
 * A new key for the client. Undefined where the gateway has no keys, as the first would lock everybody else out; where one of
 * this name is there; and where there is no file.
 */
export function newClientKey(
  config: Config,
  file: string,
  name: string,
): { key: string; made: MadeKey } | undefined {
  const keys = config['api-keys'];
  if (keys.length === 0 || keys.some((one) => one.name === name) || !existsSync(file)) return undefined;
  const key = `sk-${randomBytes(32).toString('base64url')}`;
  return { key, made: { config: file, name, id: keyId(key) } };
}

/** Writes the key into the config. Throws a {@link Failure} where that cannot be. */
export async function writeClientKey(file: ConfigFile, key: string, { name, id }: MadeKey): Promise<void> {
  made(
    await file.edit((contents) => withSetting(contents, place, [...entriesIn(contents), { key, name }]), {
      who: author,
      what: addition(name, id),
    }),
  );
}

/** What became of a key that was to go. */
export type Removal = 'gone' | 'removed' | 'the last one';

/** Removes the key again: the file is restored byte for byte if it has not changed since. */
export async function removeClientKey(file: ConfigFile, { name, id }: MadeKey): Promise<Removal> {
  const by = { who: author, what: `the client key "${name}" (${id}) was removed` };
  const [newest] = await file.versions();
  if (newest?.current && newest.who === author && newest.what === addition(name, id))
    if ((await file.restore(undefined, by)).ok) return 'removed';
  let outcome: Removal = 'gone';
  const change = await file.edit((contents) => {
    const entries = entriesIn(contents);
    const others = entries.filter((entry) => idOf(entry) !== id);
    if (others.length === entries.length) return contents;
    // Without any key the gateway would be open to every program on this computer.
    outcome = others.length === 0 ? 'the last one' : 'removed';
    return others.length === 0 ? contents : withSetting(contents, place, others);
  }, by);
  made(change);
  return outcome;
}

function addition(name: string, id: string): string {
  return `the client key "${name}" (${id}) was added`;
}

function entriesIn(contents: Group): unknown[] {
  const entries = settingIn(contents, place);
  return Array.isArray(entries) ? entries : [];
}

function idOf(entry: unknown): string | undefined {
  const key = isGroup(entry) ? (entry.key ?? entry['api-key']) : entry;
  return typeof key === 'string' ? keyId(key) : undefined;
}

/** Waits until the gateway takes the key: a saved config is in force a moment later. False where it never does. */
export async function isTaken(url: string, key: string): Promise<boolean> {
  const deadline = systemClock.now() + reloadTime;
  for (;;) {
    const response = await ask(
      `${url}/v1/models`,
      { headers: { authorization: `Bearer ${key}` } },
      reloadTime,
    );
    await response.body?.cancel();
    if (response.status !== 401 && response.status !== 403) return true;
    if (systemClock.now() >= deadline) return false;
    await systemClock.wait(100);
  }
}
