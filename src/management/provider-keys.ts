/** The lists of provider keys: read, replaced, patched and shortened entry by entry, as the peer's clients do it. */

import { z } from 'zod';
import { type Group, isGroup } from '../config/group.ts';
import type { Config } from '../config/schema.ts';
import type { ConfigCheck } from '../config-file/config-file.ts';
import { matched } from '../config-file/entry-match.ts';
import { entriesIn, familyOf, withEntries } from '../config-file/layout.ts';
import { counted } from '../ground/counted.ts';
import { keyLists } from '../providers/registry.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody, listBody } from './body.ts';
import { noFile } from './error-codes.ts';
import { entryIndexes } from './key-index.ts';
import {
  changed,
  contentsInForce,
  expandedValue,
  fileOf,
  type ManagedConfigDeps,
  type Variables,
  writes,
} from './managed-config.ts';
import { placeGiven } from './place-given.ts';
import { jsonText, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { jsonYielding } from './yielding-json.ts';

export interface ProviderKeysDeps extends ManagedConfigDeps {
  config: () => Config;
}

const compatible = 'openai-compatibility';

/** The lists, by their addresses and keys in the file. */
export const providerLists: readonly string[] = [
  ...keyLists.map(([name]) => name),
  'interactions-api-key',
  compatible,
];

/**
 * Fields that the peer's clients know: what they leave out of these, they mean to go. Everything else stays with its entry, since
 * they send back whole lists of what they understand. Source: router-for-me/CLIProxyAPI v7.2.140, api.md of its management.
 */
const knownFields = new Set([
  ...[
    'api-key',
    'name',
    'disabled',
    'base-url',
    'proxy-url',
    'prefix',
    'priority',
    'weight',
    'headers',
    'models',
  ],
  ...[
    'excluded-models',
    'disable-cooling',
    'request-retry',
    'request-scoped-errors',
    'websockets',
    'alpha-search',
  ],
  ...[
    'api-key-entries',
    'support-prompt-cache-key',
    'alias',
    'display-name',
    'max-context-length',
    'force-mapping',
  ],
  ...[
    'is-compat',
    'thinking',
    'image',
    'input-modalities',
    'output-modalities',
    'cloak',
    'fingerprint-profile',
  ],
  ...['rebuild-mid-system-message', 'experimental-cch-signing'],
]);

/** Lists in an entry whose members may have fields of their own, too. */
const innerLists = new Set(['api-key-entries', 'models']);

const unset = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isGroup(value) && Object.keys(value).length === 0);

/** The new value of an entry that was `before`. `auth-index` is set by the gateway. */
function entryFrom(given: Group, before: Group | undefined, env: Variables): Group {
  const { 'auth-index': _, ...fields } = given;
  const next: Group = {};
  for (const [name, value] of Object.entries(before ?? {}))
    if (!knownFields.has(name) || (unset(value) && unset(fields[name]))) next[name] = value;
  for (const [name, value] of Object.entries(fields)) {
    if (unset(value)) continue;
    next[name] =
      innerLists.has(name) && Array.isArray(value) ? membersFrom(value, before?.[name], env) : value;
  }
  // In the order of the file, what is new behind.
  const order = [...Object.keys(before ?? {}), ...Object.keys(next)];
  return Object.fromEntries(order.flatMap((name) => (name in next ? [[name, next[name]] as const] : [])));
}

function membersFrom(given: readonly unknown[], before: unknown, env: Variables): unknown[] {
  const old: unknown[] = Array.isArray(before) ? before : [];
  const places = matched(
    old.map((member) => expandedValue(member, env)),
    given,
  );
  return given.map((member, at) => {
    const was = old[places[at] ?? -1];
    return isGroup(member) ? entryFrom(member, isGroup(was) ? was : undefined, env) : member;
  });
}

const entry = z.record(z.string(), z.unknown());
const patchBody = jsonBody(
  z.object({
    index: z.number().int().optional(),
    match: z.string().optional(),
    name: z.string().optional(),
    value: entry,
  }),
  { example: { match: 'sk-…', value: { priority: 5, prefix: 'team' } } },
);
const deleteQuery = z.object({
  index: z.string().optional(),
  'api-key': z.string().optional(),
  'base-url': z.string().optional(),
  name: z.string().optional(),
});

/** An entry that the gateway would pass over is no entry: it is refused, never dropped. */
export function everyEntryCounts(list: string): ConfigCheck {
  return ({ warnings }) => {
    const passed = warnings.filter(
      ({ key, message }) =>
        message.includes('the entry is left out') &&
        (key.startsWith(`${list}[`) || key.startsWith(`api-keys.${familyOf(list)}[`)),
    );
    if (passed.length === 0) return undefined;
    return passed
      .map(({ key, message }) => `${key}: ${message.replace(', so the entry is left out', '')}`)
      .join('; ');
  };
}

/** The entries as clients see them: variables filled in, each with its index. */
export function listedEntries(deps: ProviderKeysDeps, list: string): Group[] {
  const { variables } = fileOf(deps).inForce();
  const indexes = entryIndexes(deps.config(), list);
  return entriesIn(contentsInForce(deps), list).map((written) => {
    const shown = expandedValue(written, variables);
    return indexes(isGroup(shown) ? shown : {});
  });
}

