/** The settings as fields of forms, made from the schema of the file: what each takes, means and is now. */
import { z } from 'zod';
import { type Group, isGroup } from '../../config/group.ts';
import { configSchema } from '../../config/schema.ts';
import { factsOf, keysIn, kindsOf, memberSchema } from '../../config/schema-facts.ts';
import { settingIn } from '../../config-file/layout.ts';
import { providerLists } from '../../management/provider-keys.ts';
import type { SettingField, SettingKind, Subject, WrittenSetting } from './wire.ts';

type Schema = z.core.$ZodType;

/** Which keys of the file a subject has; those of none of them are `other`. */
const keysOfSubjects: Readonly<Record<Exclude<Subject, 'other'>, readonly string[]>> = {
  server: [
    'host',
    'port',
    'tls',
    'allowed-hosts',
    'cors',
    'remote-management',
    'shutdown-grace',
    'shutdown-drain',
    'trusted-proxies',
    'sandbox',
    'cluster',
  ],
  routing: ['routing', 'quota-exceeded', 'disable-cooling', 'cooldown', 'save-cooldown-status'],
  retries: [
    ...['request-retry', 'max-retry-credentials', 'max-retry-interval', 'transient-error-cooldown-seconds'],
    ...['timeouts', 'streaming', 'nonstream-keepalive-interval'],
  ],
  limits: ['api-keys', 'prices'],
  models: [
    ...['model-routes', 'force-model-prefix', 'translation', 'payload'],
    ...['oauth-model-alias', 'oauth-excluded-models', 'oauth-request-scoped-errors'],
  ],
  network: ['proxy-url', 'passthrough-headers', 'providers'],
  logging: [
    ...['debug', 'log', 'logging-to-file', 'logs-max-total-size-mb', 'request-log', 'error-logs-max-files'],
  ],
  usage: ['usage', 'responses', 'usage-statistics-enabled', 'redis-usage-queue-retention-seconds'],
  quota: ['quota'],
  alerts: ['alerts'],
  monitoring: ['metrics', 'tracing'],
  accounts: ['auth-dir', 'auth-encryption-key', ...providerLists],
  bounds: ['bounds', 'max-request-bytes'],
};

/** The words by which descriptions mark keys that need a restart. */
const waits = /(at the next|with a new) start/;

/** `contents`: the contents of the file. */
export function settingFields(contents: Group): SettingField[] {
  return keysIn(configSchema)
    .toSorted((one, other) => placeOf(one) - placeOf(other))
    .flatMap((key) => {
      const schema = memberSchema(configSchema, key);
      return schema === undefined ? [] : fieldsBelow(schema, [key], contents, false);
    });
}

/** In the order of the subjects; keys of none of them come last. */
function placeOf(key: string): number {
  const place = Object.values(keysOfSubjects).flat().indexOf(key);
  return place < 0 ? Number.MAX_SAFE_INTEGER : place;
}

function fieldsBelow(
  schema: Schema,
  path: readonly string[],
  contents: Group,
  waiting: boolean,
): SettingField[] {
  const facts = factsOf(schema);
  const atStart = waiting || waits.test(facts.description);
  // Where providers' accounts are is for mirrors and tests: a hundred fields that are hardly ever set.
  const isGroupOfFields = facts.inner instanceof z.ZodObject && path[0] !== 'providers';
  if (isGroupOfFields)
    return keysIn(schema).flatMap((key) => {
      const member = memberSchema(schema, key);
      return member === undefined ? [] : fieldsBelow(member, [...path, key], contents, atStart);
    });
  const kind = kindOf(schema);
  return [
    {
      key: path.join('.'),
      path,
      subject: subjectOf(path[0] ?? ''),
      kind,
      choices: facts.inner instanceof z.ZodEnum ? facts.inner.options.map(String) : [],
      expects: facts.expects,
      description: facts.description,
      default: plain(facts.default),
      written: written(settingIn(contents, path), kind),
      atStart,
    },
  ];
}

function subjectOf(key: string): Subject {
  for (const [subject, keys] of Object.entries(keysOfSubjects))
    if (keys.includes(key)) return isSubject(subject) ? subject : 'other';
  return 'other';
}

function isSubject(name: string): name is keyof typeof keysOfSubjects {
  return Object.hasOwn(keysOfSubjects, name);
}

function kindOf(schema: Schema): SettingKind {
  const { inner, secret } = factsOf(schema);
  if (secret) return 'secret';
  if (inner instanceof z.ZodEnum) return 'choice';
  const kinds = kindsOf(schema);
  if (kinds.has('group')) return 'yaml';
  if (inner instanceof z.ZodArray) {
    const items = kindsOf(inner.element);
    return items.size === 1 && items.has('text') && !factsOf(inner.element).secret ? 'lines' : 'yaml';
  }
  if (kinds.has('flag')) return 'flag';
  return kinds.has('number') && kinds.size === 1 ? 'number' : 'text';
}

function plain(value: unknown): SettingField['default'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function written(value: unknown, kind: SettingKind): WrittenSetting | null {
  if (value === undefined || value === null) return null;
  if (kind === 'secret') return { as: 'secret' };
  const simple = plain(value);
  if (Array.isArray(value)) {
    const lines = value.filter((line) => typeof line === 'string');
    return kind === 'lines' && lines.length === value.length
      ? { as: 'lines', value: lines }
      : { as: 'other', entries: value.length };
  }
  if (isGroup(value)) return { as: 'other', entries: Object.keys(value).length };
  // A name of a variable in the place of `true`: the YAML has it.
  const fits = kind !== 'yaml' && (kind !== 'flag' || typeof simple === 'boolean');
  return simple !== null && fits ? { as: 'value', value: simple } : { as: 'other', entries: 1 };
}
