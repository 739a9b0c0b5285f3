import { describe, expect, test } from 'bun:test';
import {
  clientAt,
  hurriedDeps,
  scriptedServer,
  someTokens,
  start,
} from '../../test/oauth/scripted-server.ts';
import { exchangeCode } from './authorization-code.ts';
import type { OAuthClient } from './client.ts';
import type { OAuthFailureKind } from './grant.ts';

const exchange = {
  code: 'code-secret',
  state: 'state-1',
  redirectUri: 'http://localhost:1455/auth/callback',
  verifier: 'verifier-secret',
};

const departures: {
  what: string;
  client: Partial<OAuthClient>;
  exchange?: Partial<typeof exchange> | { verifier: undefined };
  type: string;
  authorization: string | null;
  sent: object;
}[] = [
  {
    what: 'a standard server gets a form',
    client: {},
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    authorization: null,
    sent: {
      grant_type: 'authorization_code',
      client_id: 'client-1',
      code: 'code-secret',
      redirect_uri: 'http://localhost:1455/auth/callback',
      code_verifier: 'verifier-secret',
    },
  },
  {
    what: 'Claude gets JSON with the state',
    client: { tokenRequest: 'json' },
    type: 'application/json',
    authorization: null,
    sent: {
      grant_type: 'authorization_code',
      client_id: 'client-1',
      code: 'code-secret',
      redirect_uri: 'http://localhost:1455/auth/callback',
      code_verifier: 'verifier-secret',
      state: 'state-1',
    },
  },
  {
    what: 'Google gets the secret in the body',
    client: { clientAuthentication: 'body', clientSecret: 'hush' },
    exchange: { verifier: undefined },
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    authorization: null,
    sent: {
      grant_type: 'authorization_code',
      client_id: 'client-1',
      client_secret: 'hush',
      code: 'code-secret',
      redirect_uri: 'http://localhost:1455/auth/callback',
    },
  },
  {
    what: 'iFlow gets the secret in the body and in the header',
    client: { clientAuthentication: 'body-and-basic', clientSecret: 'hush' },
    exchange: { verifier: undefined },
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    authorization: `Basic ${btoa('client%2D1:hush')}`,
    sent: {
      grant_type: 'authorization_code',
      client_id: 'client-1',
      client_secret: 'hush',
      code: 'code-secret',
      redirect_uri: 'http://localhost:1455/auth/callback',
    },
  },
];

describe('the exchange', () => {
  for (const { what, client, exchange: changed, type, authorization, sent } of departures)
    test(what, async () => {
      await using server = scriptedServer(() => Response.json(someTokens));
      const result = await exchangeCode(
        clientAt(server.url, { ...client, headers: { 'x-msh-device-id': 'device-1' } }),
        { ...exchange, ...changed },
        hurriedDeps(),
      );
      expect(result.ok).toBe(true);
      const [heard] = server.heard;
      expect(heard).toMatchObject({ method: 'POST', path: '/token' });
      expect(heard?.headers.get('content-type')).toBe(type);
      expect(heard?.headers.get('authorization')).toBe(authorization);
      expect(heard?.headers.get('user-agent')).toBe('cli-proxy-api/0.0.0');
      expect(heard?.headers.get('accept')).toBe('application/json');
      expect(heard?.headers.get('x-msh-device-id')).toBe('device-1');
      expect(type === 'application/json' ? JSON.parse(heard?.body ?? '') : heard?.form).toEqual(sent);
    });
});

const replies: { what: string; body: object; tokens: object }[] = [
  {
    what: 'everything that a server may say',
    body: { ...someTokens, id_token: 'id-1', scope: 'a b', account: { uuid: 'u' } },
    tokens: {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      idToken: 'id-1',
      tokenType: 'Bearer',
      scope: 'a b',
      expiresAt: start + 3_600_000,
    },
  },
  {
    what: 'only what it must say; an unknown end stays unknown',
    body: { access_token: 'access-1' },
    tokens: {
      accessToken: 'access-1',
      refreshToken: undefined,
      idToken: undefined,
      tokenType: 'Bearer',
      scope: undefined,
      expiresAt: undefined,
    },
  },
  {
    what: 'a lifetime written as text',
    body: { ...someTokens, token_type: 'bearer', expires_in: '60' },
    tokens: { tokenType: 'bearer', expiresAt: start + 60_000 },
  },
  {
    what: 'empty optional tokens as none',
    body: { ...someTokens, refresh_token: '', id_token: '' },
    tokens: { refreshToken: undefined, idToken: undefined },
  },
];

describe('a reply with tokens', () => {
  for (const { what, body, tokens } of replies)
    test(`may hold ${what}`, async () => {
      await using server = scriptedServer(() => Response.json(body));
      const result = await exchangeCode(clientAt(server.url), exchange, hurriedDeps());
      expect(result).toMatchObject({ ok: true, tokens });
      expect(result.ok && result.tokens.body).toEqual({ ...body });
    });
});

