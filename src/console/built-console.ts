/**
 * The console's files as browsers get them. From a checkout they are built with the first request (some 50 ms); the bundle
 * and the executable have them inside: `scripts/console-inside.ts` puts the finished files in the place of this module.
 */
export interface ConsoleFile {
  /** Below `/console/assets/`; the page itself is `index.html`. */
  name: string;
  type: string;
  /** Packed when it was built: no request waits for that. */
  gzip: Uint8Array<ArrayBuffer>;
}

export async function builtConsole(): Promise<ConsoleFile[]> {
  // Not a path that a bundler follows: what builds is no part of what was built.
  const builder = new URL('../../scripts/console-files.ts', import.meta.url).href;
  const { packedConsole }: { packedConsole(): Promise<ConsoleFile[]> } = await import(builder);
  return packedConsole();
}
