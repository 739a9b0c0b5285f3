/** Token counts and the terminal event, read from the bytes of an answer that goes through untouched. */
import { isPricedTier, type PricedTier } from '../../models/model-row.ts';
import { asNumber, asObject, isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import type { Protocol, Usage } from '../../protocols/model.ts';
import { latin1 } from '../latin1.ts';

export interface TokenCounts {
  /** Cached tokens included. */
  input: number | undefined;
  output: number | undefined;
  /** Of the input: what came from the provider's prompt cache, and what was put there. */
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  /** Of `cacheWrite`: what was put there for an hour. */
  cacheWrite1h?: number | undefined;
  /** How it was served, where that has a price of its own. */
  tier?: PricedTier | undefined;
  /** US dollars that the service itself reports. */
  cost?: number | undefined;
}

/**
 * The last part of what went by, kept by reference and without copying, and the first chunk.
 * Bounded: chunks that are no longer among the last `kept` bytes are let go.
 */
export interface Tail {
  push(chunk: Uint8Array): void;
  /** The beginning of the first chunk. */
  head(): string;
  /** Events that went by: blank lines end them. Counted when it is asked for, and of what is let go. */
  events(): number;
  /** Bytes that went by. */
  bytes(): number;
  /** The last `bytes` of what is kept; what is looked for in it is ASCII, so other characters may come out wrong. */
  last(bytes: number): string;
}

/** Token counts and terminal events nearly always stand within this many bytes of the beginning and the end. */
const near = 1024;

/** Bytes that are kept: terminal events with usage are far smaller, Responses' last event excepted (see below). */
const kept = 65_536;

export function createTail(): Tail {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let first: Uint8Array | undefined;
  let goneEvents = 0;
  let goneBytes = 0;
  return {
    push(chunk) {
      first ??= chunk;
      chunks.push(chunk);
      size += chunk.byteLength;
      // Dropped in bulk: shifting one by one would move the whole list each time.
      if (size > 2 * kept) {
        let from = chunks.length - 1;
        let rest = chunks[from]?.byteLength ?? 0;
        while (from > 0 && rest < kept) {
          from -= 1;
          rest += chunks[from]?.byteLength ?? 0;
        }
        for (const chunk of chunks.slice(0, from)) goneEvents += blankLines(chunk);
        goneBytes += size - rest;
        chunks = chunks.slice(from);
        size = rest;
      }
    },
    // Of chunks that end between the two line ends of a blank line one is missed: it is a guess.
    events: () => chunks.reduce((sum, chunk) => sum + blankLines(chunk), goneEvents),
    bytes: () => goneBytes + size,
    head: () => (first === undefined ? '' : latin1(first, 0, near)),
    last(bytes) {
      const final = chunks[chunks.length - 1];
      if (final !== undefined && final.byteLength >= bytes) return latin1(final, final.byteLength - bytes);
      let from = chunks.length;
      let found = 0;
      while (from > 0 && found < bytes) {
        from -= 1;
        found += chunks[from]?.byteLength ?? 0;
      }
      return latin1(Buffer.concat(chunks.slice(from)), found - bytes);
    },
  };
}

const blankLine = Buffer.from('\n\n');
const blankLineOfTwo = Buffer.from('\r\n\r\n');

function blankLines(chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const mark = bytes.includes(blankLineOfTwo) ? blankLineOfTwo : blankLine;
  let count = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) count += 1;
  return count;
}

/**
 * What a stream of each protocol ends with when it is complete. Quotes inside of texts are escaped and line ends too, so
 * that an answer that talks about these events does not look like one.
 */
const completes: Record<Protocol, RegExp> = {
  'openai-chat': /^data:\s*\[DONE\]|"finish_reason"\s*:\s*"(?!error")/m,
  // The last event repeats the whole answer, so its type may lie further back than the tail. Its usage does not, and no
  // other event has one that is not null; a status will not do, for items of the answer have theirs.
  'openai-responses':
    /"type"\s*:\s*"response\.(?:completed|incomplete|done)"|"usage"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*"output_tokens"/,
  'anthropic-messages': /"type"\s*:\s*"message_stop"/,
  gemini: /"finishReason"\s*:|"finish_reason"\s*:|"blockReason"\s*:/,
};