const refusals: { what: string; answer: () => Response; kind: OAuthFailureKind; message: string | RegExp }[] =
  [
    {
      what: 'a code that is not accepted',
      answer: () =>
        Response.json(
          { error: 'invalid_grant', error_description: 'no such code: code-secret' },
          { status: 400 },
        ),
      kind: 'refused',
      message:
        'Example does not accept the sign-in code: it has run out, was used before, or belongs to another sign-in. Start again. Its message: “no such code: …” (invalid_grant).',
    },
    {
      what: 'a client that is not known',
      answer: () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      kind: 'refused',
      message:
        'Example does not accept the client id or secret. If the configuration sets them, check them there. Its reason: invalid_client.',
    },
    {
      what: 'an error with status 200',
      answer: () => Response.json({ error: 'invalid_request', error_description: 'no' }),
      kind: 'refused',
      message: 'Example refused (status 200). Its message: “no” (invalid_request).',
    },
    {
      what: "OpenAI's shape of an error",
      answer: () =>
        Response.json(
          {
            error: {
              message: 'Country not supported',
              type: 'request_forbidden',
              code: 'unsupported_country',
            },
          },
          { status: 403 },
        ),
      kind: 'refused',
      message: 'Example refused (status 403). Its message: “Country not supported” (unsupported_country).',
    },
    {
      what: 'success without tokens',
      answer: () => Response.json({ success: true }),
      kind: 'refused',
      message: 'Example answered without an access token of type Bearer.',
    },
    {
      what: 'tokens of a type that we cannot use',
      answer: () => Response.json({ ...someTokens, token_type: 'DPoP' }),
      kind: 'refused',
      message: 'Example answered without an access token of type Bearer.',
    },
    {
      what: 'a page of something on the way',
      answer: () => new Response('<html>Just a moment…</html>', { status: 403 }),
      kind: 'refused',
      message:
        'Example answered with something other than JSON (status 403). Check the address, and whether something on the way answers in its place.',
    },
    {
      what: 'a redirect, which would carry the code elsewhere',
      answer: () => Response.redirect('http://127.0.0.1:9/', 307),
      kind: 'refused',
      message:
        'Example answered with a redirect (status 307), which is not followed with secrets. Check the address.',
    },
    {
      what: 'too many requests',
      answer: () => Response.json({ error: 'too_many' }, { status: 429, headers: { 'retry-after': '7' } }),
      kind: 'rate-limited',
      message: 'Example reports a rate limit: there were too many requests. Its reason: too_many.',
    },
    {
      what: 'a failure of the server',
      answer: () => new Response('oops', { status: 502 }),
      kind: 'unavailable',
      message: 'Example has a problem of its own at the moment (status 502).',
    },
  ];

describe('no tokens', () => {
  for (const { what, answer, kind, message } of refusals)
    test(`${what} is ${kind}`, async () => {
      await using server = scriptedServer(answer);
      const result = await exchangeCode(clientAt(server.url), exchange, hurriedDeps());
      expect(result).toMatchObject({ ok: false, failure: { kind, message } });
      expect(server.heard.length).toBe(1);
    });

  test('a server that is not there is unavailable, and the sentence names it', async () => {
    const server = scriptedServer(() => new Response());
    await server[Symbol.asyncDispose]();
    const result = await exchangeCode(clientAt(server.url), exchange, hurriedDeps());
    expect(result).toMatchObject({
      ok: false,
      failure: {
        kind: 'unavailable',
        message: `Example at ${new URL(server.url).host} could not be reached. Check the network and the proxy, then try again.`,
      },
    });
  });

  test('a server that never answers is given up in the end', async () => {
    const silent = async () => {
      throw new DOMException('The operation timed out.', 'TimeoutError');
    };
    const result = await exchangeCode(clientAt('https://example.com'), exchange, {
      ...hurriedDeps(),
      fetch: silent,
    });
    expect(result).toMatchObject({
      failure: { kind: 'unavailable', message: 'Example at example.com did not answer within 30 seconds.' },
    });
  });

  test('a signal stops it', async () => {
    const result = await exchangeCode(
      clientAt('https://example.com'),
      exchange,
      hurriedDeps(),
      AbortSignal.abort(),
    );
    expect(result).toMatchObject({ failure: { kind: 'cancelled' } });
  });
});

const words: { what: string; said: string; message: string }[] = [
  {
    what: 'colours and line ends',
    said: '\u001b[31mno\u001b[0m\r\nway',
    message: 'Example refused (status 400). Its message: “no way” (nope).',
  },
  {
    what: 'the verifier',
    said: 'verifier-secret is wrong',
    message: 'Example refused (status 400). Its message: “… is wrong” (nope).',
  },
  {
    what: 'endless talk',
    said: 'a'.repeat(5000),
    message: `Example refused (status 400). Its message: “${'a'.repeat(299)}…” (nope).`,
  },
];

describe('what a server says is quoted without', () => {
  for (const { what, said, message } of words)
    test(what, async () => {
      await using server = scriptedServer(() =>
        Response.json({ error: 'nope', error_description: said }, { status: 400 }),
      );
      const result = await exchangeCode(clientAt(server.url), exchange, hurriedDeps());
      expect(result).toMatchObject({ failure: { message } });
    });
});

const addresses: { url: string; safe: boolean }[] = [
  { url: 'https://example.com/token', safe: true },
  { url: 'http://127.0.0.1:1/token', safe: true },
  { url: 'http://127.8.8.8:1/token', safe: true },
  { url: 'http://[::1]:1/token', safe: true },
  { url: 'http://localhost:1/token', safe: true },
  { url: 'http://example.com/token', safe: false },
  { url: 'http://127.0.0.1.example.com/token', safe: false },
  { url: 'http://192.168.1.2/token', safe: false },
  { url: 'ftp://localhost/token', safe: false },
  { url: 'no address', safe: false },
];

describe('secrets travel over TLS or stay on this computer', () => {
  for (const { url, safe } of addresses)
    test(`${url} ${safe ? 'is asked' : 'is not'}`, async () => {
      let asked = 0;
      const deps = {
        ...hurriedDeps(),
        fetch: async () => {
          asked++;
          return Response.json(someTokens);
        },
      };
      const result = await exchangeCode(clientAt('', { tokenUrl: url }), exchange, deps);
      expect({ ok: result.ok, asked }).toEqual(safe ? { ok: true, asked: 1 } : { ok: false, asked: 0 });
      if (!result.ok)
        expect(result.failure.message).toContain(
          'is not safe to send secrets to: it must begin with https://',
        );
    });
});
