import { readFile } from 'node:fs/promises';
import { type Finding, ok, type Subject, skip, warn } from './check.ts';

const leastFiles = 4096;
const leastMemory = 256e6;
const oldestBun = '1.4.5';

/** What the system lets the program have. */
export const runtimeChecks: Subject = async () => [version(), files(), await memory()];

function version(): Finding {
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
