/**
 * What is asked beside the four conversations, and what answers on other ways than those come to: forms, embeddings, counts, interactions, files,
 * kept responses, WebSockets, packed answers, errors. For how long each of 8 MiB keeps other clients of a running gateway waiting, and
 * how much memory it takes. Minutes; `node_modules/.bin/bun test/hardening/whole-operations.ts [--way TEXT] [--only TEXT] [--to PROTOCOL] [--all]`
 * prints what takes longer than 100 ms or more than ten times its size.
 */
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { type Asked, startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver } from '../gateway-harness.ts';
import { answerOwnPlaces, answerTextPlaces, answerValuePlaces, type Form } from './answer-shapes.ts';
import { filled, filledText, type Shape, tooMuchOfAnswer } from './filled-shapes.ts';
import {
  type Measured,
  measured,
  paths,
  reportLine,
  startWatched,
  type WatchedGateway,
} from './held-loop.ts';
import { bodySize, texts, values } from './json-shapes.ts';
import { idIn, smallAnswer } from './small-answers.ts';

const { values: options } = parseArgs({
  options: {
    way: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    to: { type: 'string' },
    all: { type: 'boolean', default: false },
    most: { type: 'string', default: '100' },
    size: { type: 'string', default: String(bodySize) },
  },
});
const size = Number(options.size);
const to = protocols.filter((one) => options.to === undefined || options.to === one);

type Answering = (asked: Asked) => Response | Promise<Response>;

interface Case {
  what: string;
  /** Bytes of what is judged. */
  bytes: number;
  /** The upstream's answer; a small one without it. */
  answer?: Answering;
  send: (gateway: WatchedGateway) => Promise<Response>;
}

interface Way {
  name: string;
  settings?: JsonObject;
  cases: () => Generator<Case>;
}

const authorization = { authorization: `Bearer ${clientKey}` };
const jsonHeaders = { ...authorization, 'content-type': 'application/json' };

function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = jsonHeaders,
) {
  return (gateway: WatchedGateway) => fetch(gateway.url + path, { method: 'POST', headers, body });
}

function jsonAnswer(text: string): Answering {
  return () => new Response(text, { headers: { 'content-type': 'application/json' } });
}

function streamAnswer(text: string): Answering {
  return () => new Response(text, { headers: { 'content-type': 'text/event-stream' } });
}

const fill = (piece: string, bytes = size): string =>
  piece.repeat(Math.floor(bytes / Buffer.byteLength(piece)));

/** Answers of a protocol that were the slowest of their kind. */
function* worstAnswers(protocol: Protocol, form: Form): Generator<Shape> {
  const wanted = (name: string): boolean => name.includes(options.only);
  for (const place of answerOwnPlaces(protocol, form))
    if (wanted(place.name)) yield* filled(place.name, place, place.thing, tooMuchOfAnswer, { size });
  const inPlaces: Record<string, string[]> = {
    'a field that nobody knows': ['objects of other names', 'other strings', 'digits', 'empty objects'],
    'the input of a call': ['small objects', 'deep objects', 'strings of a kilobyte', 'long numbers'],
  };
  for (const place of answerValuePlaces(protocol, form))
    for (const what of inPlaces[place.name] ?? []) {
      const thing = values[what];
      const name = `${what} in ${place.name}`;
      if (thing !== undefined && wanted(name)) yield* filled(name, place, thing, tooMuchOfAnswer, { size });
    }
  const inTexts: Record<string, string[]> = {
    'the content': ['words', 'quotes', 'escaped letters', 'lone surrogates', 'faces of four bytes', 'tags'],
    'the arguments of a call': ['JSON in a string', 'quotes', 'lone surrogates'],
    'an error': ['words', 'quotes'],
  };
  for (const place of answerTextPlaces(protocol, form))
    for (const what of inTexts[place.name] ?? [])
      if (wanted(`${what} in ${place.name}`)) yield filledText(what, place, texts[what] ?? '', size);
}

