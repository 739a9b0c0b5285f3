/** Starts the gateway's listener, reconfigures it while it runs, and stops it without cutting answers off. */

import { directoryProblem } from '../accounts/atomic-write.ts';
import { connectionTo } from '../accounts/provider-connection.ts';
import type { Config } from '../config/schema.ts';
import { createLive } from '../console/live.ts';
import { createCooldownFile } from '../credentials/cooldown-file.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import { createQuotaFile } from '../credentials/quota-file.ts';
import { sandboxCredentials } from '../credentials/sandbox.ts';
import { noCredential } from '../gateway/error-answer.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { outboundDeps } from '../gateway/upstream/outbound.ts';
import { takeProxies } from '../gateway/upstream/proxy.ts';
import { systemClock } from '../ground/clock.ts';
import { asFetch } from '../http-client/as-fetch.ts';
import { createHttpClient } from '../http-client/client.ts';
import { createCredentialBudgets } from '../limits/credential-budgets.ts';
import { createLimiter } from '../limits/limiter.ts';
import type { ManagementKeys } from '../management/access.ts';
import { listedLimit } from '../management/listed-limit.ts';
import type { ManagedConfig } from '../management/managed-config.ts';
import { createManagement } from '../management/management.ts';
import type { GatewayStatus } from '../management/own-answers.ts';
import type { Log } from '../telemetry/log.ts';
import { ownTimezone } from '../usage/local-day.ts';
import { recentCounter } from '../usage/recent-counts.ts';
import type { UsageSink } from '../usage/record.ts';
import { createUsageQueue } from '../usage/usage-queue.ts';
import { createAccountsInUse } from './accounts.ts';
import { type AlertSource, alertConditions } from './alert-conditions.ts';
import { createAlertFile } from './alert-file.ts';
import { createAlerts } from './alerts.ts';
import { AuthDirInUse } from './auth-dir-in-use.ts';
import { type AuthDirLock, lockAuthDir, sameDirectory } from './auth-dir-lock.ts';
import { type AddressOf, addressReader } from './client-address.ts';
import { clientAuth, clientOf } from './client-auth.ts';
import { createClientLimiter } from './client-limiter.ts';
import {
  alertClaim,
  joinedCluster,
  knownCluster,
  otherReplicas,
  sharedTexts,
  shownEngines,
} from './cluster.ts';
import { lazyConsole } from './console.ts';
import { controlSocket } from './control-socket.ts';
import { type Cors, corsOf } from './cors.ts';
import { drain, drainTime } from './drain.ts';
import { createFoundModels } from './found-models.ts';
import { createHandler } from './handler.ts';
import { newId, newRequestId } from './ids.ts';
import { type InUse, inUse } from './in-use.ts';
import { openModels } from './kept-models.ts';
import { keptRecords } from './kept-records.ts';
import { keptRequests } from './kept-requests.ts';
import { listenerAddress, listenerAnswers, listening } from './listener.ts';
import { memoryUpkeep } from './memory-upkeep.ts';
import { gatewayMetrics } from './metrics/gateway-metrics.ts';
import { metricsEndpoint } from './metrics/metrics-endpoint.ts';
import { ownersRequest } from './playground.ts';
import { quotaPoll } from './quota-poll.ts';
import { readinessOf } from './readiness.ts';
import { lazyRecordings } from './recordings.ts';
import { createRefusals } from './refusals.ts';
import { replicaFacts } from './replica-facts.ts';
import { keptResponses } from './responses/kept-responses.ts';
import { responsesSockets, type SocketState } from './responses/responses-socket.ts';
import { createTracing } from './tracing.ts';
import { keptUsage } from './usage/kept-usage.ts';
import { ownUsage } from './usage/own-usage.ts';
import { promptCacheWatch } from './usage/prompt-cache-watch.ts';
import { modelsFor } from './visible-models.ts';

/** Bytes of a webhook's answer that are read. */
const mostAlertAnswer = 64 * 1024;

export interface StartOptions {
  config: Config;
  version: string;
  log: Log;
  /** Starts the sandbox that serves where the config lets it and there is neither a key nor an account; gives its address. */
  sandbox?: () => Promise<string>;
  /** The file that the configuration came from, for the management API. */
  configFile?: () => ManagedConfig | undefined;
  /** Which of several processes on one port this is; undefined for one that has it alone. */
  worker?: number | undefined;
  /** Further keys of the management API. */
  managementKeys?: ManagementKeys;
}

