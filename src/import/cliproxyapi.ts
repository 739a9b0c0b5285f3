/**
 * CLIProxyAPI: its config is in the format of ours, in older and newer spellings, and so are the files of its auth-dir.
 * Source: github.com/router-for-me/CLIProxyAPI, config.example.yaml; docs/coming-from-cliproxyapi.md.
 */
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isGroup } from '../config/group.ts';
import { dottedPath } from '../config/problem.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../protocols/json-members.ts';
import { keyLists } from '../providers/registry.ts';
import { addAccountFiles } from './peer-accounts.ts';
import { changedIn, type Path, type PeerValues, peerValues } from './peer-values.ts';
import {
  emptyPlan,
  type ImportedKey,
  type ImportedModel,
  type ImportedText,
  type ImportPlan,
  type ImportSource,
  type SecretText,
} from './plan.ts';
import { readYaml } from './source-text.ts';

export const cliproxyapi: ImportSource = {
  name: 'cliproxyapi',
  title: 'CLIProxyAPI',
  usualPath: () => undefined,
  async read(path, { home }) {
    const isDirectory = (await stat(path).catch(() => undefined))?.isDirectory() === true;
    const config = isDirectory ? join(path, 'config.yaml') : path;
    const isThere = (await stat(config).catch(() => undefined)) !== undefined;
    if (isDirectory && !isThere) return accountsAlone(path);
    const file = await readYaml(config);
    if (!file.ok) return file;
    const values = peerValues(file.content);
    const { plan, known } = planOf(values, dirname(config));
    if (!known)
      return { ok: false, sentence: `${config} has no key of CLIProxyAPI: it is none of its configs` };
    plan.whole = textOf(file.text, values, dirname(config));
    const written = asString(values.contents['auth-dir']) ?? '~/.cli-proxy-api';
    // Its compose file mounts "auths" beside the config in the place that the config names.
    for (const directory of [resolve(dirname(config), atHome(written, home)), join(dirname(config), 'auths')])
      await addAccountFiles(directory, plan);
    return { ok: true, plan };
  },
};

async function accountsAlone(directory: string) {
  const plan = emptyPlan();
  await addAccountFiles(directory, plan);
  if (plan.files.length + plan.left.length === 0)
    return {
      ok: false as const,
      sentence: `${directory} has neither a config.yaml nor account files in it`,
    };
  return { ok: true as const, plan };
}

function atHome(written: string, home: string): string {
  return written === '~' || written.startsWith('~/') ? join(home, written.slice(1)) : written;
}

const lists: ReadonlySet<string> = new Set([...keyLists.map(([name]) => name), 'openai-compatibility']);

/** Paths of files, relative to the config. */
const filePlaces: readonly Path[] = [
  ['tls', 'cert'],
  ['tls', 'key'],
  ['log', 'directory'],
];

function planOf(values: PeerValues, directory: string): { plan: ImportPlan; known: boolean } {
  const plan = emptyPlan();
  const { contents, origin, secrets } = values;
  const hidden = new Set(secrets.map(({ path }) => JSON.stringify(path)));
  plan.left.push(...values.left);
  for (const [key, value] of Object.entries(contents)) {
    if (key === 'auth-dir') continue;
    if (lists.has(key)) addEntries(key, asArray(value), values, plan);
    else if (key === 'api-keys') addClientKeys(asArray(value), values, plan);
    else
      addSettings([key], value, {
        plan,
        origin,
        isSecret: (path) => hidden.has(JSON.stringify(path)),
        directory,
      });
  }
  return { plan, known: Object.keys(contents).length > 0 };
}

function addEntries(list: string, entries: readonly Json[], values: PeerValues, plan: ImportPlan): void {
  const { origin, unused } = values;
  const groups = entries.map((_, index) => JSON.stringify(origin([list, index])));
  entries.forEach((entry, index) => {
    const fields = asObject(entry);
    const single = fields?.['api-key'] !== undefined && list !== 'openai-compatibility';
    const place = dottedPath(origin([list, index, ...(single ? ['api-key'] : [])])).replace(/\.api-key$/, '');
    const name = asString(fields?.name);
    const title = name === undefined ? place : `${place} (${name})`;
    const lacks = list === 'openai-compatibility' ? 'base-url' : 'api-key';
    if (fields === undefined || !fields[lacks]) {
      plan.left.push({ title, reason: `it has no ${lacks}` });
      // Several keys may be one entry of the file.
      if (groups.filter((group) => group === groups[index]).length === 1) unused.push(origin([list, index]));
      return;
    }
    const { 'api-key': key, 'api-key-entries': several, models, ...others } = fields;
    const keys: ImportedKey[] = [...(key === undefined ? [] : [secretOf(key)])];
    for (const one of asObjects(several)) {
      const { 'api-key': listed, ...own } = one;
      if (listed !== undefined && listed !== '')
        keys.push({ ...secretOf(listed), ...(Object.keys(own).length > 0 && { fields: own }) });
    }
    plan.credentials.push({
      list,
      title,
      fields: others,
      keys,
      models: asArray(models).flatMap((model) => modelOf(model)),
    });
  });
}

