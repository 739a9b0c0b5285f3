/**
 * Answers that no provider has counted: their tokens are estimated by what they say, not by the JSON around it. The same number in the
 * history, the metrics, the log line and the budget of the key, marked, whatever the client speaks, streamed and whole.
 */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { isObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog, type RequestRecord } from '../../src/telemetry/log.ts';
import type { ListedRequest } from '../../src/usage/listed-request.ts';
import { eventually } from '../eventually.ts';
import { calls, send } from '../gateway/calls.ts';
import { type Asked, eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, everyUpstream, modelOver } from '../gateway-harness.ts';
import { readMetrics, sumOf } from '../monitoring/metrics-page.ts';

interface Said {
  what: string;
  text?: string;
  reasoning?: string;
  call?: { name: string; input: JsonObject };
}

const long = 'Ein längerer Satz mit Umlauten, 漢字 und "Anführungszeichen"\n'.repeat(40);
const answers: readonly Said[] = [
  { what: 'nothing at all' },
  { what: 'a word', text: 'Hi' },
  { what: 'a text of several lines and scripts', text: long },
  { what: 'reasoning before a text', reasoning: 'First I think about it. '.repeat(9), text: 'Done.' },
  { what: 'a call', call: { name: 'get_weather', input: { city: 'Zürich', days: [1, 2, 3] } } },
  // Some protocols write its braces, which are no token more here.
  { what: 'a call without input', call: { name: 'clock', input: {} } },
  {
    what: 'all of it',
    ...{ reasoning: 'Hm. '.repeat(50), text: 'Let me look. '.repeat(30) },
    call: { name: 'search', input: { query: 'a "quoted" word\n', pages: 3 } },
  },
];

const bytes = (text: string): number => new TextEncoder().encode(text).length;
function expected({ text = '', reasoning = '', call }: Said): number {
  const input = call === undefined || Object.keys(call.input).length === 0 ? '' : JSON.stringify(call.input);
  return Math.ceil((bytes(text) + bytes(reasoning) + bytes(call?.name ?? '') + bytes(input)) / 4);
}

