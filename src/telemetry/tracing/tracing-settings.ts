/** How traces are exported: the configuration's `tracing`, and OpenTelemetry's own variables, which win. */
import { type Sampling, samplingOf } from './sampler.ts';

export interface TracingSettings {
  /** The whole address; undefined where the exporter reads it from the environment itself. */
  url: string | undefined;
  headers: Readonly<Record<string, string>>;
  sampling: Sampling;
  /** Attributes of the process. */
  resource: Readonly<Record<string, string>>;
}

export interface TracingConfig {
  endpoint?: string | undefined;
  headers: Readonly<Record<string, string>>;
  sample: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Undefined where nothing is to be exported: no address is named, or the variables switch it off. `warn` gets what a variable
 * says that there is not. Source: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables.
 */
export function tracingSettings(
  config: TracingConfig,
  env: Environment,
  version: string,
  instance: string,
  warn: (sentence: string) => void,
): TracingSettings | undefined {
  const named = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (config.endpoint === undefined && !named) return undefined;
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none')
    return undefined;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol !== undefined && protocol !== '' && protocol !== 'http/json')
    warn(`traces are exported as http/json: there is no ${protocol.slice(0, 40)} here`);
  const sampler = env.OTEL_TRACES_SAMPLER;
  const usual = samplingOf(undefined, undefined, config.sample);
  const sampling = samplingOf(sampler, env.OTEL_TRACES_SAMPLER_ARG, config.sample) ?? usual;
  if (sampling === undefined) return undefined;
  if (samplingOf(sampler, undefined, 0) === undefined)
    warn(`there is no sampler "${sampler?.slice(0, 40)}" (OTEL_TRACES_SAMPLER): tracing.sample holds`);
  const given = resourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    url: named || config.endpoint === undefined ? undefined : traceAddress(config.endpoint),
    headers: config.headers,
    sampling,
    resource: {
      'service.name': 'cli-proxy-api',
      'service.version': version,
      'service.instance.id': instance,
      ...given,
      ...(env.OTEL_SERVICE_NAME && { 'service.name': env.OTEL_SERVICE_NAME }),
    },
  };
}

/** OTLP over HTTP takes traces at `/v1/traces` below a collector's address. */
function traceAddress(endpoint: string): string {
  const bare = endpoint.replace(/\/+$/, '');
  return bare.endsWith('/v1/traces') ? bare : `${bare}/v1/traces`;
}

/** `key=value,key=value`, percent-encoded: as a whole, or not at all. */
function resourceAttributes(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    return Object.fromEntries(
      text.split(',').flatMap((pair) => {
        const at = pair.indexOf('=');
        return at <= 0 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]];
      }),
    );
  } catch {
    return {};
  }
}
