/** The running gateway as a client meets it: its address, a key for it, and what it serves. */

import type { Client, Connection } from '../../clients/client.ts';
import { modelChoice } from '../../clients/model-choice.ts';
import { isDigestOfKey } from '../../config/hashed-key.ts';
import type { ClientKey, Config } from '../../config/schema.ts';
import { suggestion } from '../../config/suggestion.ts';
import { systemClock } from '../../ground/clock.ts';
import { reasonOf } from '../../ground/reason.ts';
import { parseJson } from '../../protocols/json.ts';
import { asArray, asObject, asString } from '../../protocols/json-members.ts';
import { Failure } from '../failure.ts';

/** Milliseconds for a list of models, which a gateway may have to ask its services for. */
const listTime = 30_000;

/** Clients insist on a key; a gateway without keys takes any. */
const anyKey = 'cli-proxy-api';

/** Holds a client key where the config keeps hashes alone. */
const keyVariable = 'CLI_PROXY_API_CLIENT_KEY';

/** The models that the gateway at `url` serves. Throws a {@link Failure} where none answers or it refuses the key. */
export async function servedModels(url: string, key: string): Promise<string[]> {
  const response = await ask(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } }, listTime);
  const text = await response.text();
  if (!response.ok)
    throw new Failure(
      'failure',
      `the gateway at ${url} refuses the key (${response.status}): ${text.slice(0, 300)}`,
    );
  return (asArray(asObject(parseJson(text))?.data) ?? []).flatMap((row) => asString(asObject(row)?.id) ?? []);
}

/** A request to this computer's gateway. Throws a {@link Failure} with how to start one where none answers. */
export async function ask(url: string, init: RequestInit, milliseconds: number): Promise<Response> {
  const { takeProxies } = await import('../../gateway/upstream/proxy.ts');
  // A proxy of the environment would look for 127.0.0.1 on its own computer.
  takeProxies(process.env);
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(milliseconds) });
  } catch (error) {
    throw new Failure(
      'unavailable',
      `no gateway answers at ${new URL(url).origin}: ${reasonOf(error)}`,
      'Start it in another terminal with "cli-proxy-api serve", or name its config with --config FILE.',
    );
  }
}

/** The connection for the client. Throws a {@link Failure} for a model that is not served. */
export function connectionTo(
  client: Client,
  {
    url,
    key,
    served,
    wanted,
  }: { url: string; key: string; served: readonly string[]; wanted: string | undefined },
): Connection {
  // `model(high)` is that model with a setting.
  const base = wanted?.replace(/\([^()]*\)$/, '');
  if (base !== undefined && !served.includes(base) && served.length > 0) {
    const guess = suggestion(base, served);
    throw new Failure(
      'usage',
      `the gateway serves no model "${base}"`,
      guess === undefined ? '"cli-proxy-api models" lists what it serves.' : `Did you mean "${guess}"?`,
    );
  }
  const choice = modelChoice(client, served, wanted);
  if (choice === undefined)
    throw new Failure(
      'failure',
      'the gateway serves no model yet',
      'Sign in ("cli-proxy-api auth") or add a key to its config; --model NAME takes one that it does not list.',
    );
  return { url, key, ...choice };
}

/** The keys that open now and are written in the config, so that a client can send them. */
function usable(config: Config): ClientKey[] {
  return config['api-keys'].filter(
    ({ key, disabled, expires }) =>
      !isDigestOfKey(key) && disabled !== true && (expires === undefined || expires > systemClock.now()),
  );
}

/**
 * The key that the client sends: the one named by `name`, else that of the environment, else the one that is named after it, else
 * the first that can be read. Undefined where the config has only hashes. A gateway without keys takes any.
 */
export function keyFor(
  config: Config,
  client: Pick<Client, 'name'>,
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const keys = usable(config);
  if (name === undefined)
    return (
      env[keyVariable] ||
      (config['api-keys'].length === 0
        ? anyKey
        : (keys.find((one) => one.name === client.name) ?? keys[0])?.key)
    );
  const named = keys.find((one) => one.name === name);
  if (named !== undefined) return named.key;
  const names = keys.flatMap((one) => one.name ?? []);
  const known = config['api-keys'].some((one) => one.name === name);
  throw new Failure(
    'usage',
    known
      ? `the client key "${name}" is kept as a hash, is disabled or has expired, so it cannot be written anywhere`
      : `there is no client key named "${name}"`,
    names.length > 0
      ? `Write one of: ${names.join(', ')}.`
      : `No key of the config has a name: give it one (name:), leave --key out, or set ${keyVariable}.`,
  );
}

/** What to do where the config has hashes alone. */
export function noReadableKey(): Failure {
  return new Failure(
    'failure',
    'the config keeps its client keys as hashes, so none of them can be sent',
    `Give one in the environment: ${keyVariable}.`,
  );
}