/** What it ends with when it says itself that it failed. Gemini's arguments may have errors as members, so only whole chunks count. */
const failures: Record<Protocol, RegExp> = {
  'openai-chat': /"error"\s*:\s*\{|^event:\s*error\s*$|^data:\s*\{\s*"error"\s*:\s*"/m,
  'openai-responses':
    /^event:\s*(?:error|response\.failed)\s*$|^data:\s*\{\s*"type"\s*:\s*"(?:error|response\.failed)"/m,
  'anthropic-messages': /^event:\s*error\s*$|^data:\s*\{\s*"type"\s*:\s*"error"/m,
  gemini: /^data:\s*\{\s*"error"\s*:\s*\{/m,
};

/** Complete, failed in its own words, or neither: it broke off. */
export type EndKind = 'complete' | 'failed' | 'open';

/** How a stream ended, and its token counts. The last `without` bytes do not count: an event that is not whole. */
export function streamEnd(
  protocol: Protocol,
  tail: Tail,
  without = 0,
): TokenCounts & { kind: EndKind; text: string } {
  const last = (bytes: number): string => {
    const text = tail.last(bytes + without);
    return without === 0 ? text : text.slice(0, -without);
  };
  let text = last(near);
  let kind = endKind(protocol, text);
  if (kind === 'open') {
    text = last(kept);
    kind = endKind(protocol, text);
  }
  const head = protocol === 'anthropic-messages' ? tail.head() : '';
  return { ...tokenCounts(protocol, head, text), kind, text };
}

/** How the stream ended that ends with this text. */
export function endKind(protocol: Protocol, text: string): EndKind {
  // Looked for plainly first: nearly no stream has these words near its end.
  if ((text.includes('error') || text.includes('failed')) && failures[protocol].test(text)) return 'failed';
  return completes[protocol].test(text) ? 'complete' : 'open';
}

/** The token counts in an answer's text; `head` matters to protocols that tell the input first. */
export function tokenCounts(protocol: Protocol, head: string, tail: string): TokenCounts {
  const usage = lastObject(tail, protocol === 'gemini' ? '"usageMetadata"' : '"usage"');
  const counts = usage === undefined ? undefined : countsOf(protocol, usage);
  if (protocol !== 'anthropic-messages')
    return counts === undefined
      ? { input: undefined, output: undefined }
      : { ...counts, ...(counts.tier === undefined && tierIn(tail)) };
  // A short answer has come whole in its first chunk, the counts of its end included.
  const end = head.indexOf('"message_delta"');
  const early = lastObject(end < 0 ? head : head.slice(0, end), '"usage"');
  // `message_delta` need not repeat what `message_start` said of the input.
  const first = early && countsOf(protocol, early);
  const input = counts?.input === undefined ? first : counts;
  // … nor how long what it has put into the cache stays there.
  const cacheWrite1h = input?.cacheWrite1h ?? first?.cacheWrite1h;
  const tier = input?.tier ?? first?.tier;
  return {
    ...input,
    ...(cacheWrite1h !== undefined && { cacheWrite1h }),
    ...(tier !== undefined && { tier }),
    input: input?.input,
    output: counts?.output,
  };
}

/** The token counts where a whole answer of the protocol has them; undefined when they are not there. */
export function answerCounts(protocol: Protocol, answer: JsonObject): TokenCounts | undefined {
  const usage = asObject(protocol === 'gemini' ? answer.usageMetadata : answer.usage);
  return usage && { ...countsOf(protocol, usage), ...tierOf(answer) };
}

/** The tier beside or in a usage; OpenAI has it beside. What costs the usual price says nothing. */
function tierOf({ service_tier: ours, serviceTier: googles, speed }: JsonObject): Pick<TokenCounts, 'tier'> {
  const said = isPricedTier(speed) ? speed : (ours ?? googles);
  const tier = typeof said === 'string' ? said.toLowerCase() : undefined;
  return isPricedTier(tier) ? { tier } : {};
}

/** The tier that the end of a stream of OpenAI's says. */
function tierIn(tail: string): Pick<TokenCounts, 'tier'> {
  const at = tail.lastIndexOf('"service_tier"');
  if (at < 0) return {};
  const word = /^\s*:\s*"([a-z]+)"/.exec(tail.slice(at + 14, at + 40))?.[1];
  return isPricedTier(word) ? { tier: word } : {};
}

/** The counts of a canonical usage. */
export function countsOfUsage(usage: Usage | undefined): TokenCounts {
  return {
    input: usage?.input,
    output: usage?.output,
    cacheRead: usage?.cacheRead,
    cacheWrite: usage?.cacheWrite,
    ...hourWrites(usage?.extra?.fields),
    ...(usage?.extra === undefined ? {} : tierOf(usage.extra.fields)),
  };
}

/** Anthropic's `cache_creation` says what is kept for how long. */
function hourWrites(usage: JsonObject | undefined): Pick<TokenCounts, 'cacheWrite1h'> {
  const cacheWrite1h = asNumber(asObject(usage?.cache_creation)?.ephemeral_1h_input_tokens);
  return cacheWrite1h === undefined ? {} : { cacheWrite1h };
}

function countsOf(protocol: Protocol, usage: JsonObject): TokenCounts {
  const sum = (...names: string[]): number | undefined => {
    let total: number | undefined;
    for (const name of names) {
      const value = usage[name];
      if (typeof value === 'number') total = (total ?? 0) + value;
    }
    return total;
  };
  const detail = (name: string, of: string) => asNumber(asObject(usage[name])?.[of]);
  switch (protocol) {
    case 'openai-chat':
      return {
        input: sum('prompt_tokens'),
        output: sum('completion_tokens'),
        cacheRead: detail('prompt_tokens_details', 'cached_tokens'),
        cacheWrite: detail('prompt_tokens_details', 'cache_write_tokens'),
      };
    case 'openai-responses':
      return {
        // The Interactions API has the same counts as totals: ai.google.dev/api/interactions-api#Usage.
        input: sum('input_tokens', 'total_input_tokens', 'total_tool_use_tokens'),
        output: sum('output_tokens', 'total_output_tokens', 'total_thought_tokens'),
        cacheRead: detail('input_tokens_details', 'cached_tokens') ?? sum('total_cached_tokens'),
        cacheWrite: detail('input_tokens_details', 'cache_write_tokens'),
      };
    case 'anthropic-messages':
      return {
        input: sum('input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'),
        output: sum('output_tokens'),
        cacheRead: sum('cache_read_input_tokens'),
        cacheWrite: sum('cache_creation_input_tokens'),
        ...hourWrites(usage),
        ...tierOf(usage),
      };
    case 'gemini':
      return {
        input: sum('promptTokenCount', 'toolUsePromptTokenCount'),
        output: sum('candidatesTokenCount', 'thoughtsTokenCount'),
        cacheRead: sum('cachedContentTokenCount'),
        ...tierOf(usage),
      };
  }
}

/** The object behind the last `name` in the text that has one; undefined when it is cut off or absent. */
function lastObject(text: string, name: string): JsonObject | undefined {
  for (let at = text.lastIndexOf(name); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
    const open = /^\s*:\s*(?=\{)/.exec(text.slice(at + name.length, at + name.length + 20));
    if (open === null) continue;
    const start = at + name.length + open[0].length;
    let depth = 0;
    for (let i = start; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 123) depth += 1;
      else if (unit === 125) {
        depth -= 1;
        if (depth > 0) continue;
        const value = parseJson(text.slice(start, i + 1));
        return isObject(value) ? asObject(value) : undefined;
      }
    }
  }
  return undefined;
}
