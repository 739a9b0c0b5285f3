/**
 * The bodies that make the most work, on every way on which a request can come or be treated: packed, as a form, over a WebSocket, going
 * on from an earlier answer, under limits, rules and settings. For how long each keeps other clients of a running gateway waiting.
 * Minutes; `node_modules/.bin/bun test/hardening/whole-ways.ts [--way TEXT] [--only TEXT] [--from PROTOCOL] [--to PROTOCOL] [--all]`
 * prints the longest of each way, and what takes longer than 100 ms or more than ten times its size.
 */
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants, deflate, gzip, zstdCompress } from 'node:zlib';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver } from '../gateway-harness.ts';
import { filled, filledText, type Shape, tooMuchOfRequest } from './filled-shapes.ts';
import { measured, paths, reportLine, startWatched, type WatchedGateway } from './held-loop.ts';
import { bodySize, ownPlaces, textPlaces, texts, valuePlaces, values } from './json-shapes.ts';
import { idIn, smallAnswer } from './small-answers.ts';

const { values: options } = parseArgs({
  options: {
    way: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    from: { type: 'string' },
    to: { type: 'string' },
    all: { type: 'boolean', default: false },
    most: { type: 'string', default: '100' },
    size: { type: 'string', default: String(bodySize) },
  },
});
const from = protocols.filter((one) => options.from === undefined || options.from === one);
const size = Number(options.size);

type Bytes = Uint8Array<ArrayBuffer>;

interface Way {
  name: string;
  /** Clients of these protocols only. */
  clients?: readonly Protocol[];
  settings?: JsonObject;
  /** Where it is asked. */
  path?: (client: Protocol) => string;
  headers?: Record<string, string>;
  /** The body as it goes this way. */
  written?: (body: string) => string | Bytes | Promise<string | Bytes>;
  /** The model's name. */
  model?: (name: string) => string;
  /** The upstream's answer. */
  answer?: typeof smallAnswer;
  /** Before the body: what it goes on from, for one. */
  before?: (gateway: WatchedGateway, model: string) => Promise<string>;
  /** Sends it another way than by POST. */
  send?: (gateway: WatchedGateway, body: string, model: string) => Promise<Response>;
}

const packed = (coding: string, pack: (text: string) => Promise<Uint8Array>): Way => ({
  name: `packed by ${coding}`,
  headers: { 'content-encoding': coding },
  written: async (body) => new Uint8Array(await pack(body)),
});

const bytesOf = (text: string): Buffer => Buffer.from(text);
const limits = { 'tokens-per-minute': 1e9, 'requests-per-minute': 1e6, budget: { day: { tokens: 1e12 } } };
const aliases = (name: string): string => `routed-${name}`;
const said: JsonObject = { model: '', input: 'x' };

async function firstAnswer(gateway: WatchedGateway, model: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...said, model }),
  });
  return idIn(await answer.text());
}

function overSocket(gateway: WatchedGateway, bodies: readonly string[]): Promise<Response> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const waiting = [...bodies];
  const { promise, resolve } = Promise.withResolvers<Response>();
  const next = (): void => {
    const body = waiting.shift();
    if (body === undefined) socket.close();
    else socket.send(body.replace('{', '{"type":"response.create",'));
  };
  socket.addEventListener('open', next);
  socket.addEventListener('message', ({ data }) => {
    if (/^\{"(?:type":"(?:response\.completed|error)|error)"/.test(String(data).slice(0, 60))) next();
  });
  socket.addEventListener('close', () => resolve(new Response(null, { status: 200 })));
  return promise;
}

let failing = false;
/** Every other request is refused, so that each is asked twice. */
function refusingOnce(asked: Parameters<typeof smallAnswer>[0]): Response {
  failing = !failing;
  return failing ? Response.json({ error: { message: 'busy' } }, { status: 503 }) : smallAnswer(asked);
}

