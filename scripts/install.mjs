// Installs what is missing, quietly, and does nothing when all is there. Runs on plain Node >= 20, before any dependency
// exists. `--dev` asks for the development dependencies too (tests, build, benchmark); starting needs none of them.
import { spawn, spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const withDevelopment = process.argv.includes('--dev');
/** sysexits.h EX_UNAVAILABLE, as in docs/cli.md. */
const unavailable = 69;
const oldestRuntime = [1, 4, 5];
/** Milliseconds after which somebody who waits is told what for. */
const patience = 5000;
/** npm would try for over a minute where there is no network; these tries take about eight seconds. */
const tries = ['retries=3', 'retry-factor=2', 'retry-mintimeout=1000', 'retry-maxtimeout=5000'];
const runtime = join(project, 'node_modules/bun/bin/bun.exe');

const [nodeMajor = 0] = process.versions.node.split('.').map(Number);
if (nodeMajor < 20)
  stop(`Node ${process.versions.node} is too old: install Node 20 or newer, then run this again.`);

const wanted = packagesIn('package-lock.json');
const installed = packagesIn('node_modules/.package-lock.json');
if (wanted === undefined)
  stop('package-lock.json cannot be read: restore it with "git checkout package-lock.json".');
if (!isComplete(wanted, installed ?? {}, withDevelopment))
  await install(withDevelopment || hasDevelopment(installed ?? {}));
if (!runtimeWorks()) {
  // npm leaves a placeholder where it was told not to run install scripts; this script puts the real runtime there.
  spawnSync(process.execPath, ['node_modules/bun/install.js'], { cwd: project, stdio: 'ignore' });
  if (!runtimeWorks())
    stop(
      `Bun ${oldestRuntime.join('.')} or newer did not start on this machine (${process.platform} ${process.arch}): ` +
        'delete node_modules and run "npm ci"; if that does not help, see https://bun.com/docs/installation.',
    );
}
// Starts are twice as fast from one compiled file. Where it cannot be made, they take the sources: no reason to stop.
spawnSync(runtime, ['--config=/dev/null', '--no-install', join(project, 'scripts/bundle.ts')], {
  stdio: 'ignore',
});

/** The `packages` table of a lock file, or undefined where the file is missing or broken. */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(project, file), 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/** True when each package that this machine needs is installed in the version that the lock file names. */
function isComplete(lock, present, development) {
  return Object.entries(lock).every(
    ([path, { version, integrity, optional, dev }]) =>
      path === '' ||
      optional || // for another platform; whether ours is there shows when the runtime starts
      (dev && !development) ||
      (present[path]?.version === version && present[path]?.integrity === integrity),
  );
}

/** True when somebody works on the project here: an install for starting must not take the tools away. */
function hasDevelopment(present) {
  return Object.values(present).some((entry) => entry.dev);
}

async function install(development) {
  const started = Date.now();
  process.stderr.write('Installing dependencies (once, about half a minute) …');
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const waiting = setTimeout(sayWhatFor, patience);
  const bounded = tries.map((option) => `--fetch-${option}`);
  const run = await ended(
    spawn('npm', ['ci', ...quiet, ...bounded, ...(development ? [] : ['--omit=dev'])], {
      cwd: project,
      // Set to "production" it would leave the development dependencies out even where they are asked for.
      env: { ...process.env, NODE_ENV: 'development' },
    }),
  );
  clearTimeout(waiting);
  process.stderr.write(
    run.status === 0 ? ` done in ${Math.ceil((Date.now() - started) / 1000)} s.\n` : ' failed.\n',
  );
  if (run.status === 0) return;
  if (run.error?.code === 'ENOENT')
    stop('npm was not found: install it (it comes with Node), then run this again.');
  const output = run.output.trim();
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/.test(output)
  )
    stop(
      'The package registry cannot be reached: check the network (or "npm config get registry"), then run this again.',
    );
  if (/ENOSPC/.test(output)) stop('The disk is full: free about 400 MB, then run this again.');
  stop(`npm could not install the dependencies and said:\n${output}`);
}

/** What became of npm, and all that it said. */
function ended(child) {
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => {
        output += bytes;
      });
    child.on('error', (error) => resolve({ status: 1, error, output }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** Says that there seems to be no network, where the name of the registry is not found; a proxy would find it elsewhere. */
async function sayWhatFor() {
  const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org/';
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'npm_config_https_proxy'];
  if (!URL.canParse(registry) || proxies.some((name) => process.env[name])) return;
  const { hostname } = new URL(registry);
  await lookup(hostname).catch(() => {
    process.stderr.write(` ${hostname} cannot be found: is there a network? Still trying …`);
  });
}

function runtimeWorks() {
  const run = spawnSync(runtime, ['--version'], { encoding: 'utf8' });
  if (run.status !== 0) return false;
  const version = run.stdout.trim().split(/[.-]/).map(Number);
  for (const [index, least] of oldestRuntime.entries()) {
    if ((version[index] ?? 0) !== least) return (version[index] ?? 0) > least;
  }
  return true;
}

function stop(sentence) {
  console.error(sentence);
  process.exit(unavailable);
}
