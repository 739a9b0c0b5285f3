/**
 * Every key of the configuration file that has a place in the running program: its type, default and meaning.
 * The reference in docs/configuration.md is made from this. Keys that only other programs use are in `inert-keys.ts`.
 */
import type { z } from 'zod';
import { alerts } from './alert-keys.ts';
import { bounds } from './bounds.ts';
import { clientKey, prices } from './client-keys.ts';
import { cluster } from './cluster-keys.ts';
import { compatibleEntry, type compatibleKey, keyListFields, modelEntry } from './entries.ts';
import { keyOrHash } from './hashed-key.ts';
import { modelRoutes } from './model-route-keys.ts';
import { payload } from './payload-keys.ts';
import { cooldown, errorRules, quota, quotaExceeded, routing, streaming, timeouts } from './pool-keys.ts';
import { providersSchema } from './providers.ts';
import { metrics, tracing } from './telemetry-keys.ts';
import {
  addressBlock,
  duration,
  encryptionKey,
  flag,
  group,
  hostName,
  listOf,
  mapOf,
  oneOf,
  origin,
  proxyUrl,
  size,
  text,
  timezone,
  wholeNumber,
} from './values.ts';

const tls = group({
  enable: flag().default(false).meta({ description: 'Serves HTTPS instead of HTTP.' }),
  cert: text('the path of a certificate file')
    .optional()
    .meta({ description: 'Certificate chain file, PEM.' }),
  key: text('the path of a key file').optional().meta({ description: 'Private key file, PEM.' }),
}).check((context) => {
  if (!context.value.enable) return;
  for (const name of ['cert', 'key'] as const)
    if (!context.value[name])
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [name],
        params: { sentence: `tls.enable is true, so tls.${name} must name a PEM file` },
      });
});

const oauthAlias = group({
  ...modelEntry.shape,
  fork: flag().default(false).meta({ description: 'Keeps the original name beside the alias.' }),
});

