/** Traces of a running gateway: which requests are followed, and where their spans go. */
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { systemClock } from '../ground/clock.ts';
import { protocols } from '../protocols/model.ts';
import { genaiNameOf, isShippedAddress } from '../providers/registry.ts';
import type { Log } from '../telemetry/log.ts';
import { collector } from '../telemetry/tracing/collector.ts';
import type { Environment } from '../telemetry/tracing/otel-variables.ts';
import { isKept, isSampled } from '../telemetry/tracing/sampler.ts';
import { type SpanQueue, spanQueue } from '../telemetry/tracing/span-queue.ts';
import { type FinishedTrace, type SpanWords, spanCount, spanMaker } from '../telemetry/tracing/spans.ts';
import { onwardHeaders, type TraceContext, traceContext } from '../telemetry/tracing/trace-context.ts';
import { tracingSettings } from '../telemetry/tracing/tracing-settings.ts';
import type { UsageSink } from '../usage/record.ts';
import { addressPattern } from './routes.ts';

export interface Tracing extends UsageSink, Pick<SpanQueue<FinishedTrace>, 'counts' | 'close'> {
  /** The trace of a request that has come with these headers. */
  began(headers: Headers): TraceContext;
  /** What a provider gets of it. */
  onward(
    context: TraceContext,
    attempt: number,
    credential: Pick<Credential, 'baseUrl'>,
  ): Record<string, string> | undefined;
}

const noHeaders = new Headers();

const addresses = new Map<string, string | undefined>();

/** The address of a request, looked up once for each kind. */
function addressOfSpan({ protocol: name, operation, streamed }: Parameters<SpanWords['addressOf']>[0]) {
  const kind = `${name} ${operation} ${streamed}`;
  if (!addresses.has(kind)) {
    const protocol = protocols.find((one) => one === name);
    addresses.set(kind, protocol && addressPattern(protocol, operation, streamed));
  }
  return addresses.get(kind);
}

/** Undefined where the configuration and the environment want none: then a request costs one comparison. */
export function createTracing(
  { tracing: config, tls }: Pick<Config, 'tracing' | 'tls'>,
  env: Environment,
  version: string,
  log: Pick<Log, 'warn' | 'info'>,
): Tracing | undefined {
  const settings = tracingSettings(config, env, version, crypto.randomUUID(), (sentence) =>
    log.warn(sentence),
  );
  if (settings === undefined) return undefined;
  const { sampling, propagates } = settings;
  const queue = spanQueue<FinishedTrace>({
    spansOf: spanMaker(settings.resource, {
      ...{ version, providerName: genaiNameOf, addressOf: addressOfSpan },
      scheme: tls.enable ? 'https' : 'http',
    }),
    sizeOf: spanCount,
    send: collector(settings),
    sizes: settings.batches,
    after: systemClock.after,
    onChange: (takes) =>
      takes
        ? log.info('traces are exported again')
        : log.warn('traces cannot be exported: they are given up'),
  });
  return {
    began: (headers) => traceContext(propagates ? headers : noHeaders),
    add(record) {
      const context = record.passing?.trace;
      if (context === undefined || !isKept(context, record, sampling)) return;
      context.kept = true;
      queue.add({ request: record, context });
    },
    onward(context, attempt, { baseUrl }) {
      const { propagate } = config;
      if (!propagates || propagate === 'off' || (propagate === 'own' && isShippedAddress(baseUrl)))
        return undefined;
      return onwardHeaders(context, attempt, isSampled(context, sampling));
    },
    counts: queue.counts,
    close: queue.close,
  };
}
