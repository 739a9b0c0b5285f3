/** Which requests are for the console: asked of every request, while the console itself is loaded with its first one. */

import { pathStart } from '../ground/url-path.ts';

const folder = '/console';
const oldPlace = '/management.html';
const c = 0x63;
const m = 0x6d;

/** By the path alone: a query may hold any text. Addresses of inference begin with `/v`. */
export function isConsole(url: string): boolean {
  const first = url.charCodeAt(pathStart(url) + 1);
  if (first !== c && first !== m) return false;
  const { pathname } = new URL(url, 'http://gateway');
  return pathname === folder || pathname.startsWith(`${folder}/`) || pathname === oldPlace;
}
