/** Signing in with a browser: authorization code and PKCE, back through the loopback listener or a pasted line. */
import { exchangeCode } from './authorization-code.ts';
import { authorizationUrl } from './authorization-request.ts';
import { type Callback, isBareCode, parsePastedCallback } from './callback.ts';
import { donePage, failedPage } from './callback-page.ts';
import type { OAuthClient, OAuthDeps } from './client.ts';
import { cancelled, type Failed, failed, reason } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { listenForCallback } from './loopback.ts';
import { newPkce, newState } from './pkce.ts';

/** Milliseconds that a person has to sign in by default. */
const browserSignInTimeout = 5 * 60_000;

export interface BrowserSignIn {
  /**
   * The port to listen on where it is not the usual one. The redirect goes there where the provider allows any port; else it stays,
   * and the port must be forwarded.
   */
  listenPort?: number | undefined;
  /** `false`: nothing listens for the browser, and a pasted line alone finishes it. */
  listen?: false | undefined;
  /** Milliseconds; {@link browserSignInTimeout} when undefined. */
  timeout?: number | undefined;
  /** Stops the sign-in. */
  signal?: AbortSignal | undefined;
  /** Called with the address that the person opens, as soon as the listener waits for them. */
  onAddress: (url: string) => void;
  /** Called with the address too: opens the browser, or does not. */
  opened?: ((url: string) => void) | undefined;
  /** Lines that the person pastes meanwhile; their end changes nothing. */
  pasted: AsyncIterable<string> | undefined;
  /** Called, with a sentence for people, why a pasted line is of no use; the sign-in goes on waiting. */
  onUnusablePaste?: ((message: string) => void) | undefined;
  /** Called once, with a sentence for people, that something else than the answer came to the listener; it goes on waiting. */
  onForeignAnswer?: ((message: string) => void) | undefined;
  /** Called, with a sentence for people, why the browser cannot come back by itself: only a pasted line can finish it then. */
  onNoListener?: ((message: string) => void) | undefined;
}

/**
 * Signs a person in: whatever comes first counts, the browser at the listener, a pasted line, the end of the time, or the
 * signal. An answer without this sign-in's state changes nothing (any page can send one); where nothing better comes until the end
 * of the time, that is `state-mismatch`.
 */
export async function signInWithBrowser(
  client: OAuthClient,
  options: BrowserSignIn,
  deps: OAuthDeps,
): Promise<GrantResult> {
  const { title, redirect, authorizeUrl } = client;
  if (redirect === undefined || authorizeUrl === undefined)
    return failed('refused', `${title} has no sign-in with a browser.`);
  if (options.signal?.aborted) return cancelled();

  const state = newState();
  let foreign = 0;
  const listener =
    options.listen === false
      ? failed('port-taken', `Nothing listens for ${title}: only a pasted answer can finish the sign-in.`)
      : listenForCallback({
          title,
          port: options.listenPort ?? redirect.port,
          path: redirect.path,
          state,
          onForeign() {
            foreign += 1;
            if (foreign === 1)
              options.onForeignAnswer?.(
                'Something came back that belongs to another sign-in: an older tab, or another page. This one still waits.',
              );
          },
        });
  // Without a listener a pasted line still finishes it.
  if (!listener.ok && options.pasted === undefined) return listener;
  if (!listener.ok && options.listen !== false) options.onNoListener?.(listener.failure.message);
  const over = new AbortController();
  try {
    const listened = listener.ok ? listener.port : (options.listenPort ?? redirect.port);
    const moved = client.anyRedirectPort === true && options.listenPort !== undefined;
    const port = moved ? listened : redirect.port || listened;
    const redirectUri = `http://${redirect.host}:${port}${redirect.path}`;
    const pkce = client.pkce ? await newPkce() : undefined;
    const url = authorizationUrl(client, authorizeUrl, { redirectUri, state, pkce });
    options.onAddress(url);
    options.opened?.(url);

    const arrival = await Promise.race([
      ...(listener.ok ? [listener.callback.then((callback): Arrival => ({ callback }))] : []),
      pastedCallback(options, {
        redirectUri,
        state,
        over: over.signal,
        withoutOne: listener.ok ? undefined : listener,
        onForeign: () => {
          foreign += 1;
        },
      }),
      ending(title, options, deps, over.signal),
    ]);
    const result = foreign > 0 && endedByItself(arrival) ? foreignOnly(title) : await outcome(arrival);
    if (listener.ok) listener.finish(result.ok ? donePage(title) : failedPage(title, result.failure.message));
    return result;

    async function outcome(arrival: Arrival | Failed): Promise<GrantResult> {
      if ('ok' in arrival) return arrival;
      const answered = codeIn(title, arrival.callback, state);
      if (!answered.ok) return answered;
      return exchangeCode(
        client,
        { code: answered.code, state, redirectUri, verifier: pkce?.verifier },
        deps,
        options.signal,
      );
    }
  } finally {
    over.abort();
    if (listener.ok) await listener.close();
  }
}

