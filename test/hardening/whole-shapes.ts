/**
 * Every shape of a body or an answer of 8 MiB, at every place, in every protocol: for how long each keeps other clients of a
 * running gateway waiting, and how much memory it takes. Minutes to an hour; `node_modules/.bin/bun test/hardening/whole-shapes.ts
 * [requests|answers|events|streams] [--only TEXT] [--from PROTOCOL] [--to PROTOCOL] [--cold]` prints what takes longer than 100 ms or more
 * than ten times its size.
 */
import { parseArgs } from 'node:util';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver } from '../gateway-harness.ts';
import {
  answerOwnPlaces,
  answerTextPlaces,
  answerValuePlaces,
  type Form,
  streamShapes,
} from './answer-shapes.ts';
import {
  filled,
  filledText,
  type Shape,
  type TooMuch,
  tooMuchOfAnswer,
  tooMuchOfRequest,
} from './filled-shapes.ts';
import { measured, paths, reportLine, startWatched } from './held-loop.ts';
import {
  bodySize,
  ownPlaces,
  type Place,
  type TextPlace,
  type Thing,
  textPlaces,
  texts,
  valuePlaces,
  values,
} from './json-shapes.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    from: { type: 'string' },
    to: { type: 'string' },
    cold: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    size: { type: 'string', default: String(bodySize) },
    most: { type: 'string', default: '100' },
    part: { type: 'string', default: 'own,values,texts' },
    every: { type: 'string', default: '1' },
    refused: { type: 'boolean', default: false },
  },
});
const { refused } = options;
const size = Number(options.size);
const kinds = positionals.length > 0 ? positionals : ['requests', 'answers', 'events', 'streams'];
const from = protocols.filter((one) => options.from === undefined || options.from === one);
const to = protocols.filter((one) => options.to === undefined || options.to === one);

function* shapesOf(
  valuePlacesOf: Place[],
  own: (Place & { thing: Thing })[],
  long: TextPlace[],
  isTooMuch: TooMuch,
): Generator<Shape> {
  const parts = options.part.split(',');
  for (const place of parts.includes('own') ? own : [])
    if (place.name.includes(options.only))
      yield* filled(place.name, place, place.thing, isTooMuch, { size, refused });
  for (const place of parts.includes('values') ? valuePlacesOf : [])
    for (const [what, thing] of Object.entries(values)) {
      const name = `${what} in ${place.name}`;
      if (name.includes(options.only)) yield* filled(name, place, thing, isTooMuch, { size, refused });
    }
  for (const place of parts.includes('texts') ? long : [])
    for (const [what, piece] of Object.entries(texts)) {
      if (!`${what} in ${place.name}`.includes(options.only)) continue;
      yield filledText(what, place, piece, size);
    }
}

let answered = (): Response => new Response('{}', { headers: { 'content-type': 'application/json' } });
using upstream = startUpstream(() => answered());
const settings: JsonObject = {
  ...everyUpstream(upstream.url, (protocol) => [{ name: 'upstream-model', alias: modelOver[protocol] }]),
  'request-retry': 0,
  'disable-cooling': true,
};
let gateway = await startWatched(settings);
let cases = 0;
let slow = 0;

let passedOver = 0;

async function judged(what: string, bytes: number, ask: () => Promise<Response>): Promise<void> {
  passedOver += 1;
  if (passedOver % Number(options.every) !== 0) return;
  if (options.cold) {
    await gateway[Symbol.asyncDispose]();
    gateway = await startWatched(settings);
  }
  const found = await measured(gateway, { what, bytes, most: Number(options.most) }, ask);
  cases += 1;
  if (found.isSlow) slow += 1;
  upstream.asked.length = 0;
  if (found.isSlow || found.isLarge || options.all) console.log(reportLine(found));
}

const smallRequests: Record<Protocol, string> = {
  'openai-chat': '"model":"MODEL","messages":[{"role":"user","content":"x"}]}',
  'openai-responses': '"model":"MODEL","input":"x"}',
  'anthropic-messages': '"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"x"}]}',
  gemini: '"contents":[{"role":"user","parts":[{"text":"x"}]}]}',
};

function small(client: Protocol, over: Protocol, stream: boolean): Promise<Response> {
  const path =
    stream && client === 'gemini' ? '/v1beta/models/MODEL:streamGenerateContent?alt=sse' : paths[client];
  const body = `{${stream && client !== 'gemini' ? '"stream":true,' : ''}${smallRequests[client]}`;
  return post(gateway.url + path.replace('MODEL', modelOver[over]), body.replace('MODEL', modelOver[over]));
}

for (const kind of kinds) {
  const start = performance.now();
  if (kind === 'requests') {
    answered = () => new Response('{}', { headers: { 'content-type': 'application/json' } });
    for (const client of from)
      for (const { name, body } of shapesOf(
        valuePlaces(client),
        ownPlaces(client),
        textPlaces(client),
        tooMuchOfRequest,
      ))
        for (const over of tooMuchOfRequest(body) ? [client] : to)
          await judged(`${client} → ${over}: ${name}`, Buffer.byteLength(body), () =>
            post(
              gateway.url + paths[client].replace('MODEL', modelOver[over]),
              body.replace('MODEL', modelOver[over]),
            ),
          );
  }
  if (kind === 'answers' || kind === 'events')
    for (const over of to) {
      const form: Form = kind === 'answers' ? 'whole' : 'event';
      const shapes = shapesOf(
        answerValuePlaces(over, form),
        answerOwnPlaces(over, form),
        answerTextPlaces(over, form),
        tooMuchOfAnswer,
      );
      for (const { name, body } of shapes) {
        const sent =
          form === 'whole' ? body : `data: ${body}\n\n${over === 'openai-chat' ? 'data: [DONE]\n\n' : ''}`;
        const type = form === 'whole' ? 'application/json' : 'text/event-stream';
        answered = () => new Response(sent, { headers: { 'content-type': type } });
        for (const client of from)
          for (const stream of form === 'whole' && client === over ? [false] : [false, true])
            await judged(
              `${client}${stream ? ' (stream)' : ''} ← ${over} (${form}): ${name}`,
              Buffer.byteLength(sent),
              () => small(client, over, stream),
            );
      }
    }
  if (kind === 'streams')
    for (const over of to)
      for (const { name, before, event, behind } of streamShapes(over)) {
        if (!name.includes(options.only)) continue;
        const count = Math.floor(size / event(1000).length);
        const sent = before + Array.from({ length: count }, (_, at) => event(at)).join('') + behind;
        answered = () => new Response(sent, { headers: { 'content-type': 'text/event-stream' } });
        for (const client of from)
          for (const stream of [true, false])
            await judged(
              `${client}${stream ? ' (stream)' : ''} ← ${over}: stream of ${name}`,
              Buffer.byteLength(sent),
              () => small(client, over, stream),
            );
      }
  console.log(
    `${kind}: ${cases} cases so far, ${slow} over ${options.most} ms; ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
}
await gateway[Symbol.asyncDispose]();
process.exit(0);