const ended = (over: Protocol): string => (over === 'openai-chat' ? 'data: [DONE]\n\n' : '');

function said(client: Protocol, over: Protocol, stream: boolean): { path: string; body: string } {
  const model = modelOver[over];
  const path =
    client === 'gemini' && stream
      ? `/v1beta/models/${model}:streamGenerateContent?alt=sse`
      : paths[client].replace('MODEL', model);
  const small: Record<Protocol, JsonObject> = {
    'openai-chat': { model, stream, messages: [{ role: 'user', content: 'x' }] },
    'openai-responses': { model, stream, input: 'x' },
    'anthropic-messages': { model, stream, max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
    gemini: { contents: [{ role: 'user', parts: [{ text: 'x' }] }] },
  };
  return { path, body: JSON.stringify(small[client]) };
}

/** Each client with each upstream's worst answers. */
function* answersTo(clients: readonly Protocol[], written: (answer: Answering) => Answering = (one) => one) {
  for (const over of to)
    for (const form of ['whole', 'event'] as const)
      for (const { name, body } of worstAnswers(over, form)) {
        const answer = form === 'whole' ? jsonAnswer(body) : streamAnswer(`data: ${body}\n\n${ended(over)}`);
        for (const client of clients)
          for (const stream of [false, true]) {
            const asked = said(client, over, stream);
            yield {
              what: `${client}${stream ? ' (stream)' : ''} ← ${over} (${form}): ${name}`,
              bytes: Buffer.byteLength(body),
              answer: written(answer),
              send: post(asked.path, asked.body),
            };
          }
      }
}

const boundary = `${'-'.repeat(69)}b`;

function formOf(parts: string): string {
  const model = `--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\n${modelOver['openai-chat']}\r\n`;
  return `${model}${parts}--${boundary}--\r\n`;
}

function filePart(content: string, name = 'file', more = ''): string {
  return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="a.wav"${more}\r\n\r\n${content}\r\n`;
}

function* forms(): Generator<Case> {
  const bodies: [string, string][] = [
    ['zeros', formOf(filePart(fill('\0')))],
    ['hyphens', formOf(filePart(fill('-')))],
    ['beginnings of the boundary', formOf(filePart(fill(`\r\n--${boundary.slice(0, -1)}`)))],
    ['line ends', formOf(filePart(fill('\r\n')))],
    ['blank lines', formOf(filePart(fill('\r\n\r\n')))],
    ['parts', formOf(fill(filePart('x')))],
    ['as many parts as pass', formOf(filePart('x').repeat(4000) + filePart(fill('x', size - 800_000)))],
    [
      'fields of the model',
      formOf(fill(`--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\nx\r\n`)),
    ],
    ['a long header', formOf(filePart('x', 'file', `\r\nx: ${fill('a')}`))],
    ['a header of semicolons', formOf(filePart('x', 'file', fill('; name=')))],
    ['a header of spaces', formOf(filePart('x', 'file', `;${fill(' ')}`))],
    ['headers', formOf(filePart('x', 'file', fill('\r\ncontent-disposition: a')))],
    ['quotes in a header', formOf(filePart('x', 'file', fill(';name="')))],
    ['no end', formOf(filePart(fill('x'))).slice(0, -200)],
    ['nothing but a beginning', `--${boundary}\r\n${fill('x')}`],
    ['nothing but hyphens', fill('-')],
  ];
  const addresses = ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/images/edits'];
  for (const [name, body] of bodies) {
    if (!name.includes(options.only)) continue;
    for (const address of addresses)
      for (const packed of [false, true]) {
        const type = { ...authorization, 'content-type': `multipart/form-data; boundary=${boundary}` };
        yield {
          what: `${address}${packed ? ', packed' : ''}: ${name}`,
          bytes: body.length,
          send: packed
            ? post(address, new Uint8Array(gzipSync(body, { level: 1 })), {
                ...type,
                'content-encoding': 'gzip',
              })
            : post(address, body, type),
        };
      }
  }
}

const chat = modelOver['openai-chat'];
const gemini = modelOver.gemini;

function* embeddings(): Generator<Case> {
  const floats = fill('0.0123456789,').slice(0, -1);
  const digits = fill('1,').slice(0, -1);
  const vectors = (list: string, wrap: (vector: string) => string): string =>
    (list.match(/(?:[^,]+,){1535}[^,]+/g) ?? []).map(wrap).join();
  const openai = (data: string): string => `{"object":"list","data":[${data}],"usage":{"prompt_tokens":1}}`;
  const one = (vector: string): string => `{"object":"embedding","index":0,"embedding":[${vector}]}`;
  const own = (vector: string): string => `{"values":[${vector}]}`;
  const answers: [string, string, string][] = [
    ['one vector of floats', openai(one(floats)), `{"embeddings":[${own(floats)}]}`],
    ['one vector of digits', openai(one(digits)), `{"embeddings":[${own(digits)}]}`],
    ['vectors', openai(vectors(floats, one)), `{"embeddings":[${vectors(floats, own)}]}`],
    [
      'small vectors',
      openai(fill(`${one('1')},`).slice(0, -1)),
      `{"embeddings":[${fill(`${own('1')},`).slice(0, -1)}]}`,
    ],
    ['words', openai(`{"embedding":"${fill('a')}"}`), `{"embeddings":[{"values":"${fill('a')}"}]}`],
  ];
  for (const [name, ofOpenai, ofGemini] of answers) {
    if (!name.includes(options.only)) continue;
    for (const [over, answer] of [
      [chat, ofOpenai],
      [gemini, ofGemini],
    ] as const) {
      for (const format of ['float', 'base64'])
        yield {
          what: `/v1/embeddings (${format}) ← ${over}: ${name}`,
          bytes: answer.length,
          answer: jsonAnswer(answer),
          send: post('/v1/embeddings', JSON.stringify({ model: over, input: 'x', encoding_format: format })),
        };
      yield {
        what: `batchEmbedContents ← ${over}: ${name}`,
        bytes: answer.length,
        answer: jsonAnswer(answer),
        send: post(
          `/v1beta/models/${over}:batchEmbedContents`,
          JSON.stringify({ requests: [{ model: `models/${over}`, content: { parts: [{ text: 'x' }] } }] }),
        ),
      };
    }
  }
  const requests: [string, string][] = [
    ['texts', `{"model":"MODEL","input":[${fill('"x",').slice(0, 500_000 * 2 - 1)}]}`],
    ['long texts', `{"model":"MODEL","input":[${fill(`"${'word '.repeat(200)}",`).slice(0, -1)}]}`],
    ['tokens', `{"model":"MODEL","input":[${digits}]}`],
    ['lists of tokens', `{"model":"MODEL","input":[${fill(`[${'1,'.repeat(999)}1],`).slice(0, -1)}]}`],
    ['one text', `{"model":"MODEL","input":"${fill('é')}"}`],
  ];
  for (const [name, body] of requests)
    if (name.includes(options.only))
      for (const over of [chat, gemini, modelOver['openai-responses']])
        yield {
          what: `/v1/embeddings → ${over}: ${name}`,
          bytes: body.length,
          send: post('/v1/embeddings', body.replace('MODEL', over)),
        };
  const contents = fill('{"content":{"parts":[{"text":"word word word word"}]}},').slice(0, 30_000 * 55 - 1);
  for (const over of [chat, gemini])
    yield {
      what: `batchEmbedContents → ${over}: contents`,
      bytes: contents.length,
      send: post(`/v1beta/models/${over}:batchEmbedContents`, `{"requests":[${contents}]}`),
    };
}

function* counts(): Generator<Case> {
  const answers = [
    `{"input_tokens":3,"x":"${fill('\\"')}"}`,
    `{"totalTokens":3,"x":[${fill('{},').slice(0, -1)}]}`,
  ];
  for (const [at, answer] of answers.entries())
    for (const over of protocols)
      for (const [path, body] of [
        ['/v1/messages/count_tokens', { model: modelOver[over], messages: [{ role: 'user', content: 'x' }] }],
        ['/v1/responses/input_tokens', { model: modelOver[over], input: 'x' }],
        [`/v1beta/models/${modelOver[over]}:countTokens`, { contents: [{ parts: [{ text: 'x' }] }] }],
      ] as const)
        yield {
          what: `${path} ← ${over}: answer ${at}`,
          bytes: answer.length,
          answer: jsonAnswer(answer),
          send: post(path, JSON.stringify(body)),
        };
}

function* forwarded(): Generator<Case> {
  const interaction = JSON.stringify({ model: gemini, input: 'x', store: false });
  const answers: [string, Answering][] = [
    ['text', jsonAnswer(`{"id":"i","outputs":[{"type":"text","text":"${fill('\\"')}"}]}`)],
    ['small things', jsonAnswer(`{"id":"i","outputs":[${fill('{},').slice(0, -1)}]}`)],
    ['usage again and again', jsonAnswer(`{"x":[${fill('{"usage":{"input_tokens":1}},').slice(0, -1)}]}`)],
    ['one event', streamAnswer(`event: x\ndata: {"x":"${fill('a')}"}\n\n`)],
    ['small events', streamAnswer(fill('data: {"usage":{"total_tokens":1}}\n\n'))],
    ['line ends', streamAnswer(fill('\n'))],
    ['bytes', () => new Response(new Uint8Array(size), { headers: { 'content-type': 'audio/mpeg' } })],
  ];
  for (const [name, answer] of answers)
    for (const [path, body] of [
      ['/v1beta/interactions', interaction],
      ['/v1/interactions', interaction],
      ['/v1/audio/speech', JSON.stringify({ model: chat, input: 'x', voice: 'x' })],
      ['/v1/images/generations', JSON.stringify({ model: chat, prompt: 'x' })],
      ['/v1/responses/compact', JSON.stringify({ model: modelOver['openai-responses'], input: 'x' })],
    ] as const)
      if (`${path} ${name}`.includes(options.only))
        yield { what: `${path} ← ${name}`, bytes: size, answer, send: post(path, body) };
  for (const [name, value] of [
    ['text', `"${fill('\\"')}"`],
    ['strings', `[${fill('"x",').slice(0, 240_000 * 4 - 1)}]`],
  ])
    for (const [path, start] of [
      ['/v1beta/interactions', `{"model":"${gemini}","store":false,"input":`],
      ['/v1/audio/speech', `{"model":"${chat}","voice":"x","input":`],
      ['/v1/images/generations', `{"model":"${chat}","prompt":`],
      ['/v1/responses/compact', `{"model":"${modelOver['openai-responses']}","input":`],
    ])
      yield {
        what: `${path}: ${name}`,
        bytes: `${value}`.length,
        send: post(`${path}`, `${start}${value}}`),
      };
}

function* errors(): Generator<Case> {
  const bodies: [string, string, string][] = [
    ['tags that do not end', 'text/html', `<html>${fill('<script')}`],
    ['a title that does not end', 'text/html', `<html>${fill('<title')}`],
    ['quotes', 'application/json', `{"error":{"message":"${fill('\\"')}"}}`],
    ['small things', 'application/json', `{"error":[${fill('{},').slice(0, -1)}]}`],
    ['waits', 'application/json', `{"error":{"message":"${fill('try again in 1s ')}"}}`],
    ['digits', 'text/plain', fill('1')],
    ['ampersands', 'text/plain', fill('&#38;')],
    ['deep lists', 'application/json', `{"error":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
  ];
  for (const [name, type, body] of bodies)
    if (name.includes(options.only))
      for (const status of [400, 401, 429, 500])
        for (const over of to) {
          const client: Protocol = over === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
          for (const stream of [false, true]) {
            const asked = said(stream ? over : client, over, stream);
            yield {
              what: `${stream ? over : client} ← ${over}: ${status} of ${name}`,
              bytes: body.length,
              answer: () => new Response(body, { status, headers: { 'content-type': type } }),
              send: post(asked.path, asked.body),
            };
          }
        }
}

function* kept(): Generator<Case> {
  for (const over of to)
    for (const { name, body } of worstAnswers(over, 'whole')) {
      const asked = { model: modelOver[over], input: 'x' };
      let id = '';
      const what = (then: string): string => `${then} ← ${over}: ${name}`;
      const get =
        (path: string, method = 'GET') =>
        (gateway: WatchedGateway) =>
          fetch(`${gateway.url}/v1/responses/${path.replace('ID', id)}`, { method, headers: authorization });
      yield {
        what: what('kept'),
        bytes: Buffer.byteLength(body),
        answer: jsonAnswer(body),
        send: async (gateway) => {
          const answer = await post('/v1/responses', JSON.stringify(asked))(gateway);
          const text = await answer.text();
          id = answer.ok ? idIn(text) : '';
          // What waits is written in about a second.
          await Bun.sleep(1500);
          return new Response(text, { status: answer.status });
        },
      };
      if (id === '') continue;
      yield { what: what('read again'), bytes: Buffer.byteLength(body), send: get('ID') };
      yield {
        what: what('gone on from'),
        bytes: Buffer.byteLength(body),
        send: (gateway) =>
          post('/v1/responses', JSON.stringify({ ...asked, previous_response_id: id }))(gateway),
      };
      yield { what: what('its input'), bytes: Buffer.byteLength(body), send: get('ID/input_items') };
      yield { what: what('deleted'), bytes: Buffer.byteLength(body), send: get('ID', 'DELETE') };
    }
  for (const [name, input] of [
    ['messages', fill('{"role":"user","content":"x"},').slice(0, 30_000 * 30 - 1)],
    ['a text', `{"role":"user","content":"${fill('😀')}"}`],
    ['quotes', `{"role":"user","content":"${fill('\\"')}"}`],
  ])
    for (const over of to) {
      const asked = `{"model":"${modelOver[over]}","input":[${input}]}`;
      let id = '';
      yield {
        what: `kept → ${over}: ${name}`,
        bytes: Buffer.byteLength(asked),
        send: async (gateway) => {
          const answer = await post('/v1/responses', asked)(gateway);
          const text = await answer.text();
          id = answer.ok ? idIn(text) : '';
          await Bun.sleep(1500);
          return new Response(text, { status: answer.status });
        },
      };
      const read = (path: string) => (gateway: WatchedGateway) =>
        fetch(`${gateway.url}/v1/responses/${id}${path}`, { headers: authorization });
      yield {
        what: `read again → ${over}: ${name}`,
        bytes: Buffer.byteLength(asked),
        send: read('/input_items?limit=100'),
      };
      yield {
        what: `gone on from → ${over}: ${name}`,
        bytes: Buffer.byteLength(asked),
        send: (gateway) =>
          post(
            '/v1/responses',
            JSON.stringify({ model: modelOver[over], input: 'x', previous_response_id: id }),
          )(gateway),
      };
      yield {
        what: `gone on from with as much → ${over}: ${name}`,
        // What it goes on from is the same once more.
        bytes: 2 * Buffer.byteLength(asked),
        send: (gateway) =>
          post('/v1/responses', asked.replace('{', `{"previous_response_id":"${id}",`))(gateway),
      };
    }
}

function* sockets(): Generator<Case> {
  for (const over of to)
    for (const form of ['whole', 'event'] as const)
      for (const { name, body } of worstAnswers(over, form))
        yield {
          what: `WebSocket ← ${over} (${form}): ${name}`,
          bytes: Buffer.byteLength(body),
          answer: form === 'whole' ? jsonAnswer(body) : streamAnswer(`data: ${body}\n\n${ended(over)}`),
          send: (gateway) => overSocket(gateway, { model: modelOver[over], input: 'x' }),
        };
}

function overSocket(gateway: WatchedGateway, asked: JsonObject): Promise<Response> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: authorization,
  });
  const { promise, resolve } = Promise.withResolvers<Response>();
  let bytes = 0;
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'response.create', ...asked })));
  socket.addEventListener('message', ({ data }) => {
    bytes += String(data).length;
    if (
      /^\{"(?:type":"(?:response\.(?:completed|incomplete|failed)|error)|error)"/.test(
        String(data).slice(0, 60),
      )
    )
      socket.close();
  });
  socket.addEventListener('close', () => resolve(new Response(new Uint8Array(bytes), { status: 200 })));
  return promise;
}

