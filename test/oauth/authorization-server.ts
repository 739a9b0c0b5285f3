/** An authorization server that nobody here wrote (`oidc-provider`), and a person who signs in there. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import type { OAuthClient } from '../../src/oauth/client.ts';

export interface TestServer extends AsyncDisposable {
  /** A public client that must use PKCE, with scopes that give an id_token and a refresh token. */
  client: OAuthClient;
  /** Opens the address in a browser without a screen, signs in, consents; gives the page that it ends at. */
  signIn: (address: string) => Promise<Ended>;
  /** Types the code of a device sign-in and confirms it, or declines. */
  confirmDevice: (completeAddress: string, choice: 'confirm' | 'abort') => Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1: PKCE required, refresh tokens rotate, device flow on. */
export async function startAuthorizationServer(): Promise<TestServer> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'gateway',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        scope: 'openid email offline_access',
      },
    ],
    claims: { email: ['email'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com` }),
    }),
    issueRefreshToken: () => true,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', alg: 'RS256' }] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 600,
    },
  });
  const handle = provider.callback();
  http.on('request', (request, response) => void handle(request, response));
  return {
    client: {
      title: 'Example',
      authorizeUrl: `${issuer}/auth`,
      tokenUrl: `${issuer}/token`,
      deviceAuthorizationUrl: `${issuer}/device/auth`,
      userinfoUrl: `${issuer}/me`,
      clientId: 'gateway',
      clientSecret: undefined,
      scopes: ['openid', 'email', 'offline_access'],
      redirect: { host: '127.0.0.1', port: 0, path: '/callback' },
      pkce: true,
      devicePkce: false,
      // Without a consent there is no offline_access (OpenID Connect Core §11).
      authorizeParameters: { prompt: 'consent' },
      tokenRequest: 'form',
      clientAuthentication: 'none',
      refreshScopes: [],
      deviceDialect: 'rfc8628',
      headers: {},
    },
    signIn: async (url) => fillForms(await visit(new Map(), url)),
    async confirmDevice(url, choice) {
      const page = await visit(new Map(), url);
      await (choice === 'confirm'
        ? fillForms(page)
        : sendForm(page, await page.response.text(), { abort: 'yes' }));
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** The page that a browser ends at. */
export interface Ended {
  status: number;
  html: string;
}

type Cookies = Map<string, string>;

interface Visited {
  cookies: Cookies;
  url: string;
  response: Awaited<ReturnType<typeof fetch>>;
}

/** Follows redirects with cookies, as a browser does. */
async function visit(cookies: Cookies, url: string, init: RequestInit = {}): Promise<Visited> {
  let at = url;
  let request = init;
  for (let hops = 0; hops < 12; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, {
      ...request,
      redirect: 'manual',
      headers: { ...request.headers, cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined)
        value === '' ? cookies.delete(name) : cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399)
      return { cookies, url: at, response };
    at = new URL(location, at).href;
    request = {};
  }
  throw new Error('redirected too often');
}

/** Fills in and sends every form that comes, until a page has none. */
async function fillForms(first: Visited): Promise<Ended> {
  let page = first;
  for (let forms = 0; forms < 8; forms++) {
    const html = await page.response.text();
    const next = await sendForm(page, html);
    if (next === undefined) return { status: page.response.status, html };
    page = next;
  }
  throw new Error('more forms than expected');
}

/** Sends the form of a page, with any name and password; undefined where the page has none. */
async function sendForm(
  page: Visited,
  html: string,
  choice: Record<string, string> = {},
): Promise<Visited | undefined> {
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(html) ?? [];
  if (action === undefined) return undefined;
  const form = new URLSearchParams();
  for (const [input] of html.matchAll(/<input[^>]*>/g)) {
    const [, name] = / name="([^"]+)"/.exec(input) ?? [];
    const [, value] = / value="([^"]*)"/.exec(input) ?? [];
    if (name !== undefined) form.set(name, value ?? (name === 'login' ? 'ada' : 'any'));
  }
  for (const [name, value] of Object.entries(choice)) form.set(name, value);
  return visit(page.cookies, new URL(action, page.url).href, {
    method: 'POST',
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}
