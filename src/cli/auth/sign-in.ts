/** One login from the first address to the written file, shown to the person as it goes. */

import { once } from 'node:events';
import type { Account } from '../../accounts/account.ts';
import type { SavedAccount } from '../../accounts/account-store.ts';
import { accountProvider, oauthClient } from '../../accounts/provider-overrides.ts';
import { identified, type SignedIn, saveSignedIn } from '../../accounts/saved-sign-in.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { signInWithBrowser } from '../../oauth/browser-sign-in.ts';
import type { OAuthClient } from '../../oauth/client.ts';
import { signInWithDevice } from '../../oauth/device-sign-in.ts';
import { cancelled, type Failed } from '../../oauth/failure.ts';
import type { GrantResult } from '../../oauth/grant.ts';
import type { AccountProvider, SignInDeps } from '../../providers/account-provider.ts';
import type { AccountKind } from '../../providers/registry.ts';
import { printable } from '../../telemetry/printable.ts';
import { Failure } from '../failure.ts';
import { type Lines, linesOf } from '../lines.ts';
import type { Shell } from '../shell.ts';
import { interruptible } from '../signals.ts';
import { type AccountView, viewOf } from './account-view.ts';
import { accountConfig, accountFailure, openStore } from './accounts.ts';
import { browserCommands, openBrowser, tunnelCommand } from './browser-window.ts';
import { choose } from './choice.ts';
import { type Countdown, countDown } from './countdown.ts';
import { signInFailure } from './failures.ts';
import { nextSteps } from './next-steps.ts';
import { openOutbound } from './outbound.ts';
import { demandAccount } from './wanted-account.ts';

/** What the person asked for on the command line. */
export interface SignInWishes {
  method: 'browser' | 'device' | 'cookie';
  openBrowser: boolean;
  project: string | undefined;
  callbackPort: number | undefined;
  /** Milliseconds; undefined for the usual span of a browser, or as long as the code of a device is good. */
  timeout: number | undefined;
  /** Whose login it must be. */
  account: string | undefined;
  label: string | undefined;
  proxyUrl: string | undefined;
  config: string | undefined;
  json: boolean;
}

/** What the steps of a login share. */
interface Login {
  client: OAuthClient;
  wishes: SignInWishes;
  shell: Shell;
  lines: Lines;
  deps: SignInDeps;
  signal: AbortSignal;
}

/** Signs in and saves the account; gives what `--json` prints. Throws a Failure with the reason. */
export async function signIn(name: AccountKind, wishes: SignInWishes, shell: Shell): Promise<object> {
  const config = await accountConfig(wishes.config, shell);
  const store = await openStore(config);
  const provider = accountProvider(name, config);
  const client = oauthClient(provider, {});
  if (client === undefined) throw new Error(`${name} has no login`);
  const room = await store.takeRoom();
  if (!room.ok)
    throw new Failure('failure', room.problem.message, `${provider.title} was not asked for anything yet.`);
  const saved = await interruptible(async (signal): Promise<SavedAccount> => {
    using outbound = openOutbound(config);
    // The input is read once: as lines that may be pasted, or as the one that is not shown.
    const lines = wishes.method === 'cookie' ? linesOf([]) : shell.in.lines();
    const deps: SignInDeps = {
      ...outbound.to(name, wishes.proxyUrl),
      progress: (line) => shell.err.write(`${line}\n`),
      project: wishes.project,
      choose: shell.in.terminal
        ? (question, choices) => choose(question, choices, { lines, output: shell.err, signal })
        : undefined,
    };
    const { tokens, facts } = await signedIn(name, provider, { client, wishes, shell, lines, deps, signal });
    const fields = wishes.label === undefined ? {} : { description: wishes.label };
    // Where the provider does not identify the account, the user's label does, as in CLIProxyAPI's files.
    const named = provider.identity(facts) === undefined ? { ...facts, email: wishes.label } : facts;
    if (wishes.account !== undefined)
      demandAccount(wishes.account, name, provider, named, (await store.list()).accounts);
    // The account's file takes its place.
    await room.release();
    return saveSignedIn(store, name, provider, { tokens, facts: named }, fields);
  }).finally(room.release);
  if (!saved.ok) throw accountFailure(saved.problem);
  const view = viewOf(saved.account, provider, systemClock.now());
  if (!wishes.json) await printAccount(saved.account, view, config, shell);
  return { ok: true, ...view };
}

async function signedIn(name: AccountKind, provider: AccountProvider, login: Login): Promise<SignedIn> {
  const { client, deps, shell, wishes } = login;
  shell.err.write(`Signing in to ${provider.title}.\n`);
  const command = `cli-proxy-api auth ${name}`;
  if (wishes.method === 'cookie') return withCookie(provider, login, command);
  const grant = await (wishes.method === 'device' ? withDevice(login) : withBrowser(login));
  if (!grant.ok) throw signInFailure(grant.failure, command);
  deps.progress('Signed in. Asking whose account it is …');
  const whose = await Promise.race([identified(provider, client, grant, deps), stopped(login.signal)]);
  if (!whose.ok) throw signInFailure(whose.failure, command);
  return whose;
}

