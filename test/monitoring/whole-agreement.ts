/**
 * 1,000 requests of every operation and way: four protocols, streamed and whole, over WebSockets and in the background, embeddings, token
 * counts, images, sound, compaction and interactions, with faults and clients that leave. The history, the metrics, the log and
 * the budget of the key have the same tokens, and of each answer that came whole those that its provider has served.
 */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { version } from '../../package.json';
import { startSandbox } from '../../sandbox/start.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog, type RequestRecord } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { eventually } from '../eventually.ts';
import { calls } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, everyUpstream } from '../gateway-harness.ts';
import { readMetrics, sumOf } from './metrics-page.ts';

const managementKey = 'management-key-of-the-tests';
const faults = [
  'sandbox',
  'sandbox',
  'sandbox-fault-cut-3',
  'sandbox-fault-429',
  'sandbox-fault-error-event-2',
];
const total = 1000;

interface Tokens {
  input: number;
  output: number;
}

/**
 * What a service of all that the sandbox has not says that it has used for a request: of each another amount, and written down, as the
 * sandbox does in its journal. Speech says nothing.
 */
function houseUsage(path: string, at: number): { usage: JsonObject; tokens: Tokens } | undefined {
  if (path.endsWith('/speech')) return undefined;
  if (path.endsWith('/transcriptions')) {
    const tokens = { input: 90 + at, output: 12 };
    const details = { text_tokens: 5, audio_tokens: 85 + at };
    return { tokens, usage: { type: 'tokens', ...inOpenai(tokens), input_token_details: details } };
  }
  if (path.endsWith('/compact')) {
    const tokens = { input: 800 + at, output: 60 };
    const details = {
      input_tokens_details: { cached_tokens: 300 },
      output_tokens_details: { reasoning_tokens: 40 },
    };
    return { tokens, usage: { ...inOpenai(tokens), ...details } };
  }
  if (path.includes('/interactions')) {
    const tokens = { input: 30 + at, output: 30 };
    return {
      tokens,
      usage: {
        total_input_tokens: tokens.input,
        total_output_tokens: 20,
        total_thought_tokens: 10,
        total_tokens: at + 60,
      },
    };
  }
  const tokens = { input: 50 + at, output: 1120 };
  return {
    tokens,
    usage: { ...inOpenai(tokens), input_tokens_details: { text_tokens: 10 + at, image_tokens: 40 } },
  };
}

const inOpenai = ({ input, output }: Tokens): JsonObject => ({
  ...{ input_tokens: input, output_tokens: output, total_tokens: input + output },
});

