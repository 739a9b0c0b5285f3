/**
 * Images and sound of which no service says how many tokens they took: they have cost something that nobody knows. That is said apart, and
 * never as nothing: in records, sums, metrics, and in the warning that a budget of money does not see them.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import type { UsageTable } from '../../src/usage/usage-reader.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf } from '../gateway-harness.ts';
import { readMetrics, sumOf } from '../monitoring/metrics-page.ts';

const managementKey = 'management-key-of-the-tests';
const sound = (): Response =>
  new Response(new Uint8Array([0xff, 0xfb]), { headers: { 'content-type': 'audio/mpeg' } });
const picture = { created: 1, data: [{ b64_json: 'aW1hZ2U=' }] };

interface Case {
  what: string;
  path: string;
  model: string;
  answer: () => Response;
  known: Pick<ListedRequest, 'counted' | 'cost'>;
  /** Whether it is one of those whose cost nobody knows. */
  unpriced: boolean;
}

const unknown = { counted: 'unknown', cost: null } as const;
const cases: readonly Case[] = [
  {
    what: 'speech says nothing',
    path: 'audio/speech',
    model: 'tts-1',
    answer: sound,
    known: unknown,
    unpriced: true,
  },
  {
    what: 'speech of a model that has a price for tokens',
    path: 'audio/speech',
    model: 'priced',
    answer: sound,
    known: unknown,
    unpriced: true,
  },
  {
    what: 'an image without usage',
    path: 'images/generations',
    model: 'dall-e-3',
    answer: () => Response.json(picture),
    known: unknown,
    unpriced: true,
  },
  {
    what: 'a transcription that is paid by the second',
    path: 'audio/transcriptions',
    model: 'whisper-1',
    answer: () => Response.json({ text: 'heard', usage: { type: 'duration', seconds: 12 } }),
    known: unknown,
    unpriced: true,
  },
  {
    what: 'a transcription as plain text',
    path: 'audio/transcriptions',
    model: 'whisper-1',
    answer: () => new Response('heard', { headers: { 'content-type': 'text/plain' } }),
    known: unknown,
    unpriced: true,
  },
  {
    what: 'an image whose service says what it costs',
    path: 'images/generations',
    model: 'dall-e-3',
    answer: () => Response.json({ ...picture, usage: { cost: 0.04 } }),
    known: { counted: 'unknown', cost: '0.04' },
    unpriced: false,
  },
  {
    what: 'an image with its tokens and a price',
    path: 'images/generations',
    model: 'priced',
    answer: () => Response.json({ ...picture, usage: { input_tokens: 10, output_tokens: 1000 } }),
    known: { counted: 'provider', cost: '0.00802' },
    unpriced: false,
  },
  {
    what: 'an image with its tokens and no price',
    path: 'images/generations',
    model: 'dall-e-3',
    answer: () => Response.json({ ...picture, usage: { input_tokens: 10, output_tokens: 1000 } }),
    known: { counted: 'provider', cost: null },
    unpriced: true,
  },
  {
    what: 'an image that the service has refused',
    path: 'images/generations',
    model: 'dall-e-3',
    answer: () => Response.json({ error: { message: 'no', type: 'invalid_request_error' } }, { status: 400 }),
    known: { counted: 'none', cost: null },
    unpriced: false,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-uncounted-'));
let answer: () => Response = sound;
const service = startUpstream(() => answer());
const warnings: string[] = [];
const gateway = await startGateway({
  version,
  log: createLog({
    level: 'info',
    format: 'json',
    sink: { write: (line) => void warnings.push(JSON.parse(line).msg) },
  }),
  config: configOf({
    'auth-dir': folder,
    'api-keys': [{ key: clientKey, name: 'ada', budget: { day: { usd: 100 } } }],
    'remote-management': { 'secret-key': managementKey },
    'disable-cooling': true,
    'request-retry': 0,
    'openai-compatibility': [
      {
        ...{ name: 'house', 'base-url': `${service.url}/v1` },
        'api-key-entries': [{ 'api-key': 'upstream-key' }],
        models: ['tts-1', 'dall-e-3', 'whisper-1', 'priced'].map((name) => ({ name })),
      },
    ],
    prices: { priced: { input: 2, output: 8 } },
  }),
});
afterAll(async () => {
  await gateway.stop();
  service[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function managed<Answer>(path: string, method = 'GET'): Promise<Answer> {
  const headers = { 'x-management-key': managementKey };
  const kept = await fetch(`${gateway.url}/v0/management/usage/${path}`, { method, headers });
  const value: Answer = JSON.parse(await kept.text());
  return value;
}

const summary = (by = ''): Promise<UsageTable> => managed(`summary?by=${by}`);
const metric = async (model?: string): Promise<number> =>
  sumOf(
    readMetrics(await (await fetch(`${gateway.url}/metrics`)).text()),
    'cpa_unpriced_requests_total',
    model === undefined ? {} : { model },
  );

function bodyOf(path: string, model: string): { body: string | FormData; type?: string } {
  if (!path.endsWith('transcriptions')) {
    const asked: JsonObject = { model, prompt: 'a cat', input: 'a cat', voice: 'alloy' };
    return { body: JSON.stringify(asked), type: 'application/json' };
  }
  const form = new FormData();
  form.set('model', model);
  form.set('file', new File([new Uint8Array(100)], 'a.wav', { type: 'audio/wav' }));
  return { body: form };
}

test.each(cases)('15: $what', async (one) => {
  answer = one.answer;
  const before = [(await summary()).total.unpriced, await metric()];
  const { body, type } = bodyOf(one.path, one.model);
  const response = await fetch(`${gateway.url}/v1/${one.path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, ...(type && { 'content-type': type }) },
    body,
  });
  await response.arrayBuffer();
  const id = response.headers.get('x-request-id') ?? '';
  const { request } = await managed<{ request: ListedRequest }>(`requests/${id}`);
  expect({ counted: request.counted, cost: request.cost }).toEqual(one.known);
  const more = one.unpriced ? 1 : 0;
  // Sums of single requests, of hours and days, and the metrics.
  expect((await summary()).total.unpriced - (before[0] ?? 0)).toBe(more);
  expect((await summary('session')).total.unpriced - (before[0] ?? 0)).toBe(more);
  expect((await metric()) - (before[1] ?? 0)).toBe(more);
});

test('15: a recomputation makes none of them free', async () => {
  const before = await summary('model');
  expect(before.total.unpriced).toBe(cases.filter(({ unpriced }) => unpriced).length);
  await managed('recompute', 'POST');
  expect(await summary('model')).toEqual(before);
});

test('15: a budget of money says once of each model that it does not see it', () => {
  const said = (model: string): string[] =>
    warnings.filter((line) => line.includes(`"${model}"`)).map((line) => line.replace(`"${model}"`, 'M'));
  expect(said('priced')).toEqual([
    'The answers of the model M do not say what they have used: no money of them counts for a budget.',
  ]);
  expect(said('tts-1')).toHaveLength(1);
  expect(said('whisper-1')).toHaveLength(1);
  expect(said('dall-e-3')).toHaveLength(1);
});
