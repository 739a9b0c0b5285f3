/**
 * Metrics as text. Sources: prometheus.io/docs/instrumenting/exposition_formats (0.0.4) and the OpenMetrics specification 1.0.0.
 * The two differ in the names of counters, in exemplars and in the last line.
 */
import type { Exemplar, Family, HistogramSeries, Metric } from './registry.ts';

export type Format = 'prometheus' | 'openmetrics';

export const contentTypes: Record<Format, string> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format that an `Accept` header prefers; the classic one where it names neither: RFC 9110 §12.5.1. */
export function formatOf(accept: string | null): Format {
  let best = 0;
  let format: Format = 'prometheus';
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const offered: Format | undefined =
      type === 'application/openmetrics-text'
        ? 'openmetrics'
        : type === 'text/plain' || type === 'text/*' || type === '*/*'
          ? 'prometheus'
          : undefined;
    if (offered === undefined) continue;
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    if (weight > best) [best, format] = [weight, offered];
  }
  return format;
}

/** The page that Prometheus reads. Exemplars are for OpenMetrics alone: the classic format knows none. */
export function exposition(families: readonly Family[], format: Format): string {
  const lines: string[] = [];
  for (const family of families) {
    const { metric } = family;
    const name = format === 'openmetrics' ? familyName(metric) : metric.name;
    lines.push(`# HELP ${name} ${escapedHelp(metric.help, format)}`, `# TYPE ${name} ${metric.type}`);
    if (family.kind === 'histogram')
      for (const series of family.series) histogramLines(lines, metric, series, format);
    else
      for (const { labels, value } of family.samples)
        lines.push(`${metric.name}${labelText(metric.labels, labels)} ${numberText(value)}`);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function familyName({ name, type }: Metric): string {
  return type === 'counter' ? name.replace(/_total$/, '') : name;
}

function histogramLines(lines: string[], metric: Metric, series: HistogramSeries, format: Format): void {
  const { name, labels: names, buckets = [] } = metric;
  const { labels, counts, exemplars, sum } = series;
  let total = 0;
  counts.forEach((count, bucket) => {
    total += count;
    const bound = buckets[bucket];
    const le = bound === undefined ? '+Inf' : boundText(bound);
    const exemplar = format === 'openmetrics' ? exemplars?.[bucket] : undefined;
    lines.push(
      `${name}_bucket${labelText([...names, 'le'], [...labels, le])} ${numberText(total)}${exemplarText(exemplar)}`,
    );
  });
  lines.push(
    `${name}_sum${labelText(names, labels)} ${numberText(sum)}`,
    `${name}_count${labelText(names, labels)} ${numberText(total)}`,
  );
}

/** At most 128 characters in the label set of an exemplar; a trace id has 32. */
function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { traceId, value, at } = exemplar;
  return ` # {trace_id="${traceId}"} ${numberText(value)} ${numberText(at / 1000)}`;
}

/** OpenMetrics writes the bounds of buckets as floating-point numbers; the same in both formats, so that series go on. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return `${value}`;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Quotes in a help text are escaped in OpenMetrics only. */
function escapedHelp(text: string, format: Format): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? plain.replaceAll('"', '\\"') : plain;
}
