/** What finished requests add to the metrics. Runs after the answer has gone out; series that are known cost one look-up. */
import type { FinishedAttempt, FinishedRequest } from '../finished-request.ts';
import { metricTable } from './metric-table.ts';
import {
  type Counter,
  type CounterSeries,
  type Histogram,
  type HistogramSeries,
  other,
  type Registry,
} from './registry.ts';

export interface RequestMetrics {
  /** A request has come; the same one ends with `ended`. */
  began(protocol: string, streamed: boolean): void;
  /** It has ended, but is not counted. */
  left(protocol: string, streamed: boolean): void;
  /** Each request once. `traceId`: 32 hexadecimal digits, for the exemplar. */
  ended(request: FinishedRequest, traceId?: string): void;
}

/** `isKnownModel`: whether a provider's name of a model is one of the catalogue's; any other is text of a client's. */
export function requestMetrics(registry: Registry, isKnownModel: (model: string) => boolean): RequestMetrics {
  const families = familiesOf(registry);
  const open = new Map<string, Open>();
  registry.collected(metricTable.requestsInFlight, () => counted(open, 'running'));
  registry.collected(metricTable.streamsOpen, () => counted(open, 'streams'));
  // By the model, which is a text that is there already: to put a key together costs more than to look through a few.
  const routes = new Map<string, RouteSeries[]>();
  const candidates = new Map<string, CandidateSeries[]>();
  const overheads = {
    same: new Map<string, HistogramSeries>(),
    translated: new Map<string, HistogramSeries>(),
  };

  function routeOf(request: FinishedRequest, provider: string, model: string): RouteSeries {
    const { protocol, operation } = request;
    const known = remembered(routes, model);
    for (const one of known)
      if (one.protocol === protocol && one.operation === operation && one.provider === provider) return one;
    const duration = families.requestDuration.series(protocol, provider, model);
    const made = { protocol, operation, provider, codes: new Map(), duration };
    known.push(made);
    return made;
  }

  function candidateOf(provider: string, model: string): CandidateSeries {
    const known = remembered(candidates, model);
    for (const one of known) if (one.provider === provider) return one;
    const made = { provider, model, results: new Map(), tokens: [], cost: new Map() };
    known.push(made);
    return made;
  }

  /** `own`: the series of who served the request at last, mostly by this very attempt. */
  function attempt(
    one: FinishedAttempt,
    own: CandidateSeries | undefined,
    ownModel: string | undefined,
  ): void {
    const { provider, model, duration, reason } = one;
    const series =
      model === ownModel && own?.provider === provider ? own : candidateOf(provider, label(model));
    let result = series.results.get(reason);
    if (result === undefined) {
      result = families.attempts.series(provider, series.model, reason);
      series.results.set(reason, result);
    }
    result.value += 1;
    if (duration === undefined) return;
    series.attemptDuration ??= families.attemptDuration.series(provider);
    families.attemptDuration.observe(series.attemptDuration, duration / 1000);
  }

  function overhead(protocol: string, translated: boolean, milliseconds: number): void {
    const known = translated ? overheads.translated : overheads.same;
    let series = known.get(protocol);
    if (series === undefined) {
      series = families.overhead.series(protocol, translated ? 'yes' : 'no');
      known.set(protocol, series);
    }
    families.overhead.observe(series, milliseconds / 1000);
  }

  function passed({ protocol, passing }: FinishedRequest): void {
    if (passing?.upstream === undefined) return;
    if (passing.overhead !== undefined) overhead(protocol, passing.upstream !== protocol, passing.overhead);
    for (const { kind } of passing.losses) families.losses.add(1, protocol, passing.upstream, kind);
  }

  const label = (model: string): string => (isKnownModel(model) ? model : other);

  function spent({ usage, served }: FinishedRequest, series: CandidateSeries): void {
    const { tokens, cost } = usage;
    let isUsed = usage.counted === 'unknown';
    for (let index = 0; index < tokenTypes.length; index += 1) {
      const type = tokenTypes[index];
      const amount = type && tokens[type.field];
      if (type === undefined || amount === undefined || amount <= 0) continue;
      isUsed = true;
      let counter = series.tokens[index];
      if (counter === undefined) {
        counter = families.tokens.series(series.provider, series.model, type.label);
        series.tokens[index] = counter;
      }
      counter.value += amount;
    }
    if (cost === undefined) {
      if (!isUsed) return;
      series.unpriced ??= families.unpriced.series(series.provider, series.model);
      series.unpriced.value += 1;
      return;
    }
    if (cost.nano <= 0) return;
    const billed = served?.billing === 'subscription' ? 'worth' : 'paid';
    let counter = series.cost.get(billed);
    if (counter === undefined) {
      counter = families.cost.series(series.provider, series.model, billed);
      series.cost.set(billed, counter);
    }
    counter.value += cost.nano / 1e9;
  }

  function openOf(protocol: string): Open {
    let found = open.get(protocol);
    if (found === undefined) {
      found = { running: 0, streams: 0, ends: new Map() };
      open.set(protocol, found);
    }
    return found;
  }

  function ended({ ends }: Open, protocol: string, end: StreamEnd): void {
    let series = ends.get(end);
    if (series === undefined) {
      series = families.streamEnds.series(protocol, end);
      ends.set(end, series);
    }
    series.value += 1;
  }

  function left(protocol: string, streamed: boolean): void {
    const counts = openOf(protocol);
    counts.running = Math.max(0, counts.running - 1);
    if (streamed) counts.streams = Math.max(0, counts.streams - 1);
  }

  return {
    left,
    began(protocol, streamed) {
      const counts = openOf(protocol);
      counts.running += 1;
      if (streamed) counts.streams += 1;
    },
    ended(request, traceId) {
      const { protocol, operation, served, streamed, ttft, duration, attempts, at } = request;
      left(protocol, streamed);
      const provider = served?.provider ?? 'none';
      const model = served === undefined ? label(request.asked) : label(served.model);
      const route = routeOf(request, provider, model);
      const status = statusOf(request);
      let answers = route.codes.get(status);
      if (answers === undefined) {
        const made = [protocol, operationLabel(operation), provider, model, codeOf(status)];
        answers = families.requests.series(...made);
        route.codes.set(status, answers);
      }
      answers.value += 1;
      families.requestDuration.observe(route.duration, duration / 1000, traceId, at + duration);
      const candidate = served && candidateOf(provider, model);
      let waited = 0;
      for (const one of attempts) {
        attempt(one, candidate, served?.model);
        waited += one.waited;
      }
      if (waited > 0) families.queueWait.observe(families.queueWaitSeries, waited / 1000);
      if (streamed) ended(openOf(protocol), protocol, endOf(request));
      if (candidate === undefined) return;
      passed(request);
      spent(request, candidate);
      if (ttft === undefined || request.status >= 400) return;
      candidate.firstToken ??= families.firstToken.series(provider, model);
      families.firstToken.observe(candidate.firstToken, ttft / 1000, traceId, at + ttft);
      const output = request.usage.tokens.output;
      if (!streamed || output === undefined || output < 2 || duration <= ttft) return;
      candidate.speed ??= families.outputSpeed.series(provider, model);
      families.outputSpeed.observe(candidate.speed, (output * 1000) / (duration - ttft));
    },
  };
}

