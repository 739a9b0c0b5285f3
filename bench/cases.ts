/** What is measured. Targets are those that the project has set itself. */
import { type Protocol, protocols } from '../src/protocols/model.ts';
import { type Mode, streams } from './conversation.ts';

export interface Case {
  name: string;
  client: Protocol;
  upstream: Protocol;
  mode: Mode;
  /** Size of the request in bytes. */
  size: number;
  connections: number;
  requests: number;
  /** The case whose nginx figure the ratio is taken of: proxies without translation cannot run this one. */
  against: string;
  /** The most that the gateway may take: a multiple of nginx's CPU time, or microseconds a request. */
  target?: { kind: 'ratio' | 'microseconds'; most: number };
}

const short: Record<Protocol, string> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'anthropic',
  gemini: 'gemini',
};

const kilobyte = 1024;
const megabyte = 1_000_000;
const many = 32;

function same(name: string, protocol: Protocol, mode: Mode, size: number): Case {
  return {
    name,
    client: protocol,
    upstream: protocol,
    mode,
    size,
    ...loadOf(mode, size),
    against: name,
    target:
      size >= megabyte
        ? { kind: 'microseconds', most: 3000 }
        : mode === 'paced'
          ? undefined
          : { kind: 'ratio', most: 2 },
  };
}

function translated(client: Protocol, upstream: Protocol, mode: Mode, size: number): Case {
  const big = size >= megabyte;
  const kind = big ? '1 MB prompt' : mode === 'json' ? 'JSON 1 KB' : mode === 'paced' ? 'SSE paced' : 'SSE';
  return {
    name: `${kind}, ${short[client]} → ${short[upstream]}`,
    client,
    upstream,
    mode,
    size,
    ...loadOf(mode, size),
    against: big ? '1 MB prompt, chat' : mode === 'json' ? 'JSON 1 KB, chat' : `${kind}, chat`,
    target: big
      ? { kind: 'microseconds', most: 12_000 }
      : mode === 'sse'
        ? { kind: 'ratio', most: 2.5 }
        : undefined,
  };
}

function loadOf(mode: Mode, size: number): { connections: number; requests: number } {
  if (size >= megabyte) return { connections: 4, requests: 80 };
  if (mode === 'paced') return { connections: many, requests: 160 };
  return { connections: many, requests: streams(mode) ? 3000 : 10_000 };
}

const pairs = protocols.flatMap((client) =>
  protocols.filter((upstream) => upstream !== client).map((upstream) => [client, upstream] as const),
);

export const cases: Case[] = [
  same('JSON 1 KB, chat', 'openai-chat', 'json', kilobyte),
  same('JSON 1 KB, anthropic', 'anthropic-messages', 'json', kilobyte),
  translated('openai-chat', 'anthropic-messages', 'json', kilobyte),
  {
    ...same('JSON 1 KB, chat, a third of 30 accounts failing', 'openai-chat', 'failing', kilobyte),
    target: undefined,
  },
  same('SSE, chat', 'openai-chat', 'sse', kilobyte),
  same('SSE, responses', 'openai-responses', 'sse', kilobyte),
  same('SSE, anthropic', 'anthropic-messages', 'sse', kilobyte),
  same('SSE, gemini', 'gemini', 'sse', kilobyte),
  ...pairs.map(([client, upstream]) => translated(client, upstream, 'sse', kilobyte)),
  same('SSE paced, chat', 'openai-chat', 'paced', kilobyte),
  translated('openai-chat', 'anthropic-messages', 'paced', kilobyte),
  same('1 MB prompt, chat', 'openai-chat', 'json', megabyte),
  same('1 MB prompt, anthropic', 'anthropic-messages', 'json', megabyte),
  translated('openai-chat', 'anthropic-messages', 'json', megabyte),
  translated('anthropic-messages', 'openai-chat', 'json', megabyte),
  translated('openai-responses', 'anthropic-messages', 'json', megabyte),
  translated('openai-chat', 'gemini', 'json', megabyte),
];

/** Streams that are open at once, waiting, in the memory case. */
export const heldStreams = 1000;
