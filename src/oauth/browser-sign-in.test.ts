import { describe, expect, test } from 'bun:test';
import {
  clientAt,
  hurriedDeps,
  patientDeps,
  type ScriptedServer,
  scriptedServer,
  someTokens,
} from '../../test/oauth/scripted-server.ts';
import { type BrowserSignIn, signInWithBrowser } from './browser-sign-in.ts';
import type { OAuthClient } from './client.ts';
import type { GrantResult, OAuthFailureKind } from './grant.ts';

const tokenServer = (): ScriptedServer => scriptedServer(() => Response.json(someTokens));

/** What the person has in hand: where the browser is sent back to, with the state of this sign-in. */
interface Sent {
  redirectUri: string;
  state: string;
}

function sentIn(address: string): Sent {
  const { searchParams } = new URL(address);
  return { redirectUri: searchParams.get('redirect_uri') ?? '', state: searchParams.get('state') ?? '' };
}

/** Signs in with a browser that comes back with `query`; gives the page it ends at too. */
async function comeBack(
  client: OAuthClient,
  query: (state: string) => Record<string, string>,
): Promise<{ result: GrantResult; page: string }> {
  const page = Promise.withResolvers<string>();
  const result = await signInWithBrowser(
    client,
    {
      pasted: undefined,
      onAddress: (address) => {
        const { redirectUri, state } = sentIn(address);
        fetch(`${redirectUri}?${new URLSearchParams(query(state))}`)
          .then((response) => response.text())
          .then(page.resolve, page.reject);
      },
    },
    patientDeps(),
  );
  return { result, page: await page.promise };
}

/** Signs in by lines that a person pastes, made from what the address holds. */
async function paste(
  client: OAuthClient,
  lines: (sent: Sent) => string[],
  options: Partial<BrowserSignIn> = {},
): Promise<{ result: GrantResult; complaints: string[] }> {
  const address = Promise.withResolvers<string>();
  const complaints: string[] = [];
  const result = await signInWithBrowser(
    client,
    {
      onAddress: address.resolve,
      pasted: (async function* () {
        yield* lines(sentIn(await address.promise));
      })(),
      onUnusablePaste: (message) => complaints.push(message),
      ...options,
    },
    patientDeps(),
  );
  return { result, complaints };
}

