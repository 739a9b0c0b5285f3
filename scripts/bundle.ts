/**
 * Makes the bundle that `bin/cli-proxy-api` starts from, unless there is one of these very sources; `install.mjs` runs it
 * before each `npm start`. Where it cannot be made or kept, the program starts from its sources, only later.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bundleName, bundlesFolder } from '../src/bundle-place.ts';
import { consoleInside } from './console-inside.ts';

const project = join(import.meta.dir, '..');
const folder = bundlesFolder(project);
const name = bundleName(project);
/** Bundles that stay beside the new one: a gateway that still runs reads what it needs for the first time, as the console, from its own. */
const othersKept = 2;

/** What a start begins the name of a bundle with that it makes, and ms after which such a start has been ended before it was done. */
const unfinished = '.new-';
const longestMaking = 3600_000;

if (existsSync(join(folder, name))) stays();
else await make();

/** Bundles go by when they were started last: one that is older than others may be what is about to run. */
function stays(): void {
  const now = new Date();
  try {
    utimesSync(join(folder, name), now, now);
  } catch {
    // Where nothing can be written, nothing is removed either.
  }
}

/**
 * Split, so that a start reads and keeps in memory what it needs and no other command's code. Not compiled beforehand: that
 * exists here for a format only in which what one file takes from another is looked up at each use, on the hot path too.
 */
async function make(): Promise<void> {
  const outdir = join(folder, `${unfinished}${process.pid}`);
  mkdirSync(outdir, { recursive: true });
  await Bun.build({
    entrypoints: [join(project, 'src/main.ts')],
    outdir,
    naming: '[name].[ext]',
    target: 'bun',
    format: 'esm',
    splitting: true,
    minify: true,
    sourcemap: 'linked',
    plugins: [await consoleInside()],
  });
  for (const map of readdirSync(outdir).filter((file) => file.endsWith('.map')))
    withoutSources(join(outdir, map));
  // Sources that changed while they were read are bundled by the next start; another start may have been faster.
  if (bundleName(project) === name && !existsSync(join(folder, name))) renameSync(outdir, join(folder, name));
  else rmSync(outdir, { recursive: true, force: true });
  for (const other of olderBundles().slice(othersKept))
    rmSync(join(folder, other), { recursive: true, force: true });
}

/** Errors name the lines of the sources, which are there to be read: the runtime need not load them with the names. */
function withoutSources(map: string): void {
  const whole: { sources: string[] } = JSON.parse(readFileSync(map, 'utf8'));
  writeFileSync(map, JSON.stringify({ ...whole, sourcesContent: whole.sources.map(() => null) }));
}

/** The other bundles, the latest first. What another start is making is none yet, and goes where that was ended before. */
function olderBundles(): string[] {
  const usedAt = (other: string): number =>
    statSync(join(folder, other), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isBundle = (other: string): boolean =>
    !other.startsWith(unfinished) || usedAt(other) < Date.now() - longestMaking;
  return readdirSync(folder)
    .filter((other) => other !== name && isBundle(other))
    .sort(
      (a, b) => Number(a.startsWith(unfinished)) - Number(b.startsWith(unfinished)) || usedAt(b) - usedAt(a),
    );
}