export const configSchema = group({
  host: hostName().default('127.0.0.1').meta({
    emptyCounts: true,
    description:
      'Address to listen on. Any address but this computer needs at least one client key. `""` and `0.0.0.0` mean every network interface. Changes apply at the next start.',
  }),
  port: wholeNumber(0, 65535)
    .default(8317)
    .meta({ description: 'Port to listen on; 0 takes a free one. Changes apply at the next start.' }),
  tls: tls.prefault({}).meta({ description: 'HTTPS. Changes apply at the next start.' }),
  'api-keys': listOf(clientKey, 'client keys').default([]).meta({
    description:
      'The keys your clients send. Each is a text or `{key, name, …}` with limits of its own (docs/limits.md). The environment variable `CLI_PROXY_API_KEY` adds one (or several, with commas). Without any key anyone on this computer can use the server.',
  }),
  prices: prices.default({}).meta({
    description:
      'What models cost, by name with `*` for any text, where the shipped prices are not right or there are none; for costs and for the budgets of client keys.',
  }),
  'auth-dir': text('a directory').default('~/.cli-proxy-api').meta({
    description:
      'Directory of the account files that signing in creates; without it `CLI_PROXY_API_HOME` where that is set.',
  }),
  'auth-encryption-key': encryptionKey().optional().meta({
    description:
      'Encrypts the account files (AES-256-GCM). The key itself as `${NAME}` from the environment, `file:PATH`, or `keychain:NAME` from the keychain of the system. Files that are not encrypted are still read.',
  }),
  debug: flag().default(false).meta({
    description:
      'Logs more: what translations changed, which tokens were renewed, which lists of models a provider did not give.',
  }),
  cluster: cluster.optional().meta({
    description:
      'Makes this gateway one of several replicas (docs/scale-out.md); without it there is one, which needs neither engine. Changes apply at the next start.',
  }),
  'proxy-url': proxyUrl().optional().meta({
    description:
      'Proxy for requests to providers: http, https, socks5 or socks4, socks5h or socks4a (names resolved by the proxy); `direct` ignores the proxy variables of the environment.',
  }),
  'request-retry': wholeNumber(0).default(0).meta({
    description: 'How many further rounds over the credentials a failing request gets before its first byte.',
  }),
  'max-retry-credentials': wholeNumber(0)
    .default(0)
    .meta({ description: 'How many different credentials one round tries; 0 means all.' }),
  'max-retry-interval': duration().prefault(0).meta({
    description:
      'Longest that a request waits, in all, for a credential that is cooling down; when none comes back that soon it is answered at once. 0 never waits.',
  }),
  'disable-cooling': flag()
    .default(false)
    .meta({ description: 'Never lets a failing credential cool down: the next request may use it at once.' }),
  'transient-error-cooldown-seconds': wholeNumber(-1).default(0).meta({
    description:
      'Cooldown of a credential after 408, 5xx or a broken connection, always so many seconds; 0 means 1 s, doubling up to 60 s with each failure (`cooldown.unavailable`); -1 means none.',
  }),
  'save-cooldown-status': flag().default(true).meta({
    description:
      'Stores cooldowns (`.cooldowns.json`) and quotas (`.quotas.json`) in the `auth-dir`, so that they survive a restart.',
  }),
  cooldown: cooldown.prefault({}).meta({
    description: 'How long credentials cool down after failures; docs/routing.md has the table of defaults.',
  }),
  timeouts: timeouts.prefault({}).meta({
    description:
      'How long a provider may take before the next credential is tried, or, once an answer has begun, before it ends with an error; 0 is no limit.',
  }),
  streaming: streaming.prefault({}).meta({ description: 'Streams to clients.' }),
  'nonstream-keepalive-interval': duration().prefault(0).meta({
    description:
      'The same for answers that do not stream: after so long, and as often, an empty line in front of the JSON. A failure after that breaks the connection. 0 is never.',
  }),
  'quota-exceeded': quotaExceeded.prefault({}).meta({
    description: 'What to do when a quota is used up.',
  }),
  routing: routing.prefault({}).meta({ description: 'Choice of credentials.' }),
  'model-routes': modelRoutes.default({}).meta({
    description:
      'Model names of your own: another model, several with fallback in this order, or rules on the request. `*` in a name matches any text (docs/routing.md).',
  }),
  sandbox: flag().default(false).meta({
    description:
      'Whether the built-in sandbox answers while there is neither a key nor an account. The first start writes it into the config that it creates; without it such a gateway returns 503 for every model.',
  }),
  'force-model-prefix': flag().default(false).meta({
    description: 'Credentials with a `prefix` serve only `prefix/model`, no longer `model` on its own.',
  }),
  translation: group({
    strict: flag().default(false).meta({
      description:
        'Refuses a request (400, naming the fields) that no credential can serve without a loss, instead of dropping what the provider has no place for.',
    }),
  })
    .prefault({})
    .meta({ description: 'Requests whose client and provider use different protocols.' }),
  'max-request-bytes': size().optional().meta({
    description:
      'Sets `bounds.request-body`, `bounds.unpacked-request` and `bounds.websocket-message` where they are not written themselves.',
  }),
  bounds: bounds.prefault({}).meta({
    description: 'How much of anything from outside is taken.',
  }),
  responses: group({
    store: flag().default(true).meta({
      description:
        'Keeps answers of the Responses API for `previous_response_id`, `GET` and `DELETE`, whichever provider answered; clients opt out with `store: false`. They are whole texts, in plain SQLite that only you may read (`.responses.sqlite` in the `auth-dir`), until `ttl` after the last use.',
    }),
    ttl: duration()
      .prefault('24h')
      .meta({ description: 'How long a response is stored after its creation or last use.' }),
    'max-bytes': size()
      .prefault('256MiB')
      .meta({ description: 'Most that kept answers take on disk; the oldest go first.' }),
  })
    .prefault({})
    .meta({ description: 'Answers kept in `.responses.sqlite` in the `auth-dir`.' }),
  usage: group({
    enable: flag().default(true).meta({
      description:
        'Stores a record of each request: client key, credential, tokens, times and cost; never its content, never a key.',
    }),
    'keep-requests': duration().prefault('90d').meta({ description: 'How long single requests are kept.' }),
    'keep-hours': duration()
      .prefault('400d')
      .meta({ description: 'How long the sums of hours are kept; those of days stay.' }),
    'max-size': size()
      .prefault('2GB')
      .meta({ description: 'Most that all of it takes on disk; the oldest requests go first.' }),
    timezone: timezone().optional().meta({
      description:
        'Whose midnight ends a day, as `Europe/Berlin`. Without it the time zone of this computer.',
    }),
  })
    .prefault({})
    .meta({
      description: 'What was used and what it cost, in `.usage.sqlite` in the `auth-dir` (docs/usage.md).',
    }),
  'shutdown-grace': duration()
    .prefault('30s')
    .meta({ description: 'How long requests in flight may continue after the server is told to stop.' }),
  'shutdown-drain': duration().optional().meta({
    description:
      'How long before that it still accepts requests: `/readyz` reports not ready at once, so that load balancers use other replicas, and connections close with their next response. 5s by default in a cluster; without one new requests are refused at once.',
  }),
  log: group({
    format: oneOf(['auto', 'json', 'pretty'])
      .default('auto')
      .meta({ description: '`auto` is readable in a terminal and JSON otherwise.' }),
    directory: text('a directory').optional().meta({
      description:
        'Where log files go. Without it `$WRITABLE_PATH/logs`, else `logs` in the working directory, else in the `auth-dir`.',
    }),
  })
    .prefault({})
    .meta({ description: 'Log output.' }),
  metrics: metrics.prefault({}).meta({
    description: 'Metrics for Prometheus at `GET /metrics` (docs/monitoring.md).',
  }),
  tracing: tracing.prefault({}).meta({
    description:
      'Traces for OpenTelemetry (docs/monitoring.md). The standard `OTEL_*` variables win. Changes apply at the next start.',
  }),
  alerts: alerts.prefault({}).meta({
    description:
      'Alerts to a webhook when an account needs a login, a pool runs dry within the hour, a budget is nearly spent, or nothing serves a model (docs/quotas.md).',
  }),
  quota: quota.prefault({}).meta({
    description: 'Asking providers what accounts have left of their quotas (docs/quotas.md).',
  }),
  'allowed-hosts': listOf(text('a host name such as gateway.lan'), 'host names').default([]).meta({
    description:
      'Names under which programs may reach a gateway without client keys, besides those of this computer; a page that lets its own name point here is refused.',
  }),
  'trusted-proxies': listOf(addressBlock(), 'addresses or blocks of addresses').default([]).meta({
    description:
      'Proxies in front of the gateway, as `127.0.0.1` or `10.0.0.0/8`: only from them `X-Forwarded-For` is used as the address of the client, in the log, for throttling invalid keys, and for what counts as local (docs/security.md). Without any, the address is the socket’s.',
  }),
  'logging-to-file': flag().default(false).meta({
    description:
      'Writes the log to `main.log` in `log.directory` instead of standard output; a new file begins every 10 MiB.',
  }),
  'logs-max-total-size-mb': wholeNumber(0).default(0).meta({
    description: 'Most MiB that all log files come to; the oldest go first. 0 means 256.',
  }),
  'request-log': flag().default(false).meta({
    description:
      'Writes each request with all that came of it into a file of its own in `log.directory`: for its owner alone (0600), secrets masked, at most 1 MiB of a body. It holds what people wrote; off unless you look for something.',
  }),
  'error-logs-max-files': wholeNumber(-1).default(0).meta({
    description:
      'While `request-log` is off, so many of the newest requests that failed are kept in such files (`error-….log`) all the same; 0 is none, -1 is 10.',
  }),
  'passthrough-headers': flag().default(false).meta({
    description:
      "Gives clients the headers of the provider's answer, too: never those about the connection, cookies, authentication or the body.",
  }),
  'usage-statistics-enabled': flag().default(false).meta({
    description:
      'Keeps finished requests in memory for programs that read them at `GET /v0/management/usage-queue` (docs/management-api.md).',
  }),
  'redis-usage-queue-retention-seconds': wholeNumber(1, 86_400).default(3600).meta({
    description: 'Seconds for which such a request is kept.',
  }),
  cors: group({
    origins: listOf(origin(), 'origins').default([]).meta({
      description:
        'Web pages that may send requests from a browser, such as `https://chat.example.com`; `*` is every page. They still need a client key.',
    }),
  })
    .prefault({})
    .meta({ description: 'Cross-origin requests; none are allowed without it.' }),
  payload: payload.prefault({}).meta({
    description: 'Rules for bodies that go to providers (docs/payload.md).',
  }),
  'remote-management': group({
    'allow-remote': flag()
      .default(false)
      .meta({ description: 'Lets other computers use the management API.' }),
    'secret-key': keyOrHash().optional().meta({
      description:
        'Key of the management API, or its bcrypt or Argon2 hash; without it there is no management API.',
    }),
    'disable-control-panel': flag()
      .default(false)
      .meta({ description: 'There is no console: `/console/` and `/management.html` answer 404.' }),
  })
    .prefault({})
    .meta({ description: 'Management API and console.' }),
  providers: providersSchema.prefault({}).meta({
    description: 'Addresses of the providers of signed-in accounts, for a mirror or a test server.',
  }),
  ...keyListFields,
  'openai-compatibility': listOf(compatibleEntry, 'OpenAI-compatible providers')
    .default([])
    .meta({ description: 'Any other service with an OpenAI protocol, local servers included.' }),
  'oauth-model-alias': mapOf(
    listOf(oauthAlias, 'models (name, alias, fork)'),
    'kinds of account, each with a list of models',
  )
    .default({})
    .meta({ description: 'Other names for the models of signed-in accounts, by kind of account.' }),
  'oauth-request-scoped-errors': mapOf(errorRules, 'kinds of account, each with a list of rules')
    .default({})
    .meta({ description: '`request-scoped-errors` of signed-in accounts, by kind of account.' }),
  'oauth-excluded-models': mapOf(
    listOf(text('a model name'), 'model names'),
    'kinds of account, each with a list of model names',
  )
    .default({})
    .meta({
      description: 'Models never sent to signed-in accounts, by kind of account; `*` matches any text.',
    }),
});

/** The configuration of a running server, with all defaults filled in. Spans of time are in ms, sizes in bytes. */
export type Config = z.output<typeof configSchema>;
export type ClientKey = Config['api-keys'][number];
export type { KeyEntry, KeyModelEntry, ThinkingEntry } from './entries.ts';
export type CompatibleEntry = z.output<typeof compatibleEntry>;
export type CompatibleKey = z.output<typeof compatibleKey>;
