/** An end to the cooldowns of an account, and what is left of it, in the form in which newer clients ask. */

import { z } from 'zod';
import type { Credential } from '../credentials/credential.ts';
import { type QuotaWindow, unknownQuota } from '../credentials/quota.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { authIndexOf } from './auth-index.ts';
import { jsonBody } from './body.ts';
import type { Refusals } from './error-codes.ts';
import { channelOf } from './known-credentials.ts';
import { json, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { isoTime } from './shown-time.ts';

export interface QuotasDeps {
  gateway: Pick<Gateway, 'pool' | 'credentials' | 'catalog'>;
  now: Clock['now'];
}

const unknownIndex: Refusals = { 400: ['missing_parameter'], 404: ['credential_not_found'] };
const indexBody = jsonBody(z.object({ auth_index: z.string().optional() }), {
  example: { auth_index: '9c1b5d20aa41f6e3' },
});

export function quotaRoutes({ gateway, now }: QuotasDeps): Route[] {
  /** The credentials with this index, or why nothing can be done. */
  function meant(index: string | undefined): { ok: true; own: Credential[] } | { ok: false; reply: Reply } {
    if (!index?.trim())
      return { ok: false, reply: refuse(400, 'auth_index is required', { code: 'missing_parameter' }) };
    const own = gateway.credentials().filter((credential) => authIndexOf(credential) === index.trim());
    return own.length === 0
      ? { ok: false, reply: refuse(404, 'auth not found', { code: 'credential_not_found' }) }
      : { ok: true, own };
  }

  function reset({ auth_index }: { auth_index?: string | undefined }): Reply {
    const found = meant(auth_index);
    if (!found.ok) return found.reply;
    const ended = found.own.reduce((sum, { id }) => sum + gateway.pool.reset(id, undefined, now()), 0);
    const ids = new Set(found.own.map(({ id }) => id));
    const models = gateway
      .catalog()
      .models()
      .flatMap(({ id, candidates }) =>
        candidates.some(({ credential }) => ids.has(credential.id)) ? [id] : [],
      );
    return json(
      { status: 'ok', auth_index: auth_index?.trim(), models },
      { changed: `${ended} cooldowns ended` },
    );
  }

  return [
    route({
      method: 'POST',
      v0: 'reset-quota',
      answers: 'quotaReset',
      refuses: unknownIndex,
      v8: 'routing/cooldown/reset',
      sentence: 'Ends the cooldowns of an account or key; a budget that is spent stays spent.',
      body: indexBody,
      run: ({ body }) => reset(body),
    }),
    route({
      method: 'POST',
      v0: 'quota/reset',
      answers: 'quotaReset',
      refuses: unknownIndex,
      v8: 'credentials/quota/reset',
      sentence: 'The same.',
      body: indexBody,
      run: ({ body }) => reset(body),
    }),
    route({
      method: 'GET',
      v0: 'quota/providers',
      answers: 'quotaProviders',
      v8: 'credentials/quota/providers',
      sentence: 'The providers of which something is known that is left.',
      run() {
        const known = gateway
          .credentials()
          .filter(({ id }) => windowsOf(gateway, id).length > 0)
          .map(({ provider, givenName }) => channelOf(provider.name, givenName));
        return json({ providers: [...new Set(known)].map((provider) => ({ provider })) });
      },
    }),
    route({
      method: 'POST',
      v0: 'quota/fetch',
      answers: 'quotaLeft',
      refuses: { ...unknownIndex, 501: ['quota_unknown'] },
      v8: 'credentials/quota/fetch',
      sentence:
        'What is left of an account, as its provider has reported with its last answers. 501 where it has reported nothing.',
      body: jsonBody(
        z.object({
          auth_index: z.string().optional(),
          provider: z.string().optional(),
          plugin_id: z.string().optional(),
        }),
        { example: { auth_index: '9c1b5d20aa41f6e3' } },
      ),
      run({ body }) {
        const found = meant(body.auth_index);
        if (!found.ok) return found.reply;
        const windows = found.own.flatMap(({ id }) => windowsOf(gateway, id));
        if (windows.length === 0)
          return refuse(501, 'quota unknown', {
            code: 'quota_unknown',
            message: 'The provider has not reported it in a response yet.',
          });
        const observed = Math.max(...windows.map(({ window }) => window.reportedAt));
        const groups = [...Map.groupBy(windows, ({ model }) => model)].map(([model, own]) => ({
          displayName: model ?? 'Account',
          buckets: own.map(({ window }) => ({
            window: window.name,
            remainingFraction: Math.round(left(window, now()) * 1000) / 1000,
            ...(window.resetsAt !== undefined && { resetTime: isoTime(window.resetsAt) }),
          })),
        }));
        return json({ observedAt: isoTime(observed), summary: [], groups });
      },
    }),
  ];
}

interface KnownWindow {
  /** Undefined where it is that of the whole account. */
  model: string | undefined;
  window: QuotaWindow;
}

function windowsOf({ pool }: Pick<Gateway, 'pool'>, id: string): KnownWindow[] {
  const { ofAccount, ofModels } = pool.quotaOf(id) ?? unknownQuota;
  return [
    ...ofAccount.map((window) => ({ model: undefined, window })),
    ...[...ofModels].flatMap(([model, windows]) => windows.map((window) => ({ model, window }))),
  ];
}

/** A window that has begun anew since is full. */
function left({ left, resetsAt }: QuotaWindow, now: number): number {
  return resetsAt !== undefined && resetsAt <= now ? 1 : left;
}
