/** The whole program and its runtime as one executable. */
import { join, resolve } from 'node:path';
import { consoleInside } from '../console-inside.ts';

const project = join(import.meta.dir, '../..');

/** Writes the executable for this computer, or for `target`. Throws with what the build said. */
export async function buildExecutable(outfile: string, target?: Bun.Build.CompileTarget): Promise<void> {
  const before = process.cwd();
  const place = resolve(outfile);
  // The names of the pieces are digests of their paths, too, as seen from here: elsewhere the same sources had other names.
  process.chdir(project);
  try {
    await build(place, target);
  } finally {
    process.chdir(before);
  }
}

async function build(outfile: string, target: Bun.Build.CompileTarget | undefined): Promise<void> {
  const result = await Bun.build({
    entrypoints: [join(project, 'src/main.ts')],
    target: 'bun',
    minify: true,
    // Compiled beforehand: 6 MB more of 110, and starts in a third of the time.
    format: 'esm',
    bytecode: true,
    // What a command does not need is not in its memory: 6 MB of 78 at rest.
    splitting: true,
    sourcemap: 'none',
    plugins: [await consoleInside()],
    // Some packages ask where they lie: it would be where they lay when this was built, and nobody could build the same.
    define: { __dirname: '"/program"', __filename: '"/program/file"' },
    // A bunfig.toml or .env in the directory it is run from belongs to another project.
    compile: {
      ...(target !== undefined && { target }),
      outfile,
      autoloadBunfig: false,
      autoloadDotenv: false,
    },
    throw: false,
  });
  if (!result.success) throw new Error(result.logs.map(String).join('\n'));
}
