/** Events that are compared with those before them, instead of parsed: clients get the same. */
import { describe, expect, spyOn, test } from 'bun:test';
import fc from 'fast-check';
import { answerEvents } from '../../src/gateway/stream/answer-events.ts';
import type { StreamEvent } from '../../src/protocols/answer.ts';
import type { EncodeContext } from '../../src/protocols/codec.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import type { Request } from '../../src/protocols/request.ts';
import { sseText } from '../../src/protocols/sse.ts';
import { writeStream } from '../codec-runs.ts';
import { text, user } from '../messages.ts';

const request: Request = { model: 'm', stream: true, messages: [user(text('Hello'))], includeUsage: true };

/** A piece of an answer. */
interface Piece {
  kind: 'text' | 'reasoning' | 'call';
  text: string;
  /** Of several answers, where the protocol has them. */
  choice: number;
  /** How long the padding is. */
  padding: number;
}

/** A wire event; `pad` gives the JSON text of its fields with padding as the protocol's provider adds it. */
interface WireEvent {
  event?: string;
  fields: JsonObject | '[DONE]';
  /** Spaces before the last brace. */
  spaces?: number;
  /** Spaces behind colons and commas, as Google writes them. */
  loose?: boolean;
}

const runs = (pieces: readonly Piece[]): Piece[][] =>
  pieces.reduce<Piece[][]>((all, piece) => {
    const open = all.at(-1);
    if (open?.[0]?.kind === piece.kind) open.push(piece);
    else all.push([piece]);
    return all;
  }, []);

const streams: Record<Protocol, (pieces: readonly Piece[]) => WireEvent[]> = {
  'openai-chat': (pieces) => {
    const chunk = (delta: JsonObject, index: number, padding: number, finish: string | null = null) => ({
      fields: {
        id: 'c1',
        object: 'chat.completion.chunk',
        created: 1764000000,
        model: 'm',
        choices: [{ index, delta, logprobs: null, finish_reason: finish }],
        obfuscation: 'x'.repeat(padding),
      },
    });
    const begun = new Set<number>();
    const named = (choice: number): JsonObject =>
      begun.has(choice) || !begun.add(choice) ? {} : { id: `call_${choice}`, type: 'function' };
    const delta = ({ kind, text: said, choice }: Piece): JsonObject => {
      if (kind === 'text') return { content: said };
      if (kind === 'reasoning') return { reasoning_content: said };
      const call = named(choice);
      const name = call.id === undefined ? {} : { name: 'read' };
      return { tool_calls: [{ index: 0, ...call, function: { ...name, arguments: said } }] };
    };
    return [
      chunk({ role: 'assistant', content: '' }, 0, 3),
      ...pieces.map((piece) => chunk(delta(piece), piece.choice, piece.padding)),
      chunk({}, 0, 1, 'stop'),
      chunk({}, 1, 1, 'stop'),
      { fields: '[DONE]' },
    ];
  },
  'openai-responses': (pieces) => {
    let sequence = 0;
    const event = (type: string, fields: JsonObject): WireEvent => ({
      event: type,
      fields: { type, sequence_number: sequence++, ...fields },
    });
    const words = {
      text: ['message', 'response.output_text.delta', 'content_index'],
      reasoning: ['reasoning', 'response.reasoning_summary_text.delta', 'summary_index'],
      call: ['function_call', 'response.function_call_arguments.delta', undefined],
    } as const;
    return [
      event('response.created', { response: { id: 'resp_1', model: 'm', created_at: 1764000000 } }),
      ...runs(pieces).flatMap((run, at) => {
        const [type, delta, index] = words[run[0]?.kind ?? 'text'];
        const place = { item_id: `i${at}`, output_index: at };
        const item = {
          id: `i${at}`,
          type,
          ...(type === 'function_call' && { name: 'read', call_id: `c${at}` }),
        };
        return [
          event('response.output_item.added', { output_index: at, item }),
          ...run.map((piece) =>
            event(delta, {
              ...place,
              ...(index !== undefined && { [index]: piece.choice }),
              delta: piece.text,
              obfuscation: 'x'.repeat(piece.padding),
            }),
          ),
        ];
      }),
      event('response.completed', { response: { id: 'resp_1', status: 'completed', output: [] } }),
    ];
  },
  'anthropic-messages': (pieces) => {
    const event = (type: string, fields: JsonObject, spaces = 0): WireEvent => ({
      event: type,
      fields: { type, ...fields },
      spaces,
    });
    const blocks = {
      text: [{ type: 'text', text: '' }, 'text_delta', 'text'],
      reasoning: [{ type: 'thinking', thinking: '' }, 'thinking_delta', 'thinking'],
      call: [{ type: 'tool_use', id: 't', name: 'read', input: {} }, 'input_json_delta', 'partial_json'],
    } as const;
    return [
      event('message_start', { message: { id: 'msg_1', model: 'm', usage: { input_tokens: 1 } } }),
      ...runs(pieces).flatMap((run, index) => {
        const [block, type, key] = blocks[run[0]?.kind ?? 'text'];
        return [
          event('content_block_start', { index, content_block: block }),
          ...run.map((piece) =>
            event('content_block_delta', { index, delta: { type, [key]: piece.text } }, piece.padding),
          ),
          event('content_block_stop', { index }),
        ];
      }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
      event('message_stop', {}),
    ];
  },
  gemini: (pieces) => {
    const chunk = (part: JsonObject, index: number, count: number, finish?: string): WireEvent => ({
      fields: {
        candidates: [
          { content: { parts: [part], role: 'model' }, ...(finish && { finishReason: finish }), index },
        ],
        usageMetadata: {
          promptTokenCount: 7,
          candidatesTokenCount: count,
          totalTokenCount: 7 + count,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 7 }],
        },
        modelVersion: 'm',
        responseId: 'r1',
      },
      loose: true,
    });
    return [
      ...pieces.map(({ kind, text: said, choice, padding }) => {
        if (kind === 'call')
          return chunk({ functionCall: { name: 'read', args: { said } } }, choice, padding);
        return chunk(kind === 'text' ? { text: said } : { thought: true, text: said }, choice, padding);
      }),
      chunk({ text: '' }, 0, 99, 'STOP'),
    ];
  },
};

