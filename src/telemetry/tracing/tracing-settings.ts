/** How traces are exported: the configuration's `tracing`, and OpenTelemetry's own variables, which win. */
import {
  addressVariable,
  type BatchSizes,
  batchVariables,
  belowIt,
  type Environment,
  headersVariable,
  propagatesVariable,
  protocolVariable,
  resourceVariable,
  type TraceProtocol,
  variable,
  type Warn,
} from './otel-variables.ts';
import { isShare, type Sampling, samplingOf } from './sampler.ts';

export interface TracingSettings {
  /** The whole address. */
  url: string;
  /** By names in lower case. */
  headers: Readonly<Record<string, string>>;
  protocol: TraceProtocol;
  sampling: Sampling;
  /** Attributes of the process. */
  resource: Readonly<Record<string, string>>;
  /** Whether traces of clients are taken over, and may be given on. */
  propagates: boolean;
  batches: BatchSizes;
}

export interface TracingConfig {
  endpoint?: string | undefined;
  headers: Readonly<Record<string, string>>;
  sample: number;
  protocol: TraceProtocol;
}

/**
 * Undefined where nothing is to be exported: no address is named, or the variables switch it off. `warn` gets invalid values
 * of the variables. Source: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables.
 */
export function tracingSettings(
  config: TracingConfig,
  env: Environment,
  version: string,
  instance: string,
  warn: Warn,
): TracingSettings | undefined {
  if (variable(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || !exportsTraces(env, warn))
    return undefined;
  const url = addressVariable(env, warn) ?? (config.endpoint && traceAddress(config.endpoint));
  if (url === undefined) return undefined;
  const ownHeaders = Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const serviceName = variable(env, 'OTEL_SERVICE_NAME');
  return {
    url,
    headers: { ...Object.fromEntries(ownHeaders), ...headersVariable(env, warn) },
    protocol: protocolVariable(env, warn) ?? config.protocol,
    sampling: samplerVariable(env, config.sample, warn),
    resource: {
      'service.name': 'cli-proxy-api',
      'service.version': version,
      'service.instance.id': instance,
      ...resourceVariable(env, warn),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
    propagates: propagatesVariable(env, warn),
    batches: batchVariables(env, warn),
  };
}

function exportsTraces(env: Environment, warn: Warn): boolean {
  const named = variable(env, 'OTEL_TRACES_EXPORTER')?.split(',') ?? ['otlp'];
  const exporters = named.map((word) => word.trim());
  for (const other of exporters)
    if (other !== 'otlp' && other !== 'none')
      warn(`OTEL_TRACES_EXPORTER: there is no "${other.slice(0, 40)}" here, only otlp and none`);
  return !exporters.includes('none');
}

function samplerVariable(env: Environment, share: number, warn: Warn): Sampling {
  const name = variable(env, 'OTEL_TRACES_SAMPLER');
  const argument = variable(env, 'OTEL_TRACES_SAMPLER_ARG');
  const named = name === undefined ? undefined : samplingOf(name, argument);
  if (name !== undefined && named === undefined)
    warn(`there is no sampler "${name.slice(0, 40)}" (OTEL_TRACES_SAMPLER): tracing.sample holds`);
  if (name?.endsWith('traceidratio') && argument !== undefined && !isShare(argument))
    warn('OTEL_TRACES_SAMPLER_ARG is left out: it is no share from 0 to 1, and 1 holds');
  return named ?? { share, parentBased: true, keepsRemarkable: true };
}

/** A collector's address, or that of its traces. */
function traceAddress(endpoint: string): string {
  const url = new URL(endpoint);
  return /\/v1\/traces\/*$/.test(url.pathname) ? endpoint.replace(/\/+$/, '') : belowIt(url);
}
