/** Tools of OpenAI that its clients run, over upstreams of other protocols. */
import { expect, test } from 'bun:test';
import { unfoldResponse } from '../../src/protocols/fold.ts';
import { asObject, asObjects, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import type { Response, StreamEvent } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { readStream, writeStream } from '../codec-runs.ts';

const codec = codecs['openai-responses'];
const others = ['openai-chat', 'anthropic-messages', 'gemini'] as const;

const calls: [string, string, JsonObject, string][] = [
  ['local_shell', 'action', { type: 'exec', command: ['ls'], env: {} }, 'a.txt'],
  ['shell', 'action', { commands: ['ls'], timeout_ms: null, max_output_length: null }, 'a.txt'],
  ['apply_patch', 'operation', { type: 'update_file', path: 'a.txt', diff: '@@' }, 'Done'],
];

test.each(calls)('A23: %s and its history reach other upstreams', (type, field, said, shown) => {
  const output =
    type === 'shell' ? [{ stdout: shown, stderr: '', outcome: { type: 'exit', exit_code: 0 } }] : shown;
  const body = {
    tools: [{ type }],
    input: [
      { role: 'user', content: 'q' },
      { type: `${type}_call`, id: 'i1', call_id: 'c1', status: 'completed', [field]: said },
      { type: `${type}_call_output`, call_id: 'c1', output },
    ],
  };
  const request = codec.decodeRequest(body, { model: 'm', stream: false });
  for (const upstream of others) {
    const lost: string[] = [];
    const report = ({ field: name }: { field: string }): unknown => lost.push(name);
    const sent = JSON.stringify(
      codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report }),
    );
    expect(sent).toContain(shown);
    expect(sent).toContain(`"name":"${type}"`);
    expect(lost).toEqual([]);
  }
  const own = codec.encodeRequest(request, { model: 'm', stream: false, report: () => {} });
  expect(own).toMatchObject(body);
});

test.each(calls)('A23: a call of %s comes back as its item', (type, field, said) => {
  const request = codec.decodeRequest({ tools: [{ type }], input: 'q' }, { model: 'm', stream: true });
  const context = { request, model: 'm', now: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const response: Response = {
    id: 'x',
    model: 'u',
    parts: [{ type: 'tool-call', id: 'c1', name: type, kind: 'function', input: JSON.stringify(said) }],
    finish: { reason: 'tool-calls' },
  };
  const events: StreamEvent[] = [];
  unfoldResponse(response, (event) => events.push(event));
  const lines = writeStream(codec, events, context).split('\n');
  const last = lines.flatMap((line) => asObjects(parseJson(line.slice(6)))).at(-1);
  for (const output of [codec.encodeResponse(response, context).output, asObject(last?.response)?.output])
    expect(asObjects(output)).toMatchObject([
      { type: `${type}_call`, call_id: 'c1', status: 'completed', [field]: said },
    ]);
});

const messages = ['Looking at the file.', 'It is empty.'].map((text, i) => ({
  type: 'message',
  id: `m${i}`,
  role: 'assistant',
  status: 'completed',
  phase: i === 0 ? 'commentary' : 'final_answer',
  content: [{ type: 'output_text', text, annotations: [] }],
}));
const answer: JsonObject = { id: 'r', object: 'response', status: 'completed', model: 'x', output: messages };

test.each(others)('A21: a client of %s reads two messages as two texts', (client) => {
  const bodies: Record<(typeof others)[number], JsonObject> = {
    'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
    'anthropic-messages': { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
    gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
  };
  const request = codecs[client].decodeRequest(bodies[client], { model: 'm', stream: true });
  const whole = codec.decodeResponse(answer, { request });
  const sse = `data: ${JSON.stringify({ type: 'response.completed', response: answer })}\n\n`;
  const streamed = readStream(codec, sse, request)
    .flatMap((e) => (e.type === 'delta' ? [e.text] : []))
    .join('|');
  const texts = 'parts' in whole ? whole.parts.map((part) => (part.type === 'text' ? part.text : '')) : [];
  const gap = client === 'anthropic-messages' ? '' : '\n\n';
  expect(texts).toEqual(['Looking at the file.', `${gap}It is empty.`]);
  expect(streamed.replace('\n\n|', '\n\n')).toBe(texts.join('|'));
});

test.each(others)(
  'A14: additional_tools are no loss for %s, nor is an indexed search a live one',
  (upstream) => {
    const request = codec.decodeRequest(
      {
        tools: [{ type: 'web_search', external_web_access: false }],
        input: [
          {
            type: 'additional_tools',
            role: 'developer',
            tools: [{ type: 'function', name: 'wait', parameters: {} }],
          },
          { role: 'user', content: 'hi' },
        ],
      },
      { model: 'm', stream: false },
    );
    const lost: string[] = [];
    const body = codecs[upstream].encodeRequest(request, {
      model: 'x',
      stream: false,
      report: ({ field }) => lost.push(field),
    });
    expect(JSON.stringify(body.tools)).toContain('wait');
    expect(JSON.stringify(body)).not.toMatch(/search/i);
    expect(lost).toEqual(['tools.web_search']);
  },
);

test.each([
  { type: 'bash_20250124', name: 'bash' },
  { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 100 },
])('A23: $type of a Claude client is a function elsewhere, and itself for Claude', (tool) => {
  const claude = codecs['anthropic-messages'];
  const body = { max_tokens: 9, tools: [tool], messages: [{ role: 'user', content: 'hi' }] };
  const request = claude.decodeRequest(body, { model: 'm', stream: false });
  for (const upstream of ['openai-chat', 'openai-responses', 'gemini'] as const) {
    const sent = codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report: () => {} });
    expect(JSON.stringify(sent.tools)).toMatch(new RegExp(`"name":"${tool.name}".*"command"`));
  }
  const own = claude.encodeRequest(request, { model: 'm', stream: false, report: () => {} });
  expect(own.tools).toEqual([tool]);
});