function* completions(): Generator<Case> {
  for (const one of answersTo(['openai-chat'])) {
    const stream = one.what.includes('(stream)');
    const over = to.find((protocol) => one.what.includes(`← ${protocol} `)) ?? 'openai-chat';
    yield {
      ...one,
      what: `/v1/completions, ${one.what}`,
      send: post('/v1/completions', JSON.stringify({ model: modelOver[over], prompt: 'x', stream })),
    };
  }
}

const packedAnswer =
  (answer: Answering): Answering =>
  async (asked) => {
    const plain = await answer(asked);
    const bytes = new Uint8Array(gzipSync(await plain.bytes(), { level: 1 }));
    const headers = { 'content-type': plain.headers.get('content-type') ?? '', 'content-encoding': 'gzip' };
    return new Response(bytes, { headers });
  };

/** What is written to each connection of the upstream beside, whatever it asks. */
let piecewise = '';
const rawUpstream = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    data(socket, bytes) {
      // What follows the head is not looked at.
      if (/^[A-Z]+ \//.test(bytes.toString('latin1', 0, 16))) write(socket, Buffer.from(piecewise));
    },
    drain: (socket) => rest.get(socket)?.(),
  },
});
const rest = new WeakMap<object, () => void>();

function write(socket: Bun.Socket, bytes: Buffer): void {
  const left = bytes.subarray(socket.write(bytes));
  if (left.length > 0) rest.set(socket, () => write(socket, left));
  else rest.delete(socket);
}

