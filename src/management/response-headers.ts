/** Headers of every answer of the management API: what this server is, and that any page with the key may read it. */

/** The peer's names, which its panels read. `0`: there are no plugins, and panels hide their pages about them. */
function serverHeaders(version: string): Record<string, string> {
  return {
    'x-cpa-version': `v${version}`,
    'x-cpa-commit': 'none',
    'x-cpa-build-date': 'unknown',
    'x-cpa-support-plugin': '0',
  };
}

/** Any origin: the key is a header that a page must know, never a cookie that a browser adds. */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'X-CPA-VERSION, X-CPA-COMMIT, X-CPA-BUILD-DATE, X-CPA-SUPPORT-PLUGIN, X-Request-Id, Location, Retry-After, ETag, Content-Disposition',
};

/** `*` covers neither Authorization (fetch.spec.whatwg.org) nor all browsers: the usual names are added. */
const preflightHeaders = {
  ...cors,
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type, X-Management-Key, If-Match, If-None-Match, *',
  'access-control-max-age': '600',
};

/** The answer to a preflight, which needs no key. */
export function preflightAnswer(): Response {
  return new Response(null, { status: 204, headers: preflightHeaders });
}

/** Lets any page read the answer; it is never kept by a cache. */
export function readable(response: Response): Response {
  for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/** With what panels read of the server, too. */
export function labelled(response: Response, version: string): Response {
  for (const [name, value] of Object.entries(serverHeaders(version))) response.headers.set(name, value);
  return readable(response);
}
