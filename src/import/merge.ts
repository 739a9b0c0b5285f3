/** A plan merged into the contents of a config file. Present contents stay: a second merge adds nothing. */

import { type Group, isGroup } from '../config/group.ts';
import { inOwnPlaces } from '../config/peer-spellings.ts';
import { entriesIn, memberAt, settingIn, withEntries, withSetting } from '../config-file/layout.ts';
import { keyLists } from '../providers/registry.ts';
import type {
  ImportedClientKey,
  ImportedCredential,
  ImportedKey,
  ImportPlan,
  LeftOut,
  SecretText,
} from './plan.ts';

export interface Carried {
  title: string;
  /** Where it is now: `claude-api-key`, `model-routes.smart`. */
  to: string;
  state: 'new' | 'there';
}

export interface Merged {
  contents: Group;
  carried: Carried[];
  left: LeftOut[];
}

/** How keys are written into the file, and the value of a text in the file. */
export interface SecretWriting {
  written: (secret: SecretText, name: string) => string;
  /** A text in the spelling of the config that is no key but holds one: kept where keys are kept. */
  hidden: (text: string, name: string) => string;
  valueOf: (secret: SecretText) => string;
  expanded: (text: string) => string;
}

type Step = { contents: Group; state: Carried['state'] };

export function merged(before: Group, plan: ImportPlan, secrets: SecretWriting): Merged {
  let contents = before;
  // The same in the schema's own places: contents under an older name count too.
  const own = inOwnPlaces(before).value;
  const carried: Carried[] = [];
  const left: LeftOut[] = [];
  const take = (title: string, to: string, step: Step): void => {
    contents = step.contents;
    carried.push({ title, to, state: step.state });
  };
  for (const credential of plan.credentials) {
    const { title, list } = credential;
    const add = list === 'openai-compatibility' ? withCompatible : withKeyEntries;
    const isThere = add({ [list]: memberAt(own, [list]) }, credential, secrets).state === 'there';
    take(title, list, isThere ? { contents, state: 'there' } : add(contents, credential, secrets));
  }
  for (const key of plan.clientKeys) {
    const isThere =
      withClientKey({ 'api-keys': memberAt(own, ['api-keys']) }, key, secrets).state === 'there';
    take(
      key.title,
      'api-keys',
      isThere ? { contents, state: 'there' } : withClientKey(contents, key, secrets),
    );
  }
  for (const [name, route] of Object.entries(plan.routes)) {
    const path = ['model-routes', name];
    const to = `model-routes.${name}`;
    const there = settingIn(contents, path);
    if (there === undefined)
      take(`model ${name}`, to, { contents: withSetting(contents, path, route), state: 'new' });
    else if (same(there, route)) take(`model ${name}`, to, { contents, state: 'there' });
    else left.push({ title: `model ${name}`, reason: `the config has another ${to}` });
  }
  for (const { path, value, title, secret } of plan.settings) {
    const to = path.join('.');
    const there = settingIn(contents, path) ?? memberAt(own, path);
    const text = typeof value === 'string' && (secret === true || hasPassword(value)) ? value : undefined;
    const written = () => (text === undefined ? value : secrets.hidden(text, path.join('-')));
    if (there === undefined)
      take(title, to, { contents: withSetting(contents, path, written()), state: 'new' });
    else if (same(there, value) || (text !== undefined && textOf(there, secrets) === secrets.expanded(text)))
      take(title, to, { contents, state: 'there' });
    else left.push({ title, reason: `the config has another ${to}` });
  }
  return { contents, carried, left };
}

function withKeyEntries(contents: Group, credential: ImportedCredential, secrets: SecretWriting): Step {
  const { list, keys, models } = credential;
  const fields = withoutUsualAddress(credential);
  const kind = list.replace(/-api-key$/, '');
  const entries = entriesIn(contents, list);
  let changed = false;
  keys.forEach((key, index) => {
    const value = secrets.valueOf(key);
    const at = entries.findIndex(
      (entry) =>
        textOf(entry['api-key'], secrets) === value && addressOf(entry, list) === addressOf(fields, list),
    );
    const there = entries[at];
    if (there === undefined) {
      const name = `${kind}${index === 0 ? '' : `-${index + 1}`}`;
      entries.push({
        'api-key': secrets.written(key, name),
        ...hiddenIn(fields, kind, secrets),
        ...hiddenIn(key.fields ?? {}, name, secrets),
        ...(models.length > 0 && { models: models.map(modelOf) }),
      });
      changed = true;
      return;
    }
    const more = withModels(there, models);
    if (more === there) return;
    entries[at] = more;
    changed = true;
  });
  return changed
    ? { contents: withEntries(contents, list, entries), state: 'new' }
    : { contents, state: 'there' };
}

