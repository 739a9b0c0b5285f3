import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program in one file, for tests that start it hundreds of times: it is up in a third of the time. */
export interface Bundled extends Disposable {
  file: string;
}

/** Bundles the program at `entry` with all that it imports; gone at the end of the scope. */
export async function bundled(entry: string): Promise<Bundled> {
  const outdir = await mkdtemp(join(tmpdir(), 'bundled-'));
  const { outputs } = await Bun.build({ entrypoints: [entry], outdir, target: 'bun', minify: true });
  const [output] = outputs;
  if (output === undefined) throw new Error(`${entry} gave no program`);
  return { file: output.path, [Symbol.dispose]: () => rmSync(outdir, { recursive: true, force: true }) };
}
