import { describe, expect, test } from 'bun:test';
import { testCredential } from '../../test/simulation/accounts.ts';
import type { Credential } from '../credentials/credential.ts';
import { createPool } from '../credentials/pool.ts';
import type { HttpRequest } from '../http-client/message.ts';
import { accountProviders } from '../providers/registry.ts';
import { type ApiCallDeps, apiCallRoutes } from './api-call.ts';
import { authIndexOf } from './auth-index.ts';

const token = 'canary-token-of-the-account-0123';
const now = Date.parse('2026-11-29T12:00:00Z');

/** An account of Claude, a key of a server on this computer, and one of a service elsewhere. */
const claudeAccount: Credential = {
  ...testCredential('claude-ann'),
  account: 'claude-ann',
  provider: { ...testCredential('x').provider, name: accountProviders.claude.name },
  baseUrl: 'https://api.anthropic.com',
  secret: { current: () => token, renew: async () => ({ ok: true, token }) },
};
const localKey: Credential = {
  ...testCredential('local'),
  baseUrl: 'http://127.0.0.1:11434/v1',
  secret: token,
};
const remoteKey: Credential = {
  ...testCredential('remote'),
  baseUrl: 'https://relay.example/v1',
  secret: token,
};

interface Said {
  error: string;
  status_code: number;
  header: Record<string, string[]>;
  body: string;
}

function bodyText(request: HttpRequest | undefined): string {
  const body = request?.body ?? '';
  const sent = typeof body === 'function' ? body() : body;
  return typeof sent === 'string' ? sent : new TextDecoder().decode(sent);
}

interface Scene extends Partial<ApiCallDeps> {
  addresses?: Record<string, readonly string[]>;
  answer?: (request: HttpRequest) => { status: number; headers?: Record<string, string>; body?: string };
}

