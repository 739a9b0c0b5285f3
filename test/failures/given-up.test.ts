/** Answers that a model or its server gave up: never told as finished, and tried again where nothing has been told. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { callOf, calls, jsonOf, send } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { startTested } from '../gateway-harness.ts';

/** How an upstream of each protocol ends an answer with this text and this word. */
type Answers = (text: string, word: string) => { whole: JsonObject; stream: JsonObject[] };

const answersOf = {
  gemini: (text, word) => {
    const candidate = {
      ...(text !== '' && { content: { role: 'model', parts: [{ text }] } }),
      finishReason: word,
      finishMessage: 'what Google says of it',
      index: 0,
    };
    const counts = { usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 }, responseId: 'r1' };
    const whole = { candidates: [candidate], ...counts };
    return { whole, stream: [whole] };
  },
  'openai-chat': (text, word) => {
    const piece = (delta: JsonObject, finish_reason: string | null = null) => ({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    });
    return {
      whole: {
        id: 'c1',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: word }],
      },
      stream: [
        piece({ role: 'assistant', content: '' }),
        ...(text === '' ? [] : [piece({ content: text })]),
        piece({}, word),
      ],
    };
  },
  'anthropic-messages': (text, word) => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
    return {
      whole: {
        ...message,
        content: text === '' ? [] : [{ type: 'text', text }],
        stop_reason: word,
        stop_sequence: null,
        usage,
      },
      stream: [
        { type: 'message_start', message: { ...message, usage } },
        ...(text === '' ? [] : [block, delta, { type: 'content_block_stop', index: 0 }]),
        { type: 'message_delta', delta: { stop_reason: word, stop_sequence: null }, usage },
        { type: 'message_stop' },
      ],
    };
  },
  'openai-responses': (text, status) => {
    const item = {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'incomplete',
      content: [{ type: 'output_text', text, annotations: [] }],
    };
    const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm' };
    const whole = { ...response, status, output: text === '' ? [] : [item], error: null };
    const place = { output_index: 0, content_index: 0, item_id: 'msg_1' };
    return {
      whole,
      stream: [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        ...(text === ''
          ? []
          : [
              { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
              { type: 'response.output_text.delta', ...place, delta: text },
            ]),
        // An answer that was cancelled has no event of its own.
        { type: 'response.done', response: whole },
      ],
    };
  },
} satisfies Record<Protocol, Answers>;

/** The answer of a key: its name in a whole answer, or what the key's name says that it gives up with. */
let wordOfBad = '';
let textOfBad = '';
const upstream = startUpstream(({ path, key, body }) => {
  const protocol: Protocol = path.includes('/gemini')
    ? 'gemini'
    : path.includes('/messages')
      ? 'anthropic-messages'
      : path.includes('/responses')
        ? 'openai-responses'
        : 'openai-chat';
  const good = { gemini: 'STOP', 'openai-chat': 'stop', 'anthropic-messages': 'end_turn' };
  const bad = key.startsWith('bad');
  const word = bad ? wordOfBad : protocol === 'openai-responses' ? 'completed' : good[protocol];
  const { whole, stream } = answersOf[protocol](bad ? textOfBad : key, word);
  const streams = /streamGenerate/.test(path) || new TextDecoder().decode(body).includes('"stream":true');
  if (!streams) return Response.json(whole);
  const named = protocol === 'anthropic-messages' || protocol === 'openai-responses';
  const text = stream
    .map((event: JsonObject) => `${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`)
    .join('');
  return new Response(protocol === 'openai-chat' ? `${text}data: [DONE]\n\n` : text, {
    headers: { 'content-type': 'text/event-stream' },
  });
});

let made = 0;
/** Keys of one provider, asked in this order. */
function serving(protocol: Protocol, keys: readonly string[]): JsonObject {
  const entries = keys.map((key, i) => ({
    'api-key': key,
    priority: 10 - i,
    'base-url': `${upstream.url}/${protocol === 'openai-responses' ? 'codex/v1' : protocol}`,
    models: [{ name: 'm' }],
  }));
  const common: JsonObject = { 'request-retry': 0, 'max-retry-interval': 0 };
  switch (protocol) {
    case 'gemini':
      return { ...common, 'gemini-api-key': entries };
    case 'anthropic-messages':
      return { ...common, 'claude-api-key': entries };
    case 'openai-responses':
      return { ...common, 'codex-api-key': entries };
    case 'openai-chat':
      return {
        ...common,
        'openai-compatibility': keys.map((key, i) => ({
          name: key,
          priority: 10 - i,
          'base-url': `${upstream.url}/v1`,
          'api-key-entries': [{ 'api-key': key }],
          models: [{ name: 'm' }],
        })),
      };
  }
}