/** In chunks of a byte. */
function chunked(text: string): string {
  return `${Array.from(text, (letter) => `1\r\n${letter}\r\n`).join('')}0\r\n\r\n`;
}

function* pieces(): Generator<Case> {
  const delta = 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"words"}}]}\n\n';
  const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
  const stream = fill(delta, size / 6) + end;
  const whole = `{"id":"c","choices":[{"index":0,"finish_reason":"stop","message":{"content":"${fill('word ', size / 6)}"}}]}`;
  const head = (type: string): string =>
    `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
  for (const client of protocols)
    for (const streams of [false, true])
      for (const [name, type, text] of [
        ['a stream', 'text/event-stream', stream],
        ['a whole answer', 'application/json', whole],
        ['comments', 'text/event-stream', fill(':\n', size / 6) + end],
      ] as const) {
        const asked = said(client, 'openai-chat', streams);
        yield {
          what: `${client}${streams ? ' (stream)' : ''} ← openai-chat: ${name}`,
          bytes: size,
          send: (gateway) => {
            piecewise = head(type) + chunked(text);
            return post(asked.path, asked.body)(gateway);
          },
        };
      }
  const message = `{"model":"${chat}","messages":[{"role":"user","content":"${fill('x', size / 6)}"}]}`;
  yield {
    what: '→ a request',
    bytes: size,
    send: (gateway) => {
      piecewise = head('application/json') + chunked(whole.slice(0, 60) + whole.slice(-6));
      return rawPost(gateway, message);
    },
  };
}

function rawPost(gateway: WatchedGateway, body: string): Promise<Response> {
  const { hostname, port } = new URL(gateway.url);
  const { promise, resolve } = Promise.withResolvers<Response>();
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${clientKey}\r\ncontent-type: application/json\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`;
  let text = '';
  void Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (socket) => write(socket, Buffer.from(head + chunked(body))),
      drain: (socket) => rest.get(socket)?.(),
      data(_socket, bytes) {
        text += bytes.toString('latin1');
      },
      close: () => resolve(new Response(text, { status: Number(text.slice(9, 12)) || 500 })),
    },
  });
  return promise;
}

