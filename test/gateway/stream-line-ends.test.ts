/** Lines of an event stream end with LF, CRLF or CR (WHATWG HTML §9.2.6): clients of every protocol get the same answer. */
import { expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { calls, post } from './calls.ts';
import { startUpstream } from './upstream.ts';

const named = (events: JsonObject[]): string[][] =>
  events.map((event) => [`event: ${event.type}`, `data: ${JSON.stringify(event)}`]);
const bare = (events: JsonObject[]): string[][] => events.map((event) => [`data: ${JSON.stringify(event)}`]);
const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' };
const output = [{ ...message, content: [{ type: 'output_text', text: 'Café 😀', annotations: [] }] }];
const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
const response = { id: 'resp_1', object: 'response', model: 'm', created_at: 1, usage };

/** A short answer of each protocol, as the lines of its events. */
const answers: Record<Protocol, string[][]> = {
  'openai-chat': [
    ...bare([
      { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Café ' } }] },
      {
        id: 'c',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: '😀' }, finish_reason: 'stop' }],
      },
    ]),
    ['data: [DONE]'],
  ],
  'openai-responses': named([
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
    {
      type: 'response.content_part.added',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      part: { type: 'output_text', text: '', annotations: [] },
    },
    {
      type: 'response.output_text.delta',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: 'Café 😀',
    },
    { type: 'response.output_item.done', output_index: 0, item: output[0] ?? {} },
    { type: 'response.completed', response: { ...response, status: 'completed', output } },
  ]),
  'anthropic-messages': named([
    {
      type: 'message_start',
      message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], usage },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Café 😀' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ]),
  gemini: bare([
    {
      candidates: [
        { content: { role: 'model', parts: [{ text: 'Café 😀' }] }, index: 0, finishReason: 'STOP' },
      ],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
    },
  ]),
};

/** An answer with its lines ended so, in pieces of a few bytes: the two of CRLF come apart, and those of a character. */
function streamOf(over: Protocol, end: string, size: number): Response {
  const text = answers[over].map((lines) => [...lines, ''].map((line) => line + end).join('')).join('');
  const bytes = Buffer.from(text);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size));
        await Bun.sleep(0);
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const rows = calls.flatMap((call) =>
  protocols.map((over): [string, (typeof calls)[number], Protocol] => [
    `${call.protocol} over ${over}`,
    call,
    over,
  ]),
);

test.each(rows)('%s: a stream says the same however its lines end', async (_, call, over) => {
  let end = '\n';
  let size = 7;
  using upstream = startUpstream(() => streamOf(over, end, size));
  await using gateway = await startTested(sandboxModels(upstream.url, 'upstream-model'));
  const ask = async (): Promise<string> => {
    const asked = call.body(modelOver[over], 'Hello', true);
    const answer = await post(gateway.url + call.path(modelOver[over], true), asked);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    // Ids and times are made for each answer.
    return text
      .replace(/\r\n?/g, '\n')
      .replace(/"(?:id|item_id|responseId)":"[^"]*"|"created(?:_at)?":\d+/g, '');
  };
  const usual = await ask();
  expect(usual).toContain('Caf');
  for (const other of ['\r', '\r\n'])
    for (const pieces of [7, 1_000_000]) {
      [end, size] = [other, pieces];
      const said = await ask();
      expect(said.match(/"(?:text|content|delta)":"[^"]*"/g)).toEqual(
        usual.match(/"(?:text|content|delta)":"[^"]*"/g),
      );
      expect(said).not.toContain('"error":{');
    }
});