/** Requests of a protocol: those that are not over, and how streams have ended. */
interface Open {
  running: number;
  streams: number;
  /** How its streams have ended. */
  ends: Map<StreamEnd, CounterSeries>;
}

interface RouteSeries {
  protocol: string;
  operation: string;
  provider: string;
  /** By status. */
  codes: Map<number, CounterSeries>;
  duration: HistogramSeries;
}

interface CandidateSeries {
  provider: string;
  model: string;
  results: Map<string, CounterSeries>;
  /** In the order of {@link tokenTypes}. */
  tokens: (CounterSeries | undefined)[];
  cost: Map<string, CounterSeries>;
  unpriced?: CounterSeries;
  firstToken?: HistogramSeries;
  speed?: HistogramSeries;
  attemptDuration?: HistogramSeries;
}

interface Families {
  requests: Counter;
  attempts: Counter;
  tokens: Counter;
  cost: Counter;
  unpriced: Counter;
  streamEnds: Counter;
  losses: Counter;
  overhead: Histogram;
  requestDuration: Histogram;
  firstToken: Histogram;
  outputSpeed: Histogram;
  attemptDuration: Histogram;
  queueWait: Histogram;
  queueWaitSeries: HistogramSeries;
}

function familiesOf(registry: Registry): Families {
  const queueWait = registry.histogram(metricTable.queueWait);
  return {
    requests: registry.counter(metricTable.requests),
    requestDuration: registry.histogram(metricTable.requestDuration),
    firstToken: registry.histogram(metricTable.firstToken),
    outputSpeed: registry.histogram(metricTable.outputSpeed),
    attempts: registry.counter(metricTable.attempts),
    attemptDuration: registry.histogram(metricTable.attemptDuration),
    tokens: registry.counter(metricTable.tokens),
    cost: registry.counter(metricTable.cost),
    unpriced: registry.counter(metricTable.unpriced),
    streamEnds: registry.counter(metricTable.streamEnds),
    losses: registry.counter(metricTable.losses),
    overhead: registry.histogram(metricTable.overhead),
    queueWait,
    queueWaitSeries: queueWait.series(),
  };
}

