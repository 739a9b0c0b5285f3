import { afterAll, beforeAll, expect, test } from 'bun:test';
import { exchangeCode } from '../../src/oauth/authorization-code.ts';
import { authorizationUrl } from '../../src/oauth/authorization-request.ts';
import { type BrowserSignIn, signInWithBrowser } from '../../src/oauth/browser-sign-in.ts';
import type { OAuthClient } from '../../src/oauth/client.ts';
import { signInWithDevice } from '../../src/oauth/device-sign-in.ts';
import type { GrantResult, TokenReply } from '../../src/oauth/grant.ts';
import { idTokenClaims } from '../../src/oauth/id-token.ts';
import { newPkce } from '../../src/oauth/pkce.ts';
import { refreshTokens } from '../../src/oauth/refresh-tokens.ts';
import { type Ended, startAuthorizationServer, type TestServer } from './authorization-server.ts';
import { hurriedDeps, patientDeps } from './scripted-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Signs in as a person does with a browser, and gives the page at the end too. */
async function signIn(
  client: OAuthClient,
  reach: (address: string) => string = (address) => address,
  options: Partial<BrowserSignIn> = {},
): Promise<{ grant: GrantResult; page: string }> {
  const ends = Promise.withResolvers<Ended>();
  const grant = await signInWithBrowser(
    client,
    {
      pasted: undefined,
      onAddress: (address) => server.signIn(reach(address)).then(ends.resolve, ends.reject),
      ...options,
    },
    patientDeps(),
  );
  return { grant, page: (await ends.promise).html };
}

function tokensOf(grant: GrantResult): TokenReply {
  if (!grant.ok) throw new Error(grant.failure.message);
  return grant.tokens;
}

function failureOf(grant: GrantResult) {
  if (grant.ok) throw new Error('tokens came where a failure was expected');
  const { kind, message } = grant.failure;
  return { kind, message };
}

test('the browser sign-in is accepted, and its page says so', async () => {
  const { grant, page } = await signIn(server.client);
  const tokens = tokensOf(grant);
  expect(tokens).toMatchObject({ tokenType: 'Bearer', scope: 'openid email offline_access' });
  expect(tokens.refreshToken).toBeString();
  expect(idTokenClaims(tokens.idToken ?? '')).toMatchObject({ sub: 'ada', email: 'ada@example.com' });
  expect(page).toContain('Signed in to Example');
});

test('a browser that ends elsewhere is no hindrance: the pasted address is enough', async () => {
  const pasted = Promise.withResolvers<string>();
  const elsewhere = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      pasted.resolve(request.url);
      return new Response('unreachable in truth');
    },
  });
  try {
    const { grant } = await signIn(
      {
        ...server.client,
        redirect: { host: '127.0.0.1', port: elsewhere.port ?? 0, path: '/callback' },
      },
      undefined,
      {
        listenPort: 0,
        pasted: (async function* () {
          yield await pasted.promise;
        })(),
      },
    );
    expect(tokensOf(grant).accessToken).toBeString();
  } finally {
    await elsewhere.stop(true);
  }
});

test('a refresh is accepted once; a refresh token that was spent already means signing in again', async () => {
  const first = tokensOf((await signIn(server.client)).grant);
  const spent = first.refreshToken ?? '';
  const second = tokensOf(await refreshTokens(server.client, spent, patientDeps()));
  expect(second.refreshToken).not.toBe(spent);
  expect(second.accessToken).not.toBe(first.accessToken);

  const again = failureOf(await refreshTokens(server.client, spent, patientDeps()));
  expect(again.kind).toBe('sign-in-again');
  expect(again.message).toStartWith('Example no longer accepts this sign-in. Sign in again.');
  expect(again.message).not.toContain(spent);
  // Reuse revokes what came of the token too (RFC 9700 §4.14.2).
  const heir = await refreshTokens(server.client, second.refreshToken ?? '', patientDeps());
  expect(failureOf(heir).kind).toBe('sign-in-again');
});

/** A world in which the token request is changed on its way. */
const tampering = (name: string, value: string) => ({
  ...patientDeps(),
  fetch: (url: string, init: RequestInit) => {
    const form = new URLSearchParams(String(init.body));
    form.set(name, value);
    return fetch(url, { ...init, body: form });
  },
});

