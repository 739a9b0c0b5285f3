/** Keeps web pages of other sites away: what was said to the sandbox is nobody else's business. */
import { foreignPageOf, nameOfHost } from '../src/ground/foreign-page.ts';
import { isLoopback } from '../src/ground/loopback.ts';

/**
 * Whether a request comes from a page of another site, or under a name that such a page lets point here. A person's browser
 * is led to the pages of a sign-in from anywhere: those change nothing until their form is sent.
 */
export function isForeignPage({ method, headers, url }: Request): boolean {
  if (!isLoopback(nameOfHost(headers.get('host') ?? 'localhost'))) return true;
  if (foreignPageOf(headers) === undefined) return false;
  const led = method === 'GET' && !headers.has('origin') && headers.get('sec-fetch-mode') === 'navigate';
  return !(led && new URL(url).pathname.startsWith('/accounts/'));
}
