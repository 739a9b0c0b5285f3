/** What the owner of an account wants done with it: at the top of the file or under `attributes`, as strings or as themselves. */
import { z } from 'zod';
import { budget } from '../config/budget.ts';
import { errorRules, ownCooldown, ownTimeouts } from '../config/pool-keys.ts';
import { parseDuration } from '../config/quantities.ts';
import { headerName, isHeaderValue } from '../ground/header-text.ts';
import { parseJson } from '../protocols/json.ts';
import type { AccountSettings } from './account.ts';
import type { FieldReader } from './field-reader.ts';

const trimmed = z.string().trim().min(1);
const number = z.union([z.number(), trimmed.transform(Number)]).pipe(z.number());
const wholeNumber = number.pipe(z.int());
const flag = z.union([
  z.boolean(),
  trimmed
    .toLowerCase()
    .pipe(z.enum(['true', 'yes', 'on', '1']))
    .transform(() => true),
  trimmed
    .toLowerCase()
    .pipe(z.enum(['false', 'no', 'off', '0']))
    .transform(() => false),
]);
/** A comma list, or JSON in a string, for what is natively an array or an object. */
const unpacked = <Output>(schema: z.ZodType<Output>) =>
  z.union([schema, trimmed.transform((text): unknown => parseJson(text)).pipe(schema)]);
const names = z.union([
  unpacked(z.array(trimmed)),
  trimmed.transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
]);
const aliases = unpacked(
  z.array(z.object({ name: trimmed, alias: trimmed }).transform(({ name, alias }) => ({ name, alias }))),
);
const headers = unpacked(z.record(z.string().regex(headerName), z.string().refine(isHeaderValue)));
const prefix = trimmed.transform((text) => text.replace(/^\/|\/$/g, '')).pipe(z.string().regex(/^[^/\s]+$/));
/** Seconds, or a span such as `30m`; milliseconds inside. */
const span = z
  .union([z.number(), z.string()])
  .transform((value) => parseDuration(value))
  .pipe(z.number().positive());

/** The settings, each with its default; wrong ones are reported to the reader. */
export function readSettings({ read }: FieldReader): AccountSettings {
  return {
    priority: read(['priority'], wholeNumber, 'a whole number') ?? 0,
    weight: read(['weight'], number.pipe(z.number().min(0)), 'a number, 0 or more') ?? 1,
    websockets: read(['websockets'], flag, 'true or false') ?? false,
    description: read(['description', 'note', 'label'], trimmed, 'a text'),
    prefix: read(['prefix'], prefix, 'one word without "/"'),
    proxyUrl: read(['proxy_url', 'proxy-url'], trimmed, 'the address of a proxy'),
    disabled: read(['disabled'], flag, 'true or false') ?? false,
    excludedModels: read(['excluded_models', 'excluded-models'], names, 'a list of model names') ?? [],
    modelAliases:
      read(['model_aliases', 'model-aliases'], aliases, 'a list of models, each with name and alias') ?? [],
    headers: read(['headers'], headers, 'header names with texts that a header can carry') ?? {},
    disableCooling: read(['disable_cooling', 'disable-cooling'], flag, 'true or false'),
    requestRetry: read(
      ['request_retry', 'request-retry'],
      wholeNumber.pipe(z.int().min(0)),
      'a whole number, 0 or more',
    ),
    cooldown: read(['cooldown'], unpacked(ownCooldown), 'cooldowns such as {"quota": {"first": "1m"}}'),
    budget: read(['budget'], unpacked(budget), 'amounts such as {"day": {"usd": 5}}'),
    timeouts: read(['timeouts'], unpacked(ownTimeouts), 'spans of time such as {"first-byte": "90s"}'),
    requestScopedErrors: read(
      ['request_scoped_errors', 'request-scoped-errors'],
      unpacked(errorRules),
      'a list of rules, each with action and status, match or match-regexp',
    ),
    concurrency: read(['concurrency'], wholeNumber.pipe(z.int().min(1)), 'a whole number, 1 or more'),
    queue: read(['queue'], wholeNumber.pipe(z.int().min(0)), 'a whole number, 0 or more'),
    refreshInterval: read(
      ['refresh_interval_seconds', 'refreshIntervalSeconds', 'refresh_interval', 'refreshInterval'],
      span,
      'a span of time such as 30m, or seconds',
    ),
  };
}