/** The wire text of the events. What nobody can compare has `distinct` spaces before it, other ones each time. */
function wire(events: readonly WireEvent[], distinct: boolean, escapes: boolean): string {
  return events
    .map(({ event, fields, spaces, loose }, at) => {
      if (fields === '[DONE]') return sseText(fields);
      let json = JSON.stringify(fields);
      if (loose) json = JSON.stringify(fields, null, 1).replaceAll(/\n */g, '');
      // Google and servers in Python escape what they need not.
      if (escapes)
        json = json.replaceAll(
          /[<\u007f-\uffff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
      if (spaces) json = `${json.slice(0, -1)}${' '.repeat(spaces)}}`;
      return sseText(`${distinct ? ' '.repeat(at % 50) : ''}${json}`, event);
    })
    .join('');
}

function read(upstream: Protocol, chunks: readonly Uint8Array[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const reader = answerEvents(codecs[upstream].streamDecoder({ request }), (event) => {
    // Extras may grow until their part ends.
    events.push(structuredClone(event));
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

function clientText(client: Protocol, events: readonly StreamEvent[]): string {
  let ids = 0;
  const context: EncodeContext = {
    request,
    model: 'm',
    unixSeconds: () => 1764000000,
    newId: (prefix) => `${prefix}_${ids++}`,
  };
  return writeStream(codecs[client], events, context);
}

/** The bytes in chunks of the given sizes, over and over. */
function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((value) => value.toWellFormed()),
  fc.constantFrom('', '"', '\\', '\\"', '\n', '\u0000\t', '<', '😀', '{"a":', '","text":"', '}'),
);
const pieces = fc.array(
  fc.record<Piece>({
    // Most pieces go on with what the piece before them was.
    kind: fc.constantFrom('text', 'text', 'text', 'text', 'reasoning', 'call'),
    text: anyText,
    choice: fc.constantFrom(0, 0, 0, 0, 0, 1),
    padding: fc.nat(12),
  }),
  { maxLength: 30 },
);

describe.each([...protocols])('a stream of %s', (upstream) => {
  test('says the same whether its events are compared or parsed, however they are split', () => {
    fc.assert(
      fc.property(
        pieces,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        (said, escapes, sizes) => {
          const events = streams[upstream](said);
          const bytes = (distinct: boolean) => new TextEncoder().encode(wire(events, distinct, escapes));
          const compared = read(upstream, split(bytes(false), sizes));
          const parsed = read(upstream, [bytes(true)]);
          expect(compared).toEqual(parsed);
          for (const client of protocols)
            expect(clientText(client, compared)).toBe(clientText(client, parsed));
        },
      ),
    );
  });

  test.each(['text', 'reasoning', 'call'] as const)('is hardly parsed where it is nothing but %s', (kind) => {
    if (upstream === 'gemini' && kind === 'call') return;
    const said = Array.from(
      { length: 100 },
      (_, at): Piece => ({ kind, text: `word${at}`, choice: 0, padding: at % 13 }),
    );
    const bytes = new TextEncoder().encode(wire(streams[upstream](said), false, false));
    const parse = spyOn(JSON, 'parse');
    read(upstream, [bytes]);
    const { length } = parse.mock.calls;
    parse.mockRestore();
    expect(length).toBeLessThan(20);
  });
});

test('answers that come in turns keep their texts', () => {
  const chunk = (index: number, content: string) =>
    sseText(JSON.stringify({ id: 'c1', choices: [{ index, delta: { content }, finish_reason: null }] }));
  const turns = Array.from({ length: 40 }, (_, at) => chunk(at % 2, `${at % 2}`)).join('');
  const events = read('openai-chat', [new TextEncoder().encode(turns)]);
  const said = events.map((event) => (event.type === 'delta' ? `${event.index}${event.text}` : ''));
  expect(new Set(said)).toEqual(new Set(['', '00', '11']));
});