const gateway = await startTested(serving('gemini', ['first']));
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** The words of each protocol by which an answer is given up. */
const givenUp: Record<Protocol, readonly string[]> = {
  gemini: [
    'MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'MISSING_THOUGHT_SIGNATURE',
    'LANGUAGE',
    'OTHER',
    'IMAGE_OTHER',
    'MALFORMED_RESPONSE',
    'MALFORMED_SOMETHING_NEW',
  ],
  'openai-chat': [
    'insufficient_system_resource',
    'function_call_filter: MALFORMED_FUNCTION_CALL',
    'abort',
    'network_error',
  ],
  'anthropic-messages': ['insufficient_system_resource', 'malformed_tool_use', 'error'],
  'openai-responses': ['cancelled', 'failed'],
};
const protocols: Protocol[] = ['gemini', 'openai-chat', 'anthropic-messages', 'openai-responses'];
const pairs = protocols.flatMap((up) =>
  calls.filter(({ protocol }) => protocol !== up).map(({ protocol }): [Protocol, Protocol] => [up, protocol]),
);
/** How a client of each protocol would read that the answer is finished. */
const finished: Record<Protocol, RegExp> = {
  gemini: /"finishReason":"STOP"/,
  'openai-chat': /"finish_reason":"(?:stop|tool_calls)"/,
  'anthropic-messages': /"stop_reason":"(?:end_turn|tool_use)"/,
  'openai-responses': /"type":"response.completed"|"status":"completed","incomplete/,
};

describe.each(pairs)('A3: an answer given up by %s', (up, client) => {
  const call = callOf(client);

  test(`before content comes from the next credential, for ${client}`, async () => {
    textOfBad = '';
    for (const word of givenUp[up]) {
      for (const stream of [false, true]) {
        made++;
        wordOfBad = word;
        upstream.asked.length = 0;
        await gateway.reconfigure(serving(up, [`bad-${made}`, `good-${made}`]));
        const response = await send(gateway.url, call, { model: 'm', stream });
        expect([word, response.status, await response.text()]).toEqual([
          word,
          200,
          expect.stringContaining(`good-${made}`),
        ]);
        expect(upstream.asked.map(({ key }) => key)).toEqual([`bad-${made}`, `good-${made}`]);
      }
    }
  });

  test(`is an error where nobody else is left, for ${client}`, async () => {
    for (const [text, stream] of [
      ['', false],
      ['', true],
      ['Half an', false],
    ] as const) {
      for (const word of givenUp[up]) {
        textOfBad = text;
        wordOfBad = word;
        await gateway.reconfigure(serving(up, [`bad-${++made}`]));
        const response = await send(gateway.url, call, { model: 'm', stream });
        const { message } = call.errorOf(await jsonOf(response));
        expect([word, response.status >= 500, message]).toEqual([word, true, expect.any(String)]);
        if (up === 'gemini') expect(message).toContain('what Google says of it');
      }
    }
  });

  test(`after content ends the stream with the error of ${client}`, async () => {
    textOfBad = 'Half an';
    for (const word of givenUp[up]) {
      wordOfBad = word;
      await gateway.reconfigure(serving(up, [`bad-${++made}`, `good-${made}`]));
      const response = await send(gateway.url, call, { model: 'm', stream: true });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('Half an');
      expect(text).toMatch(/"error"|response\.failed/);
      expect(text).not.toMatch(finished[client]);
    }
  });
});