const ways: readonly Way[] = [
  { name: 'as it is' },
  packed('gzip', (text) => promisify(gzip)(bytesOf(text), { level: 1 })),
  packed('deflate', (text) => promisify(deflate)(bytesOf(text), { level: 1 })),
  packed('br', (text) =>
    promisify(brotliCompress)(bytesOf(text), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ),
  packed('zstd', (text) => promisify(zstdCompress)(bytesOf(text))),
  packed('gzip, gzip', async (text) => promisify(gzip)(await promisify(gzip)(bytesOf(text), { level: 1 }))),
  { name: 'session affinity', settings: { routing: { 'session-affinity': true } } },
  { name: 'a key with limits', settings: { 'api-keys': [{ key: clientKey, ...limits }] } },
  { name: 'several clients', settings: { 'api-keys': [clientKey, 'another-key-of-the-tests'] } },
  {
    name: 'a model route with rules',
    model: aliases,
    settings: {
      'model-routes': Object.fromEntries(
        protocols.map((protocol) => [
          aliases(modelOver[protocol]),
          {
            models: [modelOver[protocol]],
            rules: [
              { when: { images: true, thinking: false }, models: [modelOver[protocol]] },
              { when: { 'web-search': true }, models: [modelOver[protocol]] },
            ],
          },
        ]),
      ),
    },
  },
  { name: 'strict translation', settings: { translation: { strict: true } } },
  {
    name: 'payload rules',
    settings: { payload: { override: [{ models: [{ name: '*' }], params: { 'metadata.a': 1 } }] } },
  },
  { name: 'a suffix', model: (name) => `${name}(high)` },
  { name: 'asked twice', answer: refusingOnce, settings: { 'request-retry': 2 } },
  { name: 'a request log', settings: { 'request-log': true } },
  {
    name: 'previous_response_id',
    clients: ['openai-responses'],
    before: firstAnswer,
  },
  {
    name: 'a WebSocket, and on from there',
    clients: ['openai-responses'],
    send: (gateway, body, model) => overSocket(gateway, [body, JSON.stringify({ ...said, model })]),
  },
  {
    name: 'a count',
    path: (client) =>
      ({
        'openai-chat': '/v1/chat/completions',
        'openai-responses': '/v1/responses/input_tokens',
        'anthropic-messages': '/v1/messages/count_tokens',
        gemini: '/v1beta/models/MODEL:countTokens',
      })[client],
    clients: ['openai-responses', 'anthropic-messages', 'gemini'],
  },
  {
    name: '/v1/completions',
    clients: ['openai-chat'],
    path: () => '/v1/completions',
    written: (body) => body.replace('"messages":[{"role":"user","content":"x"}]', '"prompt":"x"'),
  },
  { name: '/v1/responses/compact', clients: ['openai-responses'], path: () => '/v1/responses/compact' },
  {
    name: '/v1beta/interactions',
    clients: ['openai-responses'],
    path: () => '/v1beta/interactions',
  },
  { name: '/v1/embeddings', clients: ['openai-responses'], path: () => '/v1/embeddings' },
  {
    name: 'an embedContent',
    clients: ['gemini'],
    path: () => '/v1beta/models/MODEL:embedContent',
    written: (body) => body.replace('"contents":[', '"content":').replace(/\]\}(?=,|\}$)/, '}'),
  },
];

