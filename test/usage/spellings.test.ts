/**
 * Token counts as services really write them, each where it puts them: the same tokens in the usage, the budget and the log line,
 * whatever the client speaks, streamed and whole; and what a service does not count is not there.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { startGateway } from '../../src/server/start.ts';
import type { OwnUsage } from '../../src/server/usage/own-usage.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { eventually } from '../eventually.ts';
import { calls, send } from '../gateway/calls.ts';
import { type Asked, eventStream, startUpstream } from '../gateway/upstream.ts';
import { configOf, oneUpstream } from '../gateway-harness.ts';

interface Spelling {
  service: string;
  /** The chunks of a stream, without those of the text. */
  last: JsonObject[];
  /** What stands beside the choices of a whole answer. */
  whole: JsonObject;
  tokens: Partial<ListedRequest['tokens']> & { input: number; output: number };
  /** In front of the text. */
  first?: JsonObject[];
}

const stop = { index: 0, delta: {}, finish_reason: 'stop' };

const deepseek = {
  ...{ prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 },
  ...{ prompt_cache_hit_tokens: 900, prompt_cache_miss_tokens: 100 },
  completion_tokens_details: { reasoning_tokens: 30 },
};
const moonshot = { prompt_tokens: 700, completion_tokens: 20, total_tokens: 720, cached_tokens: 512 };
const vllm = { prompt_tokens: 33, total_tokens: 44, completion_tokens: 11, prompt_tokens_details: null };
const openrouter = {
  ...{ prompt_tokens: 1200, completion_tokens: 60, total_tokens: 1260, cost: 0.002, is_byok: false },
  prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 500, audio_tokens: 0, video_tokens: 0 },
  cost_details: { upstream_inference_cost: null },
  completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 },
};
const groq = {
  ...{ queue_time: 0.0177, prompt_tokens: 41, prompt_time: 0.0019, completion_tokens: 9 },
  ...{ completion_time: 0.0184, total_tokens: 50, total_time: 0.0203 },
};
const azure = {
  ...{ prompt_tokens: 2048, completion_tokens: 12, total_tokens: 2060 },
  prompt_tokens_details: { audio_tokens: 0, cached_tokens: 1920 },
  completion_tokens_details: {
    ...{ accepted_prediction_tokens: 0, audio_tokens: 0, reasoning_tokens: 0 },
    rejected_prediction_tokens: 0,
  },
};
const filtered = { prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] };

const spellings: readonly Spelling[] = [
  {
    service: 'DeepSeek',
    last: [{ choices: [stop], usage: deepseek }],
    whole: { usage: deepseek },
    tokens: { input: 1000, output: 50, cacheRead: 900, reasoning: 30, cacheWrite: null },
  },
  {
    service: 'Moonshot',
    last: [{ choices: [{ ...stop, usage: moonshot }] }],
    whole: { usage: moonshot },
    tokens: { input: 700, output: 20, cacheRead: 512, reasoning: null, cacheWrite: null },
  },
  {
    service: 'vLLM',
    last: [{ choices: [stop] }, { choices: [], usage: vllm }],
    whole: { usage: vllm, kv_transfer_params: null },
    tokens: { input: 33, output: 11, cacheRead: null, reasoning: null, cacheWrite: null },
  },
  {
    service: 'OpenRouter',
    first: [{ provider: 'Anthropic', choices: [] }],
    last: [
      { provider: 'Anthropic', choices: [{ ...stop, native_finish_reason: 'end_turn' }] },
      {
        provider: 'Anthropic',
        choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
        usage: openrouter,
      },
    ],
    whole: { provider: 'Anthropic', usage: openrouter },
    tokens: { input: 1200, output: 60, cacheRead: 300, cacheWrite: 500, reasoning: 0 },
  },
  {
    service: 'Groq',
    first: [{ choices: [], x_groq: { id: 'req_01' } }],
    last: [{ choices: [stop], x_groq: { id: 'req_01', usage: groq } }],
    whole: { usage: groq, usage_breakdown: null, x_groq: { id: 'req_01' }, service_tier: 'on_demand' },
    tokens: { input: 41, output: 9, cacheRead: null, reasoning: null, cacheWrite: null },
  },
  {
    service: 'Azure',
    first: [{ id: '', model: '', object: '', created: 0, choices: [], ...filtered }],
    last: [
      { choices: [{ ...stop, content_filter_results: {} }], usage: null },
      { choices: [], usage: azure },
    ],
    whole: { ...filtered, usage: azure },
    tokens: { input: 2048, output: 12, cacheRead: 1920, reasoning: 0, cacheWrite: null },
  },
];

