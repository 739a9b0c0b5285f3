/** Addresses of requests. */

// The path is found without parsing all of an address: every request is looked at several times.

/** Where it begins; -1 where there is none. Without a Host header (HTTP/1.0) there is a path and nothing before it. */
export function pathStart(url: string): number {
  return url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2);
}

/** The path as it was sent: nothing is decoded, and dots stay. */
export function pathOf(url: string): string {
  const start = pathStart(url);
  if (start < 0) return '/';
  const query = url.indexOf('?', start);
  return url.slice(start, query < 0 ? undefined : query);
}

/** The text that was escaped; what is escaped wrongly, as it is written: it matches no name. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
