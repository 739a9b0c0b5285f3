/** One call to an upstream: with the credential's token, renewed once where the upstream no longer takes it. */
import type { Renewed, TokenSource } from '../../accounts/token-source.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Provider } from '../../providers/provider.ts';
import { type AttemptFailure, brokenUpstream, failureFromResponse } from '../failure.ts';
import type { Proxies } from './proxy.ts';
import { unwrapped } from './unwrap.ts';
import type { UpstreamWatch } from './watch.ts';
import type { UpstreamSockets } from './websocket.ts';

/** The outside world of all calls, given once. */
export interface Surroundings {
  fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  userAgent: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  proxies: Pick<Proxies, 'proxyFor'>;
}

/** The outside world of one call. */
export interface CallWorld extends Surroundings {
  /** Hears the headers of each answer, good or bad. */
  answered: (headers: Headers) => void;
  /** What ends the call when it takes too long, or its client leaves. */
  watch: Pick<UpstreamWatch, 'signal' | 'connecting' | 'reading'>;
}

export interface UpstreamCall {
  url: string;
  /** Those that prove who is asking are added here. */
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | string;
  /** True where the provider's WebSocket may carry the call. */
  overSocket?: boolean;
}

export type CallResult = { ok: true; response: Response } | { ok: false; failure: AttemptFailure };

/**
 * Makes the call. Redirects, error statuses and connections that fail are failures; the watch's signal ends the call at any time.
 * An account's token that is rejected is renewed once and the same request made once more; what comes then counts.
 */
export async function callUpstream(
  call: UpstreamCall,
  credential: Credential,
  world: CallWorld,
): Promise<CallResult> {
  const { secret } = credential;
  if (typeof secret === 'string') return exchange(call, credential, secret, world);
  let token = secret.current();
  if (token === undefined) {
    const renewed = await renew(secret, undefined);
    if (!renewed.ok) return notRenewed(credential, renewed);
    token = renewed.token;
  }
  const first = await exchange(call, credential, token, world);
  if (first.ok || first.failure.kind !== 'auth') return first;
  const renewed = await renew(secret, token);
  if (!renewed.ok) return notRenewed(credential, renewed);
  return exchange(call, credential, renewed.token, world);
}

async function renew(source: TokenSource, rejected: string | undefined): Promise<Renewed> {
  try {
    return await source.renew(rejected);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, message, signInAgain: false };
  }
}

function notRenewed(
  { label, provider }: Credential,
  { message, signInAgain }: Extract<Renewed, { ok: false }>,
): CallResult {
  if (!signInAgain) {
    const sentence = `The token of the ${provider.title} account ${label} could not be renewed: ${message}`;
    return { ok: false, failure: brokenUpstream(sentence, undefined, 503) };
  }
  const next = provider.signIn === undefined ? 'sign in again' : `sign in again: ${provider.signIn}`;
  const sentence = `The ${provider.title} account ${label} is no longer signed in; ${next} (${message})`;
  return {
    ok: false,
    failure: {
      kind: 'auth',
      error: { status: 401, kind: 'authentication', message: sentence, code: 'sign_in_again' },
    },
  };
}

async function exchange(
  call: UpstreamCall,
  credential: Credential,
  token: string,
  world: CallWorld,
): Promise<CallResult> {
  const { provider, baseUrl } = credential;
  const { signal } = world.watch;
  const way = world.proxies.proxyFor(call.url, credential.proxyUrl);
  let response: Response | undefined;
  let connected: (() => void) | undefined;
  try {
    const proxy = typeof way === 'object' ? await way : way;
    connected = world.watch.connecting(proxy ?? call.url);
    // What the owner of the credential set has the last word, also over the proof.
    const headers = { ...provider.authenticate(token, baseUrl), ...call.headers };
    if (call.overSocket) {
      const opening = { ...headers, ...provider.websocket?.headers };
      response = await (await sockets()).ask({ ...call, headers: opening, proxy, tls: provider.tls, signal });
    }
    response ??= await request(provider, call.url, world, {
      method: 'POST',
      headers,
      body: call.body,
      signal,
      redirect: 'manual',
      // Bun gives up after five minutes by default; long thinking takes longer.
      timeout: false,
      proxy,
      tls: provider.tls,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not reach ${new URL(call.url).host}: ${reason}`;
    return { ok: false, failure: brokenUpstream(message, error) };
  } finally {
    connected?.();
  }
  world.answered(response.headers);
  if (response.status >= 300)
    return { ok: false, failure: await failureFromResponse(credential, response, world.now()) };
  if (provider.envelope === undefined) return { ok: true, response };
  try {
    return { ok: true, response: await unwrapped(response, provider.envelope.unwrap) };
  } catch (error) {
    const message = 'The upstream broke off in the middle of its answer.';
    return { ok: false, failure: brokenUpstream(message, error) };
  }
}

/** Made when first needed: few accounts ask for it. Connections are shared, as those of `fetch` are. */
let openedSockets: Promise<UpstreamSockets> | undefined;

function sockets(): Promise<UpstreamSockets> {
  openedSockets ??= import('./websocket.ts').then(({ createUpstreamSockets, socketTimes }) =>
    createUpstreamSockets(socketTimes, Date.now),
  );
  return openedSockets;
}

/** Origins that were asked for HTTP/2 and have none: asking again would cost a handshake each time. */
const withoutHttp2 = new Set<string>();

async function request(
  { http2 }: Provider,
  url: string,
  { fetch }: Pick<Surroundings, 'fetch'>,
  init: BunFetchRequestInit,
): Promise<Response> {
  if (!http2) return fetch(url, init);
  const { origin, protocol } = new URL(url);
  if (protocol !== 'https:' || withoutHttp2.has(origin)) return fetch(url, init);
  try {
    return await fetch(url, { ...init, protocol: 'http2' });
  } catch (error) {
    // The handshake ends before anything of the request has gone out.
    if (!(error instanceof Error && 'code' in error && error.code === 'HTTP2Unsupported')) throw error;
    withoutHttp2.add(origin);
    return fetch(url, init);
  }
}
