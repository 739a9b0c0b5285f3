/** Single keys of the file, for whoever does not see them: added to a list, changed, taken away. No key is ever answered. */

import { z } from 'zod';
import { type Group, isGroup } from '../config/group.ts';
import { entriesIn, withEntries } from '../config-file/layout.ts';
import { counted } from '../ground/counted.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';
import { compatible, entryByIndex, type FoundEntry } from './key-entry.ts';
import { changed, expandedValue, fileOf, writes } from './managed-config.ts';
import { everyEntryCounts, type ProviderKeysDeps, providerLists } from './provider-keys.ts';
import { refuse } from './reply.ts';
import { type Route, route } from './route.ts';

/** Keys of one request. */
const mostKeys = 1000;

const added = z.strictObject({
  /** `claude-api-key`, … or `openai-compatibility`. */
  list: z.string().refine((name) => providerLists.includes(name), { error: 'expected a list of keys' }),
  keys: z.array(z.string().trim().min(1).max(4096)).max(mostKeys),
  /** Each entry's values beside its key; a service has `name`. */
  fields: z.record(z.string(), z.json()).default({}),
});

/** What an owner may change of an entry here; null takes it away. Other fields are changed in the settings. */
const changes = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable().optional(),
  priority: z.number().int().nullable().optional(),
  weight: z.number().min(0).nullable().optional(),
  prefix: z.string().trim().min(1).nullable().optional(),
  'proxy-url': z.string().trim().min(1).nullable().optional(),
  'excluded-models': z.array(z.string().trim().min(1)).nullable().optional(),
  'request-retry': z.number().int().min(0).nullable().optional(),
  concurrency: z.number().int().min(1).nullable().optional(),
  queue: z.number().int().min(0).nullable().optional(),
  budget: z.record(z.string(), z.json()).nullable().optional(),
});
/** For a service, the values of the key itself. */
const ownOfKey = new Set(['name', 'weight', 'proxy-url']);

export function keyEntryRoutes(deps: ProviderKeysDeps): Route[] {
  const unknown = () =>
    new BadInput(refuse(404, 'The file has no key with this index.', { code: 'key_not_found' }));
  const variables = () => fileOf(deps).inForce().variables;

  /** Changes the entry that a key is in; `next` returns its replacement, or nothing. */
  function edit(
    call: Parameters<typeof changed>[1],
    index: string,
    what: string,
    next: (found: FoundEntry) => Group | undefined,
  ) {
    const { contents } = fileOf(deps).inForce();
    const meant = entryByIndex(deps.config(), isGroup(contents) ? contents : {}, variables(), index);
    if (meant === undefined) throw unknown();
    return changed(
      deps,
      call,
      `${meant.list}: ${what}`,
      (before) => {
        const found = entryByIndex(deps.config(), before, variables(), index);
        if (found === undefined) throw unknown();
        const entry = next(found);
        const entries = entriesIn(before, found.list);
        return withEntries(
          before,
          found.list,
          entry === undefined ? entries.toSpliced(found.at, 1) : entries.with(found.at, entry),
        );
      },
      { check: everyEntryCounts(meant.list) },
    );
  }

  return [
    route({
      method: 'POST',
      v0: 'provider-keys',
      ...writes({ 400: ['missing_fields'] }),
      sentence:
        'Adds keys to a `list`, each an entry with the same `fields`; of a service (`openai-compatibility`) to the entry of its `name`. Those that are there already are passed over.',
      body: jsonBody(added, {
        example: { list: 'gemini-api-key', keys: ['AIza…'], fields: { prefix: 'team' } },
      }),
      run(call) {
        const { list, keys, fields } = call.body;
        if (keys.length === 0 && list !== compatible)
          return refuse(400, 'invalid body: keys: expected at least one key', { code: 'missing_fields' });
        return changed(
          deps,
          call,
          `${list}: ${counted(keys.length, 'key')} added`,
          (before) => {
            const entries = entriesIn(before, list);
            const next =
              list === compatible
                ? withServiceKeys(entries, keys, fields)
                : [...entries, ...newKeys(entries, keys).map((key) => ({ 'api-key': key, ...fields }))];
            return withEntries(before, list, next);
          },
          { check: everyEntryCounts(list) },
        );
      },
    }),
    route({
      method: 'PATCH',
      v0: 'provider-keys/:index',
      ...writes({ 404: ['key_not_found'], 422: ['invalid_field'] }),
      sentence: "Changes the owner's settings of a key of the file, by its `auth-index`; null removes them.",
      body: jsonBody(changes, { example: { priority: 5, weight: null } }),
      run: (call) =>
        edit(
          call,
          call.parameter('index'),
          `${Object.keys(call.body).join(', ')} of one key`,
          ({ list, entry, key }) => {
            const all = Object.entries(call.body);
            if (list === compatible && key === undefined && call.body.name !== undefined)
              throw new BadInput(
                refuse(422, 'The name of this entry is that of its service.', { code: 'invalid_field' }),
              );
            if (key === undefined) return withFields(entry, all);
            const own = all.filter(([name]) => ownOfKey.has(name));
            const shared = withFields(
              entry,
              all.filter(([name]) => !ownOfKey.has(name)),
            );
            return withKey(shared, key, (before) => withFields(before, own));
          },
        ),
    }),
    route({
      method: 'DELETE',
      v0: 'provider-keys/:index',
      ...writes({ 404: ['key_not_found'] }),
      sentence:
        'Takes a key of the file away, by its `auth-index`; with the last key of a service its entry.',
      run: (call) =>
        edit(call, call.parameter('index'), 'one key taken away', ({ entry, key }) => {
          const listed = keysOf(entry);
          if (key === undefined || listed.length <= 1) return undefined;
          return { ...entry, 'api-key-entries': listed.toSpliced(key, 1) };
        }),
    }),
  ];

  /** Those that no entry has yet, each once. */
  function newKeys(entries: readonly Group[], keys: readonly string[]): string[] {
    const there = new Set(entries.map((entry) => expandedValue(entry['api-key'], variables())));
    return [...new Set(keys)].filter((key) => !there.has(key));
  }

  function withServiceKeys(entries: readonly Group[], keys: readonly string[], fields: Group): Group[] {
    const at = entries.findIndex(({ name }) => name === fields.name);
    const entry = entries[at] ?? {};
    const listed = keysOf(entry);
    const more = newKeys(listed.filter(isGroup), keys).map((key) => ({ 'api-key': key }));
    const next = {
      ...fields,
      ...entry,
      ...(listed.length + more.length > 0 && { 'api-key-entries': [...listed, ...more] }),
    };
    return at < 0 ? [...entries, next] : entries.with(at, next);
  }
}

function keysOf(entry: Group): unknown[] {
  const listed = entry['api-key-entries'];
  return Array.isArray(listed) ? listed : [];
}

function withKey(entry: Group, at: number, next: (key: Group) => Group): Group {
  const listed = keysOf(entry);
  const key = listed[at];
  return { ...entry, 'api-key-entries': listed.with(at, next(isGroup(key) ? key : { 'api-key': key })) };
}

function withFields(entry: Group, fields: readonly (readonly [string, unknown])[]): Group {
  const next: Group = { ...entry };
  for (const [name, value] of fields)
    if (value === null || (Array.isArray(value) && value.length === 0)) delete next[name];
    else if (value !== undefined) next[name] = value;
  return next;
}