export interface RunningGateway {
  url: string;
  /** Whether the sandbox serves, for want of a key and of an account. */
  readonly sandbox: boolean;
  /** How many keys, accounts and models there are now. */
  inUse(): InUse;
  /** Puts another configuration in force; resolves once it is. Host, port and tls change only with a new start. */
  reload(config: Config): Promise<void>;
  /** Why a configuration could not be put in force: its `auth-dir` is another gateway's. Waits for one that is stopping. */
  refusal(config: Config): Promise<string | undefined>;
  /** Counts a changed configuration that could not be put in force; `why`, without secrets, is shown until another one is. */
  reloadFailed(why?: string): void;
  /**
   * Drains: for `shutdown-drain` it still answers, and says that it is not ready. Then takes no new connections, lets answers
   * finish within the grace period, and ends them.
   */
  stop(): Promise<void>;
  /** The address of the console, without a management key with what signs in until the gateway stops; undefined where there is no console. */
  consoleAddress(): Promise<string | undefined>;
}

/**
 * Throws what `Bun.serve` throws when the address cannot be listened on, and AuthDirInUse when another gateway has the `auth-dir`.
 */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const { log } = options;
  const clock = systemClock;
  const userAgent = `cli-proxy-api/${options.version}`;
  const cluster = await joinedCluster(options);
  const proxies = takeProxies(process.env);
  const http = createHttpClient(() => config.bounds);
  const cooldowns = keptRecords(createCooldownFile, log, {
    records: () => gateway.pool.cooldowns(clock.now()),
    restore: (left) => gateway.pool.restore(left, clock.now()),
  });
  const quotas = keptRecords(createQuotaFile, log, {
    records: () => gateway.pool.quotas(),
    restore: (left) => gateway.pool.restoreQuotas(left, clock.now()),
  });
  const usage = keptUsage(log, clock, () => cluster?.durable?.usage);
  const tracing = createTracing(options.config, process.env, options.version, log);
  // Whether a trace is kept is known before metrics name it.
  const budgets = createCredentialBudgets({
    shared: cluster?.fast?.spending,
    now: clock.now,
    warn: (sentence) => log.warn(sentence),
    onSpent: (credentials, spent) => {
      for (const id of credentials) gateway.pool.budget(id, spent, clock.now());
    },
    onLeft: (credentials) => {
      for (const id of credentials) gateway.pool.budget(id, undefined, clock.now());
    },
  });
  const live = createLive();
  const usageQueue = createUsageQueue(clock.now);
  const counts = recentCounter();
  const sinks: UsageSink[] = [usage, budgets, usageQueue, counts, promptCacheWatch(log), live];
  if (tracing !== undefined) sinks.push(tracing);
  const inner = createGateway({
    sinks,
    prices: usage.prices,
    onward: tracing?.onward,
    sharedBindings: cluster?.fast?.sessions,
    sharedPlaces: cluster?.places,
    onCooldownChange(credential, name) {
      cooldowns.changed();
      cluster?.fast?.cooldownChanged(credential, name);
    },
    onQuotaChange(credential, model, windows) {
      quotas.changed();
      cluster?.fast?.quotaReported(credential, model, windows);
    },
    onTranslated: (bytes) => memory.translated(bytes),
    log,
    http,
    fetch,
    userAgent,
    clock,
    newId,
    proxies,
  });
  const requests = keptRequests(log);
  let { config } = options;
  const around = requests.around(inner.handle);
  const gateway: Gateway = {
    ...inner,
    handle(request) {
      if (tracing !== undefined) request.trace ??= tracing.began(request.headers);
      metrics.began(request);
      return around(request);
    },
    refuse(request, error) {
      if (tracing !== undefined) request.trace ??= tracing.began(request.headers);
      metrics.began(request);
      return inner.refuse(request, error);
    },
  };
  let cors: Cors | undefined;
  let readAddress = addressReader([]);
  const addressOf: AddressOf = (request, listener) =>
    readAddress(request, listener.requestIP(request)?.address);
  const responses = keptResponses(log, () => cluster?.durable?.responses);
  const limiter = createLimiter({
    now: clock.now,
    warn: (sentence) => log.warn(sentence),
    onRefusal: (limit, key) => metrics.limitRefused(limit, key.name),
    shared: cluster?.limits,
  });
  const clientLimiter = createClientLimiter(gateway, limiter, () => config.bounds, log);
  const refusals = createRefusals({ log, now: clock.now, wait: clock.wait });
  const memory = memoryUpkeep({
    collect: () => Bun.gc(true),
    shrink() {
      Bun.shrink();
      void import('./program-pages.ts').then(({ releaseProgramPages }) => releaseProgramPages());
    },
    resident: process.memoryUsage.rss,
    running: () => server?.pendingRequests ?? 0,
    every: clock.every,
  });
  // Clients that share a key are one.
  const owners = () => (config['api-keys'].length > 1 ? responses.owners() : undefined);
  let stopping = false;
  /** Why the configuration as it is written is not in force. */
  let reloadProblem: string | undefined;
  const keyUsage = ownUsage({ limiter, kept: usage, now: clock.now });
  const handler = createHandler({
    gateway,
    clientLimiter,
    version: options.version,
    hasConsole: () => !config['remote-management']['disable-control-panel'],
    clock,
    store: responses.store,
    owners,
    refusals,
    addressOf,
    observes: () => usageQueue.recording,
    usage: keyUsage,
    log,
    memory,
    readiness: () =>
      readinessOf({ stopping, credentials: gateway.credentials().length, engines: cluster?.engines() }),
  });

  const sockets = responsesSockets({
    gateway,
    clientLimiter,
    store: responses.store,
    owners,
    log,
    bounds: () => config.bounds,
    clock,
    observes: () => usageQueue.recording,
  });

  const gatewayStatus = (): GatewayStatus => ({
    url: server?.url.href.replace(/\/$/, '') ?? `http://${config.host || '0.0.0.0'}:${config.port}`,
    stopsWithin: stopping ? drainTime(config) + config['shutdown-grace'] : null,
  });
  const encryptionKey = (): string | undefined => config['auth-encryption-key'];
  const texts = await sharedTexts(cluster, encryptionKey);
  const replicas = otherReplicas(cluster, answerToReplica, encryptionKey);
  const management = createManagement({
    gateway,
    limiter,
    wrongKeys: refusals,
    refusalCounts: refusals.counts,
    cluster: cluster && (() => knownCluster(cluster)),
    replica: replicaFacts({
      ...{ gateway, live, gatewayStatus, timezone: ownTimezone },
      refusals: refusals.counts,
      engines: () => (cluster === undefined ? [] : shownEngines(cluster)),
    }),
    replicas,
    now: clock.now,
    clock,
    newRequestId,
    keys: options.managementKeys,
    gatewayStatus,
    usage,
    usageQueue,
    http,
    proxies,
    userAgent,
    config: () => config,
    configFile: options.configFile ?? (() => undefined),
    version: options.version,
    log,
    accounts: () => accounts.opened(),
    signInTexts: texts,
    depsOf: (kind) =>
      outboundDeps({
        http,
        proxies,
        userAgent,
        pool: `sign-in ${kind}`,
        proxyUrl: config['proxy-url'],
        tls: connectionTo(config.providers[kind].tls).tls,
        bounds: config.bounds,
        connectTime: config.timeouts.connect,
        log,
      }),
    counts,
    consoleTicket: (lasting) => lazy.ticket(lasting),
    recordings: lazyRecordings({ gateway: inner, config: () => config, requests }),
  });
  const lazy = lazyConsole({
    gateway,
    usage,
    live,
    counts,
    clock,
    now: clock.now,
    version: options.version,
    log,
    accounts: () => accounts.all(),
    proxyUrl: () => config['proxy-url'],
    budgetUse: (id) => budgets.standing(id).map(listedLimit),
    sandbox: () => sandbox,
    configProblem: () => reloadProblem,
    engines: () => (cluster === undefined ? [] : shownEngines(cluster)),
    conditions: () => alertConditions(alertSource, config['api-keys'], clock.now()),
    asOwner: management.handleFor,
    configFile: options.configFile ?? (() => undefined),
    play: ownersRequest(handler, () => config['api-keys']),
    servedModels: (keyId) => modelsFor(gateway.catalog(), config['api-keys'], keyId),
    admitsKey: (key, address, request) => management.signsIn(key, address, new URL(request.url).pathname),
    ownerKey: () => config['remote-management']['secret-key'] ?? '',
    clientKey: (key) => clientOf(key, config['api-keys']),
    sharedTexts: texts,
    replicas,
    disabled: () => config['remote-management']['disable-control-panel'],
    gatewayStatus,
    authDir: () => config['auth-dir'],
    metrics: () => config.metrics,
    standInKey: () => usage.secretFor('stand-ins of the console'),
    refusalCounts: refusals.counts,
    async keyUsage(id, search) {
      const admitted = clientAuth(config['api-keys']).byId(id);
      if (admitted === undefined || config['api-keys'].length === 0) return undefined;
      const answer = await keyUsage(admitted, search);
      return answer.ok ? answer.usage : undefined;
    },
  });
  /** Answers what another replica asks: what is this one's own. */
  async function answerToReplica(path: string): Promise<Response> {
    if (path.startsWith('/console/')) return lazy.answerReplica(path);
    return management.handleFor(new Request(`http://gateway${path}`), { key: 'replica', address: undefined });
  }
  const control = controlSocket(management.handle, log);
  const metrics = gatewayMetrics({
    gateway,
    limiter,
    accounts: () => accounts.all(),
    config: () => config,
    now: clock.now,
    clock,
    version: options.version,
    usageLost: usage.lost,
    onUsageWritten: usage.onWritten,
    engines: cluster?.engines,
    onOperation: cluster?.onOperation,
    spans: tracing?.counts,
    env: process.env,
  });
  sinks.push(metrics);
  const metricsPage = metricsEndpoint({
    metrics,
    config: () => config,
    isManagementKey: management.admits,
    isClientKey: (key) => clientOf(key, config['api-keys']) !== undefined,
    addressOf,
    refusals,
  });

  let sandbox = false;
  /** Whether nobody can answer; said once. */
  let unable = false;
  const accounts = createAccountsInUse({
    log,
    http,
    proxies,
    userAgent,
    onChange: useCredentials,
    onRefresh: (kind, result) => metrics.refreshed(kind, result),
    durable: () => cluster?.durable,
  });
  const alertSource: AlertSource = { gateway, limiter, accounts: () => accounts.all() };
  const alerts = createAlerts({
    conditions: () => alertConditions(alertSource, config['api-keys'], clock.now()),
    fetch: asFetch({
      http,
      pool: 'alerts',
      proxyFor: (url) => proxies.proxyFor(url, config['proxy-url']),
      mostBytes: mostAlertAnswer,
      connectTime: config.timeouts.connect,
    }),
    log,
    clock,
    claim: alertClaim(cluster),
    onChange: () => alerted.changed(),
  });
  const alerted = keptRecords(createAlertFile, log, { records: alerts.known, restore: alerts.restore });
  const found = createFoundModels({
    log,
    http,
    proxies,
    userAgent,
    clock,
    inForce: () => config,
    onChange: () => void useCredentials(),
  });
  const polled = quotaPoll({
    ...{ pool: () => gateway.pool, log, http, userAgent, proxies },
    clock,
  });
  sinks.push(polled);
  // One after the other: an older state never overtakes a newer one.
  let turn: Promise<void> = Promise.resolve();

  function useCredentials(): Promise<void> {
    turn = turn.then(putInForce).catch((error: unknown) => {
      log.error('changed credentials could not be put into force', { error: String(error) });
    });
    return turn;
  }

  async function putInForce(): Promise<void> {
    const named = await found.applied(credentialsFromConfig(config));
    const credentials = [...named, ...accounts.credentials()];
    const wanting = config.sandbox && credentials.length === 0 && !accounts.any();
    const url = wanting ? await options.sandbox?.() : undefined;
    sandbox = url !== undefined;
    const none = credentials.length === 0 && !sandbox;
    if (none && !unable) log.warn(noCredential);
    unable = none;
    gateway.configure(url === undefined ? credentials : sandboxCredentials(url), config);
    cluster?.fast?.credentialsChanged();
    polled.configure(config, credentials);
    if (credentials.some(({ budget }) => budget !== undefined)) await budgets.configure(config);
    budgets.use(credentials);
  }

  /** The directory that is this gateway's alone. */
  let locked: { directory: string; lock: AuthDirLock } | undefined;

  const holds = (directory: string) => locked !== undefined && sameDirectory(locked.directory, directory);

  async function refusal(next: Config): Promise<string | undefined> {
    if (holds(next['auth-dir'])) return undefined;
    try {
      await (await lockAuthDir(next['auth-dir'], log)).release();
      return undefined;
    } catch (error) {
      if (error instanceof AuthDirInUse) return `auth-dir: ${error.message}`;
      throw error;
    }
  }

  async function configure(next: Config): Promise<void> {
    const directory = next['auth-dir'];
    if (holds(directory)) return putConfigInForce(next);
    const before = locked;
    locked = { directory, lock: await lockAuthDir(directory, log) };
    const problem = await directoryProblem(directory);
    if (problem !== undefined) log.warn(problem);
    await putConfigInForce(next);
    await before?.lock.release();
  }

  async function putConfigInForce(next: Config): Promise<void> {
    const limitChanges = next.bounds['websocket-message'] !== config.bounds['websocket-message'];
    config = next;
    await openModels(next['auth-dir'], (sentence) => log.warn(sentence));
    // A key is let in when what it has used is known.
    await limiter.configure(next);
    handler.configure(config);
    cors = corsOf(config);
    readAddress = addressReader(config['trusted-proxies']);
    responses.configure(config);
    requests.configure(config);
    await cooldowns.configure(next);
    await quotas.configure(next);
    await usage.configure(next);
    usageQueue.configure({
      record: next['usage-statistics-enabled'],
      keepFor: next['redis-usage-queue-retention-seconds'] * 1000,
    });
    await control.configure(next['auth-dir']);
    await accounts.configure(next);
    await useCredentials();
    alerts.configure(next.alerts);
    await alerted.configure({
      'auth-dir': next['auth-dir'],
      'save-cooldown-status': next.alerts.url !== undefined,
    });
    if (limitChanges) server?.reload(listenerOptions());
  }
  let server: Bun.Server<SocketState> | undefined;
  await cluster?.fast?.follow(gateway.pool);
  cluster?.fast?.onNotice((notice) => {
    if (notice.kind === 'session-moved') gateway.sessionMoved(notice.session, notice.candidate);
  });
  await configure(config);

  /** Ends everything that `configure` began. */
  async function release(accountsClosed: Promise<unknown>): Promise<void> {
    await metricsPage.close();
    await alerts.close();
    await alerted.close();
    found.close();
    polled.close();
    memory.close();
    await cooldowns.close();
    await quotas.close();
    await limiter.close();
    await budgets.close();
    await accountsClosed;
    http.close();
    responses.close();
    await usage.close();
    await requests.written();
    await tracing?.close();
    await cluster?.close();
    // Last: the next gateway may have the directory when everything is written.
    await control.close();
    await locked?.lock.release();
    log.flush();
  }

  const listenerOptions = () =>
    listenerAnswers({
      ...{ management, metricsPage, handler, addressOf, log },
      cors: () => cors,
      console: lazy,
      websocket: sockets.handler(config.bounds['websocket-message']),
    });

  const listener = await listening(
    () => {
      metricsPage.listen();
      return Bun.serve({ ...listenerOptions(), ...listenerAddress(config, options.worker !== undefined) });
    },
    () => release(accounts.close()),
  );
  server = listener;

  return {
    url: listener.url.href.replace(/\/$/, ''),
    get sandbox() {
      return sandbox;
    },
    inUse: () => inUse(gateway, accounts.all()),
    async reload(next) {
      await configure(next);
      reloadProblem = undefined;
      metrics.reloaded('success');
    },
    refusal,
    reloadFailed(why) {
      reloadProblem = why;
      metrics.reloaded('failure');
    },
    async consoleAddress() {
      const settings = config['remote-management'];
      if (settings['disable-control-panel']) return undefined;
      const address = `${gatewayStatus().url}/console/`;
      // Whoever has a key signs in with it.
      if (settings['secret-key'] !== undefined || options.managementKeys?.everywhere !== undefined)
        return address;
      return `${address}#ticket=${await lazy.ticket(true)}`;
    },
    async stop() {
      stopping = true;
      sockets.leave();
      const { port } = listener;
      if (port !== undefined)
        await drain(
          { port, answers: listenerOptions(), reload: (answers) => listener.reload(answers) },
          drainTime(config),
          clock.wait,
        );
      await lazy.leave();
      const grace = new Promise<'grace'>((resolve) => {
        clock.after(config['shutdown-grace'], () => resolve('grace'));
      });
      const outcome = await Promise.race([listener.stop(false), grace]);
      if (outcome === 'grace') {
        log.warn('answers were still running at the end of the grace period; they are cut off');
        sockets.end();
        await listener.stop(true);
      }
      // A refresh that runs is let end: what it spends must be kept.
      await release(Promise.race([accounts.close(), grace]));
    },
  };
}
