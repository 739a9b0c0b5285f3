/** Whether a request to the console's API comes from the console's own pages, and not from another site's. */

/**
 * Pages of other sites can make a browser send requests, also with a session's cookie where it is old. They cannot set
 * `X-Console`, and they cannot change the browser's headers about the origin of a request. `stream`: an EventSource, which sets no
 * headers.
 */
export function isOwnRequest({ headers }: Request, stream: boolean): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin !== null && hostOf(origin) !== headers.get('host')) return false;
  return stream ? site === 'same-origin' : headers.get('x-console') === '1';
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
