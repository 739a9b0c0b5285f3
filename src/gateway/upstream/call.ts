/** One call to an upstream: with the credential's token, renewed once where the upstream no longer takes it. */

import type { Renewed, TokenSource } from '../../accounts/token-source.ts';
import type { Bounds } from '../../config/bounds.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../ground/clock.ts';
import { errorCode } from '../../ground/error-code.ts';
import { reasonOf } from '../../ground/reason.ts';
import { BrokenAnswer } from '../../http-client/broken-answer.ts';
import type { HttpClient } from '../../http-client/client.ts';
import type { Cancellation, HttpResponse, SentAgain } from '../../http-client/message.ts';
import { maskedProxy } from '../../http-client/proxy.ts';
import { codecs } from '../../protocols/registry.ts';
import type { Provider } from '../../providers/provider.ts';
import { type AttemptFailure, brokenOff, brokenUpstream, failureFromAnswer } from '../failure.ts';
import { maskedFailure, maskedFor, writtenIn } from '../secret-mask.ts';
import { signInAgain as signInAgainCode } from '../shown-error.ts';
import { loggedCall } from '../trace/logged-request.ts';
import type { CallTranscript, Transcript } from '../trace/request-log.ts';
import { bodyMaker, type UpstreamBody } from './body-maker.ts';
import { answerOfResponse } from './fetched-answer.ts';
import type { Proxies } from './proxy.ts';
import { unwrapped } from './unwrap.ts';
import type { UpstreamWatch } from './watch.ts';
import type { SocketCall, UpstreamSockets } from './websocket.ts';

/** What all calls run on, given once. */
export interface UpstreamDeps {
  http: Pick<HttpClient, 'send'>;
  /** For what our own client does not do: HTTP/2. */
  fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  userAgent: string;
  /** Milliseconds since the epoch. */
  clock: Clock;
  newId: (prefix: string) => string;
  proxies: Pick<Proxies, 'proxyFor'>;
}

/** Why a request is sent once more to the same credential: also with a new token, or by HTTP where a WebSocket does not take it. */
export type Resend = SentAgain | 'new-token' | 'over-http';

/** What one call runs on. */
export interface CallDeps extends UpstreamDeps {
  /** Where calls are written down, with `request-log`. */
  transcript?: Transcript | undefined;
  /** The headers that give the request's trace on to this credential's provider, where it may have it. */
  onward?: ((credential: Credential) => Readonly<Record<string, string>> | undefined) | undefined;
  /** Called with each answer, good or bad. */
  answered: (answer: Pick<HttpResponse, 'headers'>) => void;
  /** Called each time the request is sent once more, before it is: the trace shows each. */
  sentAgain?: ((why: Resend) => void) | undefined;
  /** What ends the call when it takes too long, or its client leaves. */
  watch: Pick<
    UpstreamWatch,
    'cancelled' | 'whenCancelled' | 'connecting' | 'probing' | 'errorBody' | 'reading' | 'abandon'
  >;
  bounds: Pick<
    Bounds,
    | 'answer-items'
    | 'nesting'
    | 'answer-values'
    | 'loss-header'
    | 'error-body'
    | 'error-text'
    | 'sse-line'
    | 'held-events'
    | 'whole-answer'
    | 'websocket-message'
    | 'token-estimate'
    | 'json-values'
  >;
}

export interface UpstreamCall {
  url: string;
  /** Those that prove who is asking are added here. */
  headers: Record<string, string>;
  /** Gives the body, made anew each time. */
  body: () => UpstreamBody;
  /** The same in turns, for a long body that takes work to be made again. */
  bodyAgain?: (() => Promise<UpstreamBody>) | undefined;
  /** True where the provider's WebSocket may carry the call. */
  overSocket?: boolean;
}

export type CallResult = { ok: true; answer: HttpResponse } | { ok: false; failure: AttemptFailure };

/**
 * Makes the call. Redirects, error statuses and connections that fail are failures; the watch ends the call at any time.
 * An account's token that is rejected is renewed once and the same request made once more; what comes then counts.
 */
export function callUpstream(
  call: UpstreamCall,
  credential: Credential,
  deps: CallDeps,
): Promise<CallResult> {
  const { secret } = credential;
  return typeof secret === 'string'
    ? exchange(call, credential, secret, deps)
    : exchangeAs(secret, call, credential, deps);
}