const limits = { 'tokens-per-minute': 1e9, 'requests-per-minute': 1e6, budget: { day: { tokens: 1e12 } } };
const ways: readonly Way[] = [
  { name: 'forms', cases: forms },
  {
    name: 'forms, a key with limits',
    settings: { 'api-keys': [{ key: clientKey, ...limits }] },
    cases: forms,
  },
  { name: 'embeddings', cases: embeddings },
  { name: 'counts', cases: counts },
  {
    name: 'pieces of a byte',
    settings: everyUpstream(`http://127.0.0.1:${rawUpstream.port}`, (protocol) => [
      { name: 'upstream-model', alias: modelOver[protocol] },
    ]),
    cases: pieces,
  },
  { name: 'forwarded', cases: forwarded },
  { name: 'errors', cases: errors },
  { name: 'kept responses', cases: kept },
  { name: 'WebSockets', cases: sockets },
  { name: 'completions', cases: completions },
  { name: 'packed answers', cases: () => answersTo(protocols, packedAnswer) },
  {
    name: 'answers to several clients',
    settings: { 'api-keys': [clientKey, 'another-key-of-the-tests'] },
    cases: () => answersTo(protocols),
  },
  {
    name: 'answers to a key with limits',
    settings: { 'api-keys': [{ key: clientKey, models: ['*'], ...limits }] },
    cases: () => answersTo(protocols),
  },
  {
    name: 'answers with a request log',
    settings: { 'request-log': true },
    cases: () => answersTo(protocols),
  },
];

