/**
 * CLIProxyAPI's layout of config.yaml since its version 8, as the older one that the schema is made of. Where a file has
 * both names of a key, the newer one counts.
 */
import { keyLists, movedKeys, namesWithUnusedKeys } from '../providers/registry.ts';
import { isGroup } from './group.ts';
import type { Rewriting } from './rewriting.ts';

/**
 * Groups whose members have moved, deepest first; an empty `to` is the top of the file. Source: the peer's description of
 * its version 8, September 2026.
 */
const groups: readonly { from: string; to: string }[] = [
  { from: 'routing.retry', to: '' },
  { from: 'routing.cooldown', to: '' },
  { from: 'oauth.providers.codex.header-defaults', to: 'codex-header-defaults' },
  { from: 'oauth.providers.aistudio', to: '' },
  { from: 'upstream.claude.header-defaults', to: 'claude-header-defaults' },
  { from: 'upstream.claude', to: 'claude-code' },
  ...namesWithUnusedKeys.flatMap((name) => [
    { from: `oauth.providers.${name}`, to: name },
    { from: `upstream.${name}`, to: name },
  ]),
  { from: 'client.codex', to: 'codex' },
  { from: 'observability.logs', to: '' },
  { from: 'observability.usage', to: '' },
  { from: 'multimedia', to: '' },
  { from: 'requests', to: '' },
  { from: 'management', to: 'remote-management' },
  { from: 'server', to: '' },
];

/** Single keys that have moved; they go before the groups that they were in. */
const keys: readonly { from: string; to: string }[] = [
  { from: 'access.api-keys', to: 'api-keys' },
  { from: 'credentials.concurrency', to: 'credential-concurrency' },
  { from: 'credentials.in-flight', to: 'credential-in-flight' },
  { from: 'routing.force-model-prefix', to: 'force-model-prefix' },
  { from: 'oauth.auth-dir', to: 'auth-dir' },
  { from: 'oauth.auth-auto-refresh-workers', to: 'auth-auto-refresh-workers' },
  { from: 'oauth.model-alias', to: 'oauth-model-alias' },
  { from: 'oauth.excluded-models', to: 'oauth-excluded-models' },
  { from: 'oauth.request-scoped-errors', to: 'oauth-request-scoped-errors' },
  ...movedKeys.map(([from, to]) => ({ from, to })),
  { from: 'observability.pprof', to: 'pprof' },
];

/** What `api-keys` is divided by there. */
const families: ReadonlySet<string> = new Set([
  ...keyLists.map(([name]) => name.replace('-api-key', '')),
  'interactions',
  'meta',
  'openai-compatibility',
]);

/** Whether a file is written in that layout: by its `config-version`, or because its `api-keys` are those of providers. */
export function isVersion8(rewriting: Rewriting): boolean {
  const version = rewriting.get(['config-version']);
  if (typeof version === 'number') return version >= 8;
  return Object.keys(rewriting.group(['api-keys']) ?? {}).some((family) => families.has(family));
}

/** Brings every key of that layout to its older place. */
export function fromVersion8(rewriting: Rewriting): void {
  providerKeys(rewriting);
  for (const { from, to } of keys) rewriting.move(from.split('.'), to.split('.'));
  for (const { from, to } of groups) {
    const path = from.split('.');
    const place = to === '' ? [] : to.split('.');
    const members = Object.keys(rewriting.group(path) ?? {});
    if (members.length > 0 && place.length > 0) rewriting.note(place, path);
    for (const member of members) rewriting.move([...path, member], [...place, member]);
    rewriting.removeEmpty(path);
  }
}

/** `api-keys.gemini[].keys[]`: one entry for each key, with what its group has in common. */
function providerKeys(rewriting: Rewriting): void {
  const providers = rewriting.group(['api-keys']);
  if (providers === undefined) return;
  rewriting.remove(['api-keys']);
  for (const [family, listed] of Object.entries(providers)) {
    const compatible = family === 'openai-compatibility';
    const list = compatible ? family : `${family}-api-key`;
    rewriting.remove([list]);
    rewriting.note([list], ['api-keys', family]);
    if (!Array.isArray(listed)) {
      rewriting.set([list], listed);
      continue;
    }
    listed.forEach((group: unknown, index) => {
      const from = ['api-keys', family, index];
      if (compatible) {
        const at = rewriting.append([list], group, from);
        rewriting.move([...at, 'keys'], [...at, 'api-key-entries'], [...from, 'keys']);
        return;
      }
      const { keys: own, name, ...common } = isGroup(group) ? group : {};
      // Of several keys of a group none can be recognised by its name alone.
      const named = name !== undefined && Array.isArray(own) && own.length === 1;
      const shared = named ? { name, ...common } : common;
      if (!Array.isArray(own)) {
        rewriting.append([list], isGroup(group) ? shared : group, from);
        return;
      }
      own.forEach((key: unknown, place) => {
        const values = isGroup(key) ? key : { 'api-key': key };
        const set = Object.entries(values).filter(([, value]) => value !== null);
        const at = rewriting.append([list], { ...shared, ...Object.fromEntries(set) }, from);
        for (const [name] of set)
          rewriting.note(
            [...at, name],
            isGroup(key) ? [...from, 'keys', place, name] : [...from, 'keys', place],
          );
      });
    });
  }
}