function withCompatible(contents: Group, credential: ImportedCredential, secrets: SecretWriting): Step {
  const { list, fields, keys, models } = credential;
  const entries = entriesIn(contents, list);
  const at = entries.findIndex(
    (entry) => nameOf(entry) === nameOf(fields) && addressOf(entry, list) === addressOf(fields, list),
  );
  const name = nameOf(fields);
  const there = entries[at];
  if (there === undefined) {
    const written = keys.map((key, index) =>
      keyEntry(key, index === 0 ? name : `${name}-${index + 1}`, secrets),
    );
    const [only] = written;
    const alone = written.length === 1 && keys[0]?.fields === undefined;
    entries.push({
      ...hiddenIn(fields, name, secrets),
      ...(alone && only),
      ...(!alone && written.length > 0 && { 'api-key-entries': written }),
      ...(models.length > 0 && { models: models.map(modelOf) }),
    });
    return { contents: withEntries(contents, list, entries), state: 'new' };
  }
  const next = withKeys(withModels(there, models), keys, secrets);
  if (next === there) return { contents, state: 'there' };
  return { contents: withEntries(contents, list, entries.with(at, next)), state: 'new' };
}

function withKeys(entry: Group, keys: readonly SecretText[], secrets: SecretWriting): Group {
  const single = entry['api-key'];
  const listed: unknown[] = Array.isArray(entry['api-key-entries']) ? entry['api-key-entries'] : [];
  const all = [...(single === undefined ? [] : [{ 'api-key': single }]), ...listed];
  const known = new Set(all.map((one) => textOf(isGroup(one) ? one['api-key'] : one, secrets)));
  const missing = keys.filter((key) => !known.has(secrets.valueOf(key)));
  if (missing.length === 0) return entry;
  const { 'api-key': _, ...others } = entry;
  const added = missing.map((key, index) =>
    keyEntry(key, `${nameOf(entry)}-${all.length + index + 1}`, secrets),
  );
  return { ...others, 'api-key-entries': [...all, ...added] };
}

function keyEntry(key: ImportedKey, name: string, secrets: SecretWriting): Group {
  return { 'api-key': secrets.written(key, name), ...hiddenIn(key.fields ?? {}, name, secrets) };
}

/** Fields with what proves who asks where keys are kept: passwords of proxies, headers. */
function hiddenIn(fields: Group, name: string, { hidden }: SecretWriting): Group {
  const { 'proxy-url': proxy, headers } = fields;
  return {
    ...fields,
    ...(typeof proxy === 'string' &&
      hasPassword(proxy) && { 'proxy-url': hidden(proxy, `${name}-proxy-url`) }),
    ...(isGroup(headers) && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([header, value]) => [
          header,
          typeof value === 'string' && isSecretHeader(header) ? hidden(value, `${name}-${header}`) : value,
        ]),
      ),
    }),
  };
}

/** A header may have any value; its name decides whether it authenticates. */
export function isSecretHeader(name: string): boolean {
  return /auth|key|token|cookie|secret/i.test(name);
}

/** An address with a password in it. */
export function hasPassword(text: string): boolean {
  return /^\w+:\/\/[^/@\s]*:[^/@\s]+@/.test(text);
}

/** An entry without a list serves all that there is: it lacks no model but those with a name of their own. */
function withModels(entry: Group, models: ImportedCredential['models']): Group {
  const listed: unknown[] = Array.isArray(entry.models) ? entry.models : [];
  const known = new Set(listed.map((one) => modelId(isGroup(one) ? one : { name: one })));
  const missing = models.map(modelOf).filter((model) => !known.has(modelId(model)));
  if (missing.length === 0 || (listed.length === 0 && missing.every(({ alias }) => alias === undefined)))
    return entry;
  return { ...entry, models: [...listed, ...missing] };
}

function withClientKey(contents: Group, { key, fields }: ImportedClientKey, secrets: SecretWriting): Step {
  const listed = settingIn(contents, ['api-keys']);
  const keys: unknown[] = Array.isArray(listed) ? listed : [];
  const value = secrets.valueOf(key);
  const isThere = keys.some(
    (one) => textOf(isGroup(one) ? (one.key ?? one['api-key']) : one, secrets) === value,
  );
  if (isThere) return { contents, state: 'there' };
  const name = typeof fields.name === 'string' ? `client-${fields.name}` : 'client';
  const entry = { key: secrets.written(key, name), ...fields };
  return { contents: withSetting(contents, ['api-keys'], [...keys, entry]), state: 'new' };
}

function modelOf({ name, alias, ...others }: ImportedCredential['models'][number]): Group {
  return { name, ...(alias !== undefined && alias !== name && { alias }), ...others };
}

function modelId({ name, alias }: Group): string {
  return JSON.stringify([name, alias ?? name]);
}

function nameOf(entry: Group): string {
  return String(entry.name ?? '').toLowerCase();
}

function withoutUsualAddress({
  list,
  fields: { 'base-url': address, ...others },
}: ImportedCredential): Group {
  const fields: Group = { ...others, 'base-url': address };
  return address === undefined || addressOf(fields, list) === addressOf(others, list) ? others : fields;
}

/** The address of an entry, normalised; that of the list for an entry without one. */
function addressOf(entry: Group, list: string): string {
  const usual = keyLists.find(([name]) => name === list)?.[1].baseUrl ?? '';
  return JSON.stringify([String(entry['base-url'] || usual).replace(/\/+$/, ''), entry.prefix || '']);
}

function textOf(written: unknown, { expanded }: SecretWriting): string {
  return typeof written === 'string' || typeof written === 'number' ? expanded(String(written)) : '';
}

function same(one: unknown, other: unknown): boolean {
  return Bun.deepEquals(one, other);
}
