/** Puts the finished console into a program that is bundled or compiled. */
import type { BunPlugin } from 'bun';
import { consoleFiles } from './console-files.ts';

/** Ready before the program's own build begins: one build does not run inside another. */
export async function consoleInside(): Promise<BunPlugin> {
  const files = JSON.stringify(await consoleFiles());
  return {
    name: 'console-inside',
    setup(build) {
      build.onLoad({ filter: /[/\\]src[/\\]console[/\\]built-console\.ts$/ }, () => ({
        contents: `const files = ${JSON.stringify(files)};\nexport const builtConsole = async () => JSON.parse(files);`,
        loader: 'ts',
      }));
    },
  };
}
