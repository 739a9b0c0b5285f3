/** Keys that make the gateway one of several replicas, which share what they know on a Valkey and a Postgres (docs/scale-out.md). */
import { z } from 'zod';
import type { Environment } from './environment.ts';
import { isGroup } from './group.ts';
import { type ConfigProblem, dottedPath, type PathSegment } from './problem.ts';
import { flag, group, oneOf, text } from './values.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Scheme, user and password, hosts, path and query of an address. */
const addressForm = /^([a-z][a-z0-9+-]*):\/\/(?:([^@/]*)@)?([^/?#]+)\/?([^?#]*)(?:\?([^#]*))?/i;

function isHost(written: string): boolean {
  const [whole, port] = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(written) ?? [];
  return whole !== undefined && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

/** A percent sign begins two hexadecimal digits; as part of a password it is written %25. */
function canBeDecoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The number of a Valkey's database is the path; of one that sentinels know, what follows its name. A cluster has 0 alone. */
function namesDatabase(scheme: string, path: string): boolean {
  const [first = '', second = ''] = path.split('/');
  return /^\d{0,5}$/.test(scheme.endsWith('+sentinel') ? second : first);
}

/** Of libpq (postgresql.org/docs/current/libpq-ssl.html); empty is the default. */
const sslModes = ['', 'disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

function namesSslMode(_scheme: string, _path: string, query: string): boolean {
  const given = new URLSearchParams(query);
  // The runtime takes the mode by each of these names.
  return ['sslmode', 'ssl-mode', 'tls'].every((name) =>
    sslModes.includes((given.get(name) ?? '').toLowerCase()),
  );
}

/** Addresses hold passwords: they are never printed. Several hosts, with commas, are those of sentinels or of a cluster;
 * the runtime reaches a Postgres by one alone. */
function engineUrl(
  { schemes, several }: { schemes: readonly string[]; several: boolean },
  more: (scheme: string, path: string, query: string) => boolean,
  expects: string,
) {
  return z
    .string()
    .transform((value) => value.trim())
    .refine((value) => {
      const [, scheme = '', login = '', hosts = '', path = '', query = ''] = addressForm.exec(value) ?? [];
      return (
        schemes.includes(scheme.toLowerCase()) &&
        hosts.split(',').every(isHost) &&
        (several || !hosts.includes(',')) &&
        [login, path].every(canBeDecoded) &&
        more(scheme.toLowerCase(), path, query)
      );
    })
    .meta({ expects, secret: true });
}

const valkeySchemes = ['redis', 'rediss', 'valkey', 'valkeys'].flatMap((scheme) => [
  scheme,
  `${scheme}+sentinel`,
  `${scheme}+cluster`,
]);

/** What replicas do about limits while Valkey cannot be reached. */
const awayRules = ['share', 'local', 'refuse'] as const;

export const cluster = group({
  valkey: engineUrl(
    { schemes: valkeySchemes, several: true },
    namesDatabase,
    'an address such as redis://host:6379 or rediss://user:password@host:6379/0, with a port of 1 to 65535, a database that is a number, and "%" in a password as %25',
  )
    .optional()
    .meta({
      description:
        'The Valkey or Redis (6.2 or later) for fast-changing state: limits, cooldowns, quotas, conversations. `redis://`, `rediss://` for TLS; `redis+sentinel://a:26379,b:26379/NAME` uses sentinels, `redis+cluster://a:6379,b:6379` is a cluster. `CLI_PROXY_API_VALKEY` is the default.',
    }),
  postgres: engineUrl(
    { schemes: ['postgres', 'postgresql'], several: false },
    namesSslMode,
    'an address such as postgres://user:password@host:5432/database, with a port of 1 to 65535, "%" in a password as %25, and as sslmode disable, allow, prefer, require, verify-ca or verify-full',
  )
    .optional()
    .meta({
      description:
        'The Postgres (14 or later) for persistent state: accounts, client keys, prices, stored responses, usage. `CLI_PROXY_API_POSTGRES` is the default. Needs `auth-encryption-key`.',
    }),
  name: text('a name of letters, digits, "-" and "_"')
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('default')
    .meta({
      expects: 'a name of up to 64 letters, digits, "-" and "_"',
      description:
        'Whose replicas belong together. Several names may share a Valkey; each needs a Postgres database of its own.',
    }),
  'when-valkey-is-away': oneOf(awayRules).default('share').meta({
    description:
      'How limits hold while Valkey cannot be reached: `share` gives each replica its part of them, `local` all of them to each, `refuse` answers keys that have limits with 503.',
  }),
  'refresh-alone': flag().default(false).meta({
    description:
      'Lets a replica renew the token of an account that has expired while Postgres is away. Another replica may do the same, and a provider that takes a refresh token once only ends the login then; without it such an account is cooling down until Postgres is back.',
  }),
});

export type ClusterConfig = z.output<typeof cluster>;

/** Environment variables for keys that the file omits. */
const variables = {
  valkey: 'CLI_PROXY_API_VALKEY',
  postgres: 'CLI_PROXY_API_POSTGRES',
  name: 'CLI_PROXY_API_CLUSTER',
} as const;

/** The key that encrypts accounts: a replica whose file is a mere address book has it from the environment, too. */
const keyVariable = 'CLI_PROXY_API_ENCRYPTION_KEY';

/** Cluster settings from the environment that the file does not set; returns the keys that were set, with their variables. */
export function clusterFromEnvironment(
  value: unknown,
  env: Environment,
): { value: unknown; set: ReadonlyMap<string, string> } {
  const set = new Map<string, string>();
  if (value !== undefined && value !== null && !isGroup(value)) return { value, set };
  const given = (variable: string): string | undefined => env[variable]?.trim() || undefined;
  const next = { ...value };
  const key = given(keyVariable);
  if (key !== undefined && next['auth-encryption-key'] === undefined) {
    next['auth-encryption-key'] = key;
    set.set('auth-encryption-key', keyVariable);
  }
  const written = next.cluster;
  if (written !== undefined && !isGroup(written)) return { value: next, set };
  // A name alone makes no cluster.
  const engines = [given(variables.valkey), given(variables.postgres)];
  if (written !== undefined || engines.some((engine) => engine !== undefined))
    for (const [name, variable] of Object.entries(variables)) {
      const text = given(variable);
      if (text === undefined || written?.[name] !== undefined) continue;
      next.cluster = { ...(isGroup(next.cluster) ? next.cluster : {}), [name]: text };
      set.set(`cluster.${name}`, variable);
    }
  return set.size === 0 ? { value, set } : { value: next, set };
}

/** What is wrong with the cluster as a whole. */
export function clusterProblems(
  config: { cluster?: ClusterConfig | undefined; 'auth-encryption-key'?: string | undefined },
  file: string,
  document: YamlDocument,
): ConfigProblem[] {
  const { cluster: wanted } = config;
  if (wanted === undefined) return [];
  const problem = (path: PathSegment[], message: string, hint: string): ConfigProblem => ({
    file,
    ...document.position(path, 'key'),
    key: dottedPath(path),
    message,
    hint,
  });
  if (wanted.postgres === undefined)
    return wanted.valkey === undefined
      ? [
          problem(
            ['cluster'],
            'has no engine: replicas share their state on a Postgres and a Valkey',
            'write cluster.postgres and cluster.valkey (or CLI_PROXY_API_POSTGRES and CLI_PROXY_API_VALKEY), or take cluster away',
          ),
        ]
      : [
          problem(
            ['cluster', 'valkey'],
            'a Valkey alone is not enough for a cluster: accounts, keys and stored responses must be persistent',
            'write cluster.postgres beside it: postgres://user:password@host:5432/database (or CLI_PROXY_API_POSTGRES)',
          ),
        ];
  if (config['auth-encryption-key'] !== undefined) return [];
  return [
    problem(
      ['cluster', 'postgres'],
      'accounts go to a database that others may read, so they must be encrypted, and there is no auth-encryption-key',
      'write auth-encryption-key: file:PATH, or a variable of the environment (or CLI_PROXY_API_ENCRYPTION_KEY); all replicas need the same one',
    ),
  ];
}
