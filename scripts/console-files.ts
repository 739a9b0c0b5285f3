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

export async function consoleFiles(): Promise<ConsoleFile[]> {
  const built = await Bun.build({
    entrypoints: ['main.tsx', 'theme.ts', 'style.css'].map((name) => join(folder, name)),
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
    built.outputs.map(async (output): Promise<ConsoleFile> => {
      const name = output.path.replace(/^.*\//, '');
      const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      return { name, type, content: await output.text() };
    }),
  );
  return [{ name: 'index.html', type: 'text/html; charset=utf-8', content: page(files) }, ...files];
}

/** The page, with the names of the files of this build. */
function page(files: readonly ConsoleFile[]): string {
  const nameOf = (start: string, end: string): string => {
    const found = files.find(({ name }) => name.startsWith(`${start}-`) && name.endsWith(end));
    if (found === undefined) throw new Error(`The console's ${start}${end} was not built.`);
    return `{root}assets/${found.name}`;
  };
  return readFileSync(join(folder, 'index.html'), 'utf8')
    .replace('{theme}', nameOf('theme', '.js'))
    .replace('{style}', nameOf('style', '.css'))
    .replace('{main}', nameOf('main', '.js'));
}
