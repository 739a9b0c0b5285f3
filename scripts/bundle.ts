/**
 * Makes the bundle that `bin/cli-proxy-api` starts from, unless there is one of these very sources; `install.mjs` runs it
 * before each `npm start`. Where it cannot be made or kept, the program starts from its sources, only later.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleName, bundlesFolder } from '../src/bundle-place.ts';
import { consoleInside } from './console-inside.ts';

const project = join(import.meta.dir, '..');
const folder = bundlesFolder(project);
const name = bundleName(project);
if (!existsSync(join(folder, name))) await make();

async function make(): Promise<void> {
  const outdir = join(folder, `.new-${process.pid}`);
  mkdirSync(outdir, { recursive: true });
  await Bun.build({
    entrypoints: [join(project, 'src/main.ts')],
    outdir,
    target: 'bun',
    // The compiled form of a file that is no executable exists for this format only.
    format: 'cjs',
    bytecode: true,
    minify: true,
    sourcemap: 'linked',
    plugins: [await consoleInside()],
  });
  withoutSources(join(outdir, 'main.js.map'));
  // Sources that changed while they were read are bundled by the next start.
  if (bundleName(project) === name) renameSync(outdir, join(folder, name));
  for (const other of readdirSync(folder))
    if (other !== name) rmSync(join(folder, other), { recursive: true, force: true });
}

/** Errors name the lines of the sources, which are there to be read: the runtime need not load them with the names. */
function withoutSources(map: string): void {
  const whole: { sources: string[] } = JSON.parse(readFileSync(map, 'utf8'));
  writeFileSync(map, JSON.stringify({ ...whole, sourcesContent: whole.sources.map(() => null) }));
}