/** With a token that may have to be renewed first, or when it is rejected. */
async function exchangeAs(
  secret: TokenSource,
  call: UpstreamCall,
  credential: Credential,
  deps: CallDeps,
): Promise<CallResult> {
  let token = secret.current();
  if (token === undefined) {
    const renewed = await renew(secret, undefined, deps.watch);
    if (!renewed.ok) return notRenewed(credential, renewed, deps);
    token = renewed.token;
  }
  const first = await exchange(call, credential, token, deps);
  if (first.ok || first.failure.kind !== 'auth') return first;
  const renewed = await renew(secret, token, deps.watch);
  if (!renewed.ok) return notRenewed(credential, renewed, deps);
  const { body, bodyAgain } = call;
  const again = bodyAgain === undefined ? call : { ...call, body: bodyMaker(await bodyAgain(), body) };
  deps.sentAgain?.('new-token');
  return exchange(again, credential, renewed.token, deps);
}

/** A renewal goes on when its request no longer waits for it: other requests do, and what it spends must be kept. */
async function renew(
  source: TokenSource,
  rejected: string | undefined,
  watch: Cancellation,
): Promise<Renewed> {
  try {
    if (watch.cancelled !== undefined) throw watch.cancelled;
    const cancelled = new Promise<never>((_, reject) => watch.whenCancelled(reject));
    return await Promise.race([source.renew(rejected), cancelled]);
  } catch (error) {
    const message = reasonOf(error);
    return { ok: false, message, signInAgain: false };
  }
}

function notRenewed(
  { provider, baseUrl, proxyUrl }: Credential,
  { message, signInAgain }: Extract<Renewed, { ok: false }>,
  { proxies }: Pick<CallDeps, 'proxies'>,
): CallResult {
  if (!signInAgain) {
    const sentence = `The token of the ${provider.title} account could not be renewed: ${message}`;
    const proxy = proxies.proxyFor(baseUrl, proxyUrl);
    return {
      ok: false,
      failure: {
        ...brokenUpstream(sentence, undefined, 503),
        ...(proxy !== undefined && {
          detail: sentence.replace('through its proxy', `through its proxy ${maskedProxy(proxy)}`),
        }),
      },
    };
  }
  const next = provider.signIn === undefined ? 'sign in again' : `sign in again: ${provider.signIn}`;
  const sentence = `The ${provider.title} account is no longer signed in; ${next} (${message})`;
  return {
    ok: false,
    failure: {
      kind: 'auth',
      error: { status: 401, kind: 'authentication', message: sentence, code: signInAgainCode },
    },
  };
}

async function exchange(
  call: UpstreamCall,
  credential: Credential,
  token: string,
  deps: CallDeps,
): Promise<CallResult> {
  const { provider, baseUrl } = credential;
  let proxy: string | undefined;
  let answer: HttpResponse;
  let transcribed: CallTranscript | undefined;
  try {
    proxy = deps.proxies.proxyFor(call.url, credential.proxyUrl);
    // What the owner of the credential set has the last word, also over the proof.
    // One socket serves many requests: headers of one of them are not sent when it is opened.
    const onward = call.overSocket ? undefined : deps.onward?.(credential);
    const headers = Object.assign(provider.authenticate(token, baseUrl), onward, call.headers);
    const { watch, transcript } = deps;
    let { body } = call;
    if (transcript !== undefined) {
      const made = body();
      const secrets = [token, ...writtenIn(credential.headers)];
      const to = {
        id: credential.id,
        label: credential.label,
        provider: provider.name,
        account: typeof credential.secret !== 'string',
        baseUrl,
      };
      transcribed = transcript.call({ url: call.url, headers, body: made, secrets, to });
      body = bodyMaker(made, body);
    }
    const through = proxy;
    const connecting =
      through === undefined ? watch.connecting : () => watch.connecting(maskedProxy(through));
    let isTried = false;
    const sending = (): void => {
      isTried = true;
    };
    const asked = call.overSocket
      ? await overSocket({ ...call, body, headers, proxy, connecting, sending }, credential, deps)
      : undefined;
    // Where an address has refused before, this send is the first.
    if (isTried && asked === undefined) deps.sentAgain?.('over-http');
    answer =
      asked ??
      (provider.http2 && proxy === undefined
        ? answerOfResponse(await fetched({ ...call, body, headers }, provider, deps))
        : await deps.http.send(
            {
              method: 'POST',
              url: call.url,
              headers,
              body,
              bodyAgain: call.bodyAgain,
              connecting,
              sentAgain: deps.sentAgain,
              pool: credential.id,
              proxy,
              tls: provider.tls,
            },
            watch,
          ));
    if (transcribed !== undefined) answer = loggedCall(answer, transcribed);
    deps.answered(answer);
  } catch (error) {
    transcribed?.failed(reasonOf(error));
    const failure = notReached(call.url, proxy, error);
    return { ok: false, failure: maskedFailure(failure, maskedFor({ secret: token, headers: {}, proxy })) };
  }
  if (answer.status >= 300) {
    const bounds = { mostBytes: deps.bounds['error-body'], whenLate: deps.watch.errorBody };
    const failure = await failureFromAnswer(credential, answer, deps.clock.now(), bounds);
    // By the time that others look, an account may have another token.
    return { ok: false, failure: maskedFailure(failure, maskedFor({ secret: token, headers: {}, proxy })) };
  }
  if (provider.envelope === undefined) return { ok: true, answer };
  try {
    return { ok: true, answer: await unwrapped(answer, provider.envelope.unwrap) };
  } catch (error) {
    return { ok: false, failure: brokenOff(error) };
  }
}

