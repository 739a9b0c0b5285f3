/** The official OTLP exporter over HTTP, loaded when there are spans for the first time. */
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SendSpans } from './span-queue.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Retries, gzip and time limits are the exporter's, with the standard variables (`OTEL_EXPORTER_OTLP_TIMEOUT` …). */
export function collector({ url, headers }: Pick<TracingSettings, 'url' | 'headers'>): SendSpans {
  let loading: Promise<OTLPTraceExporter> | undefined;
  const opened = async (): Promise<OTLPTraceExporter> => {
    const { OTLPTraceExporter: EXPORTER } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new EXPORTER({ headers: { ...headers }, ...(url !== undefined && { url }) });
  };
  return async (spans) => {
    try {
      loading ??= opened();
      const exporter = await loading;
      return await new Promise((resolve) => {
        exporter.export(spans, ({ code }) => resolve(code === exportSucceeded));
      });
    } catch {
      return false;
    }
  };
}

/** `ExportResultCode.SUCCESS` of OpenTelemetry's core. */
const exportSucceeded = 0;
