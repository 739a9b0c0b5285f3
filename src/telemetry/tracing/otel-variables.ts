/**
 * The values of OpenTelemetry's variables, each read separately. An invalid value is reported and left out, as the specification wants
 * it: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and …/docs/specs/otel/protocol/exporter.
 */
import { isHeaderName, isHeaderValue } from '../../ground/header-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Gets a sentence on a variable that is left out. It never holds the value of one: that may be a secret. */
export type Warn = (sentence: string) => void;

/** How spans are written; there is no gRPC. */
export const traceProtocols = ['http/json', 'http/protobuf'] as const;
export type TraceProtocol = (typeof traceProtocols)[number];

/** The text of a variable; an empty one is as good as none. */
export function variable(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** The whole address that traces go to; undefined where no variable names one. */
export function addressVariable(env: Environment, warn: Warn): string | undefined {
  const ofTraces = httpAddress(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', warn);
  if (ofTraces !== undefined) return ofTraces.href;
  const common = httpAddress(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', warn);
  return common && belowIt(common);
}

/** OTLP over HTTP takes traces at `/v1/traces` below a collector's address. */
export function belowIt(address: URL): string {
  const whole = new URL(address);
  whole.pathname = `${address.pathname.replace(/\/+$/, '')}/v1/traces`;
  return whole.href;
}

function httpAddress(env: Environment, name: string, warn: Warn): URL | undefined {
  const text = variable(env, name);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  warn(`${name} is left out: it is no address such as http://127.0.0.1:4318`);
  return undefined;
}

export function protocolVariable(env: Environment, warn: Warn): TraceProtocol | undefined {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const text = variable(env, name);
    if (text === undefined) continue;
    const known = traceProtocols.find((protocol) => protocol === text);
    if (known !== undefined) return known;
    warn(
      `${name} is left out: there is no "${text.slice(0, 40)}" here, only ${traceProtocols.join(' and ')}`,
    );
  }
  return undefined;
}

/** The headers for a collector, by names in lower case. */
export function headersVariable(env: Environment, warn: Warn): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    const text = variable(env, name);
    if (text === undefined) continue;
    for (const pair of keyValues(text)) {
      if (pair !== undefined && isHeaderName(pair[0]) && isHeaderValue(pair[1]))
        headers[pair[0].toLowerCase()] = pair[1];
      else warn(`${name}: what is no header such as name=value, percent-encoded, is left out`);
    }
  }
  return headers;
}

/** Attributes of the process: as a whole, or not at all. */
export function resourceVariable(env: Environment, warn: Warn): Record<string, string> {
  const pairs = keyValues(variable(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '');
  const sound = pairs.filter((pair) => pair !== undefined);
  if (sound.length < pairs.length) {
    warn(
      'OTEL_RESOURCE_ATTRIBUTES is left out: it is no list such as name=value,name=value, percent-encoded',
    );
    return {};
  }
  return Object.fromEntries(sound);
}

/** `key=value,key=value`, percent-encoded, as W3C Baggage has them without properties; undefined for each that is broken. */
function keyValues(text: string): ([key: string, value: string] | undefined)[] {
  const pairs: ([string, string] | undefined)[] = [];
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    const [key, value] = [decoded(pair.slice(0, Math.max(0, at))), decoded(pair.slice(at + 1))];
    pairs.push(!key || value === undefined ? undefined : [key, value]);
  }
  return pairs;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}

/** Whether a client's `traceparent` is read, and providers may get one: the only way there is. */
export function propagatesVariable(env: Environment, warn: Warn): boolean {
  const text = variable(env, 'OTEL_PROPAGATORS');
  if (text === undefined) return true;
  const named = text.split(',').map((word) => word.trim());
  for (const other of named)
    if (!['tracecontext', 'baggage', 'none', ''].includes(other))
      warn(`OTEL_PROPAGATORS: there is no "${other.slice(0, 40)}" here, only tracecontext`);
  return named.includes('tracecontext');
}

/** How spans wait and go out. */
export interface BatchSizes {
  /** Milliseconds that one waits at most. */
  delay: number;
  /** Spans that wait at most. */
  waiting: number;
  /** Spans that are sent at once. */
  batch: number;
  /** Milliseconds after which a batch that is still being sent is given up. */
  patience: number;
}

export function batchVariables(env: Environment, warn: Warn): BatchSizes {
  const read = (name: string, usual: number, most: number): number => {
    const text = variable(env, name);
    if (text === undefined) return usual;
    const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (number >= 1 && number <= most) return number;
    warn(`${name} is left out: it is no number from 1 to ${most}`);
    return usual;
  };
  const waiting = read('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 100_000);
  return {
    delay: read('OTEL_BSP_SCHEDULE_DELAY', 5000, 3_600_000),
    waiting,
    batch: Math.min(waiting, read('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 10_000)),
    patience: read('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 600_000),
  };
}
