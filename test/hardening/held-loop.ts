/** What makes much work of few bytes, and for how long a gateway that takes it serves nobody else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedBounds } from '../../src/config/bounds.ts';
import { runtimeSettings } from '../../src/ground/runtime-settings.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { isHeavierThan, requestWeights } from '../../src/protocols/json-weight.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { clientKey } from '../gateway-harness.ts';
import type { LoopReport } from './loop-watch.ts';

/** Bytes of each flood. */
const floodSize = 8 * 1024 * 1024;

/** As often as fits. */
function flood(piece: (at: number) => string, between = ','): string {
  const count = Math.floor(floodSize / (piece(100_000).length + between.length));
  return Array.from({ length: count }, (_, at) => piece(at)).join(between);
}

function many(count: number, piece: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => piece(at)).join(',');
}

export interface Flood {
  what: string;
  protocol: Protocol;
  path: string;
  body: string;
  /** Whether it passes a bound. */
  refused: boolean;
}

export const paths: Record<Protocol, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  gemini: '/v1beta/models/MODEL:generateContent',
};

/** What precedes the list of messages of each protocol, the usual message in it, and a part of one. */
const shapes: Record<Protocol, { before: string; message: string; part: (parts: string) => string }> = {
  'openai-chat': {
    before: '"model":"MODEL","messages":',
    message: '{"role":"user","content":"x"}',
    part: (parts) => `{"role":"user","content":[${parts}]}`,
  },
  'openai-responses': {
    before: '"model":"MODEL","input":',
    message: '{"role":"user","content":"x"}',
    part: (parts) => `{"role":"user","content":[${parts}]}`,
  },
  'anthropic-messages': {
    before: '"model":"MODEL","max_tokens":5,"messages":',
    message: '{"role":"user","content":"x"}',
    part: (parts) => `{"role":"user","content":[${parts}]}`,
  },
  gemini: {
    before: '"contents":',
    message: '{"role":"user","parts":[{"text":"x"}]}',
    part: (parts) => `{"role":"user","parts":[${parts}]}`,
  },
};

const smallPart: Record<Protocol, string> = {
  'openai-chat': '{"type":"text","text":"x"}',
  'openai-responses': '{"type":"input_text","text":"x"}',
  'anthropic-messages': '{"type":"text","text":"x"}',
  gemini: '{"text":"x"}',
};

const smallTool: Record<Protocol, (at: number) => string> = {
  'openai-chat': (at) => `{"type":"function","function":{"name":"t${at}"}}`,
  'openai-responses': (at) => `{"type":"function","name":"t${at}"}`,
  'anthropic-messages': (at) => `{"name":"t${at}","input_schema":{"type":"object"}}`,
  gemini: (at) => `{"functionDeclarations":[{"name":"t${at}"}]}`,
};

/** Floods of requests of a protocol; `MODEL` stands for the name of the model. */
export function requestFloods(protocol: Protocol): Flood[] {
  const { before, message, part } = shapes[protocol];
  const rest = `${before}[${message}]`;
  const bodies: [string, string][] = [
    ['messages', `{${before}[${flood(() => message)}]}`],
    // As many as pass the bound.
    ['30,000 messages', `{${before}[${many(30_000, () => message)}]}`],
    ['35,000 parts', `{${before}[${part(many(35_000, () => smallPart[protocol]))}]}`],
    ['parts', `{${before}[${part(flood(() => smallPart[protocol]))}]}`],
    ['tools', `{${rest},"tools":[${flood(smallTool[protocol])}]}`],
    ['16,000 tools', `{${rest},"tools":[${many(16_000, smallTool[protocol])}]}`],
    ['28,000 objects of other names', `{${rest},"x":[${many(28_000, (at) => `{"k${at}":1}`)}]}`],
    ['160,000 short strings', `{${rest},"x":[${many(160_000, (at) => `"k${at}"`)}]}`],
    ['490,000 digits', `{${rest},"x":[${many(490_000, () => '1')}]}`],
    ['top-level keys', `{${rest},${flood((at) => `"k${at}":1`)}}`],
    ['max_tokens again and again', `{${rest},${flood(() => '"max_tokens":1')}}`],
    [
      'lone surrogates',
      `{${before}[${message.replace(
        'x',
        flood(() => '\\ud800', ''),
      )}]}`,
    ],
    ['numbers beyond all', `{${rest},"x":[${flood(() => '1e309')}]}`],
    ['digits', `{${rest},"x":[${flood(() => '1')}]}`],
    ['empty objects', `{${rest},"x":[${flood(() => '{}')}]}`],
    ['empty strings', `{${rest},"x":[${flood(() => '""')}]}`],
    [
      'text',
      `{${before}[${message.replace(
        'x',
        flood(() => 'word', ' '),
      )}]}`,
    ],
  ];
  if (protocol !== 'gemini')
    bodies.push(['model again and again', `{${flood(() => '"model":"MODEL"')},${rest}}`]);
  return bodies.map(([what, body]) => ({
    what,
    protocol,
    path: paths[protocol],
    body,
    refused: isHeavierThan(shippedBounds['json-values'], body, requestWeights),
  }));
}

