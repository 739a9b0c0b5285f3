import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import {
  clientAt,
  hurriedDeps,
  scriptedServer,
  someTokens,
  start,
} from '../../test/oauth/scripted-server.ts';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { signInWithDevice } from './device-sign-in.ts';
import type { GrantResult, OAuthFailureKind } from './grant.ts';
import type { DeviceCode } from './started-device.ts';

const deviceReply = {
  device_code: 'device-secret',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://example.com/device',
  verification_uri_complete: 'https://example.com/device?user_code=ABCD-EFGH',
  expires_in: 600,
  interval: 5,
};

const oauthError = (error: string, status = 400) => Response.json({ error }, { status });
const pending = () => oauthError('authorization_pending');
const tokens = () => Response.json(someTokens);

interface Run {
  result: GrantResult;
  /** The pauses, in seconds. */
  waited: number[];
  codes: DeviceCode[];
  heard: { path: string; form: Record<string, string>; body: string }[];
}

/** Signs in at a server whose device endpoint gives `started` and whose token endpoint gives the answers one after the other. */
async function run(
  answers: (() => Response)[],
  {
    started = Response.json(deviceReply),
    client = {},
    deps = {},
  }: { started?: Response; client?: Partial<OAuthClient>; deps?: Partial<OAuthDeps> } = {},
): Promise<Run> {
  await using server = scriptedServer((_heard, before) =>
    before === 0 ? started : (answers[before - 1]?.() ?? oauthError('asked_too_often')),
  );
  const hurried = hurriedDeps();
  const codes: DeviceCode[] = [];
  const result = await signInWithDevice(
    clientAt(server.url, client),
    { onCode: (code) => codes.push(code) },
    { ...hurried, ...deps },
  );
  return { result, waited: hurried.waited, codes, heard: server.heard };
}

test('the person gets a code, and tokens come once they have confirmed it', async () => {
  const { result, codes, waited, heard } = await run([pending, pending, tokens]);
  expect(result).toMatchObject({ ok: true, tokens: { accessToken: 'access-1' } });
  expect(codes).toEqual([
    {
      userCode: 'ABCD-EFGH',
      address: 'https://example.com/device',
      completeAddress: 'https://example.com/device?user_code=ABCD-EFGH',
      expiresAt: start + 600_000,
    },
  ]);
  expect(waited).toEqual([5, 5, 5]);
  expect(heard.map(({ path }) => path)).toEqual(['/device', '/token', '/token', '/token']);
  expect(heard[0]?.form).toEqual({ client_id: 'client-1', scope: 'openid email' });
  expect(heard[1]?.form).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: 'client-1',
    device_code: 'device-secret',
  });
});