async function withCookie(
  { cookieSignIn, title }: AccountProvider,
  { client, deps, shell, signal }: Login,
  command: string,
): Promise<SignedIn> {
  if (cookieSignIn === undefined) throw new Error(`${title} has no sign-in with a cookie`);
  const { err } = shell;
  if (shell.in.terminal)
    err.write(
      `Sign in to https://${cookieSignIn.site} with a browser. In its developer tools, under Network, copy the header
"Cookie" of any request there and paste it here. It is not shown: `,
    );
  const line = await Promise.race([shell.in.hidden(), once(signal, 'abort')]);
  if (shell.in.terminal) err.write('\n');
  if (Array.isArray(line) || line.kind === 'interrupted') throw signInFailure(cancelled().failure, command);
  if (line.kind === 'end' || line.text === '')
    throw new Failure('failure', 'no cookie came', 'Nothing was saved.');
  const granted = await Promise.race([cookieSignIn.grant(line.text, client, deps), stopped(signal)]);
  if (!granted.ok) throw signInFailure(granted.failure, `${command} --cookie`);
  return granted;
}

/** Setting a project up may take minutes: stopping the command does not wait for them. */
async function stopped(signal: AbortSignal): Promise<Failed> {
  if (!signal.aborted) await once(signal, 'abort');
  return cancelled();
}

async function withBrowser({ client, wishes, shell, lines, deps, signal }: Login): Promise<GrantResult> {
  const { err } = shell;
  // A line that comes after the login belongs to the question after it.
  const over = new AbortController();
  try {
    return await signInWithBrowser(
      client,
      {
        listenPort: wishes.callbackPort,
        timeout: wishes.timeout,
        signal,
        onAddress: (url) => {
          err.write(`\nOpen this address in a browser:\n\n  ${err.style('cyan', url)}\n\n`);
        },
        opened: (url) => {
          const opened = showAddress(url, wishes, shell);
          explainCallback(opened ? undefined : tunnelTo(client, wishes, shell), shell);
        },
        pasted: lines.until(AbortSignal.any([signal, over.signal])),
        onUnusablePaste: deps.progress,
        onForeignAnswer: deps.progress,
        onNoListener: (message) => {
          err.write(
            `${message}\nOr go on without: open the address below, and paste here what the browser ends at.\n`,
          );
        },
      },
      deps,
    );
  } finally {
    over.abort();
  }
}

async function withDevice({ client, wishes, shell, deps, signal }: Login): Promise<GrantResult> {
  const { err } = shell;
  const { timeout } = wishes;
  const late = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  let countdown: Countdown | undefined;
  try {
    const grant = await signInWithDevice(
      client,
      {
        signal: late === undefined ? signal : AbortSignal.any([signal, late]),
        onCode: ({ userCode, address, completeAddress, expiresAt }) => {
          const shown = completeAddress ?? address;
          err.write(`\nOpen this address on any device:\n\n  ${err.style('cyan', printable(shown))}\n\n`);
          err.write(`and enter or confirm the code:\n\n  ${err.style('bold', printable(userCode))}\n\n`);
          showAddress(shown, wishes, shell);
          const until = Math.min(expiresAt, deps.now() + (timeout ?? Number.POSITIVE_INFINITY));
          countdown = countDown(err, 'Waiting for you', until, deps.now);
        },
      },
      deps,
    );
    // The span that the person gave has run out before the code did.
    if (!grant.ok && grant.failure.kind === 'cancelled' && late?.aborted && !signal.aborted)
      return { ok: false, failure: { kind: 'timed-out', message: 'the code was not confirmed in time' } };
    return grant;
  } finally {
    countdown?.stop();
  }
}

/** Opens the browser where there is one to open and the person did not forbid it; whether it did. */
function showAddress(address: string, { openBrowser: wanted }: SignInWishes, { err, env }: Shell): boolean {
  if (!wanted || !openBrowser(browserCommands(env, process.platform), address)) return false;
  err.write('Your browser opens it now.\n');
  return true;
}

function tunnelTo(
  { redirect, anyRedirectPort }: OAuthClient,
  { callbackPort }: SignInWishes,
  { env }: Shell,
): string | undefined {
  if (redirect === undefined) return undefined;
  const listener = callbackPort ?? redirect.port;
  return tunnelCommand(env, { redirect: anyRedirectPort ? listener : redirect.port, listener });
}

/** How the answer of a browser on another computer comes here. */
function explainCallback(tunnel: string | undefined, { err }: Shell): void {
  if (tunnel !== undefined)
    err.write(`This is an SSH session. Either run this on your own computer first, so that the redirect reaches this host:

  ${tunnel}

or paste the address that the browser is redirected to, as described below.
`);
  err.write(
    'Waiting for the browser. If it ends at a page that cannot be shown, paste the address of that page here and press Enter.\n',
  );
}

async function printAccount(
  account: Account,
  view: AccountView,
  config: Config,
  { out, err }: Shell,
): Promise<void> {
  const whose = view.email ?? view.identity ?? view.id;
  const plan = view.plan === undefined ? '' : ` (${view.plan})`;
  const projects = view.projects ?? [];
  const which =
    projects.length === 0
      ? ''
      : `  ${projects.length === 1 ? 'project' : 'projects'} ${printable(projects.join(', '))}\n`;
  out.write(
    `${out.style('green', '✓')} ${view.title}: signed in as ${printable(`${whose}${plan}`)}.\n${which}  ${view.file}\n`,
  );
  if (view.identity === undefined)
    err.write(
      `  ${view.title} did not report the name of the account. Use --label next time: the same label is the same account.\n`,
    );
  err.write(`\n${await nextSteps(account, config)}`);
}
