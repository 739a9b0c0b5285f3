/** Tokens as the peer's clients read them. */
import type { Counted, UsageTokens } from '../usage/record.ts';

export interface PeerTokens {
  input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  cached_tokens: number;
  cache_read_tokens: number;
  cache_read_tokens_present: boolean;
  cache_creation_tokens: number;
  total_tokens: number;
}

/** A provider's own counts, in which CLIProxyAPI writes them: whether cached input and reasoning are counted beside or within. */
export interface TokenForm {
  cacheApart: boolean;
  reasoningApart: boolean;
}

/** All within: for requests that no provider served. */
export const plainForm: TokenForm = { cacheApart: false, reasoningApart: false };

/** In the form of the provider, by which the peer's clients add them up again: `executor_type` names it. */
export function peerTokens(tokens: UsageTokens, { cacheApart, reasoningApart }: TokenForm): PeerTokens {
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = tokens;
  return {
    input_tokens: cacheApart ? Math.max(0, input - cacheRead - cacheWrite) : input,
    output_tokens: reasoningApart ? Math.max(0, output - reasoning) : output,
    reasoning_tokens: reasoning,
    cached_tokens: cacheRead,
    cache_read_tokens: cacheRead,
    cache_read_tokens_present: tokens.cacheRead !== undefined,
    cache_creation_tokens: cacheWrite,
    total_tokens: input + output,
  };
}

/** The same without doubt about what is part of what. */
export function tokenBreakdown(tokens: UsageTokens, counted: Counted) {
  const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = tokens;
  return {
    schema_version: 2,
    quality: counted === 'provider' ? 'complete' : 'partial',
    total_tokens: input + output,
    input: {
      total_tokens: input,
      uncached_tokens: Math.max(0, input - cacheRead - cacheWrite),
      cache_read_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
    },
    output: {
      total_tokens: output,
      non_reasoning_tokens: Math.max(0, output - reasoning),
      reasoning_tokens: reasoning,
    },
    unclassified_tokens: 0,
  };
}
