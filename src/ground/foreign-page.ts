/** Requests that web pages of other sites make a browser send. */

/** The name in a Host header, without its port: RFC 9110 §7.2. */
export function nameOfHost(host: string): string {
  return host.replace(/:\d*$/, '');
}

/**
 * The origin or the kind of site of the page elsewhere that sent a request; undefined for a program, for a page of this
 * very server, and for one of the `allowed` origins (in lower case, `*` for all). Sources: RFC 6454 §7, Fetch Metadata (W3C).
 */
export function foreignPageOf(
  headers: Headers,
  allowed: ReadonlySet<string> = new Set(),
): string | undefined {
  const host = headers.get('host')?.toLowerCase() ?? '';
  const origin = headers.get('origin')?.toLowerCase();
  if (origin !== undefined) {
    if (allowed.has(origin) || allowed.has('*')) return undefined;
    if (origin !== `http://${host}` && origin !== `https://${host}`) return origin;
  }
  // Requests that a page makes without an Origin, such as for images, still carry the site.
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none' ? undefined : (origin ?? site);
}
