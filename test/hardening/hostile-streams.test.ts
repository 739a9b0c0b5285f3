/** What a stream costs grows with its length, whatever its events repeat: each case took ten seconds and more. */
import { expect, test } from 'bun:test';
import { answerEvents } from '../../src/gateway/stream/answer-events.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { text, user } from '../messages.ts';

const count = 30_000;
/** Milliseconds, on a machine that does much else. */
const patience = 3000;

const many = <T>(one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));
const request: Request = { model: 'm', stream: true, messages: [user(text('Hello'))] };
const wrapped: Request = {
  ...request,
  output: { type: 'json-schema', name: 'o', schema: { type: 'number' } },
};
const chunk = (content: string): JsonObject => ({ id: 'c', choices: [{ index: 0, delta: { content } }] });

const streams: [string, Protocol, Request, JsonObject[]][] = [
  ['white space behind a value', 'openai-chat', wrapped, [chunk('{"value": 1'), ...many(() => chunk(' '))]],
  [
    'fields of the end',
    'anthropic-messages',
    request,
    [
      { type: 'message_start', message: { id: 'm' } },
      ...many((at) => ({ type: 'message_delta', delta: { [`k${at}`]: 1 }, usage: { [`u${at}`]: 1 } })),
    ],
  ],
];

const rows = streams.flatMap(([what, upstream, asked, events]) =>
  protocols.map((client): [string, Protocol, Protocol, Request, JsonObject[]] => [
    what,
    upstream,
    client,
    asked,
    events,
  ]),
);

test.each(rows)('H3: much %s of %s for %s costs what it is long', (_, upstream, client, asked, events) => {
  const bytes = new TextEncoder().encode(
    events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  );
  const encoder = codecs[client].streamEncoder({
    request: asked,
    model: 'm',
    unixSeconds: () => 0,
    newId: (prefix) => prefix,
  });
  let length = 0;
  const reader = answerEvents(codecs[upstream].streamDecoder({ request: asked }), (event) => {
    length += encoder.encode(event).length;
  });
  const began = performance.now();
  for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
  reader.end();
  expect(performance.now() - began).toBeLessThan(patience);
  expect(length).toBeLessThan(20 * bytes.length);
});
