/**
 * `npm run build`: the whole program and its runtime as one executable, dist/cli-proxy-api. With `--release` it fails when
 * the table of models is stale or its prices are older than 60 days.
 */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildExecutable } from './release/executable.ts';

const project = join(import.meta.dir, '..');
const outfile = join(project, 'dist/cli-proxy-api');

// What is released must know the models of its day and what they cost; who builds for himself may build old sources.
if (process.argv.includes('--release')) {
  const age = [process.execPath, join(project, 'scripts/models.ts'), '--check', '--check-age'];
  if (Bun.spawnSync(age, { stderr: 'inherit' }).exitCode !== 0) process.exit(1);
}

const started = performance.now();
try {
  await buildExecutable(outfile);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error('The build failed: see above.');
  process.exit(1);
}

const check = Bun.spawnSync([outfile, '--version']);
if (check.exitCode !== 0) {
  console.error(`The built program does not run: ${check.stderr.toString().trim()}`);
  process.exit(1);
}
const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${check.stdout.toString().trim()}: ${relative(process.cwd(), outfile)}, ${megabytes} MB, in ${seconds} s

It needs nothing else: copy it anywhere and run it.
  ${relative(process.cwd(), outfile)} serve
  CLI_PROXY_API_BIN=${relative(process.cwd(), outfile)} npm test -- ./test    (the end-to-end tests against it)`);