/** Those that were the slowest of each kind among all shapes (whole-shapes.ts). */
function* worstShapes(client: Protocol): Generator<Shape> {
  const wanted = (name: string): boolean => name.includes(options.only);
  const own = new Set([
    'messages',
    'parts',
    'tools of long names',
    'calls with results',
    'results',
    'properties of a tool',
    'references of a tool',
    'top-level names',
    'images',
  ]);
  for (const place of ownPlaces(client))
    if (own.has(place.name) && wanted(place.name))
      yield* filled(place.name, place, place.thing, tooMuchOfRequest, { size });
  const inPlaces: Record<string, string[]> = {
    'a field that nobody knows': [
      'objects of other names',
      'other strings',
      'digits',
      'objects of distant numbers as names',
      'numbers of 300 digits',
    ],
    'the input of a call': ['small objects', 'deep objects', 'wide objects', 'strings of a kilobyte'],
    'the enum of a tool': ['other strings'],
  };
  for (const place of valuePlaces(client))
    for (const what of inPlaces[place.name] ?? []) {
      const thing = values[what];
      const name = `${what} in ${place.name}`;
      if (thing !== undefined && wanted(name)) yield* filled(name, place, thing, tooMuchOfRequest, { size });
    }
  const inTexts: Record<string, string[]> = {
    'a message': [
      'words',
      'escapes',
      'quotes',
      'escaped letters',
      'lone surrogates',
      'surrogates',
      'faces of four bytes',
      'base64',
      'commas',
      'JSON in a string',
    ],
    'the arguments of a call': ['JSON in a string', 'quotes', 'lone surrogates'],
    'a name of a field': ['quotes', 'escaped letters', 'lone surrogates'],
    'the name of a tool': ['accents', 'quotes'],
    'a signature': ['base64'],
    'an image': ['base64'],
  };
  for (const place of textPlaces(client))
    for (const what of inTexts[place.name] ?? [])
      if (wanted(`${what} in ${place.name}`)) yield filledText(what, place, texts[what] ?? '', size);
}

let answering: typeof smallAnswer = smallAnswer;
using upstream = startUpstream((asked) => answering(asked));
let cases = 0;
let slow = 0;

for (const way of ways) {
  if (!way.name.includes(options.way)) continue;
  const { clients = protocols, path = (client) => paths[client], model = (name) => name } = way;
  answering = way.answer ?? smallAnswer;
  await using gateway = await startWatched({
    ...everyUpstream(upstream.url, (protocol) => [{ name: 'upstream-model', alias: modelOver[protocol] }]),
    'request-retry': 0,
    'disable-cooling': true,
    ...way.settings,
  });
  let longest = { worked: 0, what: '' };
  let largest = { times: 0, what: '' };
  const statuses = new Map<number, number>();
  for (const client of from.filter((one) => clients.includes(one)))
    for (const { name, body } of worstShapes(client)) {
      const other: Protocol = client === 'openai-responses' ? 'anthropic-messages' : 'openai-responses';
      for (const over of options.to === undefined
        ? [client, other]
        : protocols.filter((one) => one === options.to)) {
        const named = model(modelOver[over]);
        const previous = await way.before?.(gateway, named);
        const given = body.replace('MODEL', named);
        const going =
          previous === undefined ? given : given.replace('{', `{"previous_response_id":"${previous}",`);
        const sent = (await way.written?.(going)) ?? going;
        const what = `${client} → ${over}, ${way.name}: ${name}`;
        const found = await measured(
          gateway,
          { what, bytes: Buffer.byteLength(given), most: Number(options.most) },
          () =>
            way.send?.(gateway, going, named) ??
            fetch(gateway.url + path(client).replace('MODEL', encodeURIComponent(named)), {
              method: 'POST',
              headers: {
                authorization: `Bearer ${clientKey}`,
                'content-type': 'application/json',
                ...way.headers,
              },
              body: sent,
            }),
        );
        upstream.asked.length = 0;
        const { status, worked, times } = found;
        cases += 1;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (worked > longest.worked) longest = { worked, what };
        if (times > largest.times) largest = { times, what };
        if (found.isSlow) slow += 1;
        if (found.isSlow || found.isLarge || options.all)
          console.log(reportLine(found) + (options.all ? `  ${found.answer.toString('utf8', 0, 100)}` : ''));
      }
    }
  console.log(
    `${way.name}: at most ${longest.worked.toFixed(0)} ms (${longest.what}), ${largest.times.toFixed(1)} × (${largest.what}); ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
  );
}
console.log(`${cases} cases, ${slow} over ${options.most} ms`);
process.exit(slow > 0 ? 1 : 0);
