/** Keeps web pages of other sites away: what was said to the sandbox is nobody else's business. */

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d*)?$/i;

/**
 * Whether a request comes from a page of another site, or under a name that such a page lets point here. A person's browser
 * is led to the pages of a sign-in from anywhere: those change nothing until their form is sent.
 */
export function isForeignPage({ method, headers, url }: Request): boolean {
  const host = headers.get('host') ?? 'localhost';
  if (!loopback.test(host)) return true;
  const origin = headers.get('origin');
  if (origin !== null) return origin !== `http://${host}`;
  const site = headers.get('sec-fetch-site') ?? 'none';
  if (site === 'same-origin' || site === 'none') return false;
  const led = method === 'GET' && headers.get('sec-fetch-mode') === 'navigate';
  return !(led && new URL(url).pathname.startsWith('/accounts/'));
}

export function isOwnAddress(hostname: string): boolean {
  return loopback.test(hostname.includes(':') ? `[${hostname}]` : hostname);
}
