/** Every metric of the gateway's own: the names are a promise, and `docs/monitoring.md` explains each. */
import type { Metric } from './registry.ts';

const counter = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  type: 'counter',
  help,
  labels,
});
const gauge = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  type: 'gauge',
  help,
  labels,
});
const histogram = (
  name: string,
  labels: readonly string[],
  buckets: readonly number[],
  help: string,
): Metric => ({ name, type: 'histogram', help, labels, buckets });

/** Seconds; from the semantic conventions for GenAI, longer by three: answers of ten minutes exist. */
export const durationBuckets = [
  ...[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  ...[163.84, 327.68, 655.36],
];

/** Seconds; those of Envoy AI Gateway. */
export const firstTokenBuckets = [
  ...[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 45],
  60,
];

/** Seconds that the gateway itself takes. */
const overheadBuckets = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1,
];

const waitBuckets = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 20, 40, 60];

/** Tokens in a second. */
const speedBuckets = [1, 2, 5, 10, 20, 40, 80, 160, 320];

export const metricTable = {
  requests: counter(
    'cpa_requests_total',
    ['protocol', 'operation', 'provider', 'model', 'code'],
    'Finished requests, one for each request line of the log.',
  ),
  requestDuration: histogram(
    'cpa_request_duration_seconds',
    ['protocol', 'provider', 'model'],
    durationBuckets,
    'From the arrival of a request to the end of its answer.',
  ),
  firstToken: histogram(
    'cpa_time_to_first_token_seconds',
    ['provider', 'model'],
    firstTokenBuckets,
    'From the arrival of a request to the first content of its answer, for requests that were answered.',
  ),
  outputSpeed: histogram(
    'cpa_output_tokens_per_second',
    ['provider', 'model'],
    speedBuckets,
    'Output tokens of streams by the time from the first content to the end.',
  ),
  overhead: histogram(
    'cpa_gateway_overhead_seconds',
    ['protocol', 'translated'],
    overheadBuckets,
    'From the arrival of a request to its first call to a provider, where it waited for nothing.',
  ),
  attempts: counter(
    'cpa_attempts_total',
    ['provider', 'model', 'result'],
    'Calls to providers by result; a request makes one or more.',
  ),
  attemptDuration: histogram(
    'cpa_attempt_duration_seconds',
    ['provider'],
    durationBuckets,
    'From the beginning of a call to its first content or its failure.',
  ),
  tokens: counter(
    'cpa_tokens_total',
    ['provider', 'model', 'type'],
    'Tokens. cache_read and cache_write are parts of input, reasoning is a part of output.',
  ),
  cost: counter(
    'cpa_cost_dollars_total',
    ['provider', 'model', 'billed'],
    'US dollars: paid for each token, or the worth at list prices of what a subscription gave.',
  ),
  unpriced: counter(
    'cpa_unpriced_requests_total',
    ['provider', 'model'],
    'Requests of which nobody knows what they cost: no price is known, or not what they have used.',
  ),
  requestsInFlight: gauge('cpa_requests_in_flight', ['protocol'], 'Requests that have not ended.'),
  streamsOpen: gauge('cpa_streams_open', ['protocol'], 'Requests for a stream that have not ended.'),
  queueWaiting: gauge(
    'cpa_queue_waiting',
    [],
    'Requests that wait for a place at a credential with a concurrency limit.',
  ),
  queueWait: histogram(
    'cpa_queue_wait_seconds',
    [],
    waitBuckets,
    'Waits of requests for a place, or for a credential to be ready again.',
  ),
  credentials: gauge(
    'cpa_credentials',
    ['provider', 'model', 'state'],
    'Credentials by state, for each model that they serve. disabled and sign_in_again: accounts, without a model.',
  ),
  quotaLeft: gauge(
    'cpa_credential_quota_left_ratio',
    ['credential', 'window'],
    'Share of a quota window that is left, as the provider reported it last.',
  ),
  cooldownUntil: gauge(
    'cpa_credential_cooldown_until_timestamp_seconds',
    ['credential', 'window'],
    'When a cooldown ends; window is its kind, or its kind and its model.',
  ),
  tokenRefreshes: counter('cpa_token_refreshes_total', ['provider', 'result'], 'Renewals of account tokens.'),
  tokenExpiry: gauge(
    'cpa_token_expiry_timestamp_seconds',
    ['credential'],
    'When the access token of an account expires; it is renewed before.',
  ),
  limitRefusals: counter(
    'cpa_limit_refusals_total',
    ['limit', 'key'],
    'Requests refused because a limit of their client key was used up.',
  ),
  limitUsed: gauge(
    'cpa_limit_used_ratio',
    ['limit', 'key'],
    'Share of a limit of a client key that is used.',
  ),
  streamEnds: counter('cpa_stream_ends_total', ['protocol', 'end'], 'Streams by how they ended.'),
  losses: counter(
    'cpa_translation_losses_total',
    ['from', 'to', 'kind'],
    'What translation between protocols could not carry over.',
  ),
  usageRecords: counter('cpa_usage_records_total', [], 'Requests handed to the usage history.'),
  usageDropped: counter('cpa_usage_dropped_total', [], 'Requests that the usage history could not keep.'),
  usageFlush: histogram(
    'cpa_usage_flush_seconds',
    [],
    overheadBuckets,
    'How long batches of finished requests took to be written to the usage history.',
  ),
  spansExported: counter('cpa_spans_exported_total', [], 'Spans that a collector has taken.'),
  spansDropped: counter('cpa_spans_dropped_total', [], 'Spans that were given up.'),
  sharedStateUp: gauge(
    'cpa_shared_state_up',
    ['engine'],
    'Whether an engine of the cluster answers: 1, or 0 while it is away.',
  ),
  sharedStateTime: histogram(
    'cpa_shared_state_op_seconds',
    ['engine', 'op'],
    overheadBuckets,
    'How long an engine of the cluster took to answer, or until that failed.',
  ),
  configReloads: counter(
    'cpa_config_reloads_total',
    ['result'],
    'Changed configurations put in force, or not.',
  ),
  configReloaded: gauge(
    'cpa_config_last_reload_success_timestamp_seconds',
    [],
    'When the configuration in force was put in force.',
  ),
  seriesDropped: counter(
    'cpa_metrics_series_dropped_total',
    [],
    'Observations counted under "other" because there were too many series.',
  ),
  buildInfo: gauge('cpa_build_info', ['version', 'runtime'], 'Always 1.'),
  eventLoopLag: gauge('cpa_event_loop_lag_seconds', [], 'Delay of the event loop at the time of the scrape.'),
  cpu: counter('process_cpu_seconds_total', [], 'User and system time of the process.'),
  resident: gauge('process_resident_memory_bytes', [], 'Resident memory of the process.'),
  startTime: gauge('process_start_time_seconds', [], 'When the process started.'),
  openFiles: gauge('process_open_fds', [], 'Open file descriptors.'),
  mostFiles: gauge('process_max_fds', [], 'Most file descriptors that may be open.'),
} as const satisfies Record<string, Metric>;
