/** OpenAI's `phase` of the assistant's messages, through clients of other protocols and back. */
import { expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObjects } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { answerOf, folded, readStream, writeStream } from '../codec-runs.ts';

const home = codecs['openai-responses'];
const others = ['openai-chat', 'anthropic-messages', 'gemini'] as const;

const messages = ['Looking at the file.', 'It is empty.'].map((text, i) => ({
  type: 'message',
  id: `m${i}`,
  role: 'assistant',
  status: 'completed',
  phase: i === 0 ? 'commentary' : 'final_answer',
  content: [{ type: 'output_text', text, annotations: [] }],
}));
const call = { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{}', status: 'completed' };

/** What the client asks, with thinking, so that a Claude client has a place for signatures. */
const asked: Record<(typeof others)[number], JsonObject> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'anthropic-messages': {
    max_tokens: 9000,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'hi' }],
  },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};

/** The next request of the client, which gives back the answer as it came. */
function next(client: (typeof others)[number], told: JsonObject): JsonObject {
  const before = asked[client];
  switch (client) {
    case 'openai-chat':
      return {
        messages: [
          ...asArray(before.messages),
          asObjects(told.choices)[0]?.message ?? null,
          ...(JSON.stringify(told).includes('"read"')
            ? [{ role: 'tool', tool_call_id: 'c1', content: 'x' }]
            : []),
          { role: 'user', content: 'and?' },
        ],
      };
    case 'anthropic-messages':
      return {
        ...before,
        messages: [
          ...asArray(before.messages),
          { role: 'assistant', content: told.content ?? [] },
          { role: 'user', content: 'and?' },
        ],
      };
    case 'gemini':
      return {
        contents: [
          ...asArray(before.contents),
          asObjects(told.candidates)[0]?.content ?? null,
          { role: 'user', parts: [{ text: 'and?' }] },
        ],
      };
  }
}

function sse(output: JsonObject[]): string {
  const response = { id: 'r', object: 'response', status: 'completed', model: 'x', output };
  return [
    ...output.flatMap((item, output_index) => [
      {
        type: 'response.output_item.added',
        output_index,
        item: { ...item, status: 'in_progress', content: [] },
      },
      { type: 'response.output_item.done', output_index, item },
    ]),
    { type: 'response.completed', response },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join('');
}

/** The phases that the upstream gets back of its answer, through a client of this protocol. */
function phasesBack(client: (typeof others)[number], output: JsonObject[], streamed: boolean): unknown[] {
  const codec = codecs[client];
  const request = codec.decodeRequest(asked[client], { model: 'm', stream: streamed });
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const body = { id: 'r', object: 'response', status: 'completed', model: 'x', output };
  const told = streamed
    ? codec.encodeResponse(
        folded(
          readStream(codec, writeStream(codec, readStream(home, sse(output), request), context), request),
        ),
        context,
      )
    : codec.encodeResponse(answerOf(home.decodeResponse(body, { request })), context);
  const again = codec.decodeRequest(next(client, JSON.parse(JSON.stringify(told))), {
    model: 'm',
    stream: false,
  });
  const sent = home.encodeRequest(again, { model: 'gpt-5.3-codex', stream: false, report: () => {} });
  expect(JSON.stringify(sent)).not.toContain('phase:');
  return asObjects(sent.input).flatMap(({ role, phase }) => (role === 'assistant' ? [phase] : []));
}

const trips = others.flatMap((client) => [false, true].map((streamed) => [client, streamed] as const));

test.each(trips)('A21: a phase comes back through a client of %s (streamed: %p)', (client, streamed) => {
  for (const message of messages) expect(phasesBack(client, [message], streamed)).toEqual([message.phase]);
});

test.each(trips)('A21: two phases come back through %s (streamed: %p)', (client, streamed) => {
  // Chat has one text for both: it is what the last one is.
  const both = client === 'openai-chat' ? ['final_answer'] : ['commentary', 'final_answer'];
  expect(phasesBack(client, messages, streamed)).toEqual(both);
});

test('A21: what is said before a call keeps its phase', () => {
  const [commentary] = messages;
  for (const client of others)
    if (commentary !== undefined)
      expect(phasesBack(client, [commentary, call], false)).toEqual(['commentary']);
});

test.each(others)('A21: phases in the history are a hint over %s', (upstream) => {
  const request = home.decodeRequest(
    { input: [{ role: 'user', content: 'q' }, messages[0] ?? null, { role: 'user', content: 'r' }] },
    { model: 'm', stream: false },
  );
  const lost: string[] = [];
  const report = (kind: string, field: string): unknown => lost.push(`${kind}:${field}`);
  codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report });
  expect(lost).toEqual(['hint:messages.phase']);
});

test.each([false, true])(
  'A21: without thinking, a Claude client loses phases and a report says so',
  (streamed) => {
    const claude: Protocol = 'anthropic-messages';
    const { thinking: _, ...plain } = asked[claude];
    const request = codecs[claude].decodeRequest(plain, { model: 'm', stream: streamed });
    const lost: string[] = [];
    const context = {
      ...{ request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` },
      report: (kind: string, field: string): unknown => lost.push(`${kind}:${field}`),
    };
    const events = readStream(home, sse(messages.slice(0, 1)), request);
    const told = streamed
      ? writeStream(codecs[claude], events, context)
      : JSON.stringify(codecs[claude].encodeResponse(folded(events), context));
    expect(told).not.toContain('thinking');
    expect(lost).toEqual(['hint:messages.phase']);
  },
);
