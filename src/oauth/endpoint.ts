/** Asking an authorization server: what goes with every call, and what its answer comes to. */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type CustomFetchOptions,
  customFetch,
  None,
  type TokenEndpointRequestOptions,
} from 'oauth4webapi';
import { isLoopback } from '../ground/loopback.ts';
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import { asNumber, asObject, asString } from '../protocols/json-members.ts';
import { believedRetryAfter } from '../protocols/stated-wait.ts';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { cancelled, type Failed, failed, quote, UnreachableError } from './failure.ts';

/** Milliseconds until a call that gets no answer is given up. */
const callTimeout = 30_000;

/** An answer of an authorization server, whatever its status. */
export interface Answer {
  ok: true;
  status: number;
  /** Undefined where the body is no JSON object. */
  body: JsonObject | undefined;
  /** Seconds, at most a month; undefined when the server did not ask for a pause. */
  retryAfter: number | undefined;
  /** Milliseconds since the epoch at which the question was asked: what lifetimes are counted from. */
  askedAt: number;
}

/** Whether secrets may travel to an address: over TLS, or without leaving this computer (RFC 8252 §8.3). */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:') return true;
  return protocol === 'http:' && isLoopback(hostname);
}

/** Another page of the server: `url` with `path` in the place of `known`, below whatever a mirror has before it. */
export function beside(url: string, known: string, path: string): string {
  const { origin, pathname } = new URL(url);
  return origin + (pathname.endsWith(known) ? pathname.slice(0, -known.length) : '') + path;
}

/** The server as oauth4webapi wants it. No issuer is known: the token endpoint's origin is used as the issuer. */
export function serverOf(client: OAuthClient): AuthorizationServer {
  return {
    issuer: URL.canParse(client.tokenUrl) ? new URL(client.tokenUrl).origin : client.tokenUrl,
    token_endpoint: client.tokenUrl,
    ...(client.deviceAuthorizationUrl === undefined
      ? {}
      : { device_authorization_endpoint: client.deviceAuthorizationUrl }),
  };
}

export function clientOf(client: OAuthClient): Client {
  return { client_id: client.clientId };
}

/** How the client proves itself (RFC 6749 §2.3.1); some want id and secret in the body and in the header. */
export function authenticationOf(client: OAuthClient): ClientAuth {
  if (client.clientAuthentication === 'none' || client.clientSecret === undefined) return None();
  const inBody = ClientSecretPost(client.clientSecret);
  if (client.clientAuthentication === 'body') return inBody;
  const inHeader = ClientSecretBasic(client.clientSecret);
  return async (...call) => {
    await inBody(...call);
    await inHeader(...call);
  };
}

/** What every call carries: our name, the provider's headers, the way out through the account's proxy, an end in time. */
export function callOptions(
  client: Pick<OAuthClient, 'headers' | 'tokenRequest'>,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
): TokenEndpointRequestOptions {
  return {
    headers: { ...client.headers, 'user-agent': deps.userAgent },
    signal: callSignal(signal),
    // The addresses have passed `isSafeAddress`.
    [allowInsecureRequests]: true,
    [customFetch]: (url, init) =>
      deps.fetch(url, client.tokenRequest === 'json' ? asJsonRequest(init) : { ...init }),
  };
}

function callSignal(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(callTimeout);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

/** Claude's token endpoint reads JSON where RFC 6749 §4.1.3 has a form: the same parameters, in another dress. */
function asJsonRequest(init: CustomFetchOptions<'POST', URLSearchParams>): RequestInit {
  return {
    ...init,
    headers: { ...init.headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(init.body)),
  };
}

/** A POST of JSON: OpenAI's device login, which is no RFC 8628. */
export function postJson(
  client: OAuthClient,
  url: string,
  body: JsonObject,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return deps.fetch(url, {
    method: 'POST',
    headers: {
      ...client.headers,
      'user-agent': deps.userAgent,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: callSignal(signal),
  });
}

/**
 * Asks `url` by `call` and reads the answer. The failures are those of getting an answer at all: `refused` for an address
 * that secrets may not travel to, `unavailable` for a server that cannot be reached, `cancelled` when `signal` was aborted.
 */
export async function ask(
  title: string,
  url: string,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
  call: () => Promise<Response>,
): Promise<Answer | Failed> {
  if (!isSafeAddress(url))
    return failed(
      'refused',
      `The address ${quote(url, [])} of ${title} is not safe to send secrets to: it must begin with https:// (http:// is for this computer only).`,
    );
  const { host } = new URL(url);
  const askedAt = deps.now();
  try {
    if (signal?.aborted) return cancelled();
    const response = await call();
    const body = parseJson(await response.text());
    return {
      ok: true,
      status: response.status,
      body: isObject(body) ? body : undefined,
      retryAfter: believedRetryAfter(response.headers, deps.now()),
      askedAt,
    };
  } catch (cause) {
    if (signal?.aborted) return cancelled();
    // oauth4webapi was asked wrongly: our mistake, not the network's.
    if (cause instanceof TypeError && 'code' in cause && cause.code === 'ERR_INVALID_ARG_VALUE') throw cause;
    const late = cause instanceof DOMException && cause.name === 'TimeoutError';
    return failed(
      'unavailable',
      late
        ? `${title} at ${host} did not answer within ${callTimeout / 1000} seconds.`
        : cause instanceof UnreachableError
          ? `${title} at ${host} could not be reached ${cause.message}.`
          : `${title} at ${host} could not be reached. Check the network and the proxy, then try again.`,
      { cause },
    );
  }
}

/** The error in an answer: its code and its words, in the shapes of RFC 6749 §5.2, OpenAI, Anthropic and Google. */
export function errorOf(body: JsonObject | undefined): {
  code: string | undefined;
  words: string | undefined;
} {
  const error = asObject(body?.error);
  const code =
    asString(body?.error) ??
    asString(error?.code) ??
    asString(error?.type) ??
    asString(error?.status) ??
    asString(body?.code) ??
    undefined;
  const words =
    asString(body?.error_description) ??
    asString(error?.message) ??
    asString(body?.message) ??
    asString(body?.detail);
  return { code: code || undefined, words: words || undefined };
}

/** A number of seconds, which some servers write as text; undefined for anything else. */
export function seconds(value: JsonObject[string]): number | undefined {
  const number = asNumber(value) ?? Number.parseFloat(asString(value) ?? '');
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
