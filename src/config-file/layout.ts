/** The place of a setting in a file: in CLIProxyAPI's older layout, or in that of its version 8. A file keeps its layout. */
import { type Group, isGroup } from '../config/group.ts';
import { createRewriting } from '../config/rewriting.ts';
import { isVersion8 } from '../config/version8.ts';
import { matched } from './entry-match.ts';

type Path = readonly string[];

/** Groups of the newer layout with the keys that stood at the top before. Source: the peer's description of its version 8. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'observability.logs': [
    ...['debug', 'logging-to-file', 'logs-max-total-size-mb', 'request-log', 'error-logs-max-files'],
  ],
  'observability.usage': ['usage-statistics-enabled', 'redis-usage-queue-retention-seconds'],
  requests: ['proxy-url', 'passthrough-headers', 'nonstream-keepalive-interval', 'streaming', 'payload'],
  'routing.retry': ['request-retry', 'max-retry-credentials', 'max-retry-interval'],
  'routing.cooldown': [
    ...['disable-cooling', 'save-cooldown-status', 'transient-error-cooldown-seconds'],
    'quota-retry-interval-seconds',
  ],
  routing: ['force-model-prefix'],
  server: ['host', 'port', 'tls', 'trusted-proxies', 'commercial-mode'],
  'oauth.providers.aistudio': ['ws-auth'],
  multimedia: ['disable-image-generation', 'gpt-image-2-base-model', 'video-result-auth-cache-ttl'],
  observability: ['pprof'],
  oauth: ['auth-dir', 'auth-auto-refresh-workers'],
};

/** Keys with another name, too. */
const renamed: Readonly<Record<string, string>> = {
  'api-keys': 'access.api-keys',
  'remote-management': 'management',
  'oauth-model-alias': 'oauth.model-alias',
  'oauth-excluded-models': 'oauth.excluded-models',
  'oauth-request-scoped-errors': 'oauth.request-scoped-errors',
};

/** Old top-level names, and their places in the newer layout. */
export const newerPlaces: ReadonlyMap<string, Path> = new Map([
  ...Object.entries(groups).flatMap(([group, keys]) =>
    keys.map((key): [string, Path] => [key, [...group.split('.'), key]]),
  ),
  ...Object.entries(renamed).map(([key, place]): [string, Path] => [key, place.split('.')]),
]);

export function isNewer(contents: Group): boolean {
  return isVersion8(createRewriting(contents));
}

function placeOf(contents: Group, path: Path): Path {
  const [first = '', ...rest] = path;
  const place = newerPlaces.get(first);
  return place === undefined || !isNewer(contents) ? path : [...place, ...rest];
}

export function memberAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, name) => (isGroup(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    value,
  );
}

/** The group with a member set, or taken away; groups that are empty then go, too. */
export function withMember(group: Group, path: Path, value: unknown): Group {
  const [name, ...rest] = path;
  if (name === undefined) return group;
  const { [name]: before, ...others } = group;
  if (rest.length > 0) {
    const inner = withMember(isGroup(before) ? before : {}, rest, value);
    if (value === undefined && Object.keys(inner).length === 0) return others;
    return { ...group, [name]: inner };
  }
  return value === undefined ? others : { ...group, [name]: value };
}

/** A setting by its path in the older layout, with the file's value. */
export function settingIn(contents: Group, path: Path): unknown {
  const place = placeOf(contents, path);
  return memberAt(contents, place) ?? memberAt(contents, path);
}

/** The contents of the file with the setting set, or removed. */
export function withSetting(contents: Group, path: Path, value: unknown): Group {
  const place = placeOf(contents, path);
  // The same name at the top is what the newer layout has its provider keys under.
  const without = place === path || path[0] === 'api-keys' ? contents : withMember(contents, path, undefined);
  return withMember(without, place, value);
}

// ---- lists of provider keys

/** `gemini-api-key` is `api-keys.gemini` there. */
export function familyOf(list: string): string {
  return list.replace(/-api-key$/, '');
}

interface Origin {
  group: number;
  /** Undefined where the group itself is the key. */
  key: number | undefined;
}

/** The entries of a list, one for each key, as the older layout has them. */
export function entriesIn(contents: Group, list: string): Group[] {
  return isNewer(contents)
    ? fromGroups(groupsIn(contents, list), list).map(({ entry }) => entry)
    : bare(contents[list]);
}

