/** Kept answers as streams of their events: `retrieve(id, {stream: true})` of OpenAI's own client. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, oneUpstream, startTested } from '../gateway-harness.ts';

const message = {
  ...{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed' },
  content: [
    {
      ...{ type: 'output_text', text: 'Hellö,\n\nagain', logprobs: [] },
      annotations: [
        { type: 'url_citation', start_index: 0, end_index: 5, url: 'https://x.test/', title: 'X' },
      ],
    },
    { type: 'refusal', refusal: 'No more.' },
  ],
};
const reasoning = {
  ...{ type: 'reasoning', id: 'rs_1', encrypted_content: 'AAAA', status: 'completed' },
  summary: [{ type: 'summary_text', text: 'hm' }],
};
const named = { id: 'fc_1', call_id: 'call_1', status: 'completed' };
const answer = {
  ...{ id: 'resp_1', object: 'response', created_at: 1_700_000_000, model: 'm', status: 'completed' },
  ...{ error: null, incomplete_details: null, completed_at: 1_700_000_009, metadata: { a: 'b' }, tools: [] },
  output: [
    reasoning,
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    message,
    { type: 'function_call', ...named, name: 'weather', arguments: '{"city":"Ulm"}' },
    { type: 'custom_tool_call', ...named, id: 'ctc_1', call_id: 'call_2', name: 'patch', input: 'a\nb' },
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'iVBORw0KGgo=' },
  ],
  usage: {
    ...{ input_tokens: 3, output_tokens: 1, total_tokens: 4 },
    ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
  },
};
let made = 0;
let more: object = {};
let streamed: string | undefined;
const upstream = startUpstream(() =>
  streamed === undefined
    ? Response.json({ ...answer, ...more, id: `resp_${++made}` })
    : eventStream(streamed),
);
const authDir = mkdtempSync(join(tmpdir(), 'stored-streams-'));
const gateway = await startTested({
  ...oneUpstream('openai-responses', upstream.url, [{ name: 'm', alias: 'm' }]),
  'auth-dir': authDir,
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
  rmSync(authDir, { recursive: true });
});
const client = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });

async function kept(fields: object = {}): Promise<string> {
  more = fields;
  return (await client.responses.create({ model: 'm', input: 'x' })).id;
}

async function eventsOf(id: string, query: object = {}) {
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await client.responses.retrieve(id, { stream: true, ...query }))
    events.push(event);
  return events;
}

test('the events add up to the answer, and the last has it as it is kept', async () => {
  const id = await kept();
  const whole = await client.responses.retrieve(id);
  const events = await eventsOf(id);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
  expect(events[0]).toMatchObject({
    type: 'response.created',
    response: { id, status: 'in_progress', output: [], usage: null, metadata: { a: 'b' } },
  });
  expect(JSON.parse(JSON.stringify(events.at(-1)))).toEqual({
    type: 'response.completed',
    response: JSON.parse(JSON.stringify({ ...whole, output_text: undefined })),
    sequence_number: events.length - 1,
  });
  const done = events.flatMap((event) => (event.type === 'response.output_item.done' ? [event.item] : []));
  expect(JSON.parse(JSON.stringify(done))).toEqual(answer.output);
  const texts = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []));
  expect(texts.join('')).toBe('Hellö,\n\nagain');
});

test('the client puts the same answer together from its events', async () => {
  const id = await kept();
  const final = await client.responses.stream({ response_id: id }).finalResponse();
  expect(final.output_text).toBe('Hellö,\n\nagain');
  expect(final.output.map(({ type }): string => type)).toEqual(answer.output.map(({ type }) => type));
});

test('starting_after leaves out what the client has', async () => {
  const id = await kept();
  const all = await eventsOf(id);
  for (const after of [0, 5, all.length - 2])
    expect(await eventsOf(id, { starting_after: after })).toEqual(all.slice(after + 1));
  // The stream that was lost may have had more events.
  for (const after of [all.length - 1, 1000])
    expect(await eventsOf(id, { starting_after: after })).toMatchObject([
      { type: 'response.completed', sequence_number: after + 1 },
    ]);
});

describe('an answer that ended otherwise ends so', () => {
  test('incomplete', async () => {
    const id = await kept({
      ...{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [message] },
    });
    const last = (await eventsOf(id)).at(-1);
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    });
  });

  test('failed', async () => {
    const failed = { ...answer, status: 'failed', error: { code: 'server_error', message: 'Out of luck.' } };
    streamed = `event: response.created\ndata: ${JSON.stringify({ type: 'response.created', response: { ...answer, id: 'resp_f', status: 'in_progress', output: [] } })}\n\n${answer.output
      .map(
        (item, at) =>
          `event: response.output_item.done\ndata: ${JSON.stringify({ type: 'response.output_item.done', output_index: at, item })}\n\n`,
      )
      .join(
        '',
      )}event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', response: { ...failed, id: 'resp_f' } })}\n\n`;
    for await (const _ of await client.responses.create({ model: 'm', input: 'x', stream: true }));
    streamed = undefined;
    expect((await eventsOf('resp_f')).at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { message: 'Out of luck.' } },
    });
  });

  test('empty', async () => {
    const id = await kept({ output: [] });
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
  });
});

test('a place in the stream that is none is refused, and an answer that is not kept stays unknown', async () => {
  const id = await kept();
  const headers = { authorization: `Bearer ${clientKey}` };
  for (const after of ['x', '-1', '1.5', ''])
    expect([
      after,
      (await fetch(`${gateway.url}/v1/responses/${id}?stream=true&starting_after=${after}`, { headers }))
        .status,
    ]).toEqual([after, 400]);
  await expect(eventsOf('resp_unknown')).rejects.toThrow(/404/);
});
