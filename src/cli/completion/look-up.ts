/** `__complete KIND`: names for completion, a line each. Never an error: it would disturb the prompt. */

import { loadConfig } from '../../config/load.ts';
import { configLocation } from '../../config/location.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { openStore } from '../auth/accounts.ts';
import { askRunning } from '../running-gateway.ts';
import type { Shell } from '../shell.ts';

/** Milliseconds that a key press waits for the gateway. */
const patience = 300;

/** Writes what is known; the gateway's names only if it answers in time. */
export async function completeNames(kind: string | undefined, shell: Shell): Promise<'ok'> {
  const names = await namesOf(kind, shell).catch((): string[] => []);
  if (names.length > 0) shell.out.write(`${names.join('\n')}\n`);
  return 'ok';
}

async function namesOf(kind: string | undefined, shell: Shell): Promise<string[]> {
  const loaded = await loadConfig(configLocation(undefined, shell.env).file, { env: shell.env });
  if (!loaded.ok) return [];
  const { config } = loaded;
  switch (kind) {
    case 'models':
      return Promise.race([modelNames(config), systemClock.wait(patience).then((): string[] => [])]);
    case 'accounts':
      return (await (await openStore(config)).list()).accounts.map(({ id }) => id);
    case 'keys':
      return config['api-keys'].flatMap(({ name }) => (name === undefined ? [] : [name]));
    default:
      return [];
  }
}

/** The models that the running gateway lists; none where it does not run. */
async function modelNames(config: Config): Promise<string[]> {
  const answer = await askRunning(config['auth-dir'], 'gateway');
  if (answer === undefined || !('gateway' in answer)) return [];
  const key = config['api-keys'][0]?.key;
  const response = await fetch(`${answer.gateway.url}/v1/models`, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    tls: { rejectUnauthorized: false },
  });
  return [...(await response.text()).matchAll(/"id":"([^"\\\s]+)"/g)].map(([, id = '']) => id);
}
