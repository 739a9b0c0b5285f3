/** Client keys without their secrets: limits with their use; create, change, rotate, delete. */

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Budget, budget } from '../config/budget.ts';
import { type Group, isGroup } from '../config/group.ts';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import { settingIn, withSetting } from '../config-file/layout.ts';
import type { Clock } from '../ground/clock.ts';
import { mapYielding, yieldToEventLoop } from '../ground/steps.ts';
import type { Limiter } from '../limits/limiter.ts';
import { lastUses } from '../usage/last-uses.ts';
import type { OwnUsageStore, UsageMissing } from '../usage/open-usage.ts';
import { requestReader } from '../usage/request-reader.ts';
import { hourMs } from '../usage/roll-up.ts';
import { usageReader } from '../usage/usage-reader.ts';
import type { ApiKeysDeps } from './api-keys.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';
import type { Refusals } from './error-codes.ts';
import { listedLimit } from './listed-limit.ts';
import { changed, contentsInForce, expandedValue, fileOf, writes } from './managed-config.ts';
import { maskedKey } from './masked-text.ts';
import type { ReadKeyLimit } from './own-answers.ts';
import { jsonText, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { isoTime } from './shown-time.ts';
import { jsonYielding } from './yielding-json.ts';

export interface ClientKeysDeps extends ApiKeysDeps {
  limiter: Pick<Limiter, 'usageOf'>;
  usage: { open(): Promise<OwnUsageStore | UsageMissing> };
  now: Clock['now'];
}

/** A client key without what opens with it. Times are ISO 8601. */
export interface ListedClientKey {
  id: string;
  name: string | null;
  masked: string;
  disabled: boolean;
  expires: string | null;
  note: string | null;
  /** Until when the key before this one opens, too. */
  previousUntil: string | null;
  limits: ReadKeyLimit[];
  /** Since midnight; null where usage is not kept. */
  requestsToday: number | null;
  /** When it was used last; null where that is longer ago than a month, or not known. */
  lastUse: string | null;
  models: readonly string[];
  providers: readonly string[];
  perMinute: number | null;
  tokensPerMinute: number | null;
  concurrency: number | null;
  budget: Budget | null;
  /** Whether the file has it; what the environment gives cannot be changed here. */
  changeable: boolean;
}

type KeyUse = Pick<ListedClientKey, 'requestsToday' | 'lastUse'>;

/** What an answer to a new or rotated key holds: the only time that the key itself is given. */
export interface MadeClientKey {
  id: string;
  key: string;
}

const place = ['api-keys'];
const keyLength = 24;
const mostHours = 24 * 90;
/** Keys whose last use is looked up to the request; of further ones it is known to the hour. */
const mostExact = 100;
/** Keys of one turn. */
const perTurn = 50;

const limit = z.number().int().min(1).nullable().optional();
/** Null takes a setting away; what is absent stays. */
const settings = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable().optional(),
  note: z.string().trim().min(1).max(2000).nullable().optional(),
  expires: z.string().trim().min(1).nullable().optional(),
  disabled: z.boolean().optional(),
  models: z.array(z.string().trim().min(1)).nullable().optional(),
  providers: z.array(z.string().trim().min(1)).nullable().optional(),
  'requests-per-minute': limit,
  'tokens-per-minute': limit,
  concurrency: limit,
  /** Replaces the one that is there as a whole. */
  budget: budget.nullable().optional(),
});
type Settings = z.output<typeof settings>;

const ofOneKey: Refusals = { 404: ['key_not_found'] };

