/** M1: what a provider has made for one client key, in any protocol, is not there for another; answers need not be kept for it. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { post } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';

const otherKey = 'another-client-key-of-the-tests';
let answer: () => Response = () => new Response();
const upstream = startUpstream(() => answer());
const settings = {
  ...sandboxModels(upstream.url, 'm'),
  'disable-cooling': true,
};
const gateways = {
  kept: await startTested({ ...settings, 'api-keys': [clientKey, otherKey] }),
  'not kept': await startTested({
    ...settings,
    'api-keys': [clientKey, otherKey],
    responses: { store: false },
  }),
  alone: await startTested({ ...settings, 'api-keys': [clientKey] }),
};
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  for (const gateway of Object.values(gateways)) await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

async function ask(
  where: keyof typeof gateways,
  key: string,
  path: string,
  body: JsonObject | string,
  headers: Record<string, string> = {},
) {
  const asked = upstream.asked.length;
  const response = await post(gateways[where].url + path, body, {
    headers: { ...headers, authorization: `Bearer ${key}` },
  });
  return { status: response.status, text: await response.text(), sent: upstream.asked.length - asked };
}

const events = (...all: JsonObject[]) =>
  eventStream(all.map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
const usage = { input_tokens: 1, output_tokens: 1 };
const ran = (file: string) => ({
  type: 'bash_code_execution_tool_result',
  tool_use_id: 't',
  content: {
    type: 'bash_code_execution_result',
    content: [{ type: 'bash_code_execution_output', file_id: file }],
  },
});
const message = (id: string, more: JsonObject = {}) => ({
  ...{
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    stop_reason: 'end_turn',
    stop_sequence: null,
  },
  ...{
    usage,
    content: [{ type: 'text', text: 'x' }, ran(`file_${id}`)],
    container: { id, expires_at: 'z' },
    ...more,
  },
});
const claude = (more: JsonObject): JsonObject => ({
  model: modelOver['anthropic-messages'],
  max_tokens: 9,
  messages: [{ role: 'user', content: 'x' }],
  ...more,
});
const tools = [{ type: 'code_execution_20250825', name: 'code_execution' }];

describe.each(['kept', 'not kept'] as const)('answers are %s', (where) => {
  const messages = (key: string, body: JsonObject | string, path = '/v1/messages') =>
    ask(where, key, path, body);

  test.each(['whole', 'streamed'])(
    'M1: a container of Claude, %s, and its files are its own key’s',
    async (how) => {
      const id = `container_${how}_${where.replace(' ', '_')}`;
      const stream = how === 'streamed';
      answer = () =>
        stream
          ? events(
              { type: 'message_start', message: message(id, { container: null, content: [] }) },
              { type: 'content_block_start', index: 0, content_block: ran(`file_${id}`) },
              { type: 'content_block_stop', index: 0 },
              {
                type: 'message_delta',
                delta: { stop_reason: 'end_turn', container: { id, expires_at: 'z' } },
                usage: { output_tokens: 1 },
              },
              { type: 'message_stop' },
            )
          : Response.json(message(id));
      expect((await messages(clientKey, claude({ tools, stream }))).status).toBe(200);
      const file = { type: 'container_upload', file_id: `file_${id}` };
      const named: (JsonObject | string)[] = [
        claude({ container: id }),
        claude({ container: id, stream: true }),
        claude({ container: { id, skills: [] } }),
        claude({ messages: [{ role: 'user', content: [file] }] }),
        claude({
          messages: [
            {
              role: 'user',
              content: [{ type: 'document', source: { type: 'file', file_id: `file_${id}` } }],
            },
          ],
        }),
        JSON.stringify(claude({ container: id })).replace('"container"', '"c\\u006fntainer"'),
      ];
      for (const body of named) {
        for (const path of ['/v1/messages', '/v1/messages/count_tokens'])
          expect(await messages(otherKey, body, path)).toMatchObject({ status: 404, sent: 0 });
        expect((await messages(clientKey, body)).sent).toBe(1);
      }
      // Over another protocol, too.
      const responses = { model: modelOver['openai-responses'], input: 'x' };
      for (const body of [
        { ...responses, tools: [{ type: 'code_interpreter', container: id }] },
        { ...responses, input: [{ role: 'user', content: [{ type: 'input_file', file_id: `file_${id}` }] }] },
      ])
        expect(await ask(where, otherKey, '/v1/responses', body)).toMatchObject({ status: 404, sent: 0 });
    },
  );

  test.each(['whole', 'streamed'])(
    'M1: a thread of Claude, %s, is gone on from by its own key alone',
    async (how) => {
      const stream = how === 'streamed';
      const id = `msg_thread_${how}_${where.replace(' ', '_')}`;
      const whole = message('c', { id, container: null, content: [{ type: 'text', text: 'x' }] });
      answer = () =>
        stream
          ? events(
              { type: 'message_start', message: { ...whole, content: [], stop_reason: null } },
              { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
              { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } },
              { type: 'content_block_stop', index: 0 },
              { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
              { type: 'message_stop' },
            )
          : Response.json(whole);
      expect((await messages(clientKey, claude({ thread: { type: 'create' }, stream }))).status).toBe(200);
      const thread = { type: 'continue', previous_message_id: id };
      const named: (JsonObject | string)[] = [
        claude({ thread }),
        claude({ thread, stream: true }),
        claude({ diagnostics: { previous_message_id: id } }),
        JSON.stringify(claude({ thread })).replace('"previous_message_id"', '"previous_m\\u0065ssage_id"'),
        JSON.stringify(claude({ thread })).replace('"thread"', '"threa\\u0064"'),
      ];
      for (const body of named) {
        for (const path of ['/v1/messages', '/v1/messages/count_tokens'])
          expect(await messages(otherKey, body, path)).toMatchObject({ status: 404, sent: 0 });
        expect((await messages(clientKey, body)).sent).toBe(1);
      }
      // Each answer of a thread is the next one's place to go on from.
      const second = `${id}_second`;
      answer = () => Response.json({ ...whole, id: second });
      expect((await messages(clientKey, claude({ thread }))).status).toBe(200);
      const further = claude({ thread: { ...thread, previous_message_id: second } });
      expect(await messages(otherKey, further)).toMatchObject({ status: 404, sent: 0 });
    },
  );

  test('M1: a message that is compared is its own key’s, without a thread, too', async () => {
    const id = `msg_compared_${where.replace(' ', '_')}`;
    answer = () =>
      Response.json(message('c', { id, container: null, content: [{ type: 'text', text: 'x' }] }));
    const first = claude({ diagnostics: { previous_message_id: null } });
    expect((await messages(clientKey, first)).status).toBe(200);
    const second = claude({ diagnostics: { previous_message_id: id } });
    expect(await messages(otherKey, second)).toMatchObject({ status: 404, sent: 0 });
    expect((await messages(clientKey, second)).sent).toBe(1);
  });

  test.each([
    ['short', 'fct_short'],
    ['long', `fct_${'long'.repeat(300)}`],
  ])('M1: what a refusal is worth is paid to its own key alone, by a %s token', async (_, written) => {
    const token = `${written}_${where}`;
    const beta = { 'anthropic-beta': 'context-1m-2025-08-07,fallback-credit-2026-07-01' };
    const stop_details = { type: 'refusal', fallback_credit_token: token };
    answer = () =>
      Response.json(
        message('c', {
          container: null,
          content: [{ type: 'text', text: 'x' }],
          stop_reason: 'refusal',
          stop_details,
        }),
      );
    expect((await ask(where, clientKey, '/v1/messages', claude({}), beta)).status).toBe(200);
    for (const fallback_credit_token of [token, { token }, { token, mode: 'best_effort' }])
      for (const more of [beta, {}]) {
        const again = claude({ fallback_credit_token });
        expect(await ask(where, otherKey, '/v1/messages', again, more)).toMatchObject({
          status: 404,
          sent: 0,
        });
        expect((await ask(where, clientKey, '/v1/messages', again, more)).sent).toBe(1);
      }
  });

  test('M1: an id among more of them than are looked up is not let through', async () => {
    const id = `container_far_${where.replace(' ', '_')}`;
    answer = () => Response.json(message(id));
    expect((await messages(clientKey, claude({ tools }))).status).toBe(200);
    const others = Array.from({ length: 5000 }, (_, at) => `file_${at}`);
    const call = { type: 'tool_use', id: 't', name: 'x', input: { file_ids: others } };
    const file = { type: 'container_upload', file_id: `file_${id}` };
    for (const content of [
      [call, file],
      [file, call],
    ]) {
      const said = claude({ messages: [{ role: 'user', content }] });
      expect(await messages(otherKey, said)).toMatchObject({ status: 400, sent: 0 });
    }
    const input = [
      { role: 'user', content: [{ type: 'input_file', file_id: `file_${id}` }], x: { file_ids: others } },
    ];
    const responses = { model: modelOver['openai-responses'], input };
    expect(await ask(where, otherKey, '/v1/responses', responses)).toMatchObject({ status: 400, sent: 0 });
  });

  test('M1: the rest of an interaction, and the machine that it ran on, are its own key’s', async () => {
    const left = { environment_id: `environments/${where}`, continuation_token: `rest-of-${where}` };
    answer = () =>
      Response.json({ id: 'i', status: 'completed', outputs: [{ type: 'text', text: 'x' }], ...left });
    const asked = { model: modelOver.gemini, input: 'x', store: false };
    for (const path of ['/v1beta/interactions', '/v1/interactions']) {
      const first = { ...asked, environment: { sources: [] } };
      expect(await ask(where, clientKey, path, first)).toMatchObject({ status: 200, sent: 1 });
      for (const more of [
        { continuation_token: left.continuation_token },
        { continuationToken: left.continuation_token },
        { environment: left.environment_id },
        { environment: { environment_id: left.environment_id } },
        { environment: { environmentId: left.environment_id, sources: [] } },
        { tools: [{ environment: { from_environment: left.environment_id } }] },
      ]) {
        expect(await ask(where, otherKey, path, { ...asked, ...more })).toMatchObject({
          status: 404,
          sent: 0,
        });
        expect(await ask(where, clientKey, path, { ...asked, ...more })).toMatchObject({
          status: 200,
          sent: 1,
        });
      }
    }
  });

  test('M1: what a client named itself stays everybody’s', async () => {
    answer = () => Response.json(message('container_of_all', { content: [] }));
    const body = claude({ tools, container: 'container_of_all' });
    expect((await messages(clientKey, body)).status).toBe(200);
    expect((await messages(otherKey, body)).status).toBe(200);
  });

  test('M1: a spoken answer of Chat is its own key’s', async () => {
    const id = `audio_${where}`;
    const said = {
      role: 'assistant',
      content: null,
      audio: { id, data: '', transcript: 'x', expires_at: 1 },
    };
    answer = () =>
      Response.json({ id: 'c', choices: [{ index: 0, message: said, finish_reason: 'stop' }], usage: {} });
    const chat = (more: JsonObject[]) => ({
      model: modelOver['openai-chat'],
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'mp3' },
      messages: [{ role: 'user', content: 'x' }, ...more],
    });
    const path = '/v1/chat/completions';
    expect((await ask(where, clientKey, path, chat([]))).status).toBe(200);
    const again = chat([
      { role: 'assistant', audio: { id } },
      { role: 'user', content: 'and?' },
    ]);
    expect(await ask(where, otherKey, path, again)).toMatchObject({ status: 404, sent: 0 });
    expect(await ask(where, clientKey, path, again)).toMatchObject({ status: 200, sent: 1 });
  });

  test('M1: a response is its own key’s, and so are its container and the files in it', async () => {
    const id = `resp_${where}`;
    const text = {
      type: 'output_text',
      text: 'x',
      annotations: [
        { type: 'container_file_citation', container_id: `cntr_${where}`, file_id: `cfile_${where}` },
      ],
    };
    const output = [
      {
        type: 'code_interpreter_call',
        id: `ci_${where}`,
        status: 'completed',
        container_id: `cntr_${where}`,
      },
      { type: 'message', id: `msg_${where}`, role: 'assistant', status: 'completed', content: [text] },
    ];
    answer = () => Response.json({ id, object: 'response', status: 'completed', model: 'm', output, usage });
    const asked = { model: modelOver['openai-responses'], input: 'x' };
    expect((await ask(where, clientKey, '/v1/responses', asked)).status).toBe(200);
    for (const more of [
      { previous_response_id: id },
      { input: [{ type: 'item_reference', id: `msg_${where}` }] },
      { tools: [{ type: 'code_interpreter', container: `cntr_${where}` }] },
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: `cfile_${where}` }] }] },
      { prompt_cache_options: { comparison_response_id: id } },
      { input: [{ type: 'mcp_approval_response', approval_request_id: `msg_${where}`, approve: true }] },
      { input: [{ type: 'reasoning', id: `msg_${where}`, summary: [], encrypted_content: '' }] },
    ]) {
      const { status, sent } = await ask(where, otherKey, '/v1/responses', { ...asked, ...more });
      expect([JSON.stringify(more), sent]).toEqual([JSON.stringify(more), 0]);
      expect([400, 404]).toContain(status);
    }
    expect((await ask(where, clientKey, '/v1/responses', { ...asked, previous_response_id: id })).sent).toBe(
      1,
    );
  });
});

test('M1: one key alone shares nothing, and nothing is looked for', async () => {
  answer = () => Response.json(message('container_alone'));
  expect((await ask('alone', clientKey, '/v1/messages', claude({ tools }))).status).toBe(200);
  expect(
    (await ask('alone', clientKey, '/v1/messages', claude({ container: 'container_alone' }))).status,
  ).toBe(200);
});

test('H4: an answer of two million objects that names a container goes through, and holds nobody up', async () => {
  const objects = `[${Array.from({ length: 2_000_000 }, () => '{}').join()}]`;
  const body = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"}],"container":{"id":"c_far"},"x":${objects},"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`;
  answer = () => new Response(body, { headers: { 'content-type': 'application/json' } });
  const whole = await ask('kept', clientKey, '/v1/messages', claude({ tools }));
  expect(whole.status).toBe(200);
  expect(whole.text === body).toBe(true);
});

test('H4: a request of ninety thousand lists that names a container is asked', async () => {
  answer = () => Response.json(message('c_1'));
  const lists = `[${Array.from({ length: 90_000 }, () => '[]').join()}]`;
  const body = JSON.stringify(claude({ tools, container: 'c_many' })).replace('{', `{"x":${lists},`);
  expect(await ask('kept', clientKey, '/v1/messages', body)).toMatchObject({ status: 200, sent: 1 });
});
