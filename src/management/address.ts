/** Which requests are for the management, by their path alone: a query may hold any text. */
import { pathOf, pathStart } from '../ground/url-path.ts';
import type { Api } from './route.ts';

/** Where the parts of the API begin. */
export const bases: Readonly<Record<Api, string>> = {
  v0: '/v0/management/',
  v8: '/v8/management/',
  root: '/',
};

/** Where providers send a browser after a sign-in that began at the management: no key, and no base. */
export const callbackPaths: ReadonlySet<string> = new Set([
  '/anthropic/callback',
  '/codex/callback',
  '/google/callback',
  '/iflow/callback',
  '/antigravity/callback',
]);

const v = 0x76;
const digit0 = 0x30;
const digit8 = 0x38;

/** Whether a request is for the management. Asked of every request: nearly all begin with `/v1`. Nothing else is below `/v0` and `/v8`. */
export function isManagement(url: string): boolean {
  const start = pathStart(url);
  if (url.charCodeAt(start + 1) !== v) return start >= 0 && callbackPaths.has(pathOf(url));
  const digit = url.charCodeAt(start + 2);
  if (digit !== digit0 && digit !== digit8) return false;
  return /^\/v[08](?:\/|$)/.test(pathOf(url));
}

/** Whether it is for an address that the management could have. */
export function isBelowBase(url: string): boolean {
  const start = pathStart(url);
  return url.startsWith(bases.v0, start) || url.startsWith(bases.v8, start) || callbackPaths.has(pathOf(url));
}
