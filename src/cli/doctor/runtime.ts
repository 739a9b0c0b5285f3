import { readFile } from 'node:fs/promises';
import owner from '../../../owner.json';
import { version } from '../version.ts';
import { type Finding, ok, type Subject, skip, warn } from './check.ts';

const leastFiles = 4096;
const leastMemory = 256e6;
const oldestBun = '1.4.5';

/** What the system lets the program have. */
export const runtimeChecks: Subject = async ({ online }) => [
  bun(),
  online ? await latestVersion(releases) : skip('runtime.version', 'Only looked at with --online.'),
  files(),
  await memory(),
];

/** Where releases are, and who signs them. */
export interface Releases {
  from: string;
  keys: readonly string[];
}

const releases: Releases | undefined =
  owner.updateKeys.length === 0 || owner.stillToSet.includes('repository')
    ? undefined
    : { from: `${owner.repository}/releases/latest/download`, keys: owner.updateKeys };

/** Whether there is a newer one. */
export async function latestVersion(known: Releases | undefined): Promise<Finding> {
  const id = 'runtime.version';
  if (known === undefined) return skip(id, `This is version ${version}; the build has no release server.`);
  const { latestRelease } = await import('../update/released.ts');
  try {
    const latest = await latestRelease(known.from, known.keys);
    return Bun.semver.order(latest.version, version) > 0
      ? warn(id, `Version ${latest.version} is there; this is ${version}.`, 'cli-proxy-api update')
      : ok(id, `${version} is the latest version.`);
  } catch (error) {
    return skip(id, `Whether ${version} is the latest version could not be checked: ${String(error)}.`);
  }
}

function bun(): Finding {
  return Bun.semver.order(Bun.version, oldestBun) < 0
    ? warn('runtime.bun', `Bun ${Bun.version} is older than ${oldestBun}.`, 'npm ci')
    : ok('runtime.bun', `It runs on Bun ${Bun.version}.`);
}

function files(): Finding {
  const id = 'runtime.files';
  if (process.platform === 'win32') return skip(id, 'Windows has no such limit.');
  const text = Bun.spawnSync(['sh', '-c', 'ulimit -n']).stdout.toString().trim();
  return text !== 'unlimited' && Number(text) < leastFiles
    ? warn(id, `Only ${text} files may be open: that is as many connections.`, `ulimit -n ${leastFiles}`)
    : ok(id, `${text} files may be open.`);
}

async function memory(): Promise<Finding> {
  const id = 'runtime.memory';
  const text = await readFile('/sys/fs/cgroup/memory.max', 'utf8').catch(() => 'max');
  const most = text.trim() === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  return most < leastMemory
    ? warn(id, `It may have ${Math.round(most / 1e6)} MB of memory.`, 'give it 256 MB or more')
    : ok(id, 'It may have the memory that it needs.');
}
