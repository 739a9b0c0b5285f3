import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client, Connection, Places, SettingsFile } from '../../clients/client.ts';
import type { Config } from '../../config/schema.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { placesOf } from '../user-places.ts';
import type { MadeKey } from './client-key.ts';
import type { FileToWrite, Outcome } from './connected-files.ts';
import { modelOption, urlOption } from './connection-options.ts';

/** Replaces the key in printed texts: secrets are not printed. */
const shownKey = 'YOUR_CLIENT_KEY';

export const command = defineCommand('connect', {
  summary: 'Set up a client for this gateway, in its own settings; without a name, list the clients',
  words: { shown: '[CLIENT]', limit: 1 },
  options: {
    config: configOption,
    model: modelOption,
    key: { type: 'string', value: 'NAME', meaning: 'The client key of this name, instead of one of its own' },
    url: urlOption,
    print: { type: 'boolean', meaning: 'Print the settings instead of writing them; needs no gateway' },
    undo: { type: 'boolean', meaning: 'Put the settings back as they were' },
  },
  details: `Only the client's connection settings are changed: comments stay, a backup is beside each file, and a second run changes
nothing. --undo restores the exact bytes or, if the file has changed since, removes the added settings. If the gateway has
client keys, the client gets one of its own, named after it (a gateway without keys stays without: the first key would
lock out all other clients). One small request is sent as a test.
Editors and libraries have no settings file to edit: what to enter is printed.`,
  async run({ values, positionals: [name] }, shell) {
    if (name === undefined) {
      shell.out.write(await listed());
      return 'ok' as const;
    }
    const { findClient } = await import('./find-client.ts');
    const client = findClient(name, 'connect', () => true);
    if (values.undo) return undo(client, shell);
    if (values.print) return print(client, values, shell);
    return write(client, values, shell);
  },
});

interface Wanted {
  config?: string | undefined;
  model?: string | undefined;
  key?: string | undefined;
  url?: string | undefined;
}

async function listed(): Promise<string> {
  const { clients } = await import('../../clients/registry.ts');
  const { columns } = await import('../help.ts');
  const rows = clients.map(({ name, title, session, settings }) => [
    name,
    title,
    settings !== undefined ? 'writes its settings' : 'prints what to enter',
    session === undefined ? '' : `cli-proxy-api run ${name}`,
  ]);
  return `${columns([['CLIENT', '', 'CONNECT', 'FOR ONE SESSION'], ...rows])}\n`;
}

/** What would be written, with a placeholder for the key. No file of the client is read: it may hold secrets. */
async function print(client: Client, values: Wanted, shell: Shell): Promise<'ok'> {
  const { addressOf } = await import('../running-address.ts');
  const { configInForce } = await import('../config-in-force.ts');
  const { givenUrl } = await import('./given-url.ts');
  const url = givenUrl(values.url);
  const config = await configInForce(values.config, shell).catch(() => undefined);
  const model = values.model ?? 'MODEL';
  const connection: Connection = {
    url: url ?? (config && (await addressOf(config))) ?? 'http://127.0.0.1:8317',
    key: shownKey,
    model,
    small: model,
    tiers: { opus: model, sonnet: model, haiku: model },
    models: [model],
  };
  const { edited } = await import('../../clients/edit/edited.ts');
  for (const file of filesOf(client, connection, placesOf(shell)))
    shell.out.write(`# ${file.path}\n${edited('', file.format, file.changes).trimEnd()}\n\n`);
  if (client.recipe !== undefined) shell.out.write(`${client.recipe(connection)}\n`);
  shell.err.write(
    `${shownKey} is one of the api-keys of your config; any text where it has none.${values.model === undefined ? ' MODEL is a name that "cli-proxy-api models" lists.' : ''}\n`,
  );
  return 'ok';
}

async function undo(client: Client, shell: Shell): Promise<'ok'> {
  const { homeDirectory } = await import('../../config/location.ts');
  const { undoFiles } = await import('./connected-files.ts');
  const { removeClientKey } = await import('./client-key.ts');
  const { editableConfig } = await import('../editable-config.ts');
  const removed = {
    removed: 'removed    the client key',
    gone: 'not there  the client key',
    'the last one': 'left       as the gateway would be open without it: the client key',
  };
  const outcomes = await undoFiles(homeDirectory(shell.env), client, async (made) => {
    const what = await removeClientKey(await editableConfig(made.config, shell), made);
    shell.out.write(`${removed[what]} "${made.name}" in ${made.config}\n`);
  });
  if (outcomes === undefined)
    shell.err.write(`${client.title} is not connected: there is nothing to undo.\n`);
  else for (const outcome of outcomes) shell.out.write(lineOf(outcome));
  return 'ok';
}

