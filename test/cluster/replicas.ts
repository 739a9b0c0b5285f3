/** Replicas of one gateway: real processes with one configuration, each with a port and folders of its own. */
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { emptyDirectory, type Serving, save, serving } from '../cli/program.ts';
import { freePort } from '../free-port.ts';
import { clientKey } from '../gateway-harness.ts';

export interface Replica extends AsyncDisposable {
  url: string;
  port: number;
  pid(): number;
  /** Its own; `config.yaml` lies in it. */
  folder: string;
  configFile: string;
  authDir: string;
  /** All that the processes of this replica wrote so far. */
  output(): string;
  /** Puts further settings into its file, which it watches. */
  configure(settings: JsonObject): void;
  /** As a service manager stops it; gives the exit code. */
  stop(): Promise<number>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again at the same port and with the same folder. */
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

interface ReplicaOptions {
  /** What all have in common: `cluster`, upstreams, keys. Client key, address and folders are given. */
  settings: JsonObject;
  env?: Record<string, string>;
}

export interface Replicas extends AsyncDisposable {
  all: readonly Replica[];
  /** The one at this place. Throws where there is none. */
  at(index: number): Replica;
}

export async function startReplicas(count: number, options: ReplicaOptions): Promise<Replicas> {
  const all = await Promise.all(Array.from({ length: count }, () => startReplica(options)));
  return {
    all,
    at(index) {
      const replica = all[index];
      if (replica === undefined) throw new Error(`there is no replica ${index}`);
      return replica;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((replica) => replica[Symbol.asyncDispose]()));
    },
  };
}

export async function startReplica({ settings, env = {} }: ReplicaOptions): Promise<Replica> {
  const folder = emptyDirectory();
  const port = freePort();
  const configFile = join(folder.path, 'config.yaml');
  const authDir = join(folder.path, 'auth');
  const own = { host: '127.0.0.1', port, 'auth-dir': authDir, 'api-keys': [clientKey] };
  let inForce = settings;
  const write = () => save(configFile, JSON.stringify({ ...own, ...inForce }));
  let earlier = '';
  let running: Serving | undefined;

  async function start(): Promise<void> {
    running = await serving(['serve', '--config', configFile], { cwd: folder.path, env });
  }
  async function end(signal: NodeJS.Signals): Promise<number> {
    const ending = running;
    if (ending === undefined) return 0;
    running = undefined;
    const code = await ending.end(signal);
    earlier += ending.output();
    return code;
  }

  write();
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: () => running?.pid ?? 0,
    folder: folder.path,
    configFile,
    authDir,
    output: () => earlier + (running?.output() ?? ''),
    configure(further) {
      inForce = { ...inForce, ...further };
      write();
    },
    start,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    signal: (signal) => running?.kill(signal),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
      folder[Symbol.dispose]();
    },
  };
}