describe('the browser comes back', () => {
  test('with a code: tokens, and the exchange repeats redirect and verifier', async () => {
    await using server = tokenServer();
    const { result, page } = await comeBack(clientAt(server.url), (state) => ({ code: 'code-1', state }));
    expect(result).toMatchObject({ ok: true, tokens: { accessToken: 'access-1' } });
    expect(page).toContain('Signed in to Example');
    const [heard] = server.heard;
    expect(heard?.form.code).toBe('code-1');
    expect(heard?.form.redirect_uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(heard?.form.code_verifier).toMatch(/^[\w-]{43}$/);
  });

  test('to a code that the server then refuses: the page does not claim otherwise', async () => {
    await using server = scriptedServer(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
    const { result, page } = await comeBack(clientAt(server.url), (state) => ({ code: 'code-1', state }));
    expect(result).toMatchObject({ ok: false, failure: { kind: 'refused' } });
    expect(page).toContain('Not signed in to Example');
    expect(page).toContain('Example does not accept the sign-in code');
  });

  const ends: {
    what: string;
    query: (state: string) => Record<string, string>;
    kind: OAuthFailureKind;
    message: string;
  }[] = [
    {
      what: 'a refusal of the person',
      query: (state) => ({ error: 'access_denied', error_description: 'You said no', state }),
      kind: 'denied',
      message: 'The sign-in to Example was declined. Its message: “You said no” (access_denied).',
    },
    {
      what: 'a refusal of the server',
      query: (state) => ({ error: 'invalid_scope', state }),
      kind: 'refused',
      message: 'Example refused the sign-in. Its reason: invalid_scope.',
    },
    {
      what: 'a failure of the server',
      query: (state) => ({ error: 'server_error', state }),
      kind: 'unavailable',
      message: 'Example does not accept sign-ins at the moment. Try again later. Its reason: server_error.',
    },
  ];
  for (const { what, query, kind, message } of ends)
    test(`with ${what}: ${kind}, and no code is exchanged`, async () => {
      await using server = tokenServer();
      const { result, page } = await comeBack(clientAt(server.url), query);
      expect(result).toMatchObject({ ok: false, failure: { kind, message } });
      expect(page).toContain('Not signed in to Example');
      expect(server.heard).toEqual([]);
    });
});

describe('a person pastes', () => {
  const good: { what: string; line: (sent: Sent) => string }[] = [
    { what: 'the address', line: ({ redirectUri, state }) => `${redirectUri}?code=code-1&state=${state}` },
    { what: 'code#state', line: ({ state }) => `code-1#${state}` },
    { what: 'the bare code', line: () => 'code-1' },
  ];
  for (const { what, line } of good)
    test(`${what}, and is signed in`, async () => {
      await using server = tokenServer();
      const { result, complaints } = await paste(clientAt(server.url), (sent) => [line(sent)]);
      expect(result.ok).toBe(true);
      expect(complaints).toEqual([]);
      expect(server.heard[0]?.form.code).toBe('code-1');
    });

  test('empty lines and wrong things first: each wrong one is answered, and the right one counts', async () => {
    await using server = tokenServer();
    const { result, complaints } = await paste(clientAt(server.url), ({ redirectUri, state }) => [
      '',
      'what shall I do?',
      redirectUri,
      `${redirectUri}?code=code-1&state=${state}`,
    ]);
    expect(result.ok).toBe(true);
    expect(complaints.length).toBe(2);
    expect(complaints[0]).toStartWith('That is no answer of the sign-in. Paste the whole address');
  });

  test.each([
    'code=code-1&state=of-another',
    'code=code-1',
    'error=access_denied',
    'error=access_denied&state=x',
  ])('M10: %s: it is said, nothing is exchanged, and the right line still counts', async (query) => {
    await using server = tokenServer();
    const { result, complaints } = await paste(clientAt(server.url), ({ redirectUri, state }) => [
      `${redirectUri}?${query}`,
      query,
      `${redirectUri}?code=code-2&state=${state}`,
    ]);
    expect(result.ok).toBe(true);
    expect(complaints.length).toBe(2);
    expect(complaints[0]).toStartWith('That belongs to another sign-in');
    expect(server.heard.map(({ form }) => form.code)).toEqual(['code-2']);
  });

  test("what Claude shows: the state goes into the exchange's JSON", async () => {
    await using server = tokenServer();
    let state = '';
    await paste(clientAt(server.url, { tokenRequest: 'json' }), (sent) => {
      state = sent.state;
      return [`code-1#${sent.state}`];
    });
    expect(JSON.parse(server.heard[0]?.body ?? '')).toMatchObject({ code: 'code-1', state });
  });

  test('nothing, and the end of the input changes nothing for the browser', async () => {
    await using server = tokenServer();
    const { result } = await paste(clientAt(server.url), () => [], {
      onAddress: (address) => {
        const { redirectUri, state } = sentIn(address);
        void fetch(`${redirectUri}?code=code-1&state=${state}`);
      },
      pasted: (async function* () {})(),
    });
    expect(result.ok).toBe(true);
  });

  test('through an input that breaks: it is said, and the browser still counts', async () => {
    await using server = tokenServer();
    let address = '';
    const complaints: string[] = [];
    const result = await signInWithBrowser(
      clientAt(server.url),
      {
        onAddress: (url) => {
          address = url;
        },
        pasted: (async function* () {
          yield '';
          throw new Error('EIO');
        })(),
        onUnusablePaste: (message) => {
          complaints.push(message);
          const { redirectUri, state } = sentIn(address);
          void fetch(`${redirectUri}?code=code-1&state=${state}`);
        },
      },
      patientDeps(),
    );
    expect(result.ok).toBe(true);
    expect(complaints).toEqual(['What is typed here can no longer be read. Finish in the browser.']);
  });
});

test.each([
  'code=code-1&state=of-another',
  'code=code-1',
  'error=access_denied',
  'error=access_denied&state=of-another',
])('M10: %s, which any page can send, changes nothing; the answer after it counts', async (query) => {
  await using server = tokenServer();
  const said: string[] = [];
  const pages: string[] = [];
  const result = await signInWithBrowser(
    clientAt(server.url),
    {
      pasted: undefined,
      onForeignAnswer: (message) => said.push(message),
      async onAddress(address) {
        const { redirectUri, state } = sentIn(address);
        for (let round = 0; round < 2; round++)
          pages.push(await (await fetch(`${redirectUri}?${query}`)).text());
        void fetch(`${redirectUri}?code=code-2&state=${state}`);
      },
    },
    patientDeps(),
  );
  expect(result.ok).toBe(true);
  expect(pages[0]).toContain('The sign-in still waits');
  expect(said.length).toBe(1);
  expect(server.heard.map(({ form }) => form.code)).toEqual(['code-2']);
});

test('nothing but the answer of another sign-in until the end of the time: state-mismatch', async () => {
  await using server = tokenServer();
  const over = Promise.withResolvers<void>();
  const result = await signInWithBrowser(
    clientAt(server.url),
    {
      pasted: undefined,
      async onAddress(address) {
        const answer = await fetch(`${sentIn(address).redirectUri}?code=code-1&state=of-another`);
        expect(answer.status).toBe(400);
        over.resolve();
      },
    },
    { ...patientDeps(), wait: () => over.promise },
  );
  expect(result).toMatchObject({ failure: { kind: 'state-mismatch' } });
  expect(server.heard).toEqual([]);
});

describe('the end comes by itself', () => {
  const waiting: BrowserSignIn = { pasted: undefined, onAddress: () => {} };

  test('after five minutes where nobody says otherwise', async () => {
    const deps = hurriedDeps();
    const result = await signInWithBrowser(clientAt('https://example.com'), waiting, deps);
    expect(result).toMatchObject({
      failure: {
        kind: 'timed-out',
        message: 'The sign-in to Example was not completed within 5 minutes. Start again when you are ready.',
      },
    });
    expect(deps.waited).toEqual([300]);
  });

  for (const { timeout, words } of [
    { timeout: 60_000, words: 'a minute' },
    { timeout: 20_000, words: '20 seconds' },
    { timeout: 600_000, words: '10 minutes' },
  ])
    test(`after ${words} where that is said`, async () => {
      const result = await signInWithBrowser(
        clientAt('https://example.com'),
        { ...waiting, timeout },
        hurriedDeps(),
      );
      expect(!result.ok && result.failure.message).toContain(`within ${words}.`);
    });

  test('by a signal, before it and during it', async () => {
    const stop = new AbortController();
    const during = { ...waiting, signal: stop.signal, onAddress: () => stop.abort() };
    const client = clientAt('https://example.com');
    for (let round = 0; round < 2; round++)
      expect(await signInWithBrowser(client, during, patientDeps())).toMatchObject({
        failure: { kind: 'cancelled', message: 'The sign-in was stopped.' },
      });
  });
});

describe('the port', () => {
  test('is free again afterwards, and the reader of lines is let go', async () => {
    await using server = tokenServer();
    let released = 0;
    let port = '';
    await signInWithBrowser(
      clientAt(server.url),
      {
        onAddress: (address) => {
          const { redirectUri, state } = sentIn(address);
          port = new URL(redirectUri).port;
          void fetch(`${redirectUri}?code=code-1&state=${state}`);
        },
        pasted: {
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise(() => {}),
            return: async () => {
              released++;
              return { done: true, value: undefined };
            },
          }),
        },
      },
      patientDeps(),
    );
    expect(released).toBe(1);
    const again = Bun.serve({ hostname: '127.0.0.1', port: Number(port), fetch: () => new Response() });
    await again.stop(true);
  });

  test('may be another than the redirect names, for a port that is forwarded', async () => {
    await using server = tokenServer();
    const forwarded = { host: 'localhost', port: 54545, path: '/callback' } as const;
    const { result } = await paste(
      clientAt(server.url, { redirect: forwarded }),
      ({ redirectUri }) => {
        expect(redirectUri).toBe('http://localhost:54545/callback');
        return ['code-1'];
      },
      { listenPort: 0 },
    );
    expect(result.ok).toBe(true);
  });

  test('that is taken ends it before any address is shown', async () => {
    const other = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      reusePort: false,
      fetch: () => new Response(),
    });
    const redirect = { host: 'localhost', port: other.port ?? 0, path: '/callback' } as const;
    let shown = 0;
    const result = await signInWithBrowser(
      clientAt('https://example.com', { redirect }),
      { pasted: undefined, onAddress: () => shown++ },
      patientDeps(),
    );
    await other.stop(true);
    expect(result).toMatchObject({ failure: { kind: 'port-taken' } });
    expect(shown).toBe(0);
  });
});

test('a provider without a browser sign-in says so', async () => {
  const result = await signInWithBrowser(
    clientAt('https://example.com', { redirect: undefined }),
    { pasted: undefined, onAddress: () => {} },
    patientDeps(),
  );
  expect(result).toMatchObject({
    failure: { kind: 'refused', message: 'Example has no sign-in with a browser.' },
  });
});