function houseAnswer(path: string, body: string, usage: JsonObject | undefined): Response {
  if (usage === undefined)
    return new Response(new Uint8Array([0xff, 0xfb]), { headers: { 'content-type': 'audio/mpeg' } });
  if (path.endsWith('/transcriptions')) return Response.json({ text: 'what was said', usage });
  if (path.endsWith('/compact')) {
    const output = [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'sealed' }];
    return Response.json({ id: 'resp_1', object: 'response.compaction', created_at: 1, output, usage });
  }
  if (path.includes('/interactions')) {
    const done = {
      ...{ id: 'v1_a', object: 'interaction', model: 'flash', status: 'completed', role: 'model' },
      steps: [{ type: 'model_output', content: [{ type: 'text', text: 'Hello.' }] }],
      usage,
    };
    if (!body.includes('"stream":true')) return Response.json(done);
    const events = [
      { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'Hello.' } },
      { event_type: 'interaction.completed', interaction: done },
    ];
    return eventStream(
      events.map((event) => `event: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    );
  }
  return Response.json({ created: 1, data: [{ b64_json: 'aW1hZ2U=' }], usage });
}

const markOf = (at: number): string => `mark-${at}-of-all`;

/** What it must have come to: what its provider has served, nothing, or what only the gateway can tell. */
type Known = 'served' | 'by the house' | 'nothing' | 'counted here';

type Tail<All extends unknown[]> = All extends [unknown, ...infer Rest] ? Rest : never;

interface Asked {
  at: number;
  id: string;
  known: Known;
}

test('15: 1,000 requests of every operation: history, metrics, log, budget and what was served agree', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'whole-agreement-'));
  const sandbox = startSandbox({ pace: 0, keep: 10_000 });
  const housed = new Map<number, Tokens>();
  using service = startUpstream(({ path, body }) => {
    const text = Buffer.from(body).toString();
    const at = Number(/mark-(\d+)-of-all/.exec(text)?.[1]);
    const used = houseUsage(path, at);
    if (used !== undefined) housed.set(at, used.tokens);
    return houseAnswer(path, text, used?.usage);
  });
  const lines = new Map<string, RequestRecord>();
  const settings = everyUpstream(sandbox.url, (protocol) => [
    ...[...new Set(faults)].map((name) => ({ name, alias: `${name}-over-${protocol}` })),
    { name: 'text-embedding-3-small', alias: `embedding-over-${protocol}` },
  ]);
  const gateway = await startGateway({
    version,
    log: createLog({
      level: 'info',
      format: 'json',
      sink: {
        write(line) {
          const record: RequestRecord & { msg: string } = JSON.parse(line);
          if (record.msg === 'request') lines.set(record.id, record);
        },
      },
    }),
    config: configOf({
      ...settings,
      'openai-compatibility': [
        ...asArray(settings['openai-compatibility']),
        {
          ...{
            name: 'house',
            'base-url': `${service.url}/v1`,
            'api-key-entries': [{ 'api-key': 'upstream-key' }],
          },
          models: [{ name: 'gpt-image-1.5' }, { name: 'gpt-4o-transcribe' }, { name: 'tts-1' }],
        },
        {
          ...{ name: 'house-of-responses', protocol: 'responses', 'base-url': `${service.url}/v1` },
          'api-key-entries': [{ 'api-key': 'upstream-key' }],
          models: [{ name: 'gpt-5.4', alias: 'compacted' }],
        },
      ],
      'interactions-api-key': [
        {
          'api-key': 'upstream-key',
          'base-url': service.url,
          models: [{ name: 'gemini-3.5-flash', alias: 'flash' }],
        },
      ],
      ...{ 'auth-dir': directory, 'disable-cooling': true, 'request-retry': 0 },
      'api-keys': [{ key: clientKey, name: 'ada', 'tokens-per-minute': 1_000_000_000 }],
      'remote-management': { 'secret-key': managementKey },
      prices: { sandbox: { input: 3, output: 15 } },
    }),
  });
  const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' };
  const asked: Asked[] = [];
  const sent = async (
    at: number,
    path: string,
    body: JsonObject | FormData,
    known: Known,
    leaves = false,
  ): Promise<void> => {
    const left = new AbortController();
    const form = body instanceof FormData;
    try {
      const answer = await fetch(gateway.url + path, {
        ...{ method: 'POST', signal: left.signal, body: form ? body : JSON.stringify(body) },
        headers: form ? { authorization: headers.authorization } : headers,
      });
      const id = answer.headers.get('x-request-id') ?? '';
      if (leaves) {
        await answer.body?.getReader().read();
        left.abort();
        asked.push({ at, id, known: 'counted here' });
        return;
      }
      await answer.text();
      asked.push({ at, id, known: answer.ok ? known : 'counted here' });
    } catch {
      // It left, or the answer broke off: what counts is what is said of it.
    }
  };
  const socket = new ResponsesWS(
    new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
  );
  socket.on('error', () => undefined);
  const overSocket = async (message: JsonObject): Promise<void> => {
    const end = Promise.withResolvers<void>();
    const done = (event: { type: string }): void => {
      if (/^(?:response\.(?:completed|failed|incomplete)|error)$/.test(event.type)) end.resolve();
    };
    socket.on('event', done);
    socket.sendRaw(JSON.stringify({ type: 'response.create', ...message }));
    await end.promise;
    socket.off('event', done);
  };
  const inBackground = async (body: JsonObject): Promise<void> => {
    const begun = await fetch(`${gateway.url}/v1/responses`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ ...body, background: true, store: true }) },
    });
    const first = asObject(parseJson(await begun.text()));
    const responseId = asString(first?.id) ?? '';
    await eventually(async () => {
      const now = await fetch(`${gateway.url}/v1/responses/${responseId}`, { headers });
      const status = asString(asObject(parseJson(await now.text()))?.status);
      return status !== 'in_progress' && status !== 'queued';
    });
  };
  /** Each way of asking, by turns; the marks make each prompt another. */
  async function ask(at: number): Promise<void> {
    const call = calls[at % calls.length];
    const over = protocols[(at >> 2) % protocols.length];
    if (call === undefined || over === undefined) throw new Error('unreachable');
    const model = `${faults[at % faults.length]}-over-${over}`;
    const sound = `sandbox-over-${over}`;
    const post = (...one: Tail<Parameters<typeof sent>>): Promise<void> => sent(at, ...one);
    const text = `${markOf(at)} say ${5 + (at % 40)} words`;
    switch (at % 20) {
      case 0:
        return post(
          '/v1/embeddings',
          { model: `embedding-over-${over}`, input: text },
          // Google says nothing of what an embedding has taken.
          over === 'gemini' ? 'counted here' : 'served',
        );
      case 1:
        return post(
          '/v1/messages/count_tokens',
          { model: sound, messages: [{ role: 'user', content: text }] },
          'nothing',
        );
      case 2:
        return post('/v1/images/generations', { model: 'gpt-image-1.5', prompt: text }, 'by the house');
      case 3:
        return post('/v1/audio/speech', { model: 'tts-1', input: text, voice: 'alloy' }, 'nothing');
      case 4: {
        const form = new FormData();
        form.set('model', 'gpt-4o-transcribe');
        form.set('prompt', text);
        form.set('file', new File([new Uint8Array(100)], 'a.wav', { type: 'audio/wav' }));
        return post('/v1/audio/transcriptions', form, 'by the house');
      }
      case 5:
        return post(
          '/v1beta/interactions',
          { model: 'flash', input: text, store: false, stream: at % 40 === 5 },
          'by the house',
        );
      case 6:
        await overSocket({ model: sound, input: text });
        return;
      case 7:
        await inBackground({ model: sound, input: text });
        return;
      case 8:
        return post('/v1/completions', { model: sound, prompt: text, stream: at % 40 === 8 }, 'served');
      case 9:
        return post(
          `/v1beta/models/${sound}:countTokens`,
          { contents: [{ role: 'user', parts: [{ text }] }] },
          'nothing',
        );
      case 10:
        return post('/v1/responses/compact', { model: 'compacted', input: text }, 'by the house');
      default: {
        const stream = at % 3 !== 0;
        return post(call.path(model, stream), call.body(model, text, stream), 'served', at % 13 === 12);
      }
    }
  }
  const managed = async (path: string): Promise<string> =>
    (
      await fetch(`${gateway.url}/v0/management/${path}`, { headers: { 'x-management-key': managementKey } })
    ).text();
  try {
    for (let at = 0; at < total; at += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, more) => at + more)
          .filter((one) => one % 20 !== 6)
          .map(ask),
      );
    // One connection asks one after the other.
    for (let at = 6; at < total; at += 20) await ask(at);
    socket.close();

    await eventually(async () => {
      const { requests } = JSON.parse(await managed('usage/summary')).total;
      return requests === lines.size && lines.size >= total;
    });
    const jsonl = await managed('usage/export?format=jsonl');
    const rows = new Map(
      jsonl
        .split('\n')
        .filter((line) => line !== '')
        .map((line): [string, ListedRequest] => {
          const row: ListedRequest = JSON.parse(line);
          return [row.id, row];
        }),
    );
    expect(rows.size).toBe(lines.size);
    // Every request's own line, then the sums by operation and provider.
    const wrong: unknown[] = [];
    for (const [id, { tokens, cost, counted, operation }] of rows) {
      const line = lines.get(id);
      const logged = [line?.input ?? null, line?.output ?? null];
      if (String(logged) !== String([tokens.input, tokens.output]))
        wrong.push({ id, operation, counted, logged, tokens });
      if (cost !== null && tokens.input === null) wrong.push({ id, operation, cost });
    }
    expect(wrong).toEqual([]);
    const metrics = readMetrics(await (await fetch(`${gateway.url}/metrics`)).text());
    expect(sumOf(metrics, 'cpa_requests_total')).toBe(rows.size);
    const sumBy = (name: 'input' | 'output', chosen: (row: ListedRequest) => boolean): number =>
      [...rows.values()].filter(chosen).reduce((sum, { tokens }) => sum + (tokens[name] ?? 0), 0);
    for (const provider of new Set([...rows.values()].flatMap((row) => row.provider ?? [])))
      for (const type of ['input', 'output'] as const)
        expect([provider, type, sumOf(metrics, 'cpa_tokens_total', { provider, type })]).toEqual([
          ...[provider, type, sumBy(type, (row) => row.provider === provider)],
        ]);
    const cost = [...rows.values()].reduce((sum, row) => sum + Number(row.cost ?? 0), 0);
    expect(sumOf(metrics, 'cpa_cost_dollars_total')).toBeCloseTo(cost, 9);

    // What the providers served.
    const journal = asObject(parseJson(await (await fetch(`${sandbox.url}/sandbox/requests`)).text()));
    const served = new Map(
      asArray(journal?.requests).flatMap((entry): [string, JsonObject][] => {
        const seen = asObject(entry);
        const tokens = asObject(seen?.served);
        const mark = /mark-\d+-of-all/.exec(JSON.stringify(seen?.body ?? ''))?.[0];
        return tokens === undefined || mark === undefined ? [] : [[mark, tokens]];
      }),
    );
    expect(served.size).toBeGreaterThan(500);
    for (const { id, at, known } of asked) {
      if (known === 'served' || known === 'counted here') continue;
      const { operation, tokens } = rows.get(id) ?? {};
      const wanted = known === 'nothing' ? { input: null, output: null } : housed.get(at);
      expect([id, operation, tokens]).toEqual([id, operation, expect.objectContaining(wanted ?? {})]);
    }
    const ofHouse = asked.filter(({ known }) => known === 'by the house');
    expect(ofHouse.length).toBe((4 * total) / 20);
    expect([...new Set([...rows.values()].map(({ operation }) => operation))].sort()).toEqual([
      'compact',
      'count-tokens',
      'embed',
      'generate',
      'generate-image',
      'interact-beta',
      'speak',
      'transcribe',
    ]);
    // What the sandbox says of answers that came whole, token for token: of each by its mark, and of those whose id nobody was given, as of a
    // WebSocket, of all together.
    const figures = (tokens: JsonObject | ListedRequest['tokens'] | undefined): number[] =>
      (['input', 'output', 'cacheRead', 'reasoning'] as const).map((name) => Number(tokens?.[name] ?? 0));
    const generated = [...rows.values()].filter(
      ({ operation, counted, error }) =>
        (operation === 'generate' || operation === 'embed') && counted === 'provider' && error === null,
    );
    const marks = new Map(
      asked.filter(({ known }) => known === 'served').map(({ id, at }) => [id, markOf(at)]),
    );
    const compared = generated.filter(({ id }) => marks.has(id));
    for (const { id, tokens } of compared)
      expect([id, figures(tokens)]).toEqual([id, figures(served.get(marks.get(id) ?? ''))]);
    expect(compared.length).toBeGreaterThan(150);
    const ids = new Set(asked.map(({ id }) => id));
    const elsewhere = generated.filter(({ id }) => !ids.has(id)).map(({ tokens }) => figures(tokens).join());
    // An upstream that speaks Responses itself is asked to work in the background, which the sandbox refuses.
    const ofThose = [6, 7].flatMap((turn) =>
      Array.from({ length: total / 20 }, (_, round) => served.get(markOf(20 * round + turn)) ?? []).flat(),
    );
    expect(ofThose.length).toBeGreaterThan(80);
    expect(elsewhere.sort()).toEqual(ofThose.map((tokens) => figures(tokens).join()).sort());

    const limits: { limits: { used: number }[] } = JSON.parse(
      await (await fetch(`${gateway.url}/v1/usage`, { headers })).text(),
    );
    // Images and sound are none of a budget's tokens.
    const apart = ['generate-image', 'transcribe', 'speak'];
    const budget =
      sumBy('input', ({ operation }) => !apart.includes(operation)) +
      sumBy('output', ({ operation }) => !apart.includes(operation));
    expect(limits.limits.map(({ used }) => used)).toContain(budget);
  } finally {
    await gateway.stop();
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 300_000);
