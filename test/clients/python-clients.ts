/**
 * The client libraries of Python, each asking through the gateway for everything that agents are written with, over
 * every upstream protocol. They are installed into a cache of the user's (`XDG_CACHE_HOME`, or `~/.cache`), a virtual
 * environment each: the second run installs nothing. They reach nothing but this computer.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import type { Line } from './client-table.ts';
import { askConnected } from './connected-clients.ts';
import { aider, type PythonClient, pythonClients } from './python-client-list.ts';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cli-proxy-api-clients');
const scripts = join(import.meta.dir, 'python');
const installLimit = 600_000;
/** All features of one client over one upstream, on a slow machine. */
const runLimit = 180_000;

/** Asks with every client that `wanted` chooses. */
export async function askPythonClients(url: string, wanted: (name: string) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  for (const client of pythonClients.filter(({ name }) => wanted(name))) {
    const python = await installedPython(client);
    for (const upstream of protocols) lines.push(...(await ask(client, python, url, upstream)));
  }
  if (wanted(aider.name)) {
    const python = await installedPython(aider);
    lines.push(...(await askConnected(aider.connected, dirname(python), aider.name)));
  }
  return lines;
}

/** The client's Python, with its packages; made new where other versions are wanted than it has. */
export async function installedPython({
  name,
  install: packages,
}: Pick<PythonClient, 'name' | 'install'>): Promise<string> {
  const place = join(cache, name);
  const python = join(place, 'bin/python');
  const mark = join(place, `installed-${Bun.hash(packages.join(' ')).toString(36)}`);
  if (existsSync(mark)) return python;
  console.log(`${name}: installing ${packages.join(', ')}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await run(['python3', '-m', 'venv', place], installLimit);
  await run(
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    installLimit,
  );
  writeFileSync(mark, '');
  return python;
}

async function run(command: string[], timeout: number): Promise<void> {
  const child = Bun.spawn(command, { stdout: 'ignore', stderr: 'inherit', timeout });
  if ((await child.exited) !== 0) throw new Error(`failed: ${command.join(' ')}`);
}

async function ask(
  { name, script }: PythonClient,
  python: string,
  url: string,
  upstream: Protocol,
): Promise<Line[]> {
  // Port 9 is closed: whatever wants to leave this computer fails at once.
  const nowhere = 'http://127.0.0.1:9';
  const local = '127.0.0.1,localhost';
  const child = Bun.spawn([python, script], {
    cwd: scripts,
    env: {
      PATH: process.env.PATH,
      HOME: join(cache, 'home'),
      PYTHONDONTWRITEBYTECODE: '1',
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      NO_PROXY: local,
      GATEWAY_URL: url,
      GATEWAY_KEY: clientKey,
      GATEWAY_MODEL: modelOver[upstream],
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: runLimit,
    killSignal: 'SIGKILL',
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const lines = out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => ({ ...JSON.parse(line), upstream }));
  if (code === 0) return lines;
  const problem = child.signalCode === 'SIGKILL' ? `no end after ${runLimit / 1000} s` : `exit code ${code}`;
  return [
    ...lines,
    { client: name, feature: 'all', upstream, problem: `${problem}: ${err.slice(-800)}`, seconds: 0 },
  ];
}