/** Entries that are only their key are entries, too. */
function bare(listed: unknown): Group[] {
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((entry: unknown) =>
    isGroup(entry)
      ? [entry]
      : typeof entry === 'string' || typeof entry === 'number'
        ? [{ 'api-key': String(entry) }]
        : [],
  );
}

function groupsIn(contents: Group, list: string): unknown[] {
  const listed = memberAt(contents, ['api-keys', familyOf(list)]);
  return Array.isArray(listed) ? listed : [];
}

function fromGroups(listed: readonly unknown[], list: string): { entry: Group; origin: Origin }[] {
  return listed.flatMap((group, place): { entry: Group; origin: Origin }[] => {
    if (!isGroup(group)) return [];
    const { keys, ...shared } = group;
    if (list === 'openai-compatibility')
      return [
        {
          entry: keys === undefined ? shared : { ...shared, 'api-key-entries': keys },
          origin: { group: place, key: undefined },
        },
      ];
    if (!Array.isArray(keys)) return [{ entry: shared, origin: { group: place, key: undefined } }];
    const { name: _, ...common } = shared;
    return bare(keys).map((own, key) => ({
      entry: { ...common, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null)) },
      origin: { group: place, key },
    }));
  });
}

/** The contents of the file with other entries in a list. */
export function withEntries(contents: Group, list: string, entries: readonly Group[]): Group {
  if (!isNewer(contents))
    return withMember(
      contents,
      [list],
      entries.length === 0 && contents[list] === undefined ? undefined : entries,
    );
  const without = withMember(contents, [list], undefined);
  const next = toGroups(groupsIn(contents, list), entries, list);
  return withMember(without, ['api-keys', familyOf(list)], next.length === 0 ? undefined : next);
}

/** A key that stays, stays in its group; what differs from the group is its own. */
function toGroups(listed: readonly unknown[], entries: readonly Group[], list: string): Group[] {
  if (list === 'openai-compatibility')
    return entries.map(({ 'api-key-entries': keys, ...shared }) =>
      keys === undefined ? shared : { ...shared, keys },
    );
  const before = fromGroups(listed, list);
  const places = matched(
    before.map(({ entry }) => entry),
    entries,
  );
  const kept = new Map<number, Group[]>();
  const added: Group[] = [];
  entries.forEach((entry, at) => {
    const origin = before[places[at] ?? -1]?.origin;
    const group = origin === undefined ? undefined : listed[origin.group];
    if (origin === undefined || !isGroup(group)) added.push(asGroup(entry));
    else kept.set(origin.group, [...(kept.get(origin.group) ?? []), entry]);
  });
  const stayed = listed.flatMap((group, place) => {
    const own = kept.get(place);
    return own === undefined || !isGroup(group) ? [] : [regrouped(group, own)];
  });
  return [...stayed, ...added];
}

/** Fields that a key of its own group has. */
const ownFields = new Set(['api-key', 'weight']);

function asGroup(entry: Group): Group {
  const fields = Object.entries(entry);
  return {
    ...Object.fromEntries(fields.filter(([name]) => !ownFields.has(name))),
    keys: [Object.fromEntries(fields.filter(([name]) => ownFields.has(name)))],
  };
}

function regrouped(group: Group, entries: readonly Group[]): Group {
  const { keys, name, ...common } = group;
  const listed = Array.isArray(keys) ? bare(keys) : [];
  const named = name === undefined ? {} : { name };
  // Its only key: it has the settings of the group.
  const [only] = entries;
  if (only !== undefined && entries.length === 1) {
    const own = listed.find((key) => key['api-key'] === only['api-key']) ?? listed[0] ?? {};
    const inKey = (field: string) => ownFields.has(field) || own[field] !== undefined;
    const fields = Object.entries(only);
    if (!Array.isArray(keys)) return { ...named, ...only };
    return {
      ...named,
      ...Object.fromEntries(fields.filter(([field]) => !inKey(field))),
      keys: [Object.fromEntries(fields.filter(([field]) => inKey(field)))],
    };
  }
  return {
    ...named,
    ...common,
    keys: entries.map((entry) => {
      const differs = Object.entries(entry).filter(([field, value]) => !Bun.deepEquals(common[field], value));
      // Settings of the group that this key lacks are written as empty.
      const denied = Object.keys(common).filter((field) => entry[field] === undefined);
      return {
        ...Object.fromEntries(denied.map((field) => [field, nothingFor(common[field])])),
        ...Object.fromEntries(differs),
      };
    }),
  };
}

function nothingFor(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (isGroup(value)) return {};
  return typeof value === 'string' ? '' : typeof value === 'boolean' ? false : 0;
}
