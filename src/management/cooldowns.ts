/** Which credentials are cooling down, an end to cooldowns, and their quotas. */

import { z } from 'zod';
import { providerNameOf } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import type { ListedCooldown, ManagementAnswer } from './own-answers.ts';
import { listedQuotas } from './quota-list.ts';
import { json, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { isoTime } from './shown-time.ts';

export interface CooldownsDeps {
  gateway: Pick<Gateway, 'pool' | 'credentials'>;
  now: Clock['now'];
}

/** A label without its provider: the e-mail address by which people know an account. */
function afterProvider(label: string): string {
  return label.slice(label.indexOf('/') + 1);
}

export function cooldownRoutes({ gateway, now }: CooldownsDeps): Route[] {
  function cooldowns(): ListedCooldown[] {
    const known = new Map(gateway.credentials().map((credential) => [credential.id, credential]));
    return gateway.pool.cooldowns(now()).map(({ credential: id, cooldown }) => {
      const credential = known.get(id);
      return {
        credential: id,
        label: credential?.label ?? id,
        provider: credential && providerNameOf(credential),
        kind: cooldown.kind,
        model: cooldown.model ?? null,
        failures: cooldown.failures,
        since: isoTime(cooldown.since),
        until: isoTime(cooldown.until),
        promised: cooldown.promised === undefined ? null : isoTime(cooldown.promised),
        reason: cooldown.reason,
      };
    });
  }

  return [
    route({
      method: 'GET',
      v0: 'cooldowns',
      answers: 'cooldowns',
      sentence: 'Which credentials are cooling down, for which model, until when and why.',
      run: () => json({ cooldowns: cooldowns() } satisfies ManagementAnswer),
    }),
    route({
      method: 'DELETE',
      v0: 'cooldowns',
      answers: {},
      refuses: { 400: ['missing_parameter'] },
      sentence: 'Needs the credential in the path.',
      run: () => refuse(400, 'The credential is missing.', { code: 'missing_parameter' }),
    }),
    route({
      method: 'DELETE',
      v0: 'cooldowns/:credential',
      answers: 'cooldownsEnded',
      refuses: { 404: ['credential_not_found'] },
      sentence:
        'Ends the cooldowns of a credential, by its id, its label or its account; `*` is all of them.',
      query: z.object({ model: z.string().optional() }),
      run({ parameter, query: { model } }) {
        const wanted = parameter('credential');
        const meant = gateway
          .credentials()
          .filter(
            ({ id, label, account }) =>
              wanted === '*' || [id, label, afterProvider(label), account].includes(wanted),
          );
        if (meant.length === 0 && wanted !== '*')
          return refuse(404, `There is no credential "${wanted}".`, { code: 'credential_not_found' });
        const ended = meant.map(({ id }) => gateway.pool.reset(id, model, now()));
        const credentials = meant.filter((_, index) => ended[index] !== 0).map(({ label }) => label);
        const reset = ended.reduce((sum, count) => sum + count, 0);
        return json({ reset, credentials } satisfies ManagementAnswer, {
          changed: `${reset} cooldowns ended`,
        });
      },
    }),
    route({
      method: 'GET',
      v0: 'quotas',
      answers: 'quotas',
      sentence: 'Every known quota window with its forecast; `history=true` adds how it went.',
      query: z.object({ history: z.string().optional() }),
      run: ({ query }) =>
        json(listedQuotas(gateway, now(), query.history === 'true') satisfies ManagementAnswer),
    }),
  ];
}
