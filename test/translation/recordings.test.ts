/**
 * Recorded traffic in every other protocol and back: what `npm run fidelity` counts through the gateway, with the codecs
 * alone. What is lost must be among what docs/internals/translation-tables.md names.
 */
import { describe, expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../../src/protocols/answer.ts';
import type { Codec, EncodeContext } from '../../src/protocols/codec.ts';
import { isProtocolError } from '../../src/protocols/codec.ts';
import { unfoldResponse } from '../../src/protocols/fold.ts';
import { isObject, type Json, type JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { neutral, readStream, writeStream } from '../codec-runs.ts';
import { type Exchange, exchanges } from '../corpus.ts';
import { type Fact, type FactsName, factsNames, loadFacts } from '../facts.ts';

/** Facts that may be lost, and only these. */
const named = {
  request: ['max tokens', 'image', 'file', 'tool choice'],
  response: [
    'finish reason',
    'usage output',
    'no invented tool call',
    'stream error shown',
    'tool call',
    'given up',
  ],
};
/** Of the facts of each pair. */
const leastKept = 0.98;

const facts = await loadFacts();
const pairs = protocols.flatMap((from) =>
  protocols.filter((to) => to !== from).map((to) => [from, to] as const),
);
const plain = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value));

function isConversation({ endpoint, tags, request, response }: Exchange): boolean {
  const body = request?.body;
  return (
    endpoint === 'generate' &&
    (response?.status ?? 0) < 400 &&
    // The facts read no arguments that come piece by piece.
    !tags.includes('partial-args') &&
    isObject(body) &&
    ('messages' in body || 'input' in body || 'contents' in body) &&
    body.previous_response_id === undefined
  );
}

function requestOf(codec: Codec, { request }: Exchange): Request {
  const body = asObject(request?.body) ?? {};
  return codec.decodeRequest(body, {
    model: typeof body.model === 'string' ? body.model : 'm',
    stream: true,
  });
}

function contextFor(request: Request): EncodeContext {
  let ids = 0;
  return {
    // Claude's clients get of thinking if they asked for it.
    request: { ...request, includeUsage: true, reasoning: { show: 'auto' } },
    model: 'm',
    unixSeconds: () => 0,
    newId: (prefix) => `${prefix}_${ids++}`,
  };
}

/** A request that a client of `codec` could have sent: what is read of an answer depends on its tools. */
function asIfFrom(codec: Codec, request: Request): Request {
  const body = codec.encodeRequest(neutral(request), { model: 'm', stream: true, report: () => {} });
  return codec.decodeRequest(plain(body), { model: 'm', stream: true });
}

/** Whether an answer of the protocol in the middle has a place for it. */
function sayable(side: FactsName, fact: string): boolean {
  return side !== 'anthropic' || (fact !== 'image output' && fact !== 'usage reasoning');
}

function judge(what: keyof typeof named, compared: readonly Fact[]): void {
  const lost = compared.filter(([, kept]) => !kept);
  expect(lost.filter(([name]) => !named[what].includes(name))).toEqual([]);
  if (compared.length > 0) expect(1 - lost.length / compared.length).toBeGreaterThanOrEqual(leastKept);
}

describe.each(pairs)('%s in the words of %s', (from, to) => {
  const [home, away] = [codecs[from], codecs[to]];
  const [here, there] = [factsNames[from], factsNames[to]];
  const recorded = exchanges(from).filter(isConversation);

  test('requests keep their facts', () => {
    judge(
      'request',
      recorded.flatMap((exchange) => {
        const request = requestOf(home, exchange);
        const written = away.encodeRequest(request, { model: 'm', stream: true, report: () => {} });
        const said = facts.request[here](asObject(exchange.request?.body) ?? {});
        return facts.compareRequest(said, facts.request[there](plain(written)), here, there);
      }),
    );
  });

  test('whole answers keep their facts, on the way there and back', () => {
    judge(
      'response',
      recorded.flatMap((exchange) => {
        const body = exchange.response?.body;
        if (!isObject(body)) return [];
        const request = asIfFrom(away, requestOf(home, exchange));
        const answer = home.decodeResponse(body, { request });
        if (isProtocolError(answer)) return [];
        const context = contextFor(request);
        const told = plain(away.encodeResponse(answer, context));
        const again = away.decodeResponse(told, { request });
        const back: Json = isProtocolError(again) ? null : plain(home.encodeResponse(again, context));
        const said = facts.response[here](body, false);
        return [
          ...facts.compareResponse(said, facts.response[there](told, false), here, there),
          ...facts
            .compareResponse(said, facts.response[here](back, false), here, here)
            .filter(([name]) => sayable(there, name)),
        ];
      }),
    );
  });

  test('streams keep their facts', () => {
    judge(
      'response',
      recorded.flatMap((exchange) => {
        const { sse } = exchange.response ?? {};
        if (sse === undefined) return [];
        const request = asIfFrom(away, requestOf(home, exchange));
        const events = readStream(home, sse, request);
        // What broke off is told as an error by the gateway.
        if (events.at(-1)?.type !== 'end') return [];
        const told = facts.sseEvents(writeStream(away, events, contextFor(request)));
        const said = facts.response[here](facts.sseEvents(sse), true);
        return facts.compareResponse(said, facts.response[there](told, true), here, there);
      }),
    );
  });

  test('an answer that came whole is the same as a stream', () => {
    judge(
      'response',
      recorded.flatMap((exchange) => {
        const body = exchange.response?.body;
        if (!isObject(body)) return [];
        const request = asIfFrom(away, requestOf(home, exchange));
        const answer = home.decodeResponse(body, { request });
        if (isProtocolError(answer)) return [];
        const told = facts.sseEvents(writeStream(away, unfolded(answer), contextFor(request)));
        return facts.compareResponse(
          facts.response[here](body, false),
          facts.response[there](told, true),
          here,
          there,
        );
      }),
    );
  });
});

function unfolded(answer: Response): StreamEvent[] {
  const events: StreamEvent[] = [];
  unfoldResponse(answer, (event) => events.push(event));
  return events;
}
