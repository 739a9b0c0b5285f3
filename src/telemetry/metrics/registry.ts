/**
 * Counters, gauges and histograms in memory: label sets that are known beforehand, a bounded number of series, and nothing
 * that a request has to wait for. `exposition.ts` writes them down.
 */

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One metric of the table: its name as it is queried, a counter's with `_total`. */
export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, growing; histograms alone have them. */
  readonly buckets?: readonly number[];
}

/** An observation that belongs to a trace: `traceId` has 32 hexadecimal digits, `at` is in ms since the epoch. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  readonly at: number;
}

/** One line of a metric that is looked up when it is asked for. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

export interface CounterSeries {
  readonly labels: readonly string[];
  value: number;
}

export interface HistogramSeries {
  readonly labels: readonly string[];
  /** Observations by bucket, not cumulated; the last are those above all bounds. */
  readonly counts: Float64Array;
  sum: number;
  /** The newest of each bucket; undefined while there is none. */
  exemplars: (Exemplar | undefined)[] | undefined;
}

export interface Counter {
  /** The series of these label values, kept for good: callers may hold on to it. */
  series(...labels: string[]): CounterSeries;
  add(amount: number, ...labels: string[]): void;
}

export interface Histogram {
  series(...labels: string[]): HistogramSeries;
  /** `traceId`: makes the observation an exemplar. `now` is in ms since the epoch. */
  observe(series: HistogramSeries, value: number, traceId?: string, now?: number): void;
}

export type Family =
  | { metric: Metric; kind: 'samples'; samples: readonly Sample[] }
  | { metric: Metric; kind: 'histogram'; series: readonly HistogramSeries[] };

export interface Registry {
  counter(metric: Metric): Counter;
  histogram(metric: Metric): Histogram;
  /** A metric whose values are looked up for each exposition. What is beyond its share of lines is left out. */
  collected(metric: Metric, samples: () => Iterable<Sample>): void;
  /** All that there is, in the order of registration. Families without any line are left out. */
  families(): Family[];
  /** Lines that are kept between expositions. */
  readonly size: number;
  /** Observations whose own series would have been one too many: they are counted under `other`. */
  readonly dropped: number;
}

/** Lines of kept metrics, at most. From nine tenths on, labels with open values are `other`; beyond, all labels are. */
const mostKept = 7000;
/** Lines of looked-up metrics, at most. Together with those that are kept: 10,000. */
const mostCollected = 3000;

/** Labels with an unbounded number of values: names of models, credentials and keys. */
const openLabels: ReadonlySet<string> = new Set(['model', 'credential', 'key']);

export const other = 'other';

/** Characters of a label's value. */
const longestValue = 128;

export function createRegistry(most = mostKept, mostLooked = mostCollected): Registry {
  /** `room`: lines that may still be looked up. */
  const found: ((room: number) => Family)[] = [];
  const collectedMetrics = new Set<Metric>();
  let size = 0;
  let dropped = 0;
  const share = most * 0.9;

  /** The series of label values, made when it is asked for first; `lines` is what one takes. */
  function seriesOf<Series>(
    { labels: names }: Metric,
    lines: number,
    make: (labels: readonly string[]) => Series,
  ): { all: Map<string, Series>; of: (labels: readonly string[]) => Series } {
    const all = new Map<string, Series>();
    const folded = names.map(() => other);
    const at = (labels: readonly string[], room: number): Series | undefined => {
      const key = labels.join('\0');
      const known = all.get(key);
      if (known !== undefined) return known;
      if (size + lines > room) return undefined;
      size += lines;
      const made = make(labels);
      all.set(key, made);
      return made;
    };
    return {
      all,
      of(given) {
        const labels = given.map(bounded);
        const own = at(labels, share);
        if (own !== undefined) return own;
        dropped += 1;
        const closed = labels.map((value, index) => (openLabels.has(names[index] ?? '') ? other : value));
        // One series a metric has room whatever there is: without it nothing would be counted.
        return at(closed, most) ?? at(folded, Number.POSITIVE_INFINITY) ?? make(folded);
      },
    };
  }

  return {
    counter(metric) {
      const { all, of } = seriesOf<CounterSeries>(metric, 1, (labels) => ({ labels, value: 0 }));
      if (metric.labels.length === 0) of([]);
      found.push(() => ({ metric, kind: 'samples', samples: [...all.values()] }));
      return {
        series: (...labels) => of(labels),
        add(amount, ...labels) {
          of(labels).value += amount;
        },
      };
    },
    histogram(metric) {
      const bounds = metric.buckets ?? [];
      const { all, of } = seriesOf<HistogramSeries>(metric, bounds.length + 3, (labels) => ({
        labels,
        counts: new Float64Array(bounds.length + 1),
        sum: 0,
        exemplars: undefined,
      }));
      if (metric.labels.length === 0) of([]);
      found.push(() => ({ metric, kind: 'histogram', series: [...all.values()] }));
      return {
        series: (...labels) => of(labels),
        observe(series, value, traceId, now = 0) {
          let bucket = 0;
          while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
          series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
          series.sum += value;
          if (traceId === undefined) return;
          series.exemplars ??= [];
          series.exemplars[bucket] = { traceId, value, at: now };
        },
      };
    },
    collected(metric, samples) {
      collectedMetrics.add(metric);
      found.push((room) => ({ metric, kind: 'samples', samples: [...samples()].slice(0, room) }));
    },
    families() {
      let room = mostLooked;
      return found.flatMap((family): Family[] => {
        const one = family(room);
        if (one.kind === 'histogram') return one.series.length === 0 ? [] : [one];
        if (collectedMetrics.has(one.metric)) room -= one.samples.length;
        return one.samples.length === 0 ? [] : [one];
      });
    },
    get size() {
      return size;
    },
    get dropped() {
      return dropped;
    },
  };
}

function bounded(value: string): string {
  return value.length > longestValue ? value.slice(0, longestValue) : value;
}