const event = (data: JsonObject): string => `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;
const data = (value: JsonObject): string => `data: ${JSON.stringify(value)}\n\n`;
/** A text in pieces, as it streams. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/gu) ?? [];

/** The answer in each protocol's words, without a word of usage. */
const spoken: Record<Protocol, (said: Said) => { whole: JsonObject; stream: string }> = {
  'openai-chat': ({ text, reasoning, call }) => {
    const called = call && [
      {
        id: 'call_1',
        type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.input) },
      },
    ];
    const finish = call === undefined ? 'stop' : 'tool_calls';
    const head = { id: 'chatcmpl-1', created: 1, model: 'm' };
    const chunk = (delta: JsonObject, finish_reason: string | null = null): string =>
      data({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
    const calls = (called ?? []).map((one, index) => ({ index, ...one }));
    return {
      whole: {
        ...{ ...head, object: 'chat.completion' },
        choices: [
          {
            ...{ index: 0, finish_reason: finish },
            message: {
              ...{ role: 'assistant', content: text ?? (call === undefined ? '' : null) },
              ...(reasoning !== undefined && { reasoning_content: reasoning }),
              ...(called !== undefined && { tool_calls: called }),
            },
          },
        ],
      },
      stream: [
        chunk({ role: 'assistant', content: '' }),
        ...pieces(reasoning ?? '').map((piece) => chunk({ reasoning_content: piece })),
        ...pieces(text ?? '').map((piece) => chunk({ content: piece })),
        ...(calls.length > 0 ? [chunk({ tool_calls: calls })] : []),
        `${chunk({}, finish)}data: [DONE]\n\n`,
      ].join(''),
    };
  },
  'openai-responses': ({ text, reasoning, call }) => {
    const items: JsonObject[] = [
      ...(reasoning === undefined
        ? []
        : [{ id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: reasoning }] }]),
      ...(text === undefined
        ? []
        : [
            {
              ...{ id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' },
              content: [{ type: 'output_text', text, annotations: [] }],
            },
          ]),
      ...(call === undefined
        ? []
        : [
            {
              ...{
                id: 'fc_1',
                type: 'function_call',
                status: 'completed',
                call_id: 'call_1',
                name: call.name,
              },
              arguments: JSON.stringify(call.input),
            },
          ]),
    ];
    const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'm' };
    const whole = { ...head, status: 'completed', output: items };
    const deltas = items.flatMap((item, output_index): JsonObject[] => {
      const at = { item_id: String(item.id), output_index };
      const growing = (type: string, text: string): JsonObject[] =>
        pieces(text).map((delta) => ({ type, ...at, delta, content_index: 0, summary_index: 0 }));
      const begun =
        item.type === 'message'
          ? { ...item, status: 'in_progress', content: [] }
          : item.type === 'reasoning'
            ? { ...item, summary: [] }
            : { ...item, status: 'in_progress', arguments: '' };
      const part = { type: 'output_text', text: '', annotations: [] };
      const grown =
        item.type === 'message'
          ? [
              { type: 'response.content_part.added', ...at, content_index: 0, part },
              ...growing('response.output_text.delta', text ?? ''),
              { type: 'response.output_text.done', ...at, content_index: 0, text: text ?? '' },
              {
                type: 'response.content_part.done',
                ...at,
                content_index: 0,
                part: { ...part, text: text ?? '' },
              },
            ]
          : item.type === 'reasoning'
            ? [
                {
                  ...{ type: 'response.reasoning_summary_part.added', ...at, summary_index: 0 },
                  part: { type: 'summary_text', text: '' },
                },
                ...growing('response.reasoning_summary_text.delta', reasoning ?? ''),
                {
                  ...{ type: 'response.reasoning_summary_text.done', ...at, summary_index: 0 },
                  text: reasoning ?? '',
                },
                {
                  ...{ type: 'response.reasoning_summary_part.done', ...at, summary_index: 0 },
                  part: { type: 'summary_text', text: reasoning ?? '' },
                },
              ]
            : [
                ...growing('response.function_call_arguments.delta', String(item.arguments)),
                { type: 'response.function_call_arguments.done', ...at, arguments: String(item.arguments) },
              ];
      return [
        { type: 'response.output_item.added', output_index, item: begun },
        ...grown,
        { type: 'response.output_item.done', output_index, item },
      ];
    });
    const events = [
      { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
      ...deltas,
      { type: 'response.completed', response: whole },
    ];
    return {
      whole,
      stream: events.map((one, sequence_number) => event({ ...one, sequence_number })).join(''),
    };
  },
  'anthropic-messages': ({ text, reasoning, call }) => {
    const content: JsonObject[] = [
      ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'c2ln' }]),
      ...(text === undefined ? [] : [{ type: 'text', text }]),
      ...(call === undefined
        ? []
        : [{ type: 'tool_use', id: 'toolu_1', name: call.name, input: call.input }]),
    ];
    const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };
    const stop = { stop_reason: call === undefined ? 'end_turn' : 'tool_use', stop_sequence: null };
    const blocks = content.flatMap((block, index): JsonObject[] => {
      const begun =
        block.type === 'thinking'
          ? { ...block, thinking: '', signature: '' }
          : block.type === 'text'
            ? { ...block, text: '' }
            : { ...block, input: {} };
      const deltas =
        block.type === 'thinking'
          ? [
              ...pieces(reasoning ?? '').map((thinking) => ({ type: 'thinking_delta', thinking })),
              { type: 'signature_delta', signature: 'c2ln' },
            ]
          : block.type === 'text'
            ? pieces(text ?? '').map((piece) => ({ type: 'text_delta', text: piece }))
            : Object.keys(call?.input ?? {}).length === 0
              ? []
              : pieces(JSON.stringify(block.input)).map((partial_json) => ({
                  type: 'input_json_delta',
                  partial_json,
                }));
      return [
        { type: 'content_block_start', index, content_block: begun },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
    });
    return {
      whole: { ...head, content, ...stop },
      stream: [
        { type: 'message_start', message: { ...head, content: [], stop_reason: null, stop_sequence: null } },
        ...blocks,
        { type: 'message_delta', delta: stop },
        { type: 'message_stop' },
      ]
        .map(event)
        .join(''),
    };
  },
  gemini: ({ text, reasoning, call }) => {
    const head = { modelVersion: 'm', responseId: 'r1' };
    const answer = (parts: JsonObject[], last: boolean): JsonObject => ({
      candidates: [{ content: { role: 'model', parts }, index: 0, ...(last && { finishReason: 'STOP' }) }],
      ...head,
    });
    const calls = call === undefined ? [] : [{ functionCall: { name: call.name, args: call.input } }];
    const parts: JsonObject[] = [
      ...(reasoning === undefined ? [] : [{ text: reasoning, thought: true }]),
      ...(text === undefined ? [] : [{ text }]),
      ...calls,
    ];
    return {
      whole: answer(parts, true),
      stream: [
        ...pieces(reasoning ?? '').map((piece) => answer([{ text: piece, thought: true }], false)),
        ...pieces(text ?? '').map((piece) => answer([{ text: piece }], false)),
        answer(calls, true),
      ]
        .map(data)
        .join(''),
    };
  },
};

const managementKey = 'management-key-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-estimates-'));
const lines = new Map<string, RequestRecord>();

function answer({ path, body }: Asked): Response {
  const text = Buffer.from(body).toString();
  const said = answers[Number(/answer (\d+)/.exec(text)?.[1])];
  const asked = parseJson(text);
  if (said === undefined || !isObject(asked)) throw new Error(`no answer for ${text}`);
  const protocol = path.includes('/v1beta/')
    ? 'gemini'
    : path.endsWith('/messages')
      ? 'anthropic-messages'
      : path.endsWith('/responses')
        ? 'openai-responses'
        : 'openai-chat';
  const { whole, stream } = spoken[protocol](said);
  return path.includes(':stream') || asked.stream === true ? eventStream(stream) : Response.json(whole);
}

const upstream = startUpstream(answer);
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
    ...everyUpstream(upstream.url, (protocol) => [{ name: 'm', alias: modelOver[protocol] }]),
    ...{ 'auth-dir': folder, 'disable-cooling': true },
    'api-keys': [{ key: clientKey, name: 'ada', 'tokens-per-minute': 100_000_000 }],
    'remote-management': { 'secret-key': managementKey },
  }),
});
afterAll(async () => {
  await gateway.stop();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const managed = async (path: string): Promise<string> =>
  (
    await fetch(`${gateway.url}/v0/management/${path}`, { headers: { 'x-management-key': managementKey } })
  ).text();

const sum = async (type: string): Promise<number> =>
  sumOf(readMetrics(await (await fetch(`${gateway.url}/metrics`)).text()), 'cpa_tokens_total', { type });

test.each(protocols.flatMap((over) => answers.map((said, index) => ({ over, ...said, index }))))(
  '15: $what over $over is estimated by what it says',
  async ({ over, index, ...said }) => {
    for (const call of calls)
      for (const stream of [false, true]) {
        const how = `${call.protocol}${stream ? ', stream' : ''}`;
        const before = await sum('output');
        const response = await send(gateway.url, call, {
          ...{ model: modelOver[over], text: `answer ${index}`, stream },
        });
        await response.text();
        expect([how, response.status]).toEqual([how, 200]);
        const id = response.headers.get('x-request-id') ?? '';
        await eventually(() => lines.has(id));
        const { request }: { request: ListedRequest } = JSON.parse(await managed(`usage/requests/${id}`));
        // Of a long stream that goes through as it is a few events are looked at.
        const output = stream && call.protocol === over ? (request.tokens.output ?? 0) : expected(said);
        expect(Math.abs(output - expected(said))).toBeLessThanOrEqual(expected(said) / 5);
        expect({
          ...{
            how,
            output: request.tokens.output,
            counted: request.counted,
            log: lines.get(id)?.output ?? 0,
          },
          metrics: (await sum('output')) - before,
        }).toEqual({ how, output, counted: 'estimate', log: output, metrics: output });
      }
  },
);

test('15: the budget of the key has the same numbers', async () => {
  const total = [...lines.values()].reduce((all, { input = 0, output = 0 }) => all + input + output, 0);
  const own: { limits: { limit: string; used: number }[] } = JSON.parse(
    await (
      await fetch(`${gateway.url}/v1/usage`, { headers: { authorization: `Bearer ${clientKey}` } })
    ).text(),
  );
  expect(own.limits.map(({ used }) => used)).toContain(total);
});
