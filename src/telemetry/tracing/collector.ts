/** The official OTLP exporters over HTTP, loaded when there are spans for the first time. */
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { TraceProtocol } from './otel-variables.ts';
import type { SendSpans } from './span-queue.ts';
import type { TracingSettings } from './tracing-settings.ts';

type Exporter = Pick<OTLPTraceExporter, 'export'>;

/**
 * Retries, gzip, TLS and limits of time are the exporter's, with the standard variables (`OTEL_EXPORTER_OTLP_TIMEOUT`,
 * `…_COMPRESSION`, `…_CERTIFICATE`).
 */
export function collector({
  url,
  headers,
  protocol,
}: Pick<TracingSettings, 'url' | 'headers' | 'protocol'>): SendSpans {
  let loading: Promise<Exporter> | undefined;
  return async (spans) => {
    try {
      loading ??= exporters[protocol]({ url, headers: { ...headers } });
      const exporter = await loading;
      return await new Promise((resolve) => {
        exporter.export(spans, ({ code }) => resolve(code === exportSucceeded));
      });
    } catch {
      return false;
    }
  };
}

const exporters: Record<
  TraceProtocol,
  (options: { url: string; headers: Record<string, string> }) => Promise<Exporter>
> = {
  async 'http/json'(options) {
    const { OTLPTraceExporter: EXPORTER } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new EXPORTER(options);
  },
  async 'http/protobuf'(options) {
    const { OTLPTraceExporter: EXPORTER } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return new EXPORTER(options);
  },
};

/** `ExportResultCode.SUCCESS` of OpenTelemetry's core. */
const exportSucceeded = 0;