export function clientKeyRoutes(deps: ClientKeysDeps): Route[] {
  const keyOf = (written: unknown): string => {
    const key = isGroup(written) ? (written.key ?? written['api-key']) : written;
    return String(expandedValue(key, fileOf(deps).inForce().variables) ?? '');
  };

  function entriesOf(contents: Group): unknown[] {
    const found = settingIn(contents, place);
    return Array.isArray(found) ? found : [];
  }

  /** The contents of the file with one key's entry replaced, or removed where `next` returns nothing. */
  function withEntry(contents: Group, id: string, next: (entry: Group) => Group | undefined): Group {
    const entries = entriesOf(contents);
    const at = entries.findIndex((entry) => keyId(keyOf(entry)) === id);
    if (at < 0)
      throw new BadInput(refuse(404, 'The file has no client key with this id.', { code: 'key_not_found' }));
    const entry = entries[at];
    const made = next(isGroup(entry) ? entry : { key: entry });
    return withSetting(
      contents,
      place,
      made === undefined ? entries.toSpliced(at, 1) : entries.with(at, made),
    );
  }

  /** What each key was used for today, and when last, by its id. */
  async function uses(ids: readonly string[]): Promise<Map<string, KeyUse>> {
    const open = await deps.usage.open();
    if (!open.ok) return new Map();
    const { database, days, digests } = open;
    const now = deps.now();
    const since = days.begins(days.dayOf(now));
    const today = await usageReader(database, days).totals({ since, by: ['key'], where: {} });
    const requests = new Map(today.rows.map(({ key, requests: count }) => [key?.id, count]));
    const { keys: hours } = await lastUses(database, now);
    const reader = requestReader(database);
    const found = new Map<string, KeyUse>();
    await mapYielding(ids, perTurn, async (id, at) => {
      const key = digests.key(id);
      const hour = hours.get(key);
      const isExact = hour !== undefined && at < mostExact;
      const [newest] = isExact
        ? await reader.list({ since: hour, until: hour + hourMs, where: { key }, limit: 1 })
        : [];
      if (isExact) await yieldToEventLoop();
      const lastUse = newest?.at ?? (hour === undefined ? null : isoTime(hour));
      found.set(id, { requestsToday: requests.get(key) ?? 0, lastUse });
    });
    return found;
  }

  function listed(
    key: Config['api-keys'][number],
    id: string,
    inFile: ReadonlySet<string>,
    used: ReadonlyMap<string, KeyUse>,
  ): ListedClientKey {
    const { limits } = key;
    const usage = limits === undefined ? [] : deps.limiter.usageOf({ id, name: key.name, limits });
    return {
      id,
      name: key.name ?? null,
      masked: maskedKey(key.key),
      disabled: key.disabled === true,
      expires: key.expires === undefined ? null : isoTime(key.expires),
      note: key.note ?? null,
      previousUntil: key.previous === undefined ? null : isoTime(key.previous.until),
      limits: usage.map(listedLimit),
      ...(used.get(id) ?? { requestsToday: null, lastUse: null }),
      models: limits?.models ?? [],
      providers: limits?.providers ?? [],
      perMinute: limits?.['requests-per-minute'] ?? null,
      tokensPerMinute: limits?.['tokens-per-minute'] ?? null,
      concurrency: limits?.concurrency ?? null,
      budget: limits?.budget ?? null,
      changeable: inFile.has(id),
    };
  }

  return [
    route({
      method: 'GET',
      v0: 'client-keys',
      answers: 'clientKeys',
      sentence:
        'The client keys without their secrets: limits with what is used, requests of today, last use, notes, ends.',
      async run() {
        const contents = deps.configFile() === undefined ? {} : contentsInForce(deps);
        const inFile = new Set(
          await mapYielding(entriesOf(contents), perTurn, (entry) => keyId(keyOf(entry))),
        );
        const keys = deps.config()['api-keys'];
        const ids = await mapYielding(keys, perTurn, ({ key }) => keyId(key));
        const used = await uses(ids);
        const shown = await mapYielding(keys, perTurn, (key, at) => listed(key, ids[at] ?? '', inFile, used));
        return jsonText(await jsonYielding({ keys: shown }));
      },
    }),
    route({
      method: 'POST',
      v0: 'client-keys',
      ...writes({}, 'clientKeyMade'),
      sentence: 'Creates a client key. Only this response contains the key.',
      body: jsonBody(settings, { example: { name: 'team-a', 'requests-per-minute': 60 } }),
      run(call) {
        const key = newKey();
        return changed(
          deps,
          call,
          `client-keys: a new key ${call.body.name ?? ''}`.trim(),
          (contents) =>
            withSetting(contents, place, [...entriesOf(contents), withSettings({ key }, call.body)]),
          { body: { id: keyId(key), key } satisfies MadeClientKey },
        );
      },
    }),
    route({
      method: 'PATCH',
      v0: 'client-keys/:id',
      ...writes(ofOneKey),
      sentence: 'Changes the name, the note, the end or the limits of a client key; null takes one away.',
      body: jsonBody(settings, { example: { note: 'of Ann', expires: '2027-01-01T00:00:00Z' } }),
      run: (call) =>
        changed(
          deps,
          call,
          `client-keys: ${Object.keys(call.body).join(', ')} of ${call.parameter('id')}`,
          (contents) => withEntry(contents, call.parameter('id'), (entry) => withSettings(entry, call.body)),
        ),
    }),
    route({
      method: 'POST',
      v0: 'client-keys/:id/rotate',
      ...writes(ofOneKey, 'clientKeyMade'),
      sentence: 'Puts a new key in the place of one, which opens for so many hours more.',
      body: jsonBody(z.strictObject({ hours: z.number().min(0).max(mostHours) }), {
        example: { hours: 24 },
      }),
      run(call) {
        const key = newKey();
        const until = isoTime(deps.now() + call.body.hours * hourMs);
        return changed(
          deps,
          call,
          `client-keys: rotated ${call.parameter('id')}`,
          (contents) =>
            withEntry(contents, call.parameter('id'), ({ key: written, 'api-key': other, ...rest }) => ({
              key,
              ...rest,
              'previous-key': written ?? other,
              'previous-until': until,
            })),
          { body: { id: keyId(key), key } satisfies MadeClientKey },
        );
      },
    }),
    route({
      method: 'DELETE',
      v0: 'client-keys/:id',
      ...writes(ofOneKey),
      sentence:
        'Takes a client key away. The last one stays where other computers could use the gateway without it.',
      run: (call) =>
        changed(deps, call, `client-keys: deleted ${call.parameter('id')}`, (contents) =>
          withEntry(contents, call.parameter('id'), () => undefined),
        ),
    }),
  ];
}

function newKey(): string {
  return `sk-${randomBytes(keyLength).toString('base64url')}`;
}

function withSettings(entry: Group, changes: Settings): Group {
  const next: Group = { ...entry };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === false || (Array.isArray(value) && value.length === 0)) delete next[name];
    else if (value !== undefined) next[name] = value;
  }
  return next;
}
