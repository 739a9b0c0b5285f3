/** One call to an upstream: with the credential's token, renewed once where the upstream no longer takes it. */
import type { Renewed, TokenSource } from '../../accounts/token-source.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http-client/client.ts';
import type { Cancellation, HttpAnswer } from '../../http-client/message.ts';
import type { Provider } from '../../providers/provider.ts';
import { type AttemptFailure, brokenUpstream, failureFromAnswer } from '../failure.ts';
import { loggedCall } from '../trace/logged-request.ts';
import type { CallTranscript, Transcript } from '../trace/request-log.ts';
import { answerOfResponse } from './fetched-answer.ts';
import type { Proxies } from './proxy.ts';
import { unwrapped } from './unwrap.ts';
import type { UpstreamWatch } from './watch.ts';
import type { UpstreamSockets } from './websocket.ts';

/** The outside world of all calls, given once. */
export interface Surroundings {
  http: Pick<HttpClient, 'send'>;
  /** For what our own client does not do: proxies, protection of connections that is not the usual, HTTP/2. */
  fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  userAgent: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  proxies: Pick<Proxies, 'proxyFor'>;
}

/** The outside world of one call. */
export interface CallWorld extends Surroundings {
  /** Where calls are written down, with `request-log`. */
  transcript?: Transcript | undefined;
  /** Hears of each answer, good or bad. */
  answered: (answer: Pick<HttpAnswer, 'headers'>) => void;
  /** What ends the call when it takes too long, or its client leaves. */
  watch: Pick<UpstreamWatch, 'cancelled' | 'whenCancelled' | 'connecting' | 'probing' | 'reading'>;
}

export interface UpstreamCall {
  url: string;
  /** Those that prove who is asking are added here. */
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | string;
  /** True where the provider's WebSocket may carry the call. */
  overSocket?: boolean;
}

export type CallResult = { ok: true; answer: HttpAnswer } | { ok: false; failure: AttemptFailure };

/**
 * Makes the call. Redirects, error statuses and connections that fail are failures; the watch ends the call at any time.
 * An account's token that is rejected is renewed once and the same request made once more; what comes then counts.
 */
export function callUpstream(
  call: UpstreamCall,
  credential: Credential,
  world: CallWorld,
): Promise<CallResult> {
  const { secret } = credential;
  return typeof secret === 'string'
    ? exchange(call, credential, secret, world)
    : exchangeAs(secret, call, credential, world);
}

/** With a token that may have to be renewed first, or when it is rejected. */
async function exchangeAs(
  secret: TokenSource,
  call: UpstreamCall,
  credential: Credential,
  world: CallWorld,
): Promise<CallResult> {
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
  const way = world.proxies.proxyFor(call.url, credential.proxyUrl);
  let answer: HttpAnswer;
  let told: CallTranscript | undefined;
  try {
    const proxy = typeof way === 'object' ? await way : way;
    // What the owner of the credential set has the last word, also over the proof.
    const headers = Object.assign(provider.authenticate(token, baseUrl), call.headers);
    told = world.transcript?.call({ url: call.url, headers, body: call.body, secret: token });
    answer =
      proxy === undefined && !call.overSocket && isPlain(provider, call.url)
        ? await world.http.send(
            { method: 'POST', url: call.url, headers, body: call.body, connecting: world.watch.connecting },
            world.watch,
          )
        : answerOfResponse(await fetched({ ...call, headers, proxy }, provider, world));
  } catch (error) {
    told?.failed(error instanceof Error ? error.message : String(error));
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not reach ${new URL(call.url).host}: ${reason}`;
    return { ok: false, failure: brokenUpstream(message, error) };
  }
  if (told !== undefined) answer = loggedCall(answer, told);
  world.answered(answer);
  if (answer.status >= 300)
    return { ok: false, failure: await failureFromAnswer(credential, answer, world.now()) };
  if (provider.envelope === undefined) return { ok: true, answer };
  try {
    return { ok: true, answer: await unwrapped(answer, provider.envelope.unwrap) };
  } catch (error) {
    const message = 'The upstream broke off in the middle of its answer.';
    return { ok: false, failure: brokenUpstream(message, error) };
  }
}

/** Whether our own client does all that the call needs. */
function isPlain({ tls, http2 }: Provider, url: string): boolean {
  return tls === undefined && !http2 && !url.includes('@');
}

/** The call by what the runtime has for it. */
async function fetched(
  call: UpstreamCall & { proxy: string | undefined },
  provider: Provider,
  world: CallWorld,
): Promise<Response> {
  const { url, headers, body, proxy } = call;
  const { tls } = provider;
  const connected = world.watch.probing(proxy ?? url);
  const signal = signalOf(world.watch);
  try {
    if (call.overSocket) {
      const opening = { ...headers, ...provider.websocket?.headers };
      const asked = await (await sockets()).ask({ ...call, headers: opening, tls, signal });
      if (asked !== undefined) return asked;
    }
    return await request(provider, url, world, {
      method: 'POST',
      headers,
      body,
      signal,
      redirect: 'manual',
      // Bun gives up after five minutes by default; long thinking takes longer.
      timeout: false,
      proxy,
      tls,
    });
  } finally {
    connected();
  }
}

/** The same in the runtime's words. */
function signalOf(cancellation: Cancellation): AbortSignal {
  const controller = new AbortController();
  if (cancellation.cancelled !== undefined) controller.abort(cancellation.cancelled);
  else cancellation.whenCancelled((reason) => controller.abort(reason));
  return controller.signal;
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