async function write(client: Client, values: Wanted, shell: Shell): Promise<'ok'> {
  const { addressOf } = await import('../running-address.ts');
  const { homeDirectory, configLocation } = await import('../../config/location.ts');
  const { connectionTo, keyFor, noReadableKey, servedModels } = await import('./served.ts');
  const { newClientKey } = await import('./client-key.ts');
  const { planFiles, writeFiles } = await import('./connected-files.ts');
  const { givenUrl } = await import('./given-url.ts');
  const env = { ...shell.env };
  const given = givenUrl(values.url);
  const config = await accountConfigOf(values.config, shell);
  const url = given ?? (await addressOf(config));
  const configFile = resolve(configLocation(values.config, env).file);
  // A gateway of another config has other keys.
  const own =
    values.key === undefined && values.url === undefined && client.settings
      ? newClientKey(config, configFile, client.name)
      : undefined;
  const known = keyFor(config, client, values.key, env);
  if (known === undefined && own === undefined) throw noReadableKey();
  // What is served, and whether the model is, is found out before anything is written; but where all keys are hashes, the
  // client's own is the first that can ask.
  const asksWithOwn = known === undefined && own !== undefined;
  if (asksWithOwn) await keyMade(client, own, url, shell);
  const key = own?.key ?? known ?? '';
  const served = await servedModels(url, known ?? key);
  const connection = connectionTo(client, { url, key, served, wanted: values.model });
  const files = filesOf(client, connection, placesOf(shell));
  if (files.length === 0) {
    shell.out.write(`${client.recipe?.({ ...connection, key: shownKey }) ?? ''}`);
    shell.err.write(`${shownKey} is one of the api-keys in ${configFile}; any text where it has none.\n`);
    return 'ok';
  }
  const planned = await planFiles(files);
  if (own !== undefined && !asksWithOwn) await keyMade(client, own, url, shell);
  const outcomes = await writeFiles(homeDirectory(env), client.name, planned);
  for (const outcome of outcomes) shell.out.write(lineOf(outcome));
  await proven(client, connection, shell);
  if (client.note !== undefined) shell.err.write(`${client.note}\n`);
  return 'ok';
}

/** The client's own key is in the config, and the gateway takes it. */
async function keyMade(
  client: Client,
  { key, made }: { key: string; made: MadeKey },
  url: string,
  shell: Shell,
): Promise<void> {
  const { isTaken, writeClientKey } = await import('./client-key.ts');
  const { rememberKey } = await import('./connected-files.ts');
  const { homeDirectory } = await import('../../config/location.ts');
  const { editableConfig } = await import('../editable-config.ts');
  const file = await editableConfig(made.config, shell);
  await rememberKey(homeDirectory(shell.env), client.name, made);
  await writeClientKey(file, key, made);
  shell.out.write(`made       the client key "${made.name}" in ${made.config}\n`);
  if (!(await isTaken(url, key)))
    throw new Failure('failure', `the gateway at ${url} does not take the new client key`, undoHint(client));
}

async function proven(client: Client, connection: Connection, shell: Shell): Promise<void> {
  const { prove } = await import('./proof.ts');
  try {
    const milliseconds = await prove(client, connection);
    shell.out.write(
      `answered   ${connection.model}, in ${(milliseconds / 1000).toFixed(1)} s, at ${connection.url}\n`,
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.ending, error.message, `The settings are written. ${undoHint(client)}`);
  }
}

function undoHint({ name }: Client): string {
  return `"cli-proxy-api connect ${name} --undo" puts them back.`;
}

function lineOf({ path, what, backup }: Outcome): string {
  const kept = what === 'written' && backup !== undefined ? ` (as it was: ${backup})` : '';
  return `${what.padEnd(10)} ${path}${kept}\n`;
}

function filesOf(client: Client, connection: Connection, places: Places): FileToWrite[] {
  return (client.settings?.(connection, places) ?? []).map(({ paths, format, changes }: SettingsFile) => ({
    path: paths.find((path) => existsSync(path)) ?? paths[0] ?? '',
    format,
    changes,
  }));
}

async function accountConfigOf(file: string | undefined, shell: Shell): Promise<Config> {
  const { accountConfig } = await import('../auth/accounts.ts');
  return accountConfig(file, shell);
}