describe('A3: an answer given up by an upstream of the client’s own protocol', () => {
  test.each([
    ['gemini', 'MALFORMED_FUNCTION_CALL'],
    ['openai-chat', 'insufficient_system_resource'],
    ['anthropic-messages', 'insufficient_system_resource'],
    ['openai-responses', 'cancelled'],
  ] as const)('%s comes from the next credential before content', async (protocol, word) => {
    textOfBad = '';
    wordOfBad = word;
    for (const stream of [false, true]) {
      await gateway.reconfigure(serving(protocol, [`bad-${++made}`, `good-${made}`]));
      const response = await send(gateway.url, callOf(protocol), { model: 'm', stream });
      expect(await response.text()).toContain(`good-${made}`);
    }
  });

  const unknown = (['openai-chat', 'anthropic-messages'] as const).flatMap((protocol) =>
    ['Half an', `Half an ${'x'.repeat(70_000)}`].map((text) => ({ protocol, text, length: text.length })),
  );
  test.each(unknown)(
    'of $protocol is an error whole: no word of it says that ($length)',
    async ({ protocol, text }) => {
      textOfBad = text;
      for (const word of givenUp[protocol]) {
        wordOfBad = word;
        await gateway.reconfigure(serving(protocol, [`bad-${++made}`]));
        const alone = await send(gateway.url, callOf(protocol), { model: 'm' });
        expect([word, alone.status >= 500, await alone.text()]).toEqual([
          word,
          true,
          expect.stringContaining(word),
        ]);
        await gateway.reconfigure(serving(protocol, [`bad-${++made}`, `good-${made}`]));
        const response = await send(gateway.url, callOf(protocol), { model: 'm' });
        expect([word, response.status, (await response.text()).includes(`good-${made}`)]).toEqual([
          word,
          200,
          true,
        ]);
      }
    },
  );

  test.each(['openai-chat', 'anthropic-messages'] as const)(
    'streamed, %s has the word behind the text',
    async (protocol) => {
      textOfBad = 'Half an';
      wordOfBad = 'error';
      await gateway.reconfigure(serving(protocol, [`bad-${++made}`]));
      const text = await (await send(gateway.url, callOf(protocol), { model: 'm', stream: true })).text();
      expect(text).toContain('Half an');
      expect(text).toMatch(/"(?:finish|stop)_reason":"error"/);
      expect(text).not.toMatch(finished[protocol]);
    },
  );

  test('keeps its bytes after content: its clients know the words', async () => {
    textOfBad = 'Half an';
    wordOfBad = 'MALFORMED_FUNCTION_CALL';
    for (const stream of [false, true]) {
      await gateway.reconfigure(serving('gemini', [`bad-${++made}`]));
      const response = await send(gateway.url, callOf('gemini'), { model: 'm', stream });
      const bytes = JSON.stringify(answersOf.gemini(textOfBad, wordOfBad).whole);
      expect(await response.text()).toBe(stream ? `data: ${bytes}\n\n` : bytes);
    }
  });
});

test('A3: a malformed call lets no credential rest', async () => {
  textOfBad = '';
  wordOfBad = 'MALFORMED_FUNCTION_CALL';
  await gateway.reconfigure(serving('gemini', [`bad-${++made}`]));
  for (let i = 0; i < 3; i++) await send(gateway.url, callOf('openai-chat'), { model: 'm', stream: false });
  expect(upstream.asked).toHaveLength(3);
});

test.each(['NO_IMAGE', 'MODEL_ARMOR', 'IMAGE_PROHIBITED_CONTENT'])(
  'A3: Gemini’s %s is a filter, not a failure',
  async (word) => {
    textOfBad = 'Half an';
    wordOfBad = word;
    await gateway.reconfigure(serving('gemini', [`bad-${++made}`]));
    const response = await send(gateway.url, callOf('openai-chat'), { model: 'm', stream: false });
    expect(await response.text()).toContain('"finish_reason":"content_filter"');
  },
);

test.each([
  ['openai-chat', 'eos'],
  ['openai-chat', 'end'],
  ['openai-chat', 'tool_call'],
  ['openai-chat', 'a_word_of_its_own'],
  ['anthropic-messages', 'a_word_of_its_own'],
  ['gemini', 'A_WORD_OF_ITS_OWN'],
] as const)('A3: %s that ends with %s has ended; what nobody knows is reported', async (up, word) => {
  textOfBad = 'All of it.';
  wordOfBad = word;
  const client: Protocol = up === 'anthropic-messages' ? 'openai-chat' : 'anthropic-messages';
  await gateway.reconfigure(serving(up, [`bad-${++made}`]));
  const response = await send(gateway.url, callOf(client), { model: 'm', stream: false });
  const loss = response.headers.get('x-translation-loss') ?? '';
  expect(await response.text()).toMatch(finished[client]);
  expect(loss.includes('finish_reason')).toBe(word.toLowerCase().startsWith('a_word'));
});
