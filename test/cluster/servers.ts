/**
 * The engines of a cluster as its operator has them: real servers. Debian 12 has no package of Valkey; Redis 7.0 speaks the
 * same protocol and has the same commands, and where a `valkey-server` is on the PATH, that one is taken.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { installedProgram } from '../installed-program.ts';
import { bound, type Engine, engineFolder, startEngine } from './engine-process.ts';

export interface ValkeyServer extends Engine {
  /** redis://127.0.0.1:PORT */
  url: string;
  /** Sends a command, as redis-cli does; gives the reply. */
  command(name: string, ...words: string[]): Promise<unknown>;
}

interface ValkeyOptions {
  /** Keeps what it has over a restart and a kill: every write in an append-only file. By default it comes back empty. */
  keeps?: boolean;
  password?: string;
  /** Further settings of its configuration file. */
  settings?: Record<string, string>;
}

export async function startValkey({
  keeps = false,
  password,
  settings: further = {},
}: ValkeyOptions = {}): Promise<ValkeyServer> {
  const executable = Bun.which('valkey-server') ?? installedProgram('redis-server');
  const folder = engineFolder();
  const port = freePort();
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    save: '',
    appendonly: keeps ? 'yes' : 'no',
    appendfsync: 'always',
    ...(password === undefined ? {} : { requirepass: password }),
    ...further,
  };
  const command = (name: string, ...words: string[]) => commandTo(url, name, words);
  const engine = await startEngine({
    name: executable,
    port,
    folder,
    command: [executable, ...Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])],
    stopSignal: 'SIGTERM',
    ready: () => answers(command),
  });
  return { ...engine, url, command };
}

async function commandTo(url: string, name: string, words: string[]): Promise<unknown> {
  const client = new Bun.RedisClient(url, { autoReconnect: false, connectionTimeout: 1000 });
  try {
    return await client.send(name, words);
  } finally {
    client.close();
  }
}

const answers = (command: ValkeyServer['command']): Promise<boolean> =>
  command('PING').then(
    (reply) => reply === 'PONG',
    () => false,
  );

/**
 * A Valkey of several servers' kind with a single one, which has all keys; `url` is as the configuration names it. One that was never
 * met by another does not know its own address: it is told.
 */
export async function startValkeyCluster(): Promise<ValkeyServer> {
  const server = await startValkey({
    settings: { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' },
  });
  await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await eventually(async () => String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  return { ...server, url: `redis+cluster://127.0.0.1:${server.port}` };
}

export interface SentinelValkey extends AsyncDisposable {
  /** As the configuration names it. */
  url: string;
  /** The first is in charge until it goes away. */
  servers: readonly [ValkeyServer, ValkeyServer];
}

/** Two servers, of which the second follows the first, and a sentinel that puts it in charge when the first is gone. */
export async function startSentinelValkey(): Promise<SentinelValkey> {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startValkey());
  const second = stack.use(
    await startValkey({
      settings: { replicaof: `127.0.0.1 ${first.port}`, 'repl-ping-replica-period': '1' },
    }),
  );
  const server = Bun.which('valkey-server') ?? installedProgram('redis-server');
  const folder = engineFolder();
  const port = freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    ...['bind 127.0.0.1', `port ${port}`, `dir ${folder}`],
    ...[
      `sentinel monitor gateway 127.0.0.1 ${first.port} 1`,
      'sentinel down-after-milliseconds gateway 1000',
    ],
    ...['sentinel failover-timeout gateway 5000', ''],
  ];
  await Bun.write(file, lines.join('\n'));
  const ask = (name: string, ...words: string[]) => commandTo(`redis://127.0.0.1:${port}`, name, words);
  stack.use(
    await startEngine({
      ...{ name: 'sentinel', port, folder, command: [server, file, '--sentinel'], stopSignal: 'SIGTERM' },
      ready: () => answers(ask),
    }),
  );
  // It learns of the second from the first.
  await eventually(async () =>
    JSON.stringify(await ask('SENTINEL', 'REPLICAS', 'gateway')).includes(`${second.port}`),
  );
  const all = stack.move();
  return {
    url: `redis+sentinel://127.0.0.1:${port}/gateway`,
    servers: [first, second],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

export interface PostgresServer extends Engine {
  /** postgres://… of the database that exists from the start; its user may do everything. */
  url: string;
  /** Makes an empty database; gives its URL. */
  database(name: string): Promise<string>;
}

interface PostgresOptions {
  /** Waits for the disk at each commit, as in production. Off: a kill of the server loses nothing even so, and tests are quicker. */
  fsync?: boolean;
  /** Further settings of postgresql.conf. */
  settings?: Record<string, string>;
}

const owner = 'gateway';
const password = 'password-of-the-tests';

/** Starts PostgreSQL; where the tests run as root, which it refuses, as the system user `postgres` or `nobody`. */
export async function startPostgres({
  fsync = false,
  settings = {},
}: PostgresOptions = {}): Promise<PostgresServer> {
  const tool = (name: string) =>
    installedProgram(name, { from: 'postgresql', places: () => debianPlaces(name) });
  const user = systemUser();
  const folder = engineFolder(user);
  const port = freePort();
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await Bun.write(passwordFile, password);
  const initdb = [
    tool('initdb'),
    '-D',
    data,
    '-U',
    owner,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
  ];
  const made = Bun.spawnSync(bound([...initdb, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'], user), {
    cwd: folder,
  });
  if (made.exitCode !== 0) throw new Error(`initdb failed:\n${made.stdout}${made.stderr}`);

  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    shared_buffers: '32MB',
    max_connections: '200',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const isReady = tool('pg_isready');
  const engine = await startEngine({
    name: 'postgres',
    port,
    folder,
    command: [tool('postgres'), '-D', data, ...flags],
    ...(user === undefined ? {} : { user }),
    // "Fast": SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    ready: () => Bun.spawnSync([isReady, '-q', '-h', '127.0.0.1', '-p', String(port)]).exitCode === 0,
  });
  const urlOf = (name: string) => `postgres://${owner}:${password}@127.0.0.1:${port}/${name}`;
  return {
    ...engine,
    url: urlOf('postgres'),
    async database(name) {
      await using sql = new Bun.SQL(urlOf('postgres'), { max: 1 });
      await sql.unsafe(`create database "${name}"`);
      return urlOf(name);
    },
  };
}

/** Debian keeps the programs of each version apart and off the PATH; the newest first. */
function debianPlaces(name: string): string[] {
  const versions = '/usr/lib/postgresql';
  try {
    const newestFirst = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    return newestFirst.map((version) => join(versions, version, 'bin', name));
  } catch {
    return [];
  }
}

/** Whom PostgreSQL runs as; undefined where the tests do not run as root, and it runs as they do. */
function systemUser(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = (name: string) => Bun.spawnSync(['id', '-u', name]).exitCode === 0;
  return known('postgres') ? 'postgres' : 'nobody';
}
