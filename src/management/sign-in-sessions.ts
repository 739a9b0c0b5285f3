/** Sign-ins that were begun over the API and wait for a person: by their state, bounded in number and time. */

import { accountProvider, oauthClient } from '../accounts/provider-overrides.ts';
import { identified, saveSignedIn } from '../accounts/saved-sign-in.ts';
import { noRoomNeeded, type SignInRoom } from '../accounts/sign-in-room.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import { systemClock } from '../ground/clock.ts';
import { signInWithBrowser } from '../oauth/browser-sign-in.ts';
import type { OAuthClient, OAuthDeps } from '../oauth/client.ts';
import { signInWithDevice } from '../oauth/device-sign-in.ts';
import { cancelled } from '../oauth/failure.ts';
import type { GrantResult } from '../oauth/grant.ts';
import { newState } from '../oauth/pkce.ts';
import type { DeviceCode } from '../oauth/started-device.ts';
import type { AccountProvider } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { OpenedAccounts } from './auth-file-list.ts';
import { lineQueue } from './line-queue.ts';
import type { SignInTexts } from './shared-sign-ins.ts';

export interface SignInDeps {
  accounts: () => Promise<OpenedAccounts | undefined>;
  config: () => Config;
  /** The way to a provider's servers. */
  depsOf: (kind: AccountKind) => OAuthDeps;
  now: Clock['now'];
  /** Of a cluster: where its replicas know of each other's. */
  signInTexts?: SignInTexts | undefined;
}

/** The state of a sign-in; `error` is a sentence for people. */
export type SessionState = { kind: 'wait' } | { kind: 'ok'; file: string } | { kind: 'error'; error: string };

export interface Session {
  kind: AccountKind;
  state: string;
  progress: SessionState;
  /** Takes an answer of the browser; undefined where none is waited for, as with a device. */
  paste: ((line: string) => void) | undefined;
  cancel: () => void;
  /** Resolves when it is over. */
  over: Promise<SessionState>;
  /** ms since the epoch. */
  endedAt: number | undefined;
}

/** What a person needs to go on. */
export type Begun =
  | { ok: true; session: Session; url: string; device: DeviceCode | undefined; notice: string | undefined }
  /** `full`: too many wait already. */
  | { ok: false; error: string; full?: boolean };

export interface SignInSessions {
  /** `flow`: the way, where the provider has several; its usual one without it. */
  begin(
    kind: AccountKind,
    wishes: { listen: boolean; project: string | undefined; flow?: 'browser' | 'device' | undefined },
  ): Promise<Begun>;
  /** Also one of another replica. */
  find(state: string): Promise<Session | undefined>;
}

/** Milliseconds that a person has, and that an outcome is remembered. */
const patience = 30 * 60_000;
const remembered = 10 * 60_000;
/** Sign-ins that wait at the same time. */
const mostWaiting = 64;

export function signInSessions({ accounts, config, depsOf, now, signInTexts }: SignInDeps): SignInSessions {
  const sessions = new Map<string, Session>();
  const shared =
    signInTexts &&
    import('./shared-sign-ins.ts').then(({ sharedSignIns }) => sharedSignIns(signInTexts, systemClock));

  function forgetOld(): void {
    for (const [state, { endedAt }] of sessions)
      if (endedAt !== undefined && now() - endedAt > remembered) sessions.delete(state);
  }

  /** From the grant to the written file. */
  async function save(
    kind: AccountKind,
    provider: AccountProvider,
    client: OAuthClient,
    grant: GrantResult,
    project: string | undefined,
    room: Extract<SignInRoom, { ok: true }>,
  ): Promise<SessionState> {
    const deps = { ...depsOf(kind), progress: () => {}, project, choose: undefined };
    const whose = await identified(provider, client, grant, deps);
    if (!whose.ok) return { kind: 'error', error: whose.failure.message };
    const managed = await accounts();
    if (managed === undefined) return { kind: 'error', error: 'The auth-dir cannot be used: see the log.' };
    // The account's file takes its place.
    await room.release();
    const saved = await saveSignedIn(managed.store, kind, provider, whose);
    if (!saved.ok) return { kind: 'error', error: saved.problem.message };
    await managed.live.look(saved.account.file);
    return { kind: 'ok', file: saved.account.file };
  }

  return {
    async find(state) {
      forgetOld();
      return sessions.get(state) ?? (await shared)?.find(state);
    },
    async begin(kind, { listen, project, flow }) {
      forgetOld();
      const waiting = [...sessions.values()].filter(({ endedAt }) => endedAt === undefined);
      if (waiting.length >= mostWaiting)
        return {
          ok: false,
          full: true,
          error: `${mostWaiting} sign-ins wait already; end one of them first`,
        };
      const provider = accountProvider(kind, config());
      const client = oauthClient(provider, {});
      if (client === undefined) return { ok: false, error: `${provider.title} has no sign-in over the API` };
      if (flow !== undefined && !provider.signIn.includes(flow))
        return { ok: false, error: `${provider.title} has no sign-in by ${flow}` };
      const room = (await (await accounts())?.store.takeRoom()) ?? noRoomNeeded;
      if (!room.ok) return { ok: false, error: room.problem.message };
      const stop = new AbortController();
      const lines = lineQueue(stop.signal);
      const started = Promise.withResolvers<{ url: string; device: DeviceCode | undefined }>();
      let notice: string | undefined;
      const byBrowser = flow === undefined ? provider.signIn.includes('browser') : flow === 'browser';
      const granted = async (): Promise<GrantResult> =>
        byBrowser
          ? signInWithBrowser(
              client,
              {
                timeout: patience,
                signal: stop.signal,
                listen: listen ? undefined : false,
                onAddress: (url) => started.resolve({ url, device: undefined }),
                pasted: lines.read,
                onNoListener: (message) => {
                  notice = message;
                },
              },
              depsOf(kind),
            )
          : signInWithDevice(
              client,
              {
                signal: stop.signal,
                onCode: (device) =>
                  started.resolve({ url: device.completeAddress ?? device.address, device }),
              },
              depsOf(kind),
            );
      const ending = granted()
        .then((grant): Promise<SessionState> | SessionState =>
          stop.signal.aborted
            ? { kind: 'error', error: cancelled().failure.message }
            : save(kind, provider, client, grant, project, room),
        )
        .finally(room.release);
      const first = await Promise.race([started.promise, ending]);
      if ('kind' in first)
        return { ok: false, error: first.kind === 'error' ? first.error : 'nothing to wait for' };
      const { url, device } = first;
      const state = (byBrowser ? new URL(url).searchParams.get('state') : null) ?? newState();
      const session: Session = {
        kind,
        state,
        progress: { kind: 'wait' },
        paste: byBrowser ? lines.push : undefined,
        cancel: () => stop.abort(),
        endedAt: undefined,
        over: ending
          .catch(
            (error: unknown): SessionState => ({
              kind: 'error',
              error: `The sign-in failed: ${String(error)}`,
            }),
          )
          .then((progress) => {
            session.progress = progress;
            session.endedAt = now();
            lines.end();
            return progress;
          }),
      };
      sessions.set(state, session);
      await (await shared)?.share(session);
      return { ok: true, session, url, device, notice };
    },
  };
}
