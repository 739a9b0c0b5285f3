/** Calls that management clients make through the gateway, with the token of an account: quotas, lists of models, tests. */

import { lookup } from 'node:dns/promises';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { maskedFor } from '../gateway/secret-mask.ts';
import type { Proxies } from '../gateway/upstream/proxy.ts';
import type { Clock } from '../ground/clock.ts';
import { isHeaderName, isHeaderValue } from '../ground/header-text.ts';
import { reasonOf } from '../ground/reason.ts';
import { asFetch } from '../http-client/as-fetch.ts';
import type { HttpClient } from '../http-client/client.ts';
import { authIndexOf } from './auth-index.ts';
import { jsonBody } from './body.ts';
import { judgeCall, type Resolve } from './call-guard.ts';
import { type CallAnswer, type QuotaQuestions, quotaQuestions } from './quota-questions.ts';
import { json, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ApiCallDeps {
  gateway: Pick<Gateway, 'credentials' | 'pool'>;
  config: () => Pick<Config, 'proxy-url'>;
  http: Pick<HttpClient, 'send'>;
  proxies: Proxies;
  userAgent: string;
  /** Ms since the epoch. */
  now: Clock['now'];
  /** Looks names up; by default in the system's way. */
  resolve?: Resolve;
}

/** Milliseconds until the answer is there, whole, and until there is a connection. */
const longestCall = 60_000;
const longestConnect = 15_000;
/** Bytes of an answer, of what is sent, and of one header; headers. */
const mostAnswer = 4 * 1024 * 1024;
const mostRequest = 1024 * 1024;
const longestHeader = 16 * 1024;
const mostHeaders = 64;
/** Calls at the same time. */
const mostCalls = 32;

const placeholder = '$TOKEN$';

const indexNames = ['auth_index', 'authIndex', 'AuthIndex'] as const;
const text = z.string().optional();
const callBody = z.object({
  ...{ auth_index: text.nullable(), authIndex: text.nullable(), AuthIndex: text.nullable() },
  ...{ method: text, url: text, data: text.nullable(), proxy_url: text.nullable() },
  header: z.record(z.string(), z.string().max(longestHeader)).nullable().optional(),
});
type CallBody = z.output<typeof callBody>;

/** Headers that the way of the request sets, and one with which a server could be made to mean another. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect'],
  ...['keep-alive', 'proxy-authorization', 'proxy-connection', 'accept-encoding', 'user-agent'],
]);

export function apiCallRoutes(deps: ApiCallDeps): Route[] {
  const questions = quotaQuestions(deps.now);
  let running = 0;

  async function call(body: CallBody): Promise<Reply> {
    if (running >= mostCalls)
      return refuse(503, 'request failed', {
        code: 'too_many_calls',
        message: `${mostCalls} calls run already`,
      });
    running += 1;
    try {
      return await calledBy(body, deps, questions);
    } finally {
      running -= 1;
    }
  }

  return [
    route({
      method: 'POST',
      v0: 'api-call',
      answers: 'called',
      refuses: {
        400: ['missing_parameter', 'bad_parameter', 'credential_not_found', 'token_unavailable'],
        403: ['address_not_allowed'],
        502: ['request_failed'],
        503: ['too_many_calls'],
      },
      v8: 'requests/api-call',
      sentence:
        'Calls an address with the token of an account in the place of `$TOKEN$`, in headers or `data`. Tokens go to their provider alone, and nothing goes to addresses that are not of the internet but for the `base-url` of the credential. Redirects are not followed. What is left of an account is answered without a call while it is known.',
      body: jsonBody(callBody, {
        most: mostRequest,
        example: {
          ...{ auth_index: '9c1b5d20aa41f6e3', method: 'GET', url: 'https://api.example.com/v1/models' },
          header: { Authorization: 'Bearer $TOKEN$' },
        },
      }),
      run: ({ body }) => call(body),
    }),
  ];
}

async function calledBy(body: CallBody, deps: ApiCallDeps, questions: QuotaQuestions): Promise<Reply> {
  const method = body.method?.trim().toUpperCase() ?? '';
  if (method === '') return refuse(400, 'missing method', { code: 'missing_parameter' });
  if (!/^[A-Z]{1,20}$/.test(method) || method === 'CONNECT' || method === 'TRACE')
    return refuse(400, 'failed to build request', {
      code: 'bad_parameter',
      message: 'method: no such method',
    });
  if (!body.url?.trim()) return refuse(400, 'missing url', { code: 'missing_parameter' });
  const url = URL.parse(body.url.trim());
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.hostname === '' ||
    url.username + url.password !== ''
  )
    return refuse(400, 'invalid url', { code: 'bad_parameter' });
  url.hash = '';

  const index = indexNames.map((name) => body[name]?.trim()).find((value) => value) ?? '';
  const credential = index === '' ? undefined : credentialOf(index, url, deps.gateway.credentials());
  const proxy = proxyOf(body.proxy_url?.trim() ?? '', url, credential, deps);
  if (!proxy.ok)
    return refuse(400, 'invalid proxy_url', {
      code: 'bad_parameter',
      message:
        'proxy_url: the proxy of the account and of the configuration is used; the only alternative is "direct"',
    });
  const header = body.header ?? {};
  const data = body.data ?? '';
  const wantsToken = [...Object.values(header), data].some((value) => value.includes(placeholder));
  if (wantsToken && credential === undefined)
    return refuse(400, 'auth token not found', { code: 'credential_not_found' });
  const problem = headerProblem(header);
  if (problem !== undefined)
    return refuse(400, 'failed to build request', { code: 'bad_parameter', message: problem });

  const verdict = await judgeCall({ url, credential, carriesToken: wantsToken }, deps.resolve ?? addressesOf);
  if (!verdict.ok)
    return refuse(403, 'address not allowed', { code: 'address_not_allowed', message: verdict.reason });

  const changed = `called ${method} ${url.origin}${url.pathname}${index === '' ? '' : ` for ${index}`}`;
  const asked = { index, provider: credential?.provider.name ?? '', method, url, data };
  if (credential !== undefined) {
    const quota = deps.gateway.pool.quotaOf(credential.id);
    const known = questions.known(asked, quota?.ofAccount ?? []);
    if (known !== undefined) return json(known, { changed: `${changed}, answered from what is known` });
  }
  const token = wantsToken && credential !== undefined ? await tokenOf(credential) : undefined;
  if (token !== undefined && !token.ok)
    return refuse(400, token.error, { code: 'token_unavailable', message: token.reason });
  const filled = (value: string): string =>
    token === undefined ? value : value.replaceAll(placeholder, token.token);

  const fetch = asFetch({
    http: { send: (request, ending) => deps.http.send({ ...request, at: verdict.at }, ending) },
    pool: `api-call ${index}`,
    proxyFor: () => proxy.proxy,
    mostBytes: mostAnswer,
    connectTime: longestConnect,
  });
  // Whatever fails may repeat what was sent.
  const mask = maskedFor({ secret: token?.token ?? '', headers: {}, proxy: proxy.proxy });
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url.href, {
      method,
      headers: {
        ...Object.fromEntries(
          Object.entries(header)
            .filter(([name]) => !ownHeaders.has(name.toLowerCase()))
            .map(([name, value]) => [name, filled(value)]),
        ),
        'user-agent': deps.userAgent,
      },
      ...(data !== '' && method !== 'GET' && method !== 'HEAD' && { body: filled(data) }),
      signal: AbortSignal.timeout(longestCall),
    });
    // It may break off, or be more than is taken.
    text = await answer.text();
  } catch (error) {
    const reason = mask(reasonOf(error));
    return {
      ...refuse(502, 'request failed', { code: 'request_failed', message: reason }),
      changed,
    };
  }
  const said: CallAnswer = {
    status_code: answer.status,
    header: headerLists(answer.headers, mask),
    body: mask(text),
  };
  if (credential !== undefined) questions.answered(asked, said);
  return json(said, { changed });
}

/** Of an account with several credentials the one whose address it is. */
function credentialOf(index: string, url: URL, credentials: readonly Credential[]): Credential | undefined {
  const own = credentials.filter((credential) => authIndexOf(credential) === index);
  return own.find(({ baseUrl }) => URL.parse(baseUrl)?.origin === url.origin) ?? own[0];
}

async function addressesOf(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

/** The proxy of the account, else that of the configuration; a client may only ask for none. */
function proxyOf(
  wanted: string,
  url: URL,
  credential: Credential | undefined,
  { config, proxies }: Pick<ApiCallDeps, 'config' | 'proxies'>,
): { ok: true; proxy: string | undefined } | { ok: false } {
  const configured = credential?.proxyUrl ?? config()['proxy-url'];
  if (wanted !== '' && wanted !== configured && wanted !== 'direct' && wanted !== 'none')
    return { ok: false };
  const used = wanted === 'direct' || wanted === 'none' ? 'direct' : configured;
  return { ok: true, proxy: proxies.proxyFor(url.href, used) };
}

function headerProblem(header: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(header);
  if (names.length > mostHeaders) return `header: at most ${mostHeaders} are sent`;
  const wrong = Object.entries(header).find(([name, value]) => !isHeaderName(name) || !isHeaderValue(value));
  return wrong === undefined ? undefined : 'header: one of them cannot be sent';
}

async function tokenOf({
  secret,
}: Credential): Promise<{ ok: true; token: string } | { ok: false; error: string; reason: string }> {
  if (typeof secret === 'string')
    return secret === ''
      ? { ok: false, error: 'auth token not found', reason: 'this entry has no key' }
      : { ok: true, token: secret };
  const current = secret.current();
  if (current !== undefined) return { ok: true, token: current };
  const renewed = await secret.renew(undefined);
  return renewed.ok ? renewed : { ok: false, error: 'auth token refresh failed', reason: renewed.message };
}

function headerLists(headers: Headers, mask: (text: string) => string): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    const shown = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    lists[shown] = [...(lists[shown] ?? []), mask(value)];
  }
  return lists;
}