function modelOf(written: Json): ImportedModel[] {
  if (typeof written === 'string') return [{ name: written }];
  const { name, alias, ...others } = asObject(written) ?? {};
  if (typeof name !== 'string') return [];
  return [{ ...others, name, alias: asString(alias) }];
}

function addClientKeys(keys: readonly Json[], { origin, unused }: PeerValues, plan: ImportPlan): void {
  keys.forEach((written, index) => {
    const { key, 'api-key': other, ...fields } = isObject(written) ? written : { key: written };
    const secret = key ?? other;
    const title = dottedPath(origin(['api-keys', index]));
    if (secret === undefined || secret === null || secret === '') return;
    if (/^your-api-key-[123]$/.test(String(secret))) {
      unused.push(origin(['api-keys', index]));
      plan.left.push({ title, reason: 'it is the example key, which is public' });
    } else plan.clientKeys.push({ title, key: secretOf(secret), fields });
  });
}

interface SettingDeps {
  plan: ImportPlan;
  origin: PeerValues['origin'];
  isSecret: (path: Path) => boolean;
  directory: string;
}

/** Each value that is no group of its own is one setting. */
function addSettings(path: readonly string[], value: Json | undefined, deps: SettingDeps): void {
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, member] of Object.entries(value)) addSettings([...path, key], member, deps);
    return;
  }
  if (value === undefined) return;
  deps.plan.settings.push({
    path,
    value: isFilePlace(path) ? fromDirectory(value, deps.directory) : value,
    title: dottedPath(deps.origin(path)),
    ...(deps.isSecret(path) && { secret: true }),
  });
}

function isFilePlace(path: Path): boolean {
  return filePlaces.some((place) => Bun.deepEquals(place, path));
}

function fromDirectory(value: unknown, directory: string): Json {
  const text = String(value);
  return text === '' || isAbsolute(text) || /^[~$]/.test(text) ? text : resolve(directory, text);
}

/** Its texts are read as ours are: `${NAME}` is a variable. */
function secretOf(written: Json): SecretText {
  const text = String(written);
  const [, variable] = /^\$\{([A-Za-z_]\w*)\}$/.exec(text) ?? [];
  if (variable !== undefined) return { variable };
  return text.includes('${') ? { written: text } : { value: text };
}

/** Its text, with comments, without what this gateway does not accept. */
function textOf(
  text: string,
  { contents, origin, unused, secrets }: PeerValues,
  directory: string,
): ImportedText {
  const places = new Map<string, unknown>(unused.map((path) => [JSON.stringify(path), undefined]));
  // Accounts are copied into the directory of this gateway.
  places.set(JSON.stringify(origin(['auth-dir'])), undefined);
  for (const place of filePlaces) {
    const value = valueAt(contents, place);
    if (typeof value === 'string') places.set(JSON.stringify(origin(place)), fromDirectory(value, directory));
  }
  return {
    text,
    change(whole, hidden, unfit) {
      const changes = new Map(places);
      for (const path of placesIn(contents))
        if (unfit.has(dottedPath(path))) changes.set(JSON.stringify(origin(path)), undefined);
      for (const { path, text: secret } of secrets) {
        const next = hidden(secret, nameFor(path, contents));
        if (next !== secret) changes.set(JSON.stringify(origin(path)), next);
      }
      const next = changedIn(whole, changes);
      return isGroup(next) ? next : {};
    },
  };
}

/** The places of all values. */
function placesIn(value: Json | undefined, path: Path = []): Path[] {
  const members: [string | number, Json | undefined][] = Array.isArray(value)
    ? value.map((member, index) => [index, member])
    : Object.entries(asObject(value) ?? {});
  return members.flatMap(([name, member]) => [[...path, name], ...placesIn(member, [...path, name])]);
}

/** What a key is called where it is a variable. */
function nameFor(path: Path, contents: JsonObject): string {
  const [first = '', index] = path;
  const last = String(path.at(-1));
  const behind = last === 'api-key' ? '' : `-${last}`;
  if (first === 'api-keys') return 'client';
  if (first === 'openai-compatibility')
    return `${String(valueAt(contents, [first, index ?? 0, 'name']) ?? 'openai-compatible')}${behind}`;
  if (lists.has(String(first))) return `${String(first).replace(/-api-key$/, '')}${behind}`;
  return path.filter((segment) => typeof segment === 'string').join('-');
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, segment) =>
      typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, segment)?.value : undefined,
    value,
  );
}