/** Requests beside those of the four protocols. */
export const otherFloods: Flood[] = [
  ['/v1/embeddings', `{"model":"MODEL","input":[${flood(() => '"x"')}]}`],
  ['/v1/embeddings', `{"model":"MODEL","input":[${flood(() => '[1]')}]}`],
  [
    '/v1/messages/count_tokens',
    `{"model":"MODEL","messages":[${flood(() => '{"role":"user","content":"x"}')}]}`,
  ],
].map(([path = '', body = '']) => ({
  what: `${path} of small things`,
  protocol: 'openai-chat',
  path,
  body,
  refused: true,
}));

const answered = '"choices":[{"index":0,"finish_reason":"stop","message":{"content":"x"}}]';

function chatCall(listed: string): string {
  const call = { id: 't', type: 'function', function: { name: 'f', arguments: `{"x":[${listed}]}` } };
  return JSON.stringify({
    id: 'c',
    choices: [{ index: 0, finish_reason: 'tool_calls', message: { tool_calls: [call] } }],
  });
}

/** Whole answers of an upstream, by its protocol. */
export const answerFloods: Record<Protocol, [string, string][]> = {
  'openai-chat': [
    [
      'choices',
      `{"id":"c","object":"chat.completion","choices":[${flood((at) => `{"index":${at},"message":{"content":"x"}}`)}]}`,
    ],
    [
      'tool calls',
      `{"id":"c","choices":[{"index":0,"message":{"tool_calls":[${flood(() => '{"function":{"name":"a"}}')}]}}]}`,
    ],
    [
      'surrogates',
      `{"id":"c","choices":[{"index":0,"finish_reason":"stop","message":{"content":"${flood(() => '\\ud800', '')}"}}]}`,
    ],
    ['items as many as pass', `{"id":"c","x":[${many(220_000, () => '{}')}],${answered}}`],
    ['short strings as many as pass', `{"id":"c","x":[${many(240_000, (at) => `"${at}"`)}],${answered}}`],
    ['other names as many as pass', `{"id":"c","x":[${many(60_000, (at) => `{"k${at}":1}`)}],${answered}}`],
    ['empty objects in the arguments of a call', chatCall(flood(() => '{}'))],
    ['200,000 empty objects in the arguments of a call', chatCall(many(200_000, () => '{}'))],
    ['numbers as many as pass', `{"id":"c","x":[${many(1_000_000, () => '1')}],${answered}}`],
    [
      'empty objects',
      `{"id":"c","x":[${flood(() => '{}')}],"choices":[{"index":0,"finish_reason":"stop","message":{"content":"x"}}]}`,
    ],
  ],
  'openai-responses': [
    [
      'items',
      `{"id":"r","object":"response","status":"completed","output":[${flood(() => '{"type":"message","content":[]}')}]}`,
    ],
  ],
  'anthropic-messages': [
    [
      'blocks',
      `{"id":"m","type":"message","role":"assistant","content":[${flood(() => '{"type":"text","text":"x"}')}]}`,
    ],
  ],
  gemini: [['parts', `{"candidates":[{"content":{"parts":[${flood(() => '{"text":"x"}')}]}}]}`]],
};

function textEvent(piece: string): string {
  const text = flood(() => piece, '');
  return `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":"stop"}]}\n\n`;
}

function callEvent(listed: string): string {
  const call = { index: 0, id: 't', function: { name: 'f', arguments: `{"x":[${listed}]}` } };
  const choices = [{ index: 0, delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }];
  return `data: ${JSON.stringify({ id: 'c', choices })}\n\ndata: [DONE]\n\n`;
}

/** Streams that say nothing, or little with each event. */
export const streamFloods: [string, string][] = [
  ['comments', flood(() => ':\n', '')],
  ['empty lines', flood(() => '\n', '')],
  ['events without data', flood(() => 'event: x\n\n', '')],
  ['empty events', flood(() => 'data: {}\n\n', '')],
  ['one event', `data: ${answerFloods['openai-chat'][0]?.[1]}\n\n`],
  ['calls of very many values', callEvent(flood(() => '{}'))],
  ['calls of many values', callEvent(many(200_000, () => '{}'))],
  ['one event of quotes', textEvent('\\"')],
  ['one event of line breaks', textEvent('\\n')],
];

/** A gateway as people run it, which measures itself. */
export interface WatchedGateway extends AsyncDisposable {
  url: string;
  /** What its event loop was held for, and what it grew by, since the last call. */
  measure(): Promise<LoopReport>;
}

