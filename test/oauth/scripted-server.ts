/** A server on this computer that answers as a test says and remembers what it was asked; a client and a world for it. */
import type { OAuthClient, OAuthDeps } from '../../src/oauth/client.ts';

export interface Heard {
  method: string;
  path: string;
  headers: Headers;
  body: string;
  /** The body read as a form. */
  form: Record<string, string>;
}

export interface ScriptedServer extends AsyncDisposable {
  url: string;
  heard: Heard[];
}

/** `answer` gets the request and how many came before it. */
export function scriptedServer(answer: (heard: Heard, before: number) => Response): ScriptedServer {
  const heard: Heard[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    reusePort: false,
    async fetch(request) {
      const body = await request.text();
      const one: Heard = {
        method: request.method,
        path: new URL(request.url).pathname,
        headers: request.headers,
        body,
        form: Object.fromEntries(new URLSearchParams(body)),
      };
      heard.push(one);
      return answer(one, heard.length - 1);
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ''),
    heard,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** Tokens as RFC 6749 §5.1 has them. */
export const someTokens = {
  access_token: 'access-1',
  refresh_token: 'refresh-1',
  token_type: 'Bearer',
  expires_in: 3600,
} as const;

/** A standard client of the server at `url`; its browser comes back to any free port. */
export function clientAt(url: string, departures: Partial<OAuthClient> = {}): OAuthClient {
  return {
    title: 'Example',
    authorizeUrl: `${url}/authorize`,
    tokenUrl: `${url}/token`,
    deviceAuthorizationUrl: `${url}/device`,
    userinfoUrl: undefined,
    clientId: 'client-1',
    clientSecret: undefined,
    scopes: ['openid', 'email'],
    redirect: { host: '127.0.0.1', port: 0, path: '/callback' },
    pkce: true,
    devicePkce: false,
    authorizeParameters: {},
    tokenRequest: 'form',
    clientAuthentication: 'none',
    refreshScopes: [],
    deviceDialect: 'rfc8628',
    headers: {},
    ...departures,
  };
}

/** Where the clocks of these tests begin, in milliseconds since the epoch. */
export const start = Date.UTC(2026, 10, 23);

/** A world in which waiting takes no time but moves the clock; `waited` has the seconds. */
export function hurriedDeps(): OAuthDeps & { waited: number[] } {
  const waited: number[] = [];
  let now = start;
  return {
    fetch,
    userAgent: 'cli-proxy-api/0.0.0',
    now: () => now,
    wait: async (milliseconds) => {
      waited.push(milliseconds / 1000);
      now += milliseconds;
    },
    waited,
  };
}

/** A world in which nothing runs out of time: waiting ends only by its signal. */
export function patientDeps(): OAuthDeps {
  return {
    fetch,
    userAgent: 'cli-proxy-api/0.0.0',
    now: () => start,
    wait: (_milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => resolve());
      }),
  };
}
