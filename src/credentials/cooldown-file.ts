/** Cooldowns outlast a restart: they are kept in a file beside the accounts. */
import { recordFile } from '../accounts/record-file.ts';
import type { Json } from '../protocols/json.ts';
import { asNumber, asString } from '../protocols/json-members.ts';
import { ruleKinds } from './cooldown-table.ts';
import type { CooldownRecord } from './known-states.ts';

/** Times are dates, so that people can read them. */
export const createCooldownFile = recordFile<CooldownRecord>({
  name: '.cooldowns.json',
  subject: 'The cooldowns',
  member: 'rests',
  written: ({ credential, cooldown }) => ({
    credential,
    ...cooldown,
    since: new Date(cooldown.since).toISOString(),
    until: new Date(cooldown.until).toISOString(),
    promised: cooldown.promised === undefined ? undefined : dateText(cooldown.promised),
  }),
  read(fields) {
    const credential = asString(fields.credential);
    const kind = ruleKinds.find((known) => known === fields.kind);
    const since = time(fields.since);
    const until = time(fields.until);
    if (credential === undefined || kind === undefined || since === undefined || until === undefined)
      return undefined;
    const cooldown = {
      kind,
      model: asString(fields.model),
      failures: Math.max(1, asNumber(fields.failures) ?? 1),
      since,
      until,
      promised: time(fields.promised),
      reason: asString(fields.reason) ?? '',
    };
    return { credential, cooldown };
  },
});

// Providers may promise any time; dates end in the year 275760.
function dateText(time: number): string {
  return new Date(Math.min(time, 8.64e15)).toISOString();
}

function time(value: Json | undefined): number | undefined {
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}
