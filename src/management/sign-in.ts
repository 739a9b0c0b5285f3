/** Signing in over the API: an address to open, what became of it, and the answer of the browser. */

import { basename } from 'node:path';
import { z } from 'zod';
import { accountProvider, oauthClient } from '../accounts/provider-overrides.ts';
import { checkServiceAccount, saveSignedIn } from '../accounts/saved-sign-in.ts';
import { systemClock } from '../ground/clock.ts';
import { callbackFromParameters, parsePastedCallback } from '../oauth/callback.ts';
import { callbackPage, donePage, emptyPage, failedPage, foreignPage } from '../oauth/callback-page.ts';
import { type AccountKind, accountKinds, accountProviders } from '../providers/registry.ts';
import { readServiceAccount } from '../providers/service-account.ts';
import { callbackPaths } from './address.ts';
import { anyBody, jsonBody } from './body.ts';
import type { ErrorCode, Refusals } from './error-codes.ts';
import { done, json, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { type Session, type SignInDeps, signInSessions } from './sign-in-sessions.ts';

/** Kinds of account that are signed in to; the others take a file. */
const signInKinds = accountKinds.filter((kind) => !accountProviders[kind].signIn.includes('file'));

/** What clients call a kind of account: its name, and the further ones that its files have. */
function kindNamed(name: string): AccountKind | undefined {
  const wanted = name.trim().toLowerCase();
  return signInKinds.find(
    (kind) => kind === wanted || accountProviders[kind].files?.names?.includes(wanted) === true,
  );
}

/** The names in `<name>-auth-url`: ours, and the first of the others, which is the peer's. */
function addressNames(kind: AccountKind): string[] {
  return [kind, ...(accountProviders[kind].files?.names ?? []).slice(0, 1)];
}

const beginQuery = z.object({
  is_webui: z.string().optional(),
  project_id: z.string().optional(),
  flow: z.enum(['browser', 'device']).optional(),
});
/** Milliseconds that a page waits for what comes of its answer. */
const pageWait = 60_000;
const mostKeyFile = 1024 * 1024;

const notBegun: Refusals = { 429: ['too_many_sign_ins'], 500: ['sign_in_failed'] };
const notAnswered: Refusals = {
  400: ['missing_parameter', 'invalid_state', 'unsupported_provider', 'provider_mismatch'],
  404: ['unknown_state'],
  409: ['completed', 'not_pending'],
};
const notImported: Refusals = {
  400: ['missing_parameter', 'invalid_service_account'],
  500: ['save_failed'],
  503: ['auth_dir_unavailable'],
};
const page = { types: ['text/html'] };

const failure = (status: number, error: string, code: ErrorCode): Reply =>
  json({ status: 'error', error, code }, { status });

export function signInRoutes(deps: SignInDeps): Route[] {
  const sessions = signInSessions(deps);

  async function begin(kind: AccountKind, query: z.infer<typeof beginQuery>): Promise<Reply> {
    const listen = query.is_webui === 'true' || query.is_webui === '1';
    const begun = await sessions.begin(kind, {
      listen,
      project: query.project_id || undefined,
      flow: query.flow,
    });
    if (!begun.ok)
      return refuse(begun.full ? 429 : 500, 'failed to generate authorization url', {
        code: begun.full ? 'too_many_sign_ins' : 'sign_in_failed',
        message: begun.error,
      });
    const { session, url, device, notice } = begun;
    return json(
      {
        status: 'ok',
        url,
        state: session.state,
        ...(device !== undefined && {
          flow: 'device',
          user_code: device.userCode,
          verification_uri: device.address,
          expires_in: Math.max(0, Math.round((device.expiresAt - deps.now()) / 1000)),
        }),
        ...(notice !== undefined && { message: notice }),
      },
      { changed: `sign-in to ${kind} started` },
    );
  }

  /** Gives the answer of a browser to the sign-in that waits for it. */
  async function answered(given: {
    provider?: string | undefined;
    state: string | undefined;
    line: string | undefined;
  }): Promise<{ ok: true; session: Session } | { ok: false; reply: Reply }> {
    const refused = (status: number, error: string, code: ErrorCode) => ({
      ok: false as const,
      reply: failure(status, error, code),
    });
    const { provider, state, line } = given;
    if (!state) return refused(400, 'state is required', 'missing_parameter');
    if (!isState(state)) return refused(400, 'invalid state', 'invalid_state');
    const session = await sessions.find(state);
    if (session === undefined) return refused(404, 'unknown or expired state', 'unknown_state');
    if (provider) {
      const kind = kindNamed(provider);
      if (kind === undefined) return refused(400, 'unsupported provider', 'unsupported_provider');
      if (kind !== session.kind) return refused(400, 'provider does not match state', 'provider_mismatch');
    }
    if (session.progress.kind === 'ok') return refused(409, 'oauth flow is already completed', 'completed');
    if (session.progress.kind === 'error' || session.paste === undefined)
      return refused(409, 'oauth flow is not pending', 'not_pending');
    if (line === undefined) return refused(400, 'code or error is required', 'missing_parameter');
    session.paste(line);
    return { ok: true, session };
  }

  const callbackFields = {
    provider: z.string().optional(),
    redirect_url: z.string().max(16_384).optional(),
    code: z.string().max(16_384).optional(),
    state: z.string().max(1024).optional(),
    error: z.string().max(16_384).optional(),
    error_description: z.string().max(16_384).optional(),
  };
  const callback = async (
    given: Partial<Record<keyof typeof callbackFields, string | undefined>>,
  ): Promise<Reply> => {
    const { provider, redirect_url, state, code, error, error_description } = given;
    const pasted = redirect_url ? parsePastedCallback(redirect_url) : undefined;
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ state, code, error, error_description }))
      if (value) parameters.set(name, value);
    const found = callbackFromParameters(parameters) ?? pasted;
    const whole = state ?? found?.state ?? stateIn(redirect_url);
    const outcome = await answered({ provider, state: whole, line: found && lineOf(found, whole ?? '') });
    return outcome.ok ? done() : outcome.reply;
  };

  const begins = signInKinds.flatMap((kind) =>
    addressNames(kind).map((name) =>
      route({
        method: 'GET',
        v0: `${name}-auth-url`,
        answers: 'signInBegun',
        refuses: notBegun,
        sentence: `Starts a sign-in to ${accountProviders[kind].title}: returns the address to open, and the state for polling. \`is_webui=true\` listens for the browser on this computer; \`flow=device\` is by a code, where the provider has both.`,
        query: beginQuery,
        run: ({ query }) => begin(kind, query),
      }),
    ),
  );

  return [
    ...begins,
    route({
      method: 'GET',
      v8: 'oauth/auth-url',
      answers: 'signInBegun',
      refuses: { ...notBegun, 400: ['missing_parameter'], 404: ['not_found'] },
      sentence: 'Begins a sign-in to the `provider` that is named.',
      query: beginQuery.extend({ provider: z.string().optional() }),
      run({ query }) {
        if (!query.provider) return refuse(400, 'provider is required', { code: 'missing_parameter' });
        const kind = kindNamed(query.provider);
        return kind === undefined
          ? refuse(404, 'provider_not_found', { code: 'not_found' })
          : begin(kind, query);
      },
    }),
    ...signInKinds
      .filter((kind) => accountProviders[kind].cookieSignIn !== undefined)
      .map((kind) =>
        route({
          method: 'POST',
          v0: `${kind}-auth-url`,
          answers: 'signedInWithCookie',
          refuses: {
            400: ['unsupported_provider', 'sign_in_failed'],
            500: ['save_failed'],
            503: ['auth_dir_unavailable'],
          },
          sentence: `Signs in to ${accountProviders[kind].title} with the cookie of a browser.`,
          body: jsonBody(z.object({ cookie: z.string().min(1) }), { example: { cookie: 'BXAuth=…' } }),
          run: ({ body }) => withCookie(deps, kind, body.cookie),
        }),
      ),
    route({
      method: 'GET',
      v0: 'get-auth-status',
      answers: 'signInStatus',
      refuses: { 400: ['invalid_state'] },
      v8: 'oauth/status',
      sentence:
        'The state of a sign-in: `wait`, `ok`, or `error` with the reason. With `details=true` also the file of the account.',
      query: z.object({ state: z.string().optional(), details: z.string().optional() }),
      async run({ query: { state, details } }) {
        if (!state) return done();
        if (!isState(state)) return failure(400, 'invalid state', 'invalid_state');
        const progress = (await sessions.find(state))?.progress;
        if (progress === undefined)
          return json({ status: 'error', error: 'unknown or expired state', code: 'unknown_state' });
        switch (progress.kind) {
          case 'error':
            return json({ status: 'error', error: progress.error });
          case 'ok':
            return json({ status: 'ok', ...(details && { 'auth-file': basename(progress.file) }) });
          case 'wait':
            return json({ status: 'wait' });
        }
      },
    }),
    route({
      method: 'POST',
      v0: 'oauth-callback',
      answers: 'done',
      refuses: notAnswered,
      v8: 'oauth/callback',
      access: 'anyone',
      sentence:
        'The answer of the browser, as the whole address that it ended at or its parts; at any time while the sign-in waits.',
      body: jsonBody(z.object(callbackFields), {
        most: 65_536,
        example: { provider: 'codex', redirect_url: 'http://localhost:1455/auth/callback?code=…&state=…' },
      }),
      run: ({ body }) => callback(body),
    }),
    route({
      method: 'GET',
      v0: 'oauth-callback',
      answers: 'done',
      refuses: notAnswered,
      v8: 'oauth/callback',
      access: 'anyone',
      sentence: 'The same by query.',
      query: z.object(callbackFields),
      run: ({ query }) => callback(query),
    }),
    route({
      method: 'DELETE',
      v0: 'oauth-session',
      answers: 'signInEnded',
      refuses: { 400: ['missing_parameter'] },
      v8: 'oauth/session',
      sentence: 'Ends a sign-in that waits.',
      query: z.object({ state: z.string().optional() }),
      async run({ query: { state } }) {
        if (!state) return failure(400, 'missing state', 'missing_parameter');
        const session = await sessions.find(state);
        const cancelled = session?.progress.kind === 'wait';
        if (cancelled) session?.cancel();
        return done(cancelled ? 'sign-in ended' : undefined, { cancelled });
      },
    }),
    ...[...callbackPaths].map((path) =>
      route({
        method: 'GET',
        root: path,
        answers: { 200: page, 400: page },
        access: 'anyone',
        sentence: 'The redirect address of a sign-in, with a page that shows the result.',
        async run({ search }) {
          const found = callbackFromParameters(search);
          if (found === undefined) return { response: callbackPage(emptyPage) };
          const state = found.state ?? '';
          const outcome = await answered({ state, line: lineOf(found, state) });
          if (!outcome.ok) return { response: callbackPage(foreignPage('this gateway')) };
          const { title } = accountProviders[outcome.session.kind];
          const ended = await Promise.race([outcome.session.over, systemClock.wait(pageWait)]);
          return {
            response: callbackPage(
              ended?.kind === 'ok'
                ? donePage(title)
                : failedPage(title, ended?.kind === 'error' ? ended.error : 'It takes longer than usual.'),
            ),
          };
        },
      }),
    ),
    route({
      method: 'POST',
      v0: 'vertex/import',
      answers: 'serviceAccountTaken',
      refuses: notImported,
      sentence: 'Takes the key file of a Google Cloud service account: a form with `file` and `location`.',
      query: z.object({ location: z.string().optional() }),
      body: anyBody(['multipart/form-data'], mostKeyFile),
      run: ({ body, query }) => importKey(deps, body, query.location),
    }),
    route({
      method: 'POST',
      v8: 'oauth/import',
      answers: 'serviceAccountTaken',
      refuses: { ...notImported, 404: ['not_found'] },
      sentence: 'The same for `provider=vertex`.',
      query: z.object({ location: z.string().optional(), provider: z.string().optional() }),
      body: anyBody(['multipart/form-data'], mostKeyFile),
      run: ({ body, query }) =>
        query.provider === 'vertex'
          ? importKey(deps, body, query.location)
          : query.provider
            ? refuse(404, 'provider_not_found', { code: 'not_found' })
            : refuse(400, 'provider is required', { code: 'missing_parameter' }),
    }),
  ];
}

