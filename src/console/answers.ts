/** What the console's server answers: JSON, errors as one sentence, and the headers that keep other sites out. */

import { withShortLines } from '../ground/shortened.ts';

/** Digests of inline scripts and styles of a page. */
interface InPage {
  scripts: readonly string[];
  styles: readonly string[];
}

/** What a page may load and run: its own files, and its inline parts while unchanged. */
function policy({ scripts, styles }: InPage): string {
  const self = (digests: readonly string[]): string =>
    ["'self'", ...digests.map((digest) => `'${digest}'`)].join(' ');
  return `default-src 'none'; script-src ${self(scripts)}; style-src ${self(styles)}; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`;
}

/** On every answer below `/console`. */
const guarded: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** The answer with those headers. */
export function guardedAnswer(response: Response, inPage: InPage = { scripts: [], styles: [] }): Response {
  response.headers.set('content-security-policy', policy(inPage));
  for (const [name, value] of Object.entries(guarded)) response.headers.set(name, value);
  return response;
}

/** JSON that no cache keeps. */
export function data(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** `error` is a sentence that a person can act on, `code` a word for the page. */
export function problem(status: number, code: string, error: string): Response {
  return data({ error: withShortLines(error), code }, status);
}
