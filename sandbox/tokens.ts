/** Token counts: an estimate that depends on nothing but the text, and the memory of prompt prefixes. */
import type { PromptTokens } from './prompt.ts';

/** Characters a token, the rule of thumb that OpenAI's and Anthropic's documentation give for English. */
const charactersPerToken = 4;
/** Both OpenAI and Anthropic cache prefixes from 1,024 tokens on. */
const cacheMinimum = 1024;
/** What a picture or another piece of media counts as: Gemini's price of a small image. */
const mediaTokens = 258;
const rememberedPrefixes = 4096;

export function tokensOf(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** Prefixes seen before, with their length in tokens; forgets the oldest. */
export interface PrefixMemory {
  seen: Set<number | bigint>;
}

export function prefixMemory(): PrefixMemory {
  return { seen: new Set() };
}

/** Counts a prompt while it is read, in the order in which the provider renders it. */
export interface Meter {
  /** Text of the prompt. */
  add(text: string): void;
  /** Media of the prompt: counted at a flat price, distinguished by its content. */
  addMedia(content: string): void;
  /** A cache may end here. */
  boundary(): void;
  /** The counts so far, without a look at the cache. */
  total(): number;
  /** Ends the prompt: looks the longest seen boundary up and remembers all of them. */
  settle(memory: PrefixMemory): PromptTokens;
}

export function meter(): Meter {
  let tokens = 0;
  let hash: number | bigint = 0n;
  const boundaries: { hash: number | bigint; tokens: number }[] = [];
  const mix = (text: string): void => {
    hash = Bun.hash(text, BigInt(hash));
  };
  return {
    add(text) {
      tokens += tokensOf(text);
      mix(text);
    },
    addMedia(content) {
      tokens += mediaTokens;
      mix(content);
    },
    boundary() {
      boundaries.push({ hash, tokens });
    },
    total: () => tokens,
    settle(memory) {
      let cacheRead = 0;
      let longest = 0;
      for (const boundary of boundaries) {
        if (boundary.tokens < cacheMinimum) continue;
        longest = boundary.tokens;
        if (memory.seen.delete(boundary.hash)) cacheRead = boundary.tokens;
        memory.seen.add(boundary.hash);
      }
      for (const oldest of memory.seen) {
        if (memory.seen.size <= rememberedPrefixes) break;
        memory.seen.delete(oldest);
      }
      return { input: tokens, cacheRead, cacheWrite: longest - cacheRead };
    },
  };
}