interface Arrival {
  callback: Callback;
}

/** Whether nothing more can come that would be of use. */
function endedByItself(arrival: Arrival | Failed): boolean {
  return 'ok' in arrival && (arrival.failure.kind === 'timed-out' || arrival.failure.kind === 'port-taken');
}

function foreignOnly(title: string): Failed {
  return failed(
    'state-mismatch',
    `What came back belongs to another sign-in with ${title}: its state is not the one that was sent. Close older sign-in tabs and start again.`,
  );
}

/** The code of an answer to the sign-in with `state`. */
function codeIn(title: string, callback: Callback, state: string): { ok: true; code: string } | Failed {
  if (callback.kind === 'code') return { ok: true, code: callback.code };
  const { error, description } = callback;
  const why = reason(error, description, [state]);
  if (error === 'access_denied') return failed('denied', `The sign-in to ${title} was declined.${why}`);
  if (error === 'server_error' || error === 'temporarily_unavailable')
    return failed('unavailable', `${title} does not accept sign-ins at the moment. Try again later.${why}`);
  return failed('refused', `${title} refused the sign-in.${why}`);
}

interface Pasting {
  redirectUri: string;
  state: string;
  over: AbortSignal;
  /** The message where there is no listener and nothing more can be pasted. */
  withoutOne: Failed | undefined;
  /** Called for each answer of another sign-in. */
  onForeign: () => void;
}

/**
 * The first usable line: the code alone, which people copy from a page that shows it, or an answer with this sign-in's state. Where
 * there is none, the message for it, else it never resolves: the browser may still come.
 */
async function pastedCallback(
  { pasted, onUnusablePaste }: BrowserSignIn,
  { redirectUri, state, over, withoutOne, onForeign }: Pasting,
): Promise<Arrival | Failed> {
  const lines = pasted?.[Symbol.asyncIterator]();
  // Not waited for: a reader that waits for a line may close only after it.
  over.addEventListener(
    'abort',
    () => void lines?.return?.().catch(() => 'what it says concerns nobody now'),
  );
  while (lines !== undefined && !over.aborted) {
    const next = await lines.next().catch(() => undefined);
    if (next === undefined)
      onUnusablePaste?.('What is typed here can no longer be read. Finish in the browser.');
    if (next === undefined || next.done) break;
    if (next.value.trim() === '') continue;
    const callback = parsePastedCallback(next.value);
    if (callback !== undefined && (callback.state === state || isBareCode(next.value))) return { callback };
    if (callback !== undefined) {
      onForeign();
      onUnusablePaste?.(
        'That belongs to another sign-in: the state in it is not the one of this sign-in. Paste the whole address that the browser ended at after the address above.',
      );
      continue;
    }
    onUnusablePaste?.(
      `That is no answer of the sign-in. Paste the whole address that the browser ended at (it begins with ${redirectUri}), or the code that the page shows.`,
    );
  }
  return withoutOne === undefined || over.aborted ? new Promise(() => {}) : withoutOne;
}

/** The end that comes by itself: the time or the signal. */
async function ending(
  title: string,
  { signal, timeout = browserSignInTimeout }: BrowserSignIn,
  deps: OAuthDeps,
  over: AbortSignal,
): Promise<Failed> {
  await deps.wait(timeout, signal === undefined ? over : AbortSignal.any([over, signal]));
  if (signal?.aborted) return cancelled();
  return failed(
    'timed-out',
    `The sign-in to ${title} was not completed within ${minutes(timeout)}. Start again when you are ready.`,
  );
}

function minutes(milliseconds: number): string {
  const count = Math.round(milliseconds / 60_000);
  if (count < 1) return `${Math.round(milliseconds / 1000)} seconds`;
  return count === 1 ? 'a minute' : `${count} minutes`;
}