test('Qwen: the device code is protected by PKCE', async () => {
  const { heard } = await run([tokens], { client: { devicePkce: true } });
  const verifier = heard[1]?.form.code_verifier ?? '';
  expect(verifier).toMatch(/^[\w-]{43}$/);
  expect(heard[0]?.form).toMatchObject({
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
});

const rhythms: { what: string; answers: (() => Response)[]; reply?: object; waited: number[] }[] = [
  {
    what: 'slow_down adds five seconds for good',
    answers: [() => oauthError('slow_down'), pending, () => oauthError('slow_down'), tokens],
    waited: [5, 10, 10, 15],
  },
  {
    what: "Qwen's slow_down comes with 429",
    answers: [() => oauthError('slow_down', 429), tokens],
    waited: [5, 10],
  },
  { what: 'the server names the interval', answers: [tokens], reply: { interval: 2 }, waited: [2] },
  { what: 'an interval may be text', answers: [tokens], reply: { interval: '7' }, waited: [7] },
  { what: 'no interval means five seconds', answers: [tokens], reply: { interval: undefined }, waited: [5] },
  { what: 'nobody is asked without a pause', answers: [tokens], reply: { interval: 0 }, waited: [1] },
  {
    what: 'a failing server is asked again, ever later, and then as before',
    answers: [
      () => new Response('', { status: 502 }),
      () => new Response('', { status: 503 }),
      pending,
      tokens,
    ],
    waited: [5, 10, 20, 5],
  },
  {
    what: 'the pause while a server fails ends at a minute',
    answers: [...Array.from({ length: 5 }, () => () => new Response('', { status: 500 })), tokens],
    waited: [5, 10, 20, 40, 60, 60],
  },
  {
    what: 'Retry-After is kept',
    answers: [() => new Response('', { status: 429, headers: { 'retry-after': '30' } }), tokens],
    waited: [5, 30],
  },
  {
    what: 'Kimi says pending at any status',
    answers: [
      () => oauthError('authorization_pending', 200),
      () => oauthError('authorization_pending', 403),
      tokens,
    ],
    waited: [5, 5, 5],
  },
];

describe('the rhythm of asking', () => {
  for (const { what, answers, reply, waited } of rhythms)
    test(what, async () => {
      const done = await run(answers, { started: Response.json({ ...deviceReply, ...reply }) });
      expect(done.result.ok).toBe(true);
      expect(done.waited).toEqual(waited);
    });

  test('a broken network is tried again', async () => {
    let calls = 0;
    const done = await run([tokens], {
      deps: {
        fetch: (url, init) =>
          ++calls === 2 || calls === 3 ? Promise.reject(new Error('ECONNRESET')) : fetch(url, init),
      },
    });
    expect(done.result.ok).toBe(true);
    expect(done.waited).toEqual([5, 10, 20]);
  });
});

const ends: { what: string; answer: () => Response; kind: OAuthFailureKind; message: string }[] = [
  {
    what: 'the person declines',
    answer: () =>
      Response.json({ error: 'access_denied', error_description: 'device-secret declined' }, { status: 400 }),
    kind: 'denied',
    message: 'The sign-in to Example was declined. Its message: “… declined” (access_denied).',
  },
  {
    what: 'the person declines, at status 200',
    answer: () => oauthError('access_denied', 200),
    kind: 'denied',
    message: 'The sign-in to Example was declined. Its reason: access_denied.',
  },
  {
    what: 'the code has run out',
    answer: () => oauthError('expired_token'),
    kind: 'timed-out',
    message: 'The code for Example has expired without being confirmed. Start again for a new one.',
  },
  {
    what: 'the server refuses',
    answer: () => oauthError('invalid_request'),
    kind: 'refused',
    message: 'Example refused (status 400). Its reason: invalid_request.',
  },
];

describe('it ends when', () => {
  for (const { what, answer, kind, message } of ends)
    test(what, async () => {
      const { result, waited } = await run([pending, answer]);
      expect(result).toMatchObject({ ok: false, failure: { kind, message } });
      expect(waited.length).toBe(2);
    });

  test('nobody confirms while the code is good; the last question is at its end', async () => {
    const { result, waited } = await run([pending, pending, pending], {
      started: Response.json({ ...deviceReply, expires_in: 12 }),
    });
    expect(result).toMatchObject({ failure: { kind: 'timed-out' } });
    expect(waited).toEqual([5, 5, 2]);
  });

  test('half an hour is over, whatever the server promises', async () => {
    const { codes } = await run([tokens], { started: Response.json({ ...deviceReply, expires_in: 86_400 }) });
    expect(codes[0]?.expiresAt).toBe(start + 1_800_000);
  });

  test('the person stops it', async () => {
    const stop = new AbortController();
    await using server = scriptedServer(() => Response.json(deviceReply));
    const result = await signInWithDevice(
      clientAt(server.url),
      { signal: stop.signal, onCode: () => stop.abort() },
      hurriedDeps(),
    );
    expect(result).toMatchObject({ failure: { kind: 'cancelled' } });
    expect(server.heard.length).toBe(1);
  });
});

const beginnings: { what: string; started: Response; client?: Partial<OAuthClient>; failure: object }[] = [
  {
    what: 'the client is not known',
    started: oauthError('invalid_client', 401),
    failure: { kind: 'refused' },
  },
  {
    what: 'the server has no code to give',
    started: Response.json({ hello: 'there' }),
    failure: {
      kind: 'refused',
      message: 'Example answered without a device code, a user code and an address for them.',
    },
  },
  {
    what: 'the server fails',
    started: new Response('', { status: 503, headers: { 'retry-after': '9' } }),
    failure: { kind: 'unavailable', retryAfter: 9 },
  },
  {
    what: 'the provider has no device sign-in',
    started: Response.json({}),
    client: { deviceAuthorizationUrl: undefined },
    failure: {
      kind: 'refused',
      message: 'Example has no sign-in with a device code. Use the browser sign-in.',
    },
  },
];

describe('it does not begin when', () => {
  for (const { what, started, client, failure } of beginnings)
    test(what, async () => {
      const { result, codes } = await run([], { started, ...(client ? { client } : {}) });
      expect(result).toMatchObject({ ok: false, failure });
      expect(codes).toEqual([]);
    });
});

describe("OpenAI's own device sign-in", () => {
  const userCode = { device_auth_id: 'auth-secret', user_code: 'WXYZ-1234', interval: '3' };
  const confirmed = () =>
    Response.json({
      authorization_code: 'code-secret',
      code_verifier: 'verifier-secret',
      code_challenge: 'c',
    });
  const unconfirmed = (status: number) => () =>
    Response.json({ error: { code: 'deviceauth_pending' } }, { status });

  /** Like {@link run}, at OpenAI's paths. */
  async function runOpenai(answers: (() => Response)[], started: Response = Response.json(userCode)) {
    await using server = scriptedServer((_heard, before) =>
      before === 0 ? started : (answers[before - 1]?.() ?? new Response('', { status: 400 })),
    );
    const deps = hurriedDeps();
    const codes: DeviceCode[] = [];
    const result = await signInWithDevice(
      clientAt(server.url, {
        deviceDialect: 'openai',
        deviceAuthorizationUrl: `${server.url}/api/accounts/deviceauth/usercode`,
        tokenUrl: `${server.url}/oauth/token`,
      }),
      { onCode: (code) => codes.push(code) },
      deps,
    );
    return { result, codes, waited: deps.waited, heard: server.heard, url: server.url };
  }

  test('403 and 404 are pending; the code at the end is exchanged with its verifier', async () => {
    const { result, codes, waited, heard, url } = await runOpenai([
      unconfirmed(403),
      unconfirmed(404),
      confirmed,
      tokens,
    ]);
    expect(result).toMatchObject({ ok: true, tokens: { accessToken: 'access-1' } });
    expect(codes).toEqual([
      {
        userCode: 'WXYZ-1234',
        address: `${url}/codex/device`,
        completeAddress: undefined,
        expiresAt: start + 900_000,
      },
    ]);
    expect(waited).toEqual([3, 3, 3]);
    expect(heard.map(({ path }) => path)).toEqual([
      '/api/accounts/deviceauth/usercode',
      '/api/accounts/deviceauth/token',
      '/api/accounts/deviceauth/token',
      '/api/accounts/deviceauth/token',
      '/oauth/token',
    ]);
    expect(heard[0]?.headers.get('user-agent')).toBe('cli-proxy-api/0.0.0');
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({ client_id: 'client-1' });
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({
      device_auth_id: 'auth-secret',
      user_code: 'WXYZ-1234',
    });
    expect(heard[4]?.form).toEqual({
      grant_type: 'authorization_code',
      client_id: 'client-1',
      code: 'code-secret',
      code_verifier: 'verifier-secret',
      redirect_uri: `${url}/deviceauth/callback`,
    });
  });

  test('`usercode` in one word is understood', async () => {
    const { codes } = await runOpenai(
      [confirmed, tokens],
      Response.json({ device_auth_id: 'a', usercode: 'U-1' }),
    );
    expect(codes[0]?.userCode).toBe('U-1');
  });

  test('404 at the start sends people to the browser', async () => {
    const { result } = await runOpenai([], new Response('', { status: 404 }));
    expect(result).toMatchObject({
      failure: {
        kind: 'refused',
        message: 'Device login is not available for this account at Example. Use the browser login.',
      },
    });
  });

  test('a code that is given once is kept while the exchange meets a failing server', async () => {
    const { result, heard } = await runOpenai([confirmed, () => new Response('', { status: 502 }), tokens]);
    expect(result.ok).toBe(true);
    expect(heard.slice(1).map(({ path }) => path)).toEqual([
      '/api/accounts/deviceauth/token',
      '/oauth/token',
      '/oauth/token',
    ]);
  });

  test('a mirror may have the server below a path of its own', async () => {
    await using server = scriptedServer(({ path }) =>
      path.endsWith('/usercode')
        ? Response.json(userCode)
        : path.endsWith('/oauth/token')
          ? tokens()
          : confirmed(),
    );
    const codes: DeviceCode[] = [];
    await signInWithDevice(
      clientAt(server.url, {
        deviceDialect: 'openai',
        deviceAuthorizationUrl: `${server.url}/mirror/api/accounts/deviceauth/usercode`,
        tokenUrl: `${server.url}/mirror/oauth/token`,
      }),
      { onCode: (code) => codes.push(code) },
      hurriedDeps(),
    );
    expect(codes[0]?.address).toBe(`${server.url}/mirror/codex/device`);
    expect(server.heard[1]?.path).toBe('/mirror/api/accounts/deviceauth/token');
    expect(server.heard[2]?.form.redirect_uri).toBe(`${server.url}/mirror/deviceauth/callback`);
  });

  for (const { code, kind } of [
    { code: 'deviceauth_denied', kind: 'denied' },
    { code: 'deviceauth_expired', kind: 'timed-out' },
  ] as const)
    test(`${code} ends it as ${kind}`, async () => {
      const { result } = await runOpenai([() => Response.json({ error: { code } }, { status: 400 })]);
      expect(result).toMatchObject({ failure: { kind } });
    });

  test('it runs out after a quarter of an hour', async () => {
    const { result, waited } = await runOpenai(Array.from({ length: 400 }, () => unconfirmed(403)));
    expect(result).toMatchObject({ failure: { kind: 'timed-out' } });
    expect(waited.reduce((sum, pause) => sum + pause)).toBe(900);
  });

  test('any other answer ends it', async () => {
    const { result } = await runOpenai([
      () => Response.json({ error: 'auth-secret is broken' }, { status: 400 }),
    ]);
    expect(result).toMatchObject({ failure: { kind: 'refused' } });
    expect(!result.ok && result.failure.message).not.toContain('auth-secret');
  });
});
