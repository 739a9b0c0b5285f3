/** What a codec puts by beside the canonical model, and how it finds it again. */
import type { LossReport } from './codec.ts';
import type { JsonObject } from './json.ts';
import type { Extra, Protocol } from './model.ts';
import type { Request } from './request.ts';

/**
 * The fields of a node that only another protocol has and that are not empty: null, false and what is empty is what
 * the absence of the field means too.
 */
export function sayingFields(extra: Extra | undefined): string[] {
  const fields = extra?.fields ?? {};
  return Object.keys(fields).filter((name) => {
    const value = fields[name];
    if (value === undefined || value === null || value === false || value === '') return false;
    return typeof value !== 'object' || hasMembers(value);
  });
}

/** The places of a long list are not named for it. */
function hasMembers(value: object): boolean {
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/** Settings that not every protocol has, by their names in reports: whether a request sets each. */
const settings = {
  stop: ({ stop }) => (stop?.length ?? 0) > 0,
  top_k: ({ topK }) => topK !== undefined,
  seed: ({ seed }) => seed !== undefined,
  presence_penalty: ({ presencePenalty }) => Boolean(presencePenalty),
  frequency_penalty: ({ frequencyPenalty }) => Boolean(frequencyPenalty),
  n: ({ n }) => n !== undefined && n > 1,
  logprobs: ({ logprobs }) => logprobs !== undefined,
  verbosity: ({ verbosity }) => verbosity !== undefined,
  modalities: ({ modalities }) => modalities?.some((modality) => modality !== 'text') ?? false,
  service_tier: ({ serviceTier }) => serviceTier !== undefined && serviceTier !== 'auto',
  user: ({ user }) => user !== undefined,
  metadata: ({ metadata }) => metadata !== undefined,
  prompt_cache_key: ({ promptCacheKey }) => promptCacheKey !== undefined,
} as const satisfies Record<string, (request: Request) => boolean>;

/**
 * Reports what another protocol's client sent and this one does not have: of these settings, and of the fields that only its own
 * protocol knows, but for those that were written nevertheless.
 */
export function reportUnsaid(
  request: Request,
  unknown: readonly (keyof typeof settings)[],
  report: LossReport,
  {
    detail = 'the upstream has no such setting',
    written = {},
  }: { detail?: string; written?: JsonObject } = {},
): void {
  for (const name of unknown) if (settings[name](request)) report('dropped', name, detail);
  for (const field of sayingFields(request.extra)) if (!(field in written)) report('dropped', field, detail);
}

/** The reading and writing of one protocol's own extras; those of other protocols are as good as absent. */
export function extrasOf(protocol: Protocol) {
  return {
    /** What to put by; undefined when there is nothing. */
    toExtra(fields: JsonObject | undefined, originalForm?: JsonObject): Extra | undefined {
      if (fields === undefined && originalForm === undefined) return undefined;
      return { protocol, fields: fields ?? {}, ...(originalForm && { originalForm }) };
    },
    /** The fields that this protocol's decoder put by; undefined when the node came from elsewhere. */
    ownFields(extra: Extra | undefined): JsonObject | undefined {
      return extra?.protocol === protocol ? extra.fields : undefined;
    },
    /** The fields to write as they were found: unknown ones, and known ones in a spelling of their own. */
    ownWords(extra: Extra | undefined): JsonObject | undefined {
      if (extra?.protocol !== protocol) return undefined;
      return extra.originalForm === undefined ? extra.fields : { ...extra.fields, ...extra.originalForm };
    },
    /** How this protocol's decoder found the fields written; undefined when the node came from elsewhere. */
    ownForm(extra: Extra | undefined): JsonObject | undefined {
      return extra?.protocol === protocol ? extra.originalForm : undefined;
    },
  };
}