/** The failure of a call that got no answer. The client reads that there is a proxy, its owner which. */
function notReached(url: string, proxy: string | undefined, error: unknown): AttemptFailure {
  const { host } = new URL(url);
  const reason = reasonOf(error);
  if (error instanceof BrokenAnswer)
    return brokenUpstream(`The answer of ${host} is broken: ${reason}`, error);
  const sentence = (through: string): string => `Could not reach ${host}${through}: ${reason}`;
  if (proxy === undefined) return brokenUpstream(sentence(''), error);
  return {
    ...brokenUpstream(sentence(' through its proxy'), error),
    detail: sentence(` through its proxy ${maskedProxy(proxy)}`),
  };
}

/** The call over the provider's WebSocket; undefined where there is none to be had. */
async function overSocket(
  call: UpstreamCall & Pick<SocketCall, 'proxy' | 'connecting' | 'sending'>,
  { provider, id }: Credential,
  deps: CallDeps,
): Promise<HttpResponse | undefined> {
  const form = codecs[provider.protocol].webSocketForm;
  if (form === undefined) return undefined;
  const { createUpstreamSockets, socketTimes } = await import('./websocket.ts');
  const sockets = socketsOf.get(deps.http) ?? createUpstreamSockets(deps.http, socketTimes, deps.clock);
  socketsOf.set(deps.http, sockets);
  return sockets.ask({
    ...call,
    form,
    headers: { ...call.headers, ...provider.websocket?.headers },
    tls: provider.tls,
    pool: id,
    signal: signalOf(deps.watch),
    mostBytes: deps.bounds['websocket-message'],
  });
}

/** Made when first needed: few accounts ask for it. Connections are shared, as those of the client are. */
const socketsOf = new WeakMap<CallDeps['http'], UpstreamSockets>();

/** The call over HTTP/2, which our own client does not speak. */
async function fetched(call: UpstreamCall, provider: Provider, deps: CallDeps): Promise<Response> {
  const { url, headers } = call;
  const connected = deps.watch.probing(url);
  try {
    return await request(url, deps, {
      method: 'POST',
      headers,
      body: call.body(),
      signal: signalOf(deps.watch),
      redirect: 'manual',
      // Bun gives up after five minutes by default; long thinking takes longer.
      timeout: false,
      // It was not requested: the unpacked size of a few bytes would have no bound.
      decompress: false,
      tls: provider.tls,
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

/** Origins that were asked for HTTP/2 and have none: asking again would cost a handshake each time. */
const withoutHttp2 = new Set<string>();

async function request(
  url: string,
  { fetch }: Pick<UpstreamDeps, 'fetch'>,
  init: BunFetchRequestInit,
): Promise<Response> {
  const { origin, protocol } = new URL(url);
  if (protocol !== 'https:' || withoutHttp2.has(origin)) return fetch(url, init);
  try {
    return await fetch(url, { ...init, protocol: 'http2' });
  } catch (error) {
    // The handshake ends before anything of the request has gone out.
    if (errorCode(error) !== 'HTTP2Unsupported') throw error;
    withoutHttp2.add(origin);
    return fetch(url, init);
  }
}