export function providerKeyRoutes(deps: ProviderKeysDeps): Route[] {
  return providerLists.flatMap((list) => routesOf(deps, list));
}

function routesOf(deps: ProviderKeysDeps, list: string): Route[] {
  const identity = list === compatible ? 'name' : 'api-key';
  const check = everyEntryCounts(list);
  const env = () => fileOf(deps).inForce().variables;
  const nothingNamed = () =>
    new BadInput(refuse(400, `missing ${identity} or index`, { code: 'missing_fields' }));

  const shown = (entries: readonly Group[]) => entries.map((written) => expandedValue(written, env()));
  const identityOf = (value: unknown) => (isGroup(value) ? value[identity] : undefined);

  function edit(call: Parameters<typeof changed>[1], what: string, change: (entries: Group[]) => Group[]) {
    return changed(
      deps,
      call,
      `${list}: ${what}`,
      (contents) => {
        const before = entriesIn(contents, list);
        const next = change(before);
        return next === before ? contents : withEntries(contents, list, next);
      },
      { check },
    );
  }

  return [
    route({
      method: 'GET',
      v0: list,
      answers: { member: list, is: list === compatible ? 'serviceEntries' : 'keyEntries' },
      refuses: noFile,
      sentence: `The entries of \`${list}\`, each with its \`auth-index\`.`,
      run: async () => jsonText(await jsonYielding({ [list]: listedEntries(deps, list) })),
    }),
    route({
      method: 'PUT',
      v0: list,
      ...writes(),
      sentence: `Replaces \`${list}\`. Fields of an entry that are unknown to the client are kept; an invalid entry is rejected.`,
      body: listBody(entry, [{ 'api-key': 'sk-…', 'base-url': 'https://api.example.com', priority: 2 }]),
      run: (call) =>
        edit(call, counted(call.body.length, 'entry', 'entries'), (before) => {
          const places = matched(shown(before), call.body);
          return call.body.map((given, at) => {
            const was = before[places[at] ?? -1];
            if (identityOf(given) === undefined || identityOf(given) === '')
              throw new BadInput(
                refuse(422, 'invalid_config', {
                  code: 'invalid_config',
                  message: `${list}[${at}]: has no ${identity}`,
                }),
              );
            return entryFrom(given, was, env());
          });
        }),
    }),
    route({
      method: 'PATCH',
      v0: list,
      ...writes({ 404: ['item_not_found'] }),
      sentence: `Changes fields of one entry of \`${list}\`, by \`index\`, \`match\` or \`name\`. \`null\` and empty values take a field away.`,
      body: patchBody,
      run: (call) =>
        edit(call, 'one entry', (before) => {
          const { index, match, name, value } = call.body;
          const wanted = match ?? name;
          const found =
            index ??
            (wanted === undefined ? -1 : shown(before).findIndex((one) => identityOf(one) === wanted));
          const was = before[found];
          if (was === undefined)
            throw new BadInput(refuse(404, 'item not found', { code: 'item_not_found' }));
          // An entry without these is none: this is how the peer's clients take one away.
          if (
            ['api-key', 'name', ...(list === compatible ? ['base-url'] : [])].some(
              (field) => value[field] === '',
            )
          )
            return before.toSpliced(found, 1);
          return before.with(found, patched(was, value, env()));
        }),
    }),
    route({
      method: 'DELETE',
      v0: list,
      ...writes({ 400: ['missing_fields', 'ambiguous'] }),
      sentence: `Removes one entry of \`${list}\`, by \`index\` or \`${identity}\` (\`base-url\` if a key is listed twice).`,
      query: deleteQuery,
      run: (call) =>
        edit(call, 'one entry', (before) => {
          const { index, 'base-url': address, ...names } = call.query;
          const wanted = (names.name ?? names['api-key'])?.trim();
          if (wanted !== undefined && wanted !== '') {
            const all = shown(before);
            const named = all.flatMap((one, at) => (identityOf(one) === wanted ? [at] : []));
            const meant = named.filter((at) => {
              const one = all[at];
              return address === undefined || (isGroup(one) && (one['base-url'] ?? '') === address);
            });
            if (meant.length > 1 && identity === 'api-key' && address === undefined)
              throw new BadInput(
                refuse(400, 'multiple items match; base-url is required', { code: 'ambiguous' }),
              );
            return meant.length === 0 ? before : before.filter((_, at) => !meant.includes(at));
          }
          const at = placeGiven(index);
          if (at === undefined || at >= before.length) throw nothingNamed();
          return before.toSpliced(at, 1);
        }),
    }),
  ];
}

function patched(was: Group, value: Group, env: Variables): Group {
  const { 'auth-index': _, ...fields } = value;
  const next: Group = { ...was };
  for (const [name, member] of Object.entries(fields)) {
    if (unset(member)) delete next[name];
    else
      next[name] =
        innerLists.has(name) && Array.isArray(member) ? membersFrom(member, was[name], env) : member;
  }
  return next;
}
