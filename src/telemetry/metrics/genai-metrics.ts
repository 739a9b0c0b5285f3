/**
 * The metrics of the OpenTelemetry conventions for GenAI: the names that Envoy AI Gateway exports and its dashboard reads, or
 * those of version 0.1.0 (open-telemetry/semantic-conventions-genai). Never both: sums over them would count twice.
 */
import type { FinishedRequest } from '../finished-request.ts';
import { durationBuckets, firstTokenBuckets } from './metric-table.ts';
import { type Histogram, type Metric, other, type Registry } from './registry.ts';

export type GenaiNames = 'established' | 'latest';

export type GenaiMetrics = (request: FinishedRequest) => void;

/** Powers of four: the conventions' own. */
const tokenBuckets = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** Seconds for a token; those of the conventions. */
const perTokenBuckets = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

const establishedLabels = [
  ...['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_original_model', 'gen_ai_request_model'],
  'gen_ai_response_model',
];
const latestLabels = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'];

const histogram = (
  name: string,
  labels: readonly string[],
  buckets: readonly number[],
  help: string,
): Metric => ({
  name,
  type: 'histogram',
  labels,
  buckets,
  help,
});

const established = {
  tokens: histogram(
    'gen_ai_client_token_usage',
    [...establishedLabels, 'gen_ai_token_type'],
    tokenBuckets,
    'Tokens of a request.',
  ),
  duration: histogram(
    'gen_ai_server_request_duration_seconds',
    [...establishedLabels, 'error_type'],
    durationBuckets,
    'Duration of a request.',
  ),
  first: histogram(
    'gen_ai_server_time_to_first_token_seconds',
    establishedLabels,
    firstTokenBuckets,
    'Time to the first token of a stream.',
  ),
  perToken: histogram(
    'gen_ai_server_time_per_output_token_seconds',
    establishedLabels,
    perTokenBuckets,
    'Time for each output token after the first.',
  ),
};

const latest = {
  duration: histogram(
    'gen_ai_client_inference_duration_seconds',
    [...latestLabels, 'error_type'],
    durationBuckets,
    'Duration of an inference.',
  ),
  first: histogram(
    'gen_ai_client_inference_time_to_first_chunk_seconds',
    latestLabels,
    firstTokenBuckets,
    'Time to the first chunk of a stream.',
  ),
  input: histogram(
    'gen_ai_client_inference_operation_input_tokens',
    latestLabels,
    tokenBuckets,
    'Input tokens of an inference.',
  ),
  output: histogram(
    'gen_ai_client_inference_operation_output_tokens',
    latestLabels,
    tokenBuckets,
    'Output tokens of an inference.',
  ),
};

/** Counters of version 0.1.0, and the tokens that each counts. */
const latestUsage = [
  {
    name: 'input_tokens',
    field: 'input',
    media: [
      ['audio', 'audioInput'],
      ['image', 'imageInput'],
      // The conventions have no word for video.
      ['unknown', 'videoInput'],
    ],
  },
  {
    name: 'output_tokens',
    field: 'output',
    media: [
      ['audio', 'audioOutput'],
      ['image', 'imageOutput'],
    ],
  },
  {
    name: 'cache_read_input_tokens',
    field: 'cacheRead',
    media: [
      ['audio', 'audioRead'],
      ['image', 'imageRead'],
    ],
  },
  { name: 'cache_write_input_tokens', field: 'cacheWrite', media: [] },
  { name: 'reasoning_output_tokens', field: 'reasoning', media: [] },
] as const;

const establishedTypes = [
  ['input', 'input'],
  ['cached_input', 'cacheRead'],
  ['cache_creation_input', 'cacheWrite'],
  ['output', 'output'],
  ['reasoning', 'reasoning'],
] as const;

export interface GenaiWords {
  /** As for our own metrics. */
  isKnownModel: (model: string) => boolean;
  /** `gen_ai.provider.name` of one of our providers. */
  providerName: (provider: string) => string;
}

/** Observes requests under the GenAI names. */
export function genaiMetrics(registry: Registry, names: GenaiNames, words: GenaiWords): GenaiMetrics {
  return names === 'latest' ? latestMetrics(registry, words) : establishedMetrics(registry, words);
}

function establishedMetrics(registry: Registry, { isKnownModel, providerName }: GenaiWords): GenaiMetrics {
  const tokens = registry.histogram(established.tokens);
  const duration = registry.histogram(established.duration);
  const first = registry.histogram(established.first);
  const perToken = registry.histogram(established.perToken);
  return (request) => {
    const { served, usage, ttft } = request;
    if (served === undefined) return;
    const known = (model: string): string => (isKnownModel(model) ? model : other);
    const model = known(served.model);
    const labels = [
      ...[genaiOperation(request.operation), providerName(served.provider), known(request.asked)],
      ...[model, model],
    ];
    observe(duration, request.duration / 1000, ...labels, request.error ?? '');
    for (const [type, field] of establishedTypes) {
      const amount = usage.tokens[field];
      if (amount !== undefined) observe(tokens, amount, ...labels, type);
    }
    if (!request.streamed || request.error !== undefined || ttft === undefined) return;
    observe(first, ttft / 1000, ...labels);
    const { output = 0 } = usage.tokens;
    if (output > 1) observe(perToken, (request.duration - ttft) / 1000 / (output - 1), ...labels);
  };
}

function latestMetrics(registry: Registry, { isKnownModel, providerName }: GenaiWords): GenaiMetrics {
  const duration = registry.histogram(latest.duration);
  const first = registry.histogram(latest.first);
  const input = registry.histogram(latest.input);
  const output = registry.histogram(latest.output);
  const usages = latestUsage.map(({ name, field, media }) => ({
    field,
    media,
    counter: registry.counter({
      name: `gen_ai_client_inference_usage_${name}_total`,
      type: 'counter',
      labels: [...latestLabels, 'gen_ai_token_modality'],
      help: `Tokens of inferences: ${name.replaceAll('_', ' ')}.`,
    }),
  }));
  return (request) => {
    const { served, usage, ttft } = request;
    if (served === undefined) return;
    const model = isKnownModel(served.model) ? served.model : other;
    const labels = [genaiOperation(request.operation), providerName(served.provider), model];
    observe(duration, request.duration / 1000, ...labels, request.error ?? '');
    for (const { field, media, counter } of usages) {
      const amount = usage.tokens[field] ?? 0;
      let text = amount;
      for (const [modality, part] of media) {
        const count = usage.tokens[part] ?? 0;
        text -= count;
        if (count > 0) counter.add(count, ...labels, modality);
      }
      if (text > 0) counter.add(text, ...labels, 'text');
      // A failed operation counts as nothing of an unknown kind.
      else if (amount === 0 && (field === 'input' || field === 'output'))
        counter.add(0, ...labels, 'unknown');
    }
    if (usage.tokens.input !== undefined) observe(input, usage.tokens.input, ...labels);
    if (usage.tokens.output !== undefined) observe(output, usage.tokens.output, ...labels);
    if (request.streamed && request.error === undefined && ttft !== undefined)
      observe(first, ttft / 1000, ...labels);
  };
}

function observe(histogram: Histogram, value: number, ...labels: string[]): void {
  histogram.observe(histogram.series(...labels), value);
}

/** `gen_ai.operation.name` by our operations; others keep their own word. */
export function genaiOperation(operation: string): string {
  switch (operation) {
    case 'generate':
    case 'compact':
      return 'chat';
    case 'embed':
    case 'embed-content':
      return 'embeddings';
    case 'interact':
    case 'interact-beta':
      return 'generate_content';
    default:
      return operation;
  }
}
