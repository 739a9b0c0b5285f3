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
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import remapping from '@jridgewell/remapping';
import { bundleName, bundlesFolder } from '../src/bundle-place.ts';
import { consoleInside } from './console-inside.ts';

const project = join(import.meta.dir, '..');
const folder = bundlesFolder(project);
const name = bundleName(project);
/** Bundles that stay beside the new one: a gateway that still runs reads what it needs for the first time, as the console, from its own. */
const othersKept = 2;

if (!existsSync(join(folder, name))) await make();

/**
 * Two steps, as the compiled form of files that are no executables exists for one format only, which is never split. Split it
 * is so that a start reads and keeps in memory what it needs and no other command's code.
 */
async function make(): Promise<void> {
  const outdir = join(folder, `.new-${process.pid}`);
  const split = join(outdir, 'split');
  const shared = { target: 'bun', minify: true, sourcemap: 'linked', naming: '[name].[ext]' } as const;
  mkdirSync(outdir, { recursive: true });
  await Bun.build({
    ...shared,
    entrypoints: [join(project, 'src/main.ts')],
    outdir: split,
    format: 'esm',
    splitting: true,
    plugins: [await consoleInside()],
  });
  const chunks = readdirSync(split).filter((name) => name.endsWith('.js'));
  await Bun.build({
    ...shared,
    entrypoints: chunks.map((name) => join(split, name)),
    outdir,
    format: 'cjs',
    bytecode: true,
    define: { 'import.meta.require': 'require' },
    plugins: [{ name: 'chunks-stay-apart', setup: leaveChunksApart }],
  });
  for (const name of chunks) joinMaps(join(outdir, `${name}.map`), split);
  rmSync(split, { recursive: true });
  // Sources that changed while they were read are bundled by the next start.
  if (bundleName(project) === name) renameSync(outdir, join(folder, name));
  for (const other of olderBundles().slice(othersKept))
    rmSync(join(folder, other), { recursive: true, force: true });
}

/** The other bundles, the latest first. */
function olderBundles(): string[] {
  const made = (other: string): number => statSync(join(folder, other)).mtimeMs;
  return readdirSync(folder)
    .filter((other) => other !== name)
    .sort((a, b) => made(b) - made(a));
}

/** Each chunk asks for the others by their names, as they lie beside it. */
function leaveChunksApart(build: Bun.PluginBuilder): void {
  build.onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ path, importer }) =>
    importer === '' ? undefined : { path, external: true },
  );
}

/**
 * Makes of a chunk's map, which leads to the chunk of the first step, one that leads to the sources. Errors name their lines;
 * they are there to be read, so the runtime need not load them with the names.
 */
function joinMaps(map: string, split: string): void {
  const before = (source: string): string | null => {
    const file = join(split, `${basename(source)}.map`);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  };
  const joined = remapping(readFileSync(map, 'utf8'), before, { excludeContent: true });
  // The runtime takes no map without the list.
  writeFileSync(map, JSON.stringify({ ...joined, sourcesContent: joined.sources.map(() => null) }));
}
