/** Puts the finished console into a program that is bundled or compiled. */
import type { BunPlugin } from 'bun';
import { packedConsole } from './console-files.ts';

/** Ready before the program's own build begins: one build does not run inside another. */
export async function consoleInside(): Promise<BunPlugin> {
  const packed = await packedConsole();
  const files = JSON.stringify(
    packed.map(({ name, type, gzip }) => ({ name, type, gzip: Buffer.from(gzip).toString('base64') })),
  );
  return {
    name: 'console-inside',
    setup(build) {
      build.onLoad({ filter: /[/\\]src[/\\]console[/\\]built-console\.ts$/ }, () => ({
        contents: `const files = ${JSON.stringify(files)};
export const builtConsole = async () =>
  JSON.parse(files).map((file) => ({ ...file, gzip: new Uint8Array(Buffer.from(file.gzip, 'base64')) }));`,
        loader: 'ts',
      }));
    },
  };
}
