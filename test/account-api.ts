/** A server on loopback that stands for a provider's account-side APIs, and the world of a login that asks it. */
import type { TokenReply } from '../src/oauth/grant.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../src/protocols/json.ts';
import type { SignInDeps } from '../src/providers/account-provider.ts';

/** What came in, as a test compares it. */
export interface SeenCall {
  /** `POST /v1internal:loadCodeAssist`, with the query. */
  what: string;
  authorization: string | undefined;
  userAgent: string | undefined;
  headers: Headers;
  body: Json | undefined;
}

/** A body with status 200, or a status with a body. */
export type Reply = JsonObject | { status: number; body: Json; headers?: Record<string, string> };
export type Routes = Record<string, Reply | readonly Reply[] | ((call: SeenCall) => Reply)>;

export interface AccountApi extends Disposable {
  url: string;
  calls: SeenCall[];
  /** Calls whose `what` begins so. */
  callsOf(what: string): SeenCall[];
}

/** By `METHOD /path`, without the query. Of a list of replies each is given once, the last for ever. */
export function accountApi(routes: Routes): AccountApi {
  const calls: SeenCall[] = [];
  const given = new Map<string, number>();
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const route = `${request.method} ${decodeURIComponent(pathname)}`;
      const call: SeenCall = {
        what: route + search,
        authorization: request.headers.get('authorization') ?? undefined,
        userAgent: request.headers.get('user-agent') ?? undefined,
        headers: request.headers,
        body: parseJson(await request.text()),
      };
      calls.push(call);
      const found = routes[route];
      if (found === undefined) return Response.json({ error: { message: `no ${route}` } }, { status: 404 });
      const count = given.get(route) ?? 0;
      given.set(route, count + 1);
      const reply =
        typeof found === 'function'
          ? found(call)
          : Array.isArray(found)
            ? found[Math.min(count, found.length - 1)]
            : found;
      if (isObject(reply) && typeof reply.status === 'number')
        return Response.json(reply.body, {
          status: reply.status,
          headers: isObject(reply.headers) ? stringsOf(reply.headers) : {},
        });
      return Response.json(reply);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    calls,
    callsOf: (what) => calls.filter((call) => call.what.startsWith(what)),
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function stringsOf(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

export interface TestDeps extends SignInDeps {
  lines: string[];
  /** The waits, in milliseconds; they pass at once. */
  waits: number[];
}

/** Waiting takes no time but moves the clock. */
export function signInDeps(
  choices: { project?: string; choose?: NonNullable<SignInDeps['choose']> } = {},
): TestDeps {
  let now = Date.UTC(2026, 10, 23);
  const lines: string[] = [];
  const waits: number[] = [];
  return {
    fetch: (url, init) => fetch(url, init),
    userAgent: 'cli-proxy-api/test',
    now: () => now,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
    progress: (line) => lines.push(line),
    project: choices.project,
    choose: choices.choose,
    lines,
    waits,
  };
}

/** The reply of a token endpoint; `body` is what it said besides. */
export function tokenReply(body: JsonObject = {}): TokenReply {
  return {
    accessToken: typeof body.access_token === 'string' ? body.access_token : 'canary-access-token',
    refreshToken: 'canary-refresh-token',
    idToken: typeof body.id_token === 'string' ? body.id_token : undefined,
    tokenType: 'Bearer',
    scope: undefined,
    expiresAt: undefined,
    body,
  };
}

/** A JWT that says this; nobody has signed it. */
export function unsignedJwt(claims: JsonObject): string {
  const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
