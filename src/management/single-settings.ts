/** Single settings: each has an address that reads it and one that writes it into the file. */
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { withSetting } from '../config-file/layout.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';
import type { Refusals } from './error-codes.ts';
import { changed, type ManagedConfigDeps, writes } from './managed-config.ts';
import { json, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

export interface SingleSettingsDeps extends ManagedConfigDeps {
  config: () => Config;
}

interface Setting {
  /** Its address, and its place in the file: `routing/strategy` is `routing.strategy`. */
  path: string;
  value: z.ZodType;
  read(config: Config): unknown;
  sentence: string;
  /** The value as it is written; throws {@link BadInput}. */
  written?(value: unknown): unknown;
  /** Of values that it cannot have. */
  refuses?: Refusals;
  /** For the reference; of flags and numbers there is a usual one. */
  example?: unknown;
  /** Whether it may be taken out of the file. */
  mayGo?: boolean;
}

const usualExample = (value: z.ZodType): unknown => (value === flag ? true : 3);
const flag = z.boolean();
const whole = z.number().int();
const atLeastZero = (value: unknown) => (typeof value === 'number' ? Math.max(0, value) : value);

/** Spellings of the peer. Source: router-for-me/CLIProxyAPI v7.2.140, its answers. */
const strategies: Readonly<Record<string, string>> = {
  rr: 'round-robin',
  roundrobin: 'round-robin',
  ff: 'fill-first',
  fillfirst: 'fill-first',
};

const knownStrategies = new Set([
  'round-robin',
  'weighted-round-robin',
  'fill-first',
  'least-busy',
  'quota-aware',
]);

function strategy(value: unknown): unknown {
  const name = String(value).trim().toLowerCase();
  const meant = strategies[name] ?? name;
  if (!knownStrategies.has(meant))
    throw new BadInput(
      refuse(400, 'invalid strategy', {
        code: 'invalid_strategy',
        message: `expected one of ${[...knownStrategies].join(', ')}`,
      }),
    );
  return meant;
}

const settings: readonly Setting[] = [
  {
    path: 'debug',
    value: flag,
    read: (config) => config.debug,
    sentence: 'Whether the log is more detailed.',
  },
  {
    path: 'logging-to-file',
    value: flag,
    read: (config) => config['logging-to-file'],
    sentence: 'Whether the log goes to a file.',
  },
  {
    path: 'logs-max-total-size-mb',
    value: whole,
    read: (config) => config['logs-max-total-size-mb'],
    written: atLeastZero,
    sentence: 'Most MiB of all log files.',
  },
  {
    path: 'error-logs-max-files',
    value: whole,
    read: (config) => (config['error-logs-max-files'] < 0 ? 10 : config['error-logs-max-files']),
    written: (value) => (typeof value === 'number' && value < 0 ? 10 : value),
    sentence: 'How many files of failed requests are kept.',
  },
  {
    path: 'usage-statistics-enabled',
    value: flag,
    read: (config) => config['usage-statistics-enabled'],
    sentence: 'Whether the usage queue is filled.',
  },
  {
    path: 'request-log',
    value: flag,
    read: (config) => config['request-log'],
    sentence: 'Whether whole requests are kept in files.',
  },
  {
    path: 'ws-auth',
    value: flag,
    read: () => true,
    sentence: 'Whether WebSockets need a client key; they always do.',
    refuses: { 422: ['not_supported'] },
    written(value) {
      if (value === true) return undefined;
      throw new BadInput(
        refuse(422, 'not supported', {
          code: 'not_supported',
          message: 'WebSockets need a client key as all requests do: ws-auth cannot be switched off',
        }),
      );
    },
  },
  {
    path: 'force-model-prefix',
    value: flag,
    read: (config) => config['force-model-prefix'],
    sentence: 'Whether credentials with a prefix serve only names with it.',
  },
  {
    path: 'proxy-url',
    value: z.string(),
    read: (config) => config['proxy-url'] ?? '',
    written: (value) => (value === '' ? undefined : value),
    sentence: 'The proxy for requests to providers.',
    example: 'socks5://127.0.0.1:1080',
    mayGo: true,
  },
  {
    path: 'request-retry',
    value: whole,
    read: (config) => config['request-retry'],
    written: atLeastZero,
    sentence: 'Further rounds over the credentials.',
  },
  {
    path: 'max-retry-credentials',
    value: whole,
    read: (config) => config['max-retry-credentials'],
    written: atLeastZero,
    sentence: 'Credentials of one round; 0 is all.',
  },
  {
    path: 'max-retry-interval',
    value: whole,
    read: (config) => Math.round(config['max-retry-interval'] / 1000),
    written: atLeastZero,
    sentence: 'Longest wait for a credential that is cooling down, in seconds.',
  },
  {
    path: 'routing/strategy',
    value: z.string(),
    read: (config) => config.routing.strategy,
    written: strategy,
    refuses: { 400: ['invalid_strategy'] },
    sentence: 'How a credential is chosen.',
    example: 'round-robin',
  },
  {
    path: 'quota-exceeded/switch-project',
    value: flag,
    read: (config) => config['quota-exceeded']['switch-project'],
    sentence: 'Whether another project of the account takes over when a quota is used up.',
  },
  {
    path: 'quota-exceeded/switch-preview-model',
    value: flag,
    read: (config) => config['quota-exceeded']['switch-preview-model'],
    sentence: 'Whether a preview of the model takes over when its quota is used up.',
  },
];

export function singleSettingRoutes(deps: SingleSettingsDeps): Route[] {
  return settings.flatMap(
    ({ path, value, read, sentence, written, refuses, mayGo, example = usualExample(value) }) => {
      const place = path.split('/');
      const name = place.at(-1) ?? path;
      const body = jsonBody(z.object({ value }), { example: { value: example } });
      const writing = (['PUT', 'PATCH'] as const).map((method) =>
        route({
          method,
          v0: path,
          ...writes(refuses),
          sentence,
          body,
          run(call) {
            const next = written === undefined ? call.body.value : written(call.body.value);
            return changed(deps, call, place.join('.'), (contents) => withSetting(contents, place, next));
          },
        }),
      );
      return [
        route({
          method: 'GET',
          v0: path,
          sentence,
          answers: { member: name, is: value },
          run: () => json({ [name]: read(deps.config()) }),
        }),
        ...writing,
        ...(mayGo === true
          ? [
              route({
                method: 'DELETE',
                v0: path,
                ...writes(),
                sentence,
                run: (call) =>
                  changed(deps, call, place.join('.'), (contents) => withSetting(contents, place, undefined)),
              }),
            ]
          : []),
      ];
    },
  );
}