/** A code that the server has just given, with all that its exchange needs. */
async function codeInHand() {
  const arrived = Promise.withResolvers<URL>();
  const listener = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      arrived.resolve(new URL(request.url));
      return new Response('thank you');
    },
  });
  const pkce = await newPkce();
  const redirectUri = `http://127.0.0.1:${listener.port}/callback`;
  const { client } = server;
  await server.signIn(
    authorizationUrl(client, client.authorizeUrl ?? '', { redirectUri, state: 'any', pkce }),
  );
  const code = (await arrived.promise).searchParams.get('code') ?? '';
  await listener.stop(true);
  return { code, state: undefined, redirectUri, verifier: pkce.verifier };
}

test('a code in hand is exchanged once', async () => {
  const exchange = await codeInHand();
  expect((await exchangeCode(server.client, exchange, patientDeps())).ok).toBe(true);
  expect(failureOf(await exchangeCode(server.client, exchange, patientDeps())).kind).toBe('refused');
});

const tampered: { what: string; name: string; value: string }[] = [
  { what: 'verifier', name: 'code_verifier', value: 'v'.repeat(43) },
  { what: 'redirect', name: 'redirect_uri', value: 'http://127.0.0.1:1/callback' },
  { what: 'code', name: 'code', value: 'c'.repeat(43) },
];
for (const { what, name, value } of tampered)
  test(`a tampered ${what} is rejected, and the sentence holds no secret`, async () => {
    const exchange = await codeInHand();
    const failure = failureOf(await exchangeCode(server.client, exchange, tampering(name, value)));
    expect(failure.kind).toBe('refused');
    expect(failure.message).toStartWith('Example does not accept the sign-in code');
    expect(failure.message).not.toContain(exchange.code);
    expect(failure.message).not.toContain(exchange.verifier);
  });

/** The authorization address with one parameter changed. */
const changed = (name: string, value: string) => (address: string) => {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
};

test('M10: a tampered state changes nothing in the terminal, and the browser says so', async () => {
  const page = Promise.withResolvers<Ended>();
  const reach = changed('state', 'of-another-sign-in');
  const grant = await signInWithBrowser(
    server.client,
    {
      pasted: undefined,
      onAddress: (address) => server.signIn(reach(address)).then(page.resolve, page.reject),
    },
    { ...patientDeps(), wait: () => page.promise.then(() => undefined) },
  );
  const failure = failureOf(grant);
  expect(failure.kind).toBe('state-mismatch');
  expect(failure.message).toStartWith('What came back belongs to another sign-in with Example');
  expect((await page.promise).html).toContain('The sign-in still waits');
});

test('a tampered challenge makes the exchange fail', async () => {
  const { grant } = await signIn(server.client, changed('code_challenge', (await newPkce()).challenge));
  expect(failureOf(grant).message).toStartWith('Example does not accept the sign-in code');
});

test('with a tampered redirect the browser is not sent back at all', async () => {
  const stopped = new AbortController();
  const page = Promise.withResolvers<Ended>();
  const grant = await signInWithBrowser(
    server.client,
    {
      pasted: undefined,
      signal: stopped.signal,
      onAddress: (address) =>
        server
          .signIn(changed('redirect_uri', 'http://127.0.0.1/elsewhere')(address))
          .then(page.resolve, page.reject)
          .finally(() => stopped.abort()),
    },
    patientDeps(),
  );
  expect((await page.promise).status).toBe(400);
  expect((await page.promise).html).toContain('redirect_uri');
  expect(failureOf(grant)).toEqual({ kind: 'cancelled', message: 'The sign-in was stopped.' });
});

test('a device sign-in is pending until the person confirms', async () => {
  let address = '';
  let waits = 0;
  const deps = hurriedDeps();
  const grant = await signInWithDevice(
    server.client,
    {
      onCode: ({ completeAddress }) => {
        address = completeAddress ?? '';
      },
    },
    {
      ...deps,
      wait: async (milliseconds) => {
        await deps.wait(milliseconds);
        waits++;
        if (waits === 3) await server.confirmDevice(address, 'confirm');
      },
    },
  );
  expect(tokensOf(grant).refreshToken).toBeString();
  expect(waits).toBe(3);
});

test('a device sign-in that the person declines is denied', async () => {
  let address = '';
  const grant = await signInWithDevice(
    server.client,
    {
      onCode: ({ completeAddress }) => {
        address = completeAddress ?? '';
      },
    },
    { ...hurriedDeps(), wait: () => server.confirmDevice(address, 'abort') },
  );
  const failure = failureOf(grant);
  expect(failure.kind).toBe('denied');
  expect(failure.message).toStartWith('The sign-in to Example was declined.');
});
