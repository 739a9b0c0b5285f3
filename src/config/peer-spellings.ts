/** Older and other spellings of keys in files of CLIProxyAPI, brought to the places that the schema has for them. */
import { keyLists, serviceNamed } from '../providers/registry.ts';
import { createRewriting, type Rewriting } from './rewriting.ts';
import { fromVersion8, isVersion8 } from './version8.ts';

/** The values of a file in the places of the schema, and where each stood. */
export function inOwnPlaces(value: unknown): Pick<Rewriting, 'value' | 'moves'> {
  const rewriting = createRewriting(value);
  if (isVersion8(rewriting)) fromVersion8(rewriting);
  rewriting.remove(['config-version']);
  for (const rewrite of rewrites) rewrite(rewriting);
  return rewriting;
}

/** In this order: later ones see what earlier ones have made. */
const rewrites: readonly ((rewriting: Rewriting) => void)[] = [
  clientKeysOfProviders,
  // Texts, before entries had fields.
  geminiKeysUnder('generative-language-api-key'),
  keysWithoutFields,
  compatibleServices,
  // Google's Interactions API serves the same models.
  geminiKeysUnder('interactions-api-key'),
  modelMappings,
];

/** `auth.providers[].api-keys` of its version 5: the keys of clients. */
function clientKeysOfProviders(rewriting: Rewriting): void {
  let found = false;
  rewriting.list(['auth', 'providers'])?.forEach((_, index) => {
    const path = ['auth', 'providers', index];
    const type = rewriting.get([...path, 'type']) ?? 'config-api-key';
    if (type !== 'config-api-key') return;
    rewriting.list([...path, 'api-keys'])?.forEach((key, place) => {
      rewriting.append(['api-keys'], key, [...path, 'api-keys', place]);
      found = true;
    });
  });
  if (found) rewriting.remove(['auth']);
}

/** An older list of keys of the Gemini API. */
function geminiKeysUnder(old: string): (rewriting: Rewriting) => void {
  return (rewriting) => {
    const keys = rewriting.list([old]);
    if (keys === undefined && rewriting.get([old]) !== null) return;
    rewriting.remove([old]);
    keys?.forEach((key, index) => {
      appendKey(rewriting, ['gemini-api-key'], key, [old, index]);
    });
  };
}

/** Entries that are only their key. */
function keysWithoutFields(rewriting: Rewriting): void {
  for (const list of [...keyLists.map(([name]) => name), 'interactions-api-key']) bareKeys(rewriting, [list]);
}

function bareKeys(rewriting: Rewriting, list: readonly (string | number)[]): void {
  rewriting.list(list)?.forEach((key, index) => {
    if (typeof key !== 'string' && typeof key !== 'number') return;
    const path = [...list, index];
    const [origin] = rewriting.moves.filter(
      ({ to }) => to.length === path.length && to.every((at, i) => at === path[i]),
    );
    rewriting.set(path, { 'api-key': key });
    rewriting.note([...path, 'api-key'], origin?.from ?? path);
  });
}

/** Adds an entry for a key that stood by itself. */
function appendKey(
  rewriting: Rewriting,
  list: readonly (string | number)[],
  key: unknown,
  origin: readonly (string | number)[],
): void {
  if (typeof key === 'object' && key !== null) {
    rewriting.append(list, key, origin);
    return;
  }
  const path = rewriting.append(list, { 'api-key': key }, origin);
  rewriting.note([...path, 'api-key'], origin);
}

/** Keys of services as texts (`api-keys`), services that are known by name, and services without a name. */
function compatibleServices(rewriting: Rewriting): void {
  const list = 'openai-compatibility';
  rewriting.list([list])?.forEach((_, index) => {
    const path = [list, index];
    const keys = rewriting.list([...path, 'api-keys']);
    if (keys !== undefined || rewriting.get([...path, 'api-keys']) === null) {
      rewriting.remove([...path, 'api-keys']);
      keys?.forEach((key, place) => {
        appendKey(rewriting, [...path, 'api-key-entries'], key, [...path, 'api-keys', place]);
      });
    }
    bareKeys(rewriting, [...path, 'api-key-entries']);
    const name = rewriting.get([...path, 'name']);
    const known = typeof name === 'string' ? serviceNamed(name)?.baseUrl : undefined;
    if (known !== undefined && !rewriting.get([...path, 'base-url']))
      rewriting.set([...path, 'base-url'], known);
    const address = rewriting.get([...path, 'base-url']);
    const host = typeof address === 'string' ? URL.parse(address)?.hostname : undefined;
    if (host && !rewriting.get([...path, 'name'])) {
      rewriting.set([...path, 'name'], host);
      rewriting.note([...path, 'name'], [...path, 'base-url']);
    }
  });
}

/** `oauth-model-mappings`, the name of `oauth-model-alias` up to its version 6.6. */
function modelMappings(rewriting: Rewriting): void {
  const old = 'oauth-model-mappings';
  const kinds = rewriting.group([old]);
  if (kinds === undefined && rewriting.get([old]) !== null) return;
  rewriting.remove([old]);
  for (const [kind, models] of Object.entries(kinds ?? {}))
    if (Array.isArray(models))
      models.forEach((model: unknown, index) => {
        rewriting.append(['oauth-model-alias', kind], model, [old, kind, index]);
      });
}