/** States are ours: base64url. */
function isState(text: string): boolean {
  return /^[\w-]{1,128}$/.test(text);
}

/** The state of an address that has neither a code nor an error. */
function stateIn(address: string | undefined): string | undefined {
  return address === undefined ? undefined : (/[?&#]state=([^&#]+)/.exec(address)?.[1] ?? undefined);
}

/** The answer as a pasted line is read. */
function lineOf(callback: NonNullable<ReturnType<typeof callbackFromParameters>>, state: string): string {
  return callback.kind === 'code'
    ? `?${new URLSearchParams({ code: callback.code, state })}`
    : `?${new URLSearchParams({
        error: callback.error,
        ...(callback.description !== undefined && { error_description: callback.description }),
        state,
      })}`;
}

async function withCookie(
  { accounts, config, depsOf }: SignInDeps,
  kind: AccountKind,
  cookie: string,
): Promise<Reply> {
  const provider = accountProvider(kind, config());
  const client = oauthClient(provider, {});
  const { cookieSignIn } = provider;
  if (client === undefined || cookieSignIn === undefined)
    return failure(400, 'unsupported provider', 'unsupported_provider');
  const granted = await cookieSignIn.grant(cookie, client, depsOf(kind));
  if (!granted.ok) return failure(400, granted.failure.message, 'sign_in_failed');
  const managed = await accounts();
  if (managed === undefined) return failure(503, 'auth directory not configured', 'auth_dir_unavailable');
  const { facts } = granted;
  const saved = await saveSignedIn(managed.store, kind, provider, granted);
  if (!saved.ok) return failure(500, saved.problem.message, 'save_failed');
  await managed.live.look(saved.account.file);
  return done(`signed in to ${kind}`, { saved_path: saved.account.file, email: facts.email, type: kind });
}

async function importKey(
  { accounts, config, depsOf }: SignInDeps,
  { bytes, type }: { bytes: Uint8Array<ArrayBuffer>; type: string },
  locationInQuery: string | undefined,
): Promise<Reply> {
  const form = await new Response(bytes, { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  const file = form?.get('file') ?? null;
  if (file === null || typeof file === 'string')
    return refuse(400, 'file required', { code: 'missing_parameter' });
  const inForm = form?.get('location');
  const location = (typeof inForm === 'string' && inForm) || locationInQuery || undefined;
  const read = readServiceAccount(await file.text(), location);
  if (!read.ok) {
    const error = read.problem.startsWith('the file is not') ? 'invalid json' : 'invalid service account';
    return refuse(400, error, { code: 'invalid_service_account', message: read.problem });
  }
  const managed = await accounts();
  if (managed === undefined)
    return refuse(503, 'auth directory not configured', { code: 'auth_dir_unavailable' });
  const { facts } = read;
  const provider = accountProvider('vertex', config());
  const check = await checkServiceAccount(facts, provider, depsOf('vertex'));
  if (check.kind === 'refused')
    return refuse(400, 'invalid service account', {
      code: 'invalid_service_account',
      message: check.failure.message,
    });
  const saved = await saveSignedIn(managed.store, 'vertex', provider, { tokens: undefined, facts });
  if (!saved.ok) return refuse(500, 'save_failed', { code: 'save_failed', message: saved.problem.message });
  await managed.live.look(saved.account.file);
  return done(`service account of ${facts.projects?.join(', ')}`, {
    'auth-file': saved.account.file,
    project_id: facts.projects?.[0],
    email: facts.email,
    location: facts.location,
    ...(check.kind === 'unchecked' && { warning: `the key is not checked: ${check.message}` }),
  });
}