/** Models whose series are remembered; they are found again in the registry. */
const mostRemembered = 4096;

/** What is remembered of a model. Bounded: models are those of the catalogue. */
function remembered<Series>(all: Map<string, Series[]>, model: string): Series[] {
  let found = all.get(model);
  if (found === undefined) {
    if (all.size >= mostRemembered) all.clear();
    found = [];
    all.set(model, found);
  }
  return found;
}

function* counted(
  open: ReadonlyMap<string, Open>,
  what: 'running' | 'streams',
): Iterable<{ labels: string[]; value: number }> {
  for (const [protocol, counts] of open) yield { labels: [protocol], value: counts[what] };
}

const tokenTypes = [
  { label: 'input', field: 'input' },
  { label: 'cache_read', field: 'cacheRead' },
  { label: 'cache_write', field: 'cacheWrite' },
  { label: 'output', field: 'output' },
  { label: 'reasoning', field: 'reasoning' },
] as const;

/** The kinds of work that operations are. */
const operations: Readonly<Record<string, string>> = {
  generate: 'generate',
  compact: 'compact',
  'count-tokens': 'count_tokens',
  embed: 'embed',
  'embed-content': 'embed',
  'generate-image': 'image',
  'edit-image': 'image',
  transcribe: 'transcribe',
  'translate-speech': 'transcribe',
  speak: 'speak',
  interact: 'interact',
  'interact-beta': 'interact',
};

function operationLabel(operation: string): string {
  return operations[operation] ?? other;
}

const ownCodes: ReadonlySet<number> = new Set([400, 401, 403, 404, 408, 409, 413, 422, 429, 499]);

/** A client that left before the head of its answer is 499, whatever was made ready for it. */
function statusOf({ status, error, ttft }: FinishedRequest): number {
  return error === 'client-gone' && (status >= 400 || ttft === undefined) ? 499 : status;
}

function codeOf(status: number): string {
  return ownCodes.has(status) ? `${status}` : `${Math.floor(status / 100)}xx`;
}

export type StreamEnd = 'complete' | 'failed' | 'broken' | 'stalled' | 'client_left';

/** How a stream has ended: an error instead of it is `failed`, one in it `broken`, or `stalled` where a limit of time ended it. */
function endOf({ status, error }: FinishedRequest): StreamEnd {
  if (error === undefined) return 'complete';
  if (error === 'client-gone') return 'client_left';
  if (status >= 400) return 'failed';
  return error === 'stalled' || error === 'timeout' ? 'stalled' : 'broken';
}