function scene({
  addresses = {},
  answer = () => ({ status: 200, body: '{"ok":true}' }),
  ...more
}: Scene = {}) {
  const sent: HttpRequest[] = [];
  const resolved: string[] = [];
  const pool = createPool({ random: () => 0 });
  const deps: ApiCallDeps = {
    gateway: { credentials: () => [claudeAccount, localKey, remoteKey], pool },
    config: () => ({}),
    http: {
      async send(request) {
        sent.push(request);
        const { status, headers = {}, body = '' } = answer(request);
        const bytes = new TextEncoder().encode(body);
        const all = new Headers(headers);
        return {
          status,
          headers: all,
          header: (name) => all.get(name),
          bytes: async () => bytes,
          body: () => {
            throw new Error('read whole');
          },
        };
      },
    },
    proxies: { proxyFor: (_, configured) => (configured === 'direct' ? undefined : configured) },
    userAgent: 'cli-proxy-api/test',
    now: () => now,
    async resolve(hostname) {
      resolved.push(hostname);
      const found = addresses[hostname];
      if (found === undefined) throw new Error('ENOTFOUND');
      return found;
    },
    ...more,
  };
  const [route] = apiCallRoutes(deps);
  return {
    sent,
    resolved,
    pool,
    async call(body: unknown) {
      const request = new Request('http://gateway/v0/management/api-call', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const caller = { key: 'secret-key', address: '127.0.0.1' } as const;
      const reply = await route?.answer({
        request,
        parameters: new Map(),
        search: new URLSearchParams(),
        caller,
        api: 'v0',
      });
      if (reply === undefined) throw new Error('there is a route');
      const said: Said = JSON.parse(await reply.response.text());
      return { status: reply.response.status, said, changed: reply.changed };
    },
  };
}

const claude = authIndexOf(claudeAccount);
const bearer = { Authorization: 'Bearer $TOKEN$' };

describe('a token goes', () => {
  test('to the hosts of its provider, in headers and in what is sent', async () => {
    const self = scene();
    const { status, said, changed } = await self.call({
      auth_index: claude,
      method: 'post',
      url: 'https://api.anthropic.com/v1/messages?x=1',
      header: { ...bearer, 'X-Other': 'a' },
      data: '{"token":"$TOKEN$"}',
    });
    expect(status).toBe(200);
    expect(said).toMatchObject({ status_code: 200, header: {}, body: '{"ok":true}' });
    expect(self.sent[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(bodyText(self.sent[0])).toContain(token);
    expect(changed).toBe(`called POST https://api.anthropic.com/v1/messages for ${claude}`);
  });

  test.each([
    'https://api.anthropic.com.evil.example/',
    'https://evil.example/api.anthropic.com',
    'https://api.anthropic.com@evil.example/',
    'https://api.anthropic.com:8443/',
    'http://api.anthropic.com/',
    'https://console.anthropic.com/',
    'https://relay.example/v1/models',
    'http://127.0.0.1:11434/v1/models',
    'https://[::ffff:127.0.0.1]/',
  ])('never to %s', async (url) => {
    for (const places of [{ header: bearer }, { data: 'x=$TOKEN$' }]) {
      const self = scene({ addresses: { 'evil.example': ['1.1.1.1'], 'relay.example': ['1.1.1.1'] } });
      const { status } = await self.call({ auth_index: claude, method: 'POST', url, ...places });
      expect([400, 403]).toContain(status);
      expect(self.sent).toEqual([]);
    }
  });

  test('of a key to the base-url of its entry alone, be it on this computer', async () => {
    const self = scene();
    const index = authIndexOf(localKey);
    const { status } = await self.call({
      authIndex: index,
      method: 'GET',
      url: 'http://127.0.0.1:11434/v1/models',
      header: bearer,
    });
    expect([status, self.sent.length]).toEqual([200, 1]);
    const other = await self.call({
      authIndex: index,
      method: 'GET',
      url: 'http://127.0.0.1:8317/',
      header: bearer,
    });
    expect([other.status, self.sent.length]).toEqual([403, 1]);
  });

  test('of nobody nowhere', async () => {
    const self = scene({ addresses: { 'example.com': ['1.1.1.1'] } });
    const { status, said } = await self.call({
      auth_index: 'none',
      method: 'GET',
      url: 'https://example.com/',
      header: bearer,
    });
    expect([status, said.error, self.sent.length]).toEqual([400, 'auth token not found', 0]);
  });
});

describe('nothing goes to', () => {
  test.each([
    ...[
      'http://127.0.0.1:8317/healthz',
      'http://127.1/',
      'http://2130706433/',
      'http://0x7f.0.0.1/',
      'http://0177.0.0.1/',
      // Other digits, other dots, other slashes: the parser of addresses makes them plain.
      ...['http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/', 'http:\\\\127.0.0.1\\', 'http://127.0.0.1\t/'],
      ...['http://017700000001/', 'http://127.1/', 'http://[::127.0.0.1]/', 'http://[::ffff:a9fe:a9fe]/'],
    ],
    ...[
      'http://0.0.0.0/',
      'http://10.0.0.1/',
      'http://192.168.0.1/',
      'http://172.16.0.1/',
      'http://100.64.0.1/',
    ],
    ...['http://169.254.169.254/latest/meta-data/', 'http://168.63.129.16/', 'http://100.100.100.200/'],
    ...[
      'http://[::1]/',
      'http://[::]/',
      'http://[fe80::1]/',
      'http://[fd00:ec2::254]/',
      'http://[::ffff:10.0.0.1]/',
    ],
    ...['http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://127.0.0.1.:80/'],
    ...['http://127。0。0。1/', 'http://①②⑦.0.0.1/'],
  ])('%s', async (url) => {
    const self = scene();
    const { status } = await self.call({ method: 'GET', url });
    expect(status).toBe(403);
    expect(self.sent).toEqual([]);
  });

  test.each([
    ['localhost', ['127.0.0.1', '::1']],
    ['rebind.example', ['10.0.0.1']],
    ['half.example', ['1.1.1.1', '127.0.0.1']],
    ['metadata.google.internal', ['169.254.169.254']],
    ['six.example', ['::ffff:7f00:1']],
    ['empty.example', []],
    ['unknown.example', undefined],
  ] as const)('a name such as %s', async (name, found) => {
    const self = scene({ addresses: found === undefined ? {} : { [name]: found } });
    for (const url of [`http://${name}/`, `https://${name.toUpperCase()}:444/`]) {
      const { status } = await self.call({ method: 'GET', url });
      expect(status).toBe(403);
    }
    expect(self.sent).toEqual([]);
  });

  test('another address than the one that was judged', async () => {
    const answers = [['1.1.1.1'], ['127.0.0.1']];
    let asked = 0;
    const self = scene({ resolve: async () => answers[asked++] ?? [] });
    await self.call({ method: 'GET', url: 'https://rebind.example/' });
    expect([asked, self.sent[0]?.at]).toEqual([1, '1.1.1.1']);
  });

  test('where a redirect points', async () => {
    const headers = { location: 'http://169.254.169.254/' };
    const self = scene({
      answer: () => ({ status: 302, headers }),
      addresses: { 'example.com': ['1.1.1.1'] },
    });
    const { said } = await self.call({ method: 'GET', url: 'https://example.com/' });
    expect([said.status_code, said.header.Location, self.sent.length]).toEqual([302, [headers.location], 1]);
  });

  test('a proxy that the client names', async () => {
    const self = scene({ addresses: { 'example.com': ['1.1.1.1'] } });
    const call = { method: 'GET', url: 'https://example.com/', proxy_url: 'http://10.0.0.1:3128' };
    expect((await self.call(call)).said.error).toBe('invalid proxy_url');
    expect((await self.call({ ...call, proxy_url: 'direct' })).status).toBe(200);
  });
});

test('the proxy of the account is used', async () => {
  const proxied = { ...claudeAccount, proxyUrl: 'http://proxy.example:3128' };
  const self = scene({ gateway: { credentials: () => [proxied], pool: createPool({ random: () => 0 }) } });
  await self.call({ auth_index: claude, method: 'GET', url: 'https://api.anthropic.com/x', header: bearer });
  expect(self.sent[0]?.proxy).toBe('http://proxy.example:3128');
});

test('headers that are the gateway own are not the client to set, and it says who it is', async () => {
  const self = scene({ addresses: { 'example.com': ['1.1.1.1'] } });
  const header = { Host: 'other.example', 'Content-Length': '7', 'User-Agent': 'codex_cli_rs/1', 'X-A': 'b' };
  await self.call({ method: 'GET', url: 'https://example.com/', header });
  const { headers } = self.sent[0] ?? {};
  expect(headers).toMatchObject({ 'x-a': 'b', 'user-agent': 'cli-proxy-api/test' });
  expect(headers).not.toHaveProperty('host');
});

test('a token that comes back is masked, in the answer and in what has failed', async () => {
  const echo = scene({
    answer: ({ headers }) => ({ status: 200, headers: { 'x-echo': token }, body: JSON.stringify(headers) }),
  });
  const call = { auth_index: claude, method: 'GET', url: 'https://api.anthropic.com/x', header: bearer };
  expect(JSON.stringify((await echo.call(call)).said)).not.toContain(token);
  const broken = scene({
    http: {
      send: async () => {
        throw new Error(`no way with ${token}`);
      },
    },
  });
  const { status, said } = await broken.call(call);
  expect([status, said.error]).toEqual([502, 'request failed']);
  expect(JSON.stringify(said)).not.toContain(token);
});

test('an answer that breaks off in its middle is a failed call, without the token in it', async () => {
  const breaking = { read: () => Promise.reject(new Error(`cut at ${token}`)), cancel: async () => {} };
  const half = scene({
    http: {
      send: async () => ({
        status: 200,
        headers: new Headers(),
        header: () => null,
        bytes: () => breaking.read(),
        body: () => breaking,
      }),
    },
  });
  const call = { auth_index: claude, method: 'GET', url: 'https://api.anthropic.com/x', header: bearer };
  const { status, said } = await half.call(call);
  expect([status, said.error]).toEqual([502, 'request failed']);
  expect(JSON.stringify(said)).not.toContain(token);
});

describe('what the peer refuses is refused in its words', () => {
  test.each([
    [{ url: 'https://example.com' }, 'missing method'],
    [{ method: 'GET' }, 'missing url'],
    [{ method: 'GET', url: 'nonsense' }, 'invalid url'],
    [{ method: 'GET', url: 'file:///etc/passwd' }, 'invalid url'],
    [{ method: 'GET', url: 'gopher://example.com' }, 'invalid url'],
    [{ method: 'GET', url: 'https://user:pass@example.com/' }, 'invalid url'],
    [{ method: 'GET /x HTTP/1.1', url: 'https://example.com' }, 'failed to build request'],
    [{ method: 'GET', url: 'https://example.com', header: { 'a b': 'c' } }, 'failed to build request'],
    [{ method: 'GET', url: 'https://example.com', header: { a: 'b\r\nc: d' } }, 'failed to build request'],
  ])('%j: %s', async (body, error) => {
    const self = scene({ addresses: { 'example.com': ['1.1.1.1'] } });
    const { status, said } = await self.call(body);
    expect([status, said.error, self.sent.length]).toEqual([400, error, 0]);
  });

  test('a body that is no JSON, or no object', async () => {
    for (const body of ['{', '[]', '7', '{"method":7}']) {
      const { status, said } = await scene().call(body);
      expect([status, String(said.error).startsWith('invalid body')]).toEqual([400, true]);
    }
  });
});

describe('what is left of an account', () => {
  const usage = {
    auth_index: claude,
    method: 'GET',
    url: 'https://api.anthropic.com/api/oauth/usage',
    header: bearer,
  };
  const window = (name: string, left: number, reportedAt: number) => ({
    name,
    ofModel: false,
    left,
    closed: false,
    resetsAt: now + 3_600_000,
    reportedAt,
  });

  test('is answered from what the provider told less than a minute ago', async () => {
    const self = scene();
    self.pool.reportQuota(
      { credential: claudeAccount, model: 'm' },
      [window('5h', 0.62, now - 59_000), window('7d', 0.9, now)],
      now,
    );
    const { said } = await self.call(usage);
    expect(self.sent).toEqual([]);
    expect(JSON.parse(said.body)).toEqual({
      five_hour: { utilization: 38, resets_at: '2026-11-29T13:00:00.000Z' },
      seven_day: { utilization: 10, resets_at: '2026-11-29T13:00:00.000Z' },
    });
  });

  test('is asked for where that is older, and then known for a minute to all that ask', async () => {
    let time = now;
    const self = scene({ now: () => time });
    self.pool.reportQuota(
      { credential: claudeAccount, model: 'm' },
      [window('5h', 0.62, now - 61_000), window('7d', 0.9, now)],
      now,
    );
    for (let count = 0; count < 5; count += 1) await self.call(usage);
    expect(self.sent.length).toBe(1);
    time += 60_001;
    await self.call(usage);
    expect(self.sent.length).toBe(2);
  });

  test('is asked for again after a refusal', async () => {
    const self = scene({ answer: () => ({ status: 429, body: '{}' }) });
    await self.call(usage);
    await self.call(usage);
    expect(self.sent.length).toBe(2);
  });
});