let answering: Answering = smallAnswer;
using upstream = startUpstream((asked) => answering(asked));
let count = 0;
let slow = 0;
let large = 0;
const began = performance.now();

for (const way of ways) {
  if (!way.name.includes(options.way)) continue;
  await using gateway = await startWatched({
    ...everyUpstream(upstream.url, (protocol) => [{ name: 'upstream-model', alias: modelOver[protocol] }]),
    'request-retry': 0,
    'disable-cooling': true,
    ...way.settings,
  });
  let longest: Measured | undefined;
  let largest: Measured | undefined;
  const statuses = new Map<number, number>();
  for (const { what, bytes, answer, send } of way.cases()) {
    answering = answer ?? smallAnswer;
    const found = await measured(
      gateway,
      { what: `${way.name}: ${what}`, bytes, most: Number(options.most) },
      () => send(gateway),
    );
    upstream.asked.length = 0;
    count += 1;
    statuses.set(found.status, (statuses.get(found.status) ?? 0) + 1);
    if (found.worked > (longest?.worked ?? 0)) longest = found;
    if (found.times > (largest?.times ?? 0)) largest = found;
    if (found.isSlow) slow += 1;
    if (found.isLarge) large += 1;
    if (found.isSlow || found.isLarge || options.all) console.log(reportLine(found));
  }
  console.log(
    `${way.name}: at most ${longest?.worked.toFixed(0)} ms (${longest?.what}), ${largest?.times.toFixed(1)} × (${largest?.what}); ${[...statuses].map(([status, times]) => `${times} × ${status}`).join(', ')}`,
  );
}
console.log(
  `${count} cases, ${slow} over ${options.most} ms, ${large} over ten times their size; ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exit(slow + large > 0 ? 1 : 0);
