/**
 * kill -9 of `serve` while it renews the tokens of its accounts. What the bytes on the disk hold at that moment must be kept; where strace
 * is installed, what the process had written by the system's own record of its calls, too.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomOf } from '../simulation/accounts.ts';
import { accountFolder, storeOf } from './account-folder.ts';
import { startRotatingTokens } from './rotating-tokens.ts';

const hour = 3_600_000;
/** As many as are renewed at the same time. */
const owners = Array.from({ length: 16 }, (_, at) => `owner${at}`);

/** What came of the logins: each account of a process that was killed is one. */
export interface Killed {
  logins: number;
  /** A new token was given and is kept. */
  kept: number;
  /** Of these: from the journal or a temporary file. */
  recovered: number;
  /** Given, but its write had not reached the disk. */
  notWritten: number;
  /** Nothing was given yet. */
  notGiven: number;
  /** Tokens whose write had come back, by the system's record. */
  written: number;
  /** Tokens in whose write the process died: the system had begun it, or not yet. */
  within: number;
  traced: boolean;
  /** What must not be: a token that was written and is gone, a file that cannot be read. */
  broken: string[];
}

export const strace = Bun.which('strace');

/** Kills until so many logins were under way. `program`: its whole command line but for `serve`. */
export async function killGateways(
  program: readonly string[],
  most: number,
  seed: number,
  traced: boolean,
): Promise<Killed> {
  const random = randomOf(seed);
  using folder = accountFolder();
  using home = accountFolder();
  /** Whose tokens were given since the process began. */
  const given = new Set<string>();
  let enough: { count: number; reached: () => void } | undefined;
  using server = startRotatingTokens({
    forgiving: true,
    // Each at its own moment.
    during: () => Bun.sleep(random() * 20),
    given(name) {
      given.add(name);
      if (enough !== undefined && given.size >= enough.count) enough.reached();
    },
  });
  const config = join(home.path, 'config.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      port: 0,
      'auth-dir': folder.path,
      'api-keys': ['a-client-key-of-this-test'],
      providers: { claude: { oauth: { 'token-url': server.url } } },
    }),
  );
  for (const owner of owners)
    folder.write(owner, { type: 'claude', ...server.signIn(owner), email: `${owner}@example.com` });
  const result: Killed = {
    ...{
      logins: 0,
      kept: 0,
      recovered: 0,
      notWritten: 0,
      notGiven: 0,
      written: 0,
      within: 0,
      traced,
      broken: [],
    },
  };
  for (let round = 0; result.logins < most; round++) {
    for (const owner of owners)
      folder.write(owner, { ...folder.read(owner), expiry: new Date(Date.now() - hour).toISOString() });
    const { promise, resolve } = Promise.withResolvers<void>();
    given.clear();
    enough = { count: 1 + Math.floor(random() * owners.length), reached: resolve };
    const record = join(home.path, 'calls');
    const watched = ['-f', '-y', '-s', '60000', '-e', 'trace=write,pwrite64,writev,pwritev', '-o', record];
    const child = Bun.spawn(
      [...(traced && strace ? [strace, ...watched, '--'] : []), ...program, 'serve', '--config', config],
      {
        env: { PATH: process.env.PATH, HOME: home.path },
        stdout: 'ignore',
        stderr: 'ignore',
        cwd: home.path,
      },
    );
    await Promise.race([promise, child.exited]);
    // A refresh takes a few milliseconds, and several times as many where each call is written down.
    await Bun.sleep(random() * (traced ? 60 : 15));
    process.kill(traced ? childOf(child.pid) : child.pid, 'SIGKILL');
    await child.exited;
    const onDisk = newestOnDisk(folder.path);
    const calls = traced ? callsIn(readFileSync(record, 'latin1'), folder.path) : undefined;
    const done = newestIn(calls?.done ?? '');
    const cut = newestIn(calls?.cut ?? '');
    const inFiles = new Map(owners.map((owner) => [owner, generationIn(folder.path, owner)]));
    await storeOf(folder.path).recover();
    for (const owner of owners) {
      result.logins += 1;
      const told = `seed ${seed}, round ${round}, ${owner}`;
      const now = generationIn(folder.path, owner);
      const last = server.family(owner).generation;
      const written = Math.max(onDisk.get(owner) ?? 0, done.get(owner) ?? 0);
      if (given.has(owner) && done.get(owner) === last) result.written += 1;
      if (given.has(owner) && done.get(owner) !== last && cut.get(owner) === last) result.within += 1;
      if (now !== undefined && (inFiles.get(owner) ?? 0) < now) result.recovered += 1;
      if (now === undefined) result.broken.push(`${told}: its file cannot be read`);
      else if (now < written) result.broken.push(`${told}: token ${written} was written, ${now} is kept`);
      else if (!given.has(owner)) result.notGiven += 1;
      else if (now === last) result.kept += 1;
      else result.notWritten += 1;
    }
  }
  return result;
}

/** The newest refresh tokens that stand whole in any file of an account, hidden ones too. */
function newestOnDisk(directory: string): Map<string, number> {
  const texts = readdirSync(directory).flatMap((name) =>
    /\.json(?:\.(?:journal|\w+\.tmp))?$/.test(name) ? [readFileSync(join(directory, name), 'latin1')] : [],
  );
  return newestIn(texts.join('\n'));
}

/** What the process wrote into files of the directory, by the system's record of its calls: those that came back, and those that it died in. */
function callsIn(record: string, directory: string): { done: string; cut: string } {
  const done: string[] = [];
  /** By thread. */
  const running = new Map<string, string>();
  for (const line of record.split('\n')) {
    const [, thread = '', call = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>/.test(call);
    if (!resumed && !(/^p?writev?(?:64)?\(\d+</.test(call) && call.includes(`<${directory}/`))) continue;
    const whole = resumed ? `${running.get(thread) ?? ''}${call}` : call;
    running.delete(thread);
    if (/= \d+$/.test(whole)) done.push(whole);
    else running.set(thread, whole);
  }
  return { done: done.join('\n'), cut: [...running.values()].join('\n') };
}

function newestIn(text: string): Map<string, number> {
  const newest = new Map<string, number>();
  for (const [, owner = '', generation] of text.matchAll(/"refresh\.(\w+)\.(\d+)\\?"/g))
    newest.set(owner, Math.max(newest.get(owner) ?? 0, Number(generation)));
  return newest;
}

function generationIn(directory: string, owner: string): number | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(directory, `${owner}.json`), 'utf8'));
    return Number(/"refresh\.\w+\.(\d+)"/.exec(JSON.stringify(content))?.[1]);
  } catch {
    return undefined;
  }
}

/** The one process that another has begun. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
