/** The cookie of the console's sessions. */

const name = 'cli_proxy_api_console';
const pattern = new RegExp(`^${name}(?:_\\d+)?$`);
/** Cookies that are looked at; the browser sends the one with the longest path first. */
const most = 8;

/**
 * Sets the secret, or takes it away with 0 `seconds`. Without a path of its own it holds for the folder that the browser sees, also
 * behind a reverse proxy's own. Cookies know no port: with it in the name, two gateways on one host do not sign each other out.
 */
export function withCookie(response: Response, secret: string, request: Request, seconds: number): Response {
  const isSecure = request.url.startsWith('https:') || request.headers.get('x-forwarded-proto') === 'https';
  const port = /:(\d{1,5})$/.exec(request.headers.get('host') ?? '')?.[1];
  response.headers.set(
    'set-cookie',
    `${name}${port === undefined ? '' : `_${port}`}=${secret}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`,
  );
  return response;
}

/** What the console's cookies hold, whichever port their names have: a proxy may show replicas another one than browsers. */
export function secretsIn(headers: Headers): string[] {
  const found = (headers.get('cookie')?.split(';') ?? []).flatMap((pair) => {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    return value !== '' && pattern.test(key) ? [value] : [];
  });
  return [...new Set(found)].slice(0, most);
}