/** Starts the program, from the sources and with what its command sets, with these settings of `config.yaml`. */
export async function startWatched(settings: JsonObject): Promise<WatchedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  const config = join(folder, 'config.yaml');
  const watch = join(folder, 'watch.sock');
  const usual = { host: '127.0.0.1', port: 0, 'api-keys': [clientKey], 'auth-dir': join(folder, 'auth') };
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify({ ...usual, ...settings }));
  const runtime = [process.execPath, '--config=/dev/null', '--no-env-file', '--no-install'];
  const preload = ['--preload', join(import.meta.dir, 'loop-watch.ts')];
  const main = join(import.meta.dir, '../../src/launch.ts');
  const child = Bun.spawn([...runtime, ...preload, main, 'serve', '--config', config], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1', ...runtimeSettings, LOOP_WATCH: watch },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  // One that is stuck would go on by itself.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await addressIn(child.stderr);
  let text = '';
  let asking = Promise.withResolvers<LoopReport>();
  const socket = await Bun.connect({
    unix: watch,
    socket: {
      data(_socket, bytes) {
        text += new TextDecoder().decode(bytes);
        if (!text.endsWith('\n')) return;
        asking.resolve(JSON.parse(text));
        text = '';
      },
      close: () => asking.reject(new Error('the gateway has ended')),
    },
  });
  return {
    url,
    measure() {
      asking = Promise.withResolvers();
      socket.write('?');
      return asking.promise;
    },
    async [Symbol.asyncDispose]() {
      asking.promise.catch(() => undefined);
      child.kill('SIGKILL');
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The address that a program says it serves at. What it says later is read, too, so that it never waits for that. */
async function addressIn(output: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const piece of output) {
      text = (text + decoder.decode(piece, { stream: true })).slice(-4096);
      const [url] = /https?:\/\/[\w.[\]:]+:\d+/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    }
    reject(new Error(`the gateway has ended: ${text}`));
  };
  void read();
  return promise;
}

/** Milliseconds in which a gateway has answered whatever it is asked: several times what the slowest answer takes on a loaded machine. */
const longestAnswer = 30_000;

/**
 * What `ask` gives. Rejects, naming the case, where that takes so long that the gateway must be stuck: in a loop without an end, it answers
 * nobody any more. The signal ends then, too.
 */
export async function answeredInTime<Result>(
  what: string,
  ask: (signal: AbortSignal) => Promise<Result>,
  most = longestAnswer,
): Promise<Result> {
  const late = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`the gateway has not answered within ${most / 1000} s: ${what}`));
    late.abort();
  }, most);
  try {
    return await Promise.race([ask(late.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes by which the process may grow for less than a tenth of them: the engine's own room between two collections. */
const runtimesOwn = 48 * 1024 * 1024;

export interface Measured {
  what: string;
  status: number;
  answer: Buffer;
  /** Bytes of what is judged. */
  bytes: number;
  /** Milliseconds for which the thread of the event loop has worked at once, that others waited at most, and that it took. */
  worked: number;
  held: number;
  took: number;
  /** What the process grew by, in sizes of the larger of what is judged and the answer. */
  times: number;
  isSlow: boolean;
  isLarge: boolean;
}

/** Asks a watched gateway once about something of so many bytes. More than `most` milliseconds of work at once are slow. */
export async function measured(
  gateway: WatchedGateway,
  { what, bytes, most }: { what: string; bytes: number; most: number },
  ask: () => Promise<Response>,
): Promise<Measured> {
  const { status, answer, took, worked, held, grew } = await answeredInTime(what, async () => {
    await gateway.measure();
    const began = performance.now();
    const response = await ask();
    const answer = Buffer.from(await response.arrayBuffer());
    const took = performance.now() - began;
    return { status: response.status, answer, took, ...(await gateway.measure()) };
  });
  // An answer that goes out has been received in other words.
  const times = grew / Math.max(bytes, answer.length);
  const isLarge = times > 10 && grew > runtimesOwn;
  return {
    ...{ what, status, answer, bytes, worked, held, took, times },
    isSlow: worked > most,
    isLarge,
  };
}

/** A line on it for people. */
export function reportLine(found: Measured): string {
  const { what, status, bytes, worked, held, took, times, isSlow, isLarge } = found;
  const milliseconds = (time: number, width: number): string => time.toFixed(0).padStart(width);
  return `${isSlow ? 'SLOW' : '    '} ${isLarge ? 'LARGE' : '     '} ${milliseconds(worked, 5)} ms (${milliseconds(held, 5)}) of ${milliseconds(took, 6)}, grew ${times.toFixed(1).padStart(5)} × ${(bytes / 1024 / 1024).toFixed(1)} MiB  ${status}  ${what}`;
}
