/** The files of the console: pages of any name are the one page, whose scripts read the address. */

import { problem } from './answers.ts';
import { builtConsole, type ConsoleFile } from './built-console.ts';

const immutable = 'public, max-age=31536000, immutable';

interface Packed {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer>;
}

export interface Pages {
  /** `path` is what stands behind `/console/`. */
  answer(path: string, headers: Headers): Promise<Response>;
}

export function consolePages(): Pages {
  let loading: Promise<ReadonlyMap<string, Packed>> | undefined;

  async function load(): Promise<ReadonlyMap<string, Packed>> {
    const files = await builtConsole();
    return new Map(files.map((file) => [file.name, packed(file)]));
  }

  async function answer(path: string, headers: Headers): Promise<Response> {
    loading ??= load();
    const files = await loading;
    if (path.startsWith('assets/')) {
      const file = files.get(path.slice('assets/'.length));
      return file === undefined
        ? problem(404, 'not_found', 'There is no such file in the console.')
        : sent(file, headers, { 'cache-control': immutable });
    }
    // No page's name has a dot: what has one is a file, and here are none.
    if (path.split('/')[0]?.includes('.'))
      return problem(404, 'not_found', 'There is no such file in the console.');
    const page = files.get('index.html');
    if (page === undefined) return problem(500, 'not_built', 'The console could not be built.');
    // Behind a reverse proxy's own folder all addresses must be relative, from however deep a page.
    const up = '../'.repeat(path.split('/').length - 1);
    const text = new TextDecoder().decode(page.plain).replaceAll('{root}', up === '' ? './' : up);
    const whole = packed({ name: 'index.html', type: page.type, content: text });
    return sent(whole, headers, { 'cache-control': 'no-cache' });
  }

  return { answer };
}

function packed({ type, content }: ConsoleFile): Packed {
  const plain = new TextEncoder().encode(content);
  return { type, plain, gzip: Bun.gzipSync(plain, { level: 9 }) };
}

function sent({ type, plain, gzip }: Packed, headers: Headers, more: Record<string, string>): Response {
  const etag = `"${Bun.hash(plain).toString(36)}"`;
  if (headers.get('if-none-match') === etag)
    return new Response(null, { status: 304, headers: { etag, ...more } });
  const asGzip = /\bgzip\b/.test(headers.get('accept-encoding') ?? '');
  return new Response(asGzip ? gzip : plain, {
    headers: {
      'content-type': type,
      etag,
      vary: 'accept-encoding',
      ...(asGzip && { 'content-encoding': 'gzip' }),
      ...more,
    },
  });
}
