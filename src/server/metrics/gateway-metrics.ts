/** All metrics of a running gateway, from its first request to its last; a reload of the configuration resets none. */

import type { Cluster } from '../../cluster/ports.ts';
import type { Catalog } from '../../credentials/catalog.ts';
import type { Clock } from '../../ground/clock.ts';
import { isNamedModel } from '../../models/known-models.ts';
import { genaiNameOf } from '../../providers/registry.ts';
import { exposition, type Format } from '../../telemetry/metrics/exposition.ts';
import { type GenaiMetrics, genaiMetrics } from '../../telemetry/metrics/genai-metrics.ts';
import { metricTable } from '../../telemetry/metrics/metric-table.ts';
import { processMetrics } from '../../telemetry/metrics/process-metrics.ts';
import { createRegistry, other } from '../../telemetry/metrics/registry.ts';
import { requestMetrics } from '../../telemetry/metrics/request-metrics.ts';
import type { UsageSink } from '../../usage/record.ts';
import { type GaugeDeps, gatewayGauges, mostNamed } from './gateway-gauges.ts';

export interface GatewayMetrics extends UsageSink {
  /** A request has come, whose record `add` gets when it is over. */
  began(request: { protocol: string; stream: boolean }): void;
  /** A request was refused because this limit of its key is used up; `key` is the key's given name. */
  limitRefused(limit: string, key: string | undefined): void;
  /** A renewal of an account's tokens has ended. */
  refreshed(provider: string, result: string): void;
  /** Another configuration was put in force, or could not be. */
  reloaded(result: 'success' | 'failure'): void;
  /** The whole page. */
  page(format: Format): Promise<string>;
}

export interface MetricsDeps extends Omit<GaugeDeps, 'isKnownModel'> {
  version: string;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Requests that the usage history has lost. */
  usageLost: () => number;
  /** Takes who is to be called with the ms that each batch of the usage history took to be written. */
  onUsageWritten: (handler: (ms: number) => void) => void;
  /** Of a cluster; undefined where there is none. */
  engines: (() => readonly { name: string; state: { kind: 'up' | 'down' } }[]) | undefined;
  /** Of a cluster: takes who is to be called with what an engine was asked for, and the ms that it took. */
  onOperation?: Cluster['onOperation'] | undefined;
  /** Of traces; undefined where there are none. */
  spans: (() => { exported: number; dropped: number }) | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

/** Newer names of the GenAI conventions, chosen as the OpenTelemetry conventions define. */
const newerNames = 'gen_ai_latest_experimental';

export function gatewayMetrics(deps: MetricsDeps): GatewayMetrics {
  const { gateway, config, now } = deps;
  const registry = createRegistry();
  const isKnownModel = knownModels(() => gateway.catalog());
  const requests = requestMetrics(registry, isKnownModel);
  const refreshes = registry.counter(metricTable.tokenRefreshes);
  const refusals = registry.counter(metricTable.limitRefusals);
  const reloads = registry.counter(metricTable.configReloads);
  let reloadedAt = now();
  for (const result of ['success', 'failure']) reloads.add(0, result);
  registry.collected(metricTable.configReloaded, () => [{ labels: [], value: reloadedAt / 1000 }]);
  let handedOver = 0;
  registry.collected(metricTable.usageRecords, () => [{ labels: [], value: handedOver }]);
  registry.collected(metricTable.usageDropped, () => [{ labels: [], value: deps.usageLost() }]);
  const flushes = registry.histogram(metricTable.usageFlush);
  const flushSeries = flushes.series();
  deps.onUsageWritten((ms) => flushes.observe(flushSeries, ms / 1000));
  const { spans, engines } = deps;
  if (deps.onOperation !== undefined) {
    const operations = registry.histogram(metricTable.sharedStateTime);
    deps.onOperation((engine, operation, ms) =>
      operations.observe(operations.series(engine, operation), ms / 1000),
    );
  }
  if (engines !== undefined)
    registry.collected(metricTable.sharedStateUp, () =>
      engines().map(({ name, state }) => ({ labels: [name], value: state.kind === 'up' ? 1 : 0 })),
    );
  if (spans !== undefined) {
    registry.collected(metricTable.spansExported, () => [{ labels: [], value: spans().exported }]);
    registry.collected(metricTable.spansDropped, () => [{ labels: [], value: spans().dropped }]);
  }
  gatewayGauges(registry, { ...deps, isKnownModel });
  registry.collected(metricTable.seriesDropped, () => [{ labels: [], value: registry.dropped }]);
  const ownProcess = processMetrics(registry, deps.version, deps.clock);
  const optIn = deps.env.OTEL_SEMCONV_STABILITY_OPT_IN?.split(',').map((word) => word.trim());
  let genai: GenaiMetrics | undefined;
  const keys = new Set<string>();

  function keyLabel(name: string | undefined): string {
    if (name === undefined) return 'unnamed';
    if (!keys.has(name) && keys.size >= mostNamed) return other;
    keys.add(name);
    return config().metrics['per-credential'] ? name : other;
  }

  return {
    began: ({ protocol, stream }) => requests.began(protocol, stream),
    add(record) {
      const { metrics } = config();
      if (!metrics.enable) return requests.left(record.protocol, record.streamed);
      handedOver += 1;
      const trace = record.passing?.trace;
      requests.ended(record, trace?.kept === true ? trace.traceId : undefined);
      if (!metrics.genai) return;
      genai ??= genaiMetrics(registry, optIn?.includes(newerNames) === true ? 'latest' : 'established', {
        isKnownModel,
        providerName: genaiNameOf,
      });
      genai(record);
    },
    limitRefused: (limit, key) => refusals.add(1, limit, keyLabel(key)),
    refreshed: (provider, result) => refreshes.add(1, provider, result),
    reloaded(result) {
      reloads.add(1, result);
      if (result === 'success') reloadedAt = now();
    },
    async page(format) {
      await ownProcess.measured();
      return exposition(registry.families(), format);
    },
  };
}

/** Names of the models that the catalogue lists or the table of models has; looked up anew with each configuration. */
function knownModels(catalog: () => Catalog): (model: string) => boolean {
  let of: Catalog | undefined;
  let names: ReadonlySet<string> = new Set();
  return (model) => {
    const inForce = catalog();
    if (inForce !== of) {
      of = inForce;
      names = new Set(
        inForce.models().flatMap(({ id, candidates }) => [id, ...candidates.map((one) => one.model)]),
      );
    }
    return names.has(model) || isNamedModel(model);
  };
}
