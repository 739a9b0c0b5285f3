/** Starts the gateway's listener, reconfigures it while it runs, and stops it without cutting answers off. */

import { connectionTo } from '../accounts/provider-connection.ts';
import type { Config } from '../config/schema.ts';
import { createLive } from '../console/live.ts';
import { createGateway } from '../gateway/gateway.ts';
import { outboundDeps } from '../gateway/upstream/outbound.ts';
import { takeProxies } from '../gateway/upstream/proxy.ts';
import { systemClock } from '../ground/clock.ts';
import { createHttpClient } from '../http-client/client.ts';
import { createCredentialBudgets, type SpentBudget } from '../limits/credential-budgets.ts';
import { createLimiter } from '../limits/limiter.ts';
import { listedLimit } from '../management/listed-limit.ts';
import { createManagement } from '../management/management.ts';
import type { GatewayStatus } from '../management/own-answers.ts';
import { ownTimezone } from '../usage/local-day.ts';
import { recentCounter } from '../usage/recent-counts.ts';
import type { UsageSink } from '../usage/record.ts';
import { createUsageQueue } from '../usage/usage-queue.ts';
import { createAccountsInUse } from './accounts.ts';
import { type AlertSource, alertConditions } from './alert-conditions.ts';
import { authDirHold } from './auth-dir-hold.ts';
import { clientAddress } from './client-address.ts';
import { clientOf } from './client-auth.ts';
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
import { credentialsInForce } from './credentials-in-force.ts';
import { drainTime } from './drain.ts';
import { createFoundModels } from './found-models.ts';
import { stopGracefully } from './graceful-stop.ts';
import { createHandler } from './handler.ts';
import { newId, newRequestId } from './ids.ts';
import { inUse } from './in-use.ts';
import { listenerAddress, listenerAnswers, listening } from './listener.ts';
import { gatewayMetrics } from './metrics/gateway-metrics.ts';
import { metricsEndpoint } from './metrics/metrics-endpoint.ts';
import { openModels } from './models-file.ts';
import { observedGateway } from './observed-gateway.ts';
import { ownersRequest } from './playground.ts';
import { processMemory } from './process-memory.ts';
import { quotaPoll } from './quota-poll.ts';
import { readinessOf } from './readiness.ts';
import { lazyRecordings } from './recordings.ts';
import { createRefusals } from './refusals.ts';
import { replicaFacts } from './replica-facts.ts';
import { requestLogFiles } from './request-log-files.ts';
import { managedResponses } from './responses/managed-responses.ts';
import { responsesSockets, type SocketState } from './responses/responses-socket.ts';
import type { RunningGateway, StartOptions } from './running-gateway.ts';
import { savedPoolState } from './saved-pool-state.ts';
import { createTracing } from './tracing.ts';
import { managedUsage } from './usage/managed-usage.ts';
import { ownUsage, usageOfKey } from './usage/own-usage.ts';
import { promptCacheWatch } from './usage/prompt-cache-watch.ts';
import { modelsFor } from './visible-models.ts';
import { webhookAlerts } from './webhook-alerts.ts';

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
  /** For outgoing calls that no client asked for. */
  const outbound = { http, proxies, userAgent, log };
  const verdicts = savedPoolState(() => gateway.pool, clock.now, log);
  const usage = managedUsage(log, clock, () => cluster?.durable?.usage);
  const tracing = createTracing(options.config, process.env, options.version, log);
  // Whether a trace is kept is known before metrics name it.
  const spentOf = (credentials: readonly string[], spent: SpentBudget | undefined): void => {
    for (const id of credentials) gateway.pool.budget(id, spent, clock.now());
  };
  const budgets = createCredentialBudgets({
    shared: cluster?.fast?.spending,
    now: clock.now,
    warn: (sentence) => log.warn(sentence),
    onSpent: spentOf,
    onLeft: (credentials) => spentOf(credentials, undefined),
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
      verdicts.cooldownChanged();
      cluster?.fast?.cooldownChanged(credential, name);
    },
    onQuotaChange(credential, model, windows) {
      verdicts.quotaChanged();
      cluster?.fast?.quotaReported(credential, model, windows);
    },
    leftBehind: {
      translated: (bytes) => memory.translated(bytes),
      between: (bytes) => memory.between(bytes),
    },
    ...outbound,
    fetch,
    clock,
    newId,
  });
  const requests = requestLogFiles(log);
  let { config } = options;
  const gateway = observedGateway(inner, {
    handle: requests.around(inner.handle),
    tracing,
    began: (request) => metrics.began(request),
  });
  let cors: Cors | undefined;
  const { addressOf, trust } = clientAddress();
  const responses = managedResponses(log, () => cluster?.durable?.responses);
  const limiter = createLimiter({
    now: clock.now,
    warn: (sentence) => log.warn(sentence),
    onRefusal: (limit, key) => metrics.limitRefused(limit, key.name),
    shared: cluster?.limits,
  });
  const clientLimiter = createClientLimiter(gateway, limiter, () => config.bounds, log);
  const refusals = createRefusals({ log, now: clock.now, wait: clock.wait });
  const memory = processMemory(() => server?.pendingRequests ?? 0, clock);
  // Clients that share a key are one.
  const owners = () => (config['api-keys'].length > 1 ? responses.owners() : undefined);
  let stopping = false;
  /** Why the configuration as it is written is not in force. */
  let reloadProblem: string | undefined;
  const keyUsage = ownUsage({ limiter, kept: usage, now: clock.now });
  const answering = {
    ...{ gateway, clientLimiter, store: responses.store, owners, log, clock },
    observes: () => usageQueue.recording,
  };
  const handler = createHandler({
    ...answering,
    version: options.version,
    hasConsole: () => !config['remote-management']['disable-control-panel'],
    refusals,
    addressOf,
    usage: keyUsage,
    memory,
    readiness: () =>
      readinessOf({ stopping, credentials: gateway.credentials().length, engines: cluster?.engines() }),
  });

  const sockets = responsesSockets({ ...answering, bounds: () => config.bounds });

  const gatewayStatus = (): GatewayStatus => ({
    url: server?.url.href.replace(/\/$/, '') ?? `http://${config.host || '0.0.0.0'}:${config.port}`,
    stopsWithin: stopping ? drainTime(config) + config['shutdown-grace'] : null,
  });
  const engines = () => (cluster === undefined ? [] : shownEngines(cluster));
  const conditions = () => alertConditions(alertSource, config['api-keys'], clock.now());
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
      engines,
    }),
    replicas,
    now: clock.now,
    clock,
    newRequestId,
    keys: options.managementKeys,
    gatewayStatus,
    usage,
    usageQueue,
    ...outbound,
    config: () => config,
    configFile: options.configFile ?? (() => undefined),
    version: options.version,
    accounts: () => accounts.opened(),
    signInTexts: texts,
    depsOf: (kind) =>
      outboundDeps({
        ...outbound,
        pool: `sign-in ${kind}`,
        proxyUrl: config['proxy-url'],
        tls: connectionTo(config.providers[kind].tls).tls,
        bounds: config.bounds,
        connectTime: config.timeouts.connect,
      }),
    counts,
    consoleTicket: (lasting) => lazy.ticket(lasting),
    recordings: lazyRecordings({ gateway: inner, config: () => config, requests }),
  });
  const lazy = lazyConsole({
    ...{ gateway, usage, live, counts, clock, log, now: clock.now },
    version: options.version,
    accounts: () => accounts.all(),
    proxyUrl: () => config['proxy-url'],
    budgetUse: (id) => budgets.usageOf(id).map(listedLimit),
    sandbox: () => credentials.sandbox,
    configProblem: () => reloadProblem,
    engines,
    conditions,
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
    keyUsage: (id, search) => usageOfKey(keyUsage, config['api-keys'], id, search),
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

  const accounts = createAccountsInUse({
    ...outbound,
    onChange: () => credentials.update(),
    onRefresh: (kind, result) => metrics.refreshed(kind, result),
    durable: () => cluster?.durable,
  });
  const alertSource: AlertSource = { gateway, limiter, accounts: () => accounts.all() };
  const alerts = webhookAlerts({
    ...outbound,
    clock,
    conditions,
    config: () => config,
    claim: alertClaim(cluster),
  });
  const found = createFoundModels({
    ...outbound,
    clock,
    inForce: () => config,
    onChange: () => void credentials.update(),
  });
  const polled = quotaPoll({ ...outbound, pool: () => gateway.pool, clock });
  sinks.push(polled);
  const credentials = credentialsInForce({
    ...{ gateway, accounts, found, log },
    config: () => config,
    startSandbox: options.sandbox,
    async onChange(next, owned) {
      cluster?.fast?.credentialsChanged();
      polled.configure(next, owned);
      if (owned.some(({ budget }) => budget !== undefined)) await budgets.configure(next);
      budgets.use(owned);
    },
  });
  const authDir = authDirHold(log);

  const configure = (next: Config): Promise<void> =>
    authDir.take(next['auth-dir'], () => putConfigInForce(next));

  async function putConfigInForce(next: Config): Promise<void> {
    const limitChanges = next.bounds['websocket-message'] !== config.bounds['websocket-message'];
    config = next;
    await openModels(next['auth-dir'], (sentence) => log.warn(sentence));
    // A key is let in when what it has used is known.
    await limiter.configure(next);
    handler.configure(config);
    cors = corsOf(config);
    trust(config['trusted-proxies']);
    responses.configure(config);
    requests.configure(config);
    await verdicts.configure(next);
    await usage.configure(next);
    usageQueue.configure(next);
    await control.configure(next['auth-dir']);
    await accounts.configure(next);
    await credentials.update();
    await alerts.configure(next);
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
    for (const part of [metricsPage, alerts, found, polled, memory, verdicts, limiter, budgets])
      await part.close();
    await accountsClosed;
    http.close();
    responses.close();
    await usage.close();
    await requests.written();
    await tracing?.close();
    await cluster?.close();
    // Last: the next gateway may have the directory when everything is written.
    await control.close();
    await authDir.release();
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
      return credentials.sandbox;
    },
    inUse: () => inUse(gateway, accounts.all()),
    async reload(next) {
      await configure(next);
      reloadProblem = undefined;
      metrics.reloaded('success');
    },
    refusal: (next) => authDir.refusal(next['auth-dir']),
    reloadFailed(why) {
      reloadProblem = why;
      metrics.reloaded('failure');
    },
    consoleAddress: () =>
      lazy.address(
        gatewayStatus().url,
        (config['remote-management']['secret-key'] ?? options.managementKeys?.everywhere) !== undefined,
      ),
    async stop() {
      stopping = true;
      const { grace } = await stopGracefully({
        ...{ listener, sockets, config, clock, log },
        answers: listenerOptions,
        leave: lazy.leave,
      });
      // A refresh that runs is let end: what it spends must be kept.
      await release(Promise.race([accounts.close(), grace]));
    },
  };
}
