/** The files of the console: pages of any name are the one page, whose scripts read the address. */

import { guardedAnswer, problem } from './answers.ts';
import { builtConsole, type ConsoleFile } from './built-console.ts';
import { isPage } from './page-names.ts';

const immutable = 'public, max-age=31536000, immutable';
/** Pages are remembered by how deep they are; no page of the console is deeper. */
const deepest = 4;

/** The one page, as it is from some depth. */
interface PageAt extends ConsoleFile {
  /** Digests of its inline parts: the policy allows these and nothing else. */
  inPage: { scripts: readonly string[]; styles: readonly string[] };
}

export interface Pages {
  /** `path` is the part after `/console/`. */
  answer(path: string, headers: Headers): Promise<Response>;
}

export function consolePages(): Pages {
  let loading: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;
  const pages = new Map<number, PageAt>();

  async function load(): Promise<ReadonlyMap<string, ConsoleFile>> {
    return new Map((await builtConsole()).map((file) => [file.name, file]));
  }

  function pageAt(depth: number, page: ConsoleFile): PageAt {
    const known = pages.get(depth);
    if (known !== undefined) return known;
    // Behind a reverse proxy's own folder all addresses must be relative, from however deep a page.
    const root = depth === 0 ? './' : '../'.repeat(depth);
    const text = plain(page).replaceAll('{root}', root);
    const made = {
      ...page,
      gzip: Bun.gzipSync(text, { level: 9 }),
      inPage: { scripts: digests(text, 'script'), styles: digests(text, 'style') },
    };
    if (depth <= deepest) pages.set(depth, made);
    return made;
  }

  async function answer(path: string, headers: Headers): Promise<Response> {
    loading ??= load();
    const files = await loading;
    if (path.startsWith('assets/')) {
      const file = files.get(path.slice('assets/'.length));
      return guardedAnswer(file === undefined ? noSuchFile() : sent(file, headers, immutable));
    }
    // No page's name has a dot: what has one is a file, and here are none.
    if (path.split('/')[0]?.includes('.')) return guardedAnswer(noSuchFile());
    const page = files.get('index.html');
    if (page === undefined)
      return guardedAnswer(problem(500, 'not_built', 'The console could not be built.'));
    const found = pageAt(path.split('/').length - 1, page);
    // The page itself shows that it does not exist, in the user's language.
    const answer = isPage(path) ? sent(found, headers, 'no-cache') : missing(found, headers);
    return guardedAnswer(answer, found.inPage);
  }

  return { answer };
}

const noSuchFile = (): Response => problem(404, 'not_found', 'There is no such file in the console.');

const plain = ({ gzip }: ConsoleFile): string => new TextDecoder().decode(Bun.gunzipSync(gzip));

/** Sources for the policy, of the contents of these elements; those with an address have no content. */
function digests(text: string, element: 'script' | 'style'): string[] {
  return [...text.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(
    ([, content = '']) => `sha256-${new Bun.CryptoHasher('sha256').update(content).digest('base64')}`,
  );
}

/** The page with status 404, which is not cached. */
function missing(page: ConsoleFile, headers: Headers): Response {
  const asked = new Headers(headers);
  asked.delete('if-none-match');
  const { body, headers: said } = sent(page, asked, 'no-store');
  said.delete('etag');
  return new Response(body, { status: 404, headers: said });
}

function sent(file: ConsoleFile, headers: Headers, cache: string): Response {
  const { type, gzip } = file;
  const etag = `"${Bun.hash(gzip).toString(36)}"`;
  if (headers.get('if-none-match') === etag)
    return new Response(null, { status: 304, headers: { etag, 'cache-control': cache } });
  const asGzip = /\bgzip\b/.test(headers.get('accept-encoding') ?? '');
  return new Response(asGzip ? gzip : plain(file), {
    headers: {
      'content-type': type,
      etag,
      vary: 'accept-encoding',
      ...(asGzip && { 'content-encoding': 'gzip' }),
      'cache-control': cache,
    },
  });
}
