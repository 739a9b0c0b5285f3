/** A database server as a process of this test run: on loopback, on a port and in a folder of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

export interface Engine extends AsyncDisposable {
  /** The same one after a restart. */
  port: number;
  /** The server and its children; none while it is stopped. */
  pids(): number[];
  /** As its operator stops it: what it has is kept. */
  stop(): Promise<void>;
  /** kill -9 of the server and of all its children: connections break, nothing is said. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`, on the same port and with the same data. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay and are accepted, nothing is answered. */
  hang(): void;
  /** The end of {@link hang}. */
  wake(): void;
}

interface EngineProcess {
  name: string;
  port: number;
  folder: string;
  command: readonly string[];
  /** The system user that it runs as. */
  user?: string;
  /** What its operator sends it to stop. */
  stopSignal: NodeJS.Signals;
  ready(): boolean | Promise<boolean>;
}

/** Engines that still run; nothing outlives the run, however it ends. */
const running = new Set<Bun.Subprocess>();
process.on('exit', () => {
  for (const server of running) killAll(server.pid);
});

/** An empty folder that `user` owns; the caller removes it. */
export function engineFolder(user?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-engine-'));
  if (user !== undefined) Bun.spawnSync(['chown', user, folder]);
  return folder;
}

/**
 * The command as `user`, which only root may ask for. Where the system can, it ends with the process that started it, so that a
 * test run that was killed leaves no server behind.
 */
export function bound(command: readonly string[], user?: string): string[] {
  if (Bun.which('setpriv') === null) {
    if (user === undefined) return [...command];
    throw new Error(
      'setpriv is needed to run a server as another user than root: apt-get install util-linux',
    );
  }
  const as = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return ['setpriv', ...as, '--pdeathsig', 'KILL', ...command];
}

export async function startEngine(engine: EngineProcess): Promise<Engine> {
  const log = Bun.file(join(engine.folder, 'output.log'));
  let server: Bun.Subprocess | undefined;

  async function start(): Promise<void> {
    const started = Bun.spawn(bound(engine.command, engine.user), {
      cwd: engine.folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdin: 'ignore',
      stdout: log,
      stderr: log,
    });
    server = started;
    running.add(started);
    await eventually(async () => {
      if (started.exitCode !== null) throw new Error(`${engine.name} did not start:\n${await log.text()}`);
      return engine.ready();
    });
  }

  async function end(finish: (pid: number) => void): Promise<void> {
    const ending = server;
    if (ending === undefined) return;
    server = undefined;
    finish(ending.pid);
    await ending.exited;
    running.delete(ending);
  }

  /** Resolves when the children have ended, too: Postgres does not start while one of them has its shared memory. */
  async function kill(): Promise<void> {
    const members = server === undefined ? [] : family(server.pid);
    await end(killAll);
    await eventually(() => !members.some(runs));
  }

  const signalled = (signal: NodeJS.Signals) => {
    if (server !== undefined) for (const pid of family(server.pid)) send(pid, signal);
  };

  await start();
  return {
    port: engine.port,
    pids: () => (server === undefined ? [] : family(server.pid)),
    start,
    stop: () => end((pid) => void process.kill(pid, engine.stopSignal)),
    kill,
    hang: () => signalled('SIGSTOP'),
    wake: () => signalled('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(engine.folder, { recursive: true, force: true });
    },
  };
}

/** The process and its children: Postgres has one a connection, each in a process group of its own. */
function family(pid: number): number[] {
  const children = Bun.spawnSync(['pgrep', '-P', String(pid)]).stdout.toString();
  return [pid, ...children.split('\n').filter(Boolean).map(Number)];
}

function killAll(pid: number): void {
  for (const member of family(pid)) send(member, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Whether the process runs; one that has ended and that nobody has asked about yet does not. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