const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-spellings-'));
const lines: JsonObject[] = [];
const upstream = startUpstream(answer);

/** A client key for each way of asking: what it has used is what this one request came to. */
const ways = spellings.flatMap(({ service }, index) =>
  calls.flatMap((call) =>
    [false, true].map((stream) => ({
      ...{ service, index, call, stream },
      key: `key-${index}-${call.protocol}-${stream ? 'stream' : 'whole'}`,
    })),
  ),
);
const gateway = await startGateway({
  version,
  log: createLog({
    level: 'info',
    format: 'json',
    sink: {
      write(text: string) {
        for (const line of text.split('\n')) {
          const value = asObject(parseJson(line));
          if (value !== undefined) lines.push(value);
        }
      },
    },
  }),
  config: configOf({
    'auth-dir': folder,
    'api-keys': ways.map(({ key }) => ({ key, name: key, budget: { day: { tokens: 1_000_000 } } })),
    'remote-management': { 'secret-key': managementKey },
    'disable-cooling': true,
    ...oneUpstream(
      'openai-chat',
      upstream.url,
      spellings.map((_, index) => ({ name: `served-${index}`, alias: `model-${index}` })),
    ),
  }),
});
afterAll(async () => {
  await gateway.stop();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function answer({ body }: Asked): Response {
  const asked = asObject(parseJson(Buffer.from(body).toString())) ?? {};
  const spelling = spellings[Number(/\d+$/.exec(String(asked.model))?.[0])];
  if (spelling === undefined) throw new Error(`no spelling for ${asked.model}`);
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'served' };
  if (asked.stream !== true)
    return Response.json({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi there' } }],
      ...spelling.whole,
    });
  const text = (delta: JsonObject): JsonObject => ({ choices: [{ index: 0, delta, finish_reason: null }] });
  const chunks = [
    ...(spelling.first ?? []),
    text({ role: 'assistant', content: '' }),
    ...[text({ content: 'Hi' }), text({ content: ' there' })],
    ...spelling.last,
  ];
  return eventStream(
    `: PROCESSING\n\n${chunks.map((chunk) => `data: ${JSON.stringify({ ...head, ...chunk })}\n\n`).join('')}data: [DONE]\n\n`,
  );
}

test.each(ways)('$service to $call.protocol, streamed $stream: tokens, budget, log line', async (way) => {
  const { index, call, stream, key } = way;
  const { tokens } = spellings[index] ?? { tokens: undefined };
  const headers = { authorization: `Bearer ${key}` };
  const response = await send(gateway.url, call, { model: `model-${index}`, stream, headers });
  const text = await response.text();
  expect([response.status, text.includes('Hi')]).toEqual([200, true]);
  const id = response.headers.get('x-request-id');
  const kept = await fetch(`${gateway.url}/v0/management/usage/requests/${id}`, {
    headers: { 'x-management-key': managementKey },
  });
  const { request }: { request: ListedRequest } = JSON.parse(await kept.text());
  expect(request).toMatchObject({ counted: 'provider', tokens: { ...tokens } });
  const own = await fetch(`${gateway.url}/v1/usage`, { headers });
  const { limits }: OwnUsage = JSON.parse(await own.text());
  expect(limits).toMatchObject([
    { limit: 'budget.day.tokens', used: (tokens?.input ?? 0) + (tokens?.output ?? 0) },
  ]);
  await eventually(() => lines.some((line) => line.id === id && line.status === 200));
  expect(lines.find((line) => line.id === id && line.status === 200)).toMatchObject({
    input: tokens?.input,
    output: tokens?.output,
    client: call.protocol,
  });
});
