/** Builds the console: its sources as the files that browsers get. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleFile } from '../src/console/built-console.ts';

const folder = join(import.meta.dir, '../console');

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file before it is packed. */
export interface BuiltFile extends Pick<ConsoleFile, 'name' | 'type'> {
  content: string;
}

/** What stands in the page itself: the first paint waits for no other file. */
const inPage = { style: 'style', script: 'before-paint' } as const;

export async function consoleFiles(): Promise<BuiltFile[]> {
  const built = await Bun.build({
    entrypoints: ['main.tsx', 'before-paint.ts', 'style.css'].map((name) => join(folder, name)),
    target: 'browser',
    format: 'esm',
    minify: true,
    splitting: true,
    sourcemap: 'none',
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfig: join(folder, 'tsconfig.json'),
  });
  const files = await Promise.all(
    built.outputs.map(async (output): Promise<BuiltFile & { isChunk: boolean }> => {
      const name = output.path.replace(/^.*\//, '');
      const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      return { name, type, content: await output.text(), isChunk: output.kind === 'chunk' };
    }),
  );
  const named = (start: string): BuiltFile => {
    const found = files.find(({ name, isChunk }) => !isChunk && name.startsWith(`${start}-`));
    if (found === undefined) throw new Error(`The console's ${start} was not built.`);
    return found;
  };
  const [style, script, main] = [named(inPage.style), named(inPage.script), named('main')];
  const content = readFileSync(join(folder, 'index.html'), 'utf8')
    .replaceAll('{main}', `{root}assets/${main.name}`)
    .replace('<!-- also preloaded -->', importedBy(main, files).map(preload).join(''))
    // As functions: in a text `$` would mean something.
    .replace('<!-- before-paint.ts -->', () => `<script>${script.content}</script>`)
    .replace('<!-- style.css -->', () => `<style>${style.content}</style>`);
  return [
    { name: 'index.html', type: 'text/html; charset=utf-8', content },
    ...files
      .filter((file) => file !== style && file !== script)
      .map(({ name, type, content }) => ({ name, type, content })),
  ];
}

/** The same as they are sent. */
export async function packedConsole(): Promise<ConsoleFile[]> {
  const files = await consoleFiles();
  return files.map(({ name, type, content }) => ({
    name,
    type,
    gzip: Bun.gzipSync(content, { level: 9 }),
  }));
}

/** Whatever must be there before `file` runs. */
function importedBy(file: BuiltFile, files: readonly BuiltFile[], found = new Set<BuiltFile>()): BuiltFile[] {
  for (const [, name] of file.content.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
    const imported = files.find((one) => one.name === name);
    if (imported === undefined || found.has(imported)) continue;
    found.add(imported);
    importedBy(imported, files, found);
  }
  return [...found];
}

const preload = ({ name }: BuiltFile): string => `<link rel="modulepreload" href="{root}assets/${name}">`;
