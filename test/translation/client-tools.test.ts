/** Tools of OpenAI that its clients run, over upstreams of other protocols. */
import { expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../../src/protocols/answer.ts';
import { unfoldResponse } from '../../src/protocols/fold.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { answerOf, folded, readStream, writeStream } from '../codec-runs.ts';

const codec = codecs['openai-responses'];
const others = ['openai-chat', 'anthropic-messages', 'gemini'] as const;

const calls: [string, string, JsonObject, string][] = [
  ['local_shell', 'action', { type: 'exec', command: ['ls'], env: {} }, 'a.txt'],
  ['shell', 'action', { commands: ['ls'], timeout_ms: null, max_output_length: null }, 'a.txt'],
  ['apply_patch', 'operation', { type: 'update_file', path: 'a.txt', diff: '@@' }, 'Done'],
];
const computers: [string, string, JsonObject | JsonObject[]][] = [
  ['computer', 'actions', [{ type: 'click', button: 'left', x: 1, y: 2 }]],
  ['computer_use_preview', 'action', { type: 'screenshot' }],
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
    const report = (_kind: string, name: string): unknown => lost.push(name);
    const sent = JSON.stringify(
      codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report }),
    );
    expect(sent).toContain(shown);
    expect(sent).toContain(`"name":"${type}"`);
    expect(lost).toEqual([]);
  }
});

test.each(calls)('A23: a call of %s comes back as its item', (type, field, said) => {
  const request = codec.decodeRequest({ tools: [{ type }], input: 'q' }, { model: 'm', stream: true });
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
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
      report: (_kind, field) => lost.push(field),
    });
    expect(JSON.stringify(body.tools)).toContain('wait');
    expect(JSON.stringify(body)).not.toMatch(/search/i);
    expect(lost).toEqual(['tools.web_search']);
  },
);

test.each([
  { type: 'bash_20250124', name: 'bash' },
  { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 100 },
  { type: 'memory_20250818', name: 'memory' },
  { type: 'computer_20251124', name: 'computer', display_width_px: 800, display_height_px: 600 },
])('A23: $type of a Claude client is a function elsewhere', (tool) => {
  const claude = codecs['anthropic-messages'];
  const body = { max_tokens: 9, tools: [tool], messages: [{ role: 'user', content: 'hi' }] };
  const request = claude.decodeRequest(body, { model: 'm', stream: false });
  for (const upstream of ['openai-chat', 'openai-responses', 'gemini'] as const) {
    const sent = codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report: () => {} });
    expect(JSON.stringify(sent.tools)).toMatch(new RegExp(`"name":"${tool.name}".*"(command|action)"`));
  }
});

test.each(computers)('A23: %s, its calls and pictures reach other upstreams', (type, field, said) => {
  const picture = { type: 'computer_screenshot', image_url: 'data:image/png;base64,iVBORw0KGgo=' };
  const body = {
    tools: [
      { type, ...(type !== 'computer' && { display_width: 800, display_height: 600, environment: 'mac' }) },
    ],
    input: [
      { role: 'user', content: 'q' },
      {
        type: 'computer_call',
        id: 'i1',
        call_id: 'c1',
        status: 'completed',
        pending_safety_checks: [],
        [field]: said,
      },
      { type: 'computer_call_output', call_id: 'c1', output: picture },
    ],
  };
  const request = codec.decodeRequest(body, { model: 'm', stream: false });
  for (const upstream of others) {
    const lost: string[] = [];
    const sent = codecs[upstream].encodeRequest(request, {
      model: 'x',
      stream: false,
      report: (kind, name) => kind === 'dropped' && lost.push(name),
    });
    expect(JSON.stringify(sent)).toContain('iVBORw0KGgo=');
    expect(JSON.stringify(sent)).toContain(`"name":"${type}"`);
    expect(lost).toEqual([]);
  }

  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const input = JSON.stringify(field === 'actions' ? { actions: said } : said);
  const call = { type: 'tool-call' as const, id: 'c1', name: type, kind: 'function' as const, input };
  const response: Response = { id: 'x', model: 'u', parts: [call], finish: { reason: 'tool-calls' } };
  expect(asObjects(codec.encodeResponse(response, context).output)).toMatchObject([
    { type: 'computer_call', call_id: 'c1', pending_safety_checks: [], [field]: said },
  ]);
});

test.each(['local_shell', 'shell', 'apply_patch', 'computer'])(
  'A23: a tool_choice of %s names its function elsewhere',
  (type) => {
    for (const choice of [{ type }, { type: 'allowed_tools', mode: 'required', tools: [{ type }] }]) {
      const body = {
        input: 'q',
        tools: [{ type }, { type: 'function', name: 'f', parameters: {} }],
        tool_choice: choice,
      };
      const request = codec.decodeRequest(body, { model: 'm', stream: false });
      for (const upstream of others) {
        const lost: string[] = [];
        const report = (kind: string, field: string): unknown =>
          kind === 'dropped' && field === 'tool_choice' && lost.push(field);
        const sent = codecs[upstream].encodeRequest(request, { model: 'gpt-5', stream: false, report });
        expect(JSON.stringify(sent.tool_choice ?? sent.toolConfig)).toContain(type);
        expect(lost).toEqual([]);
      }
    }
  },
);

const shellItems: [JsonObject, string][] = [
  [{ type: 'shell_call', call_id: 'c1', action: { commands: ['cd a', 'ls'] } }, 'cd a\nls'],
  [
    {
      type: 'local_shell_call',
      call_id: 'c1',
      action: { type: 'exec', command: ['bash', '-lc', 'ls | wc'] },
    },
    'ls | wc',
  ],
  [{ type: 'local_shell_call', call_id: 'c1', action: { command: ['cat', "a b's"] } }, `cat 'a b'\\''s'`],
];

test.each(shellItems)('A23: an upstream’s %j is a call of Claude’s bash', (item, command) => {
  const claude = codecs['anthropic-messages'];
  const tools = [{ type: 'bash_20250124', name: 'bash' }];
  const said = { max_tokens: 9, tools, messages: [{ role: 'user', content: 'hi' }] };
  const request = claude.decodeRequest(said, { model: 'm', stream: true });
  const body = { id: 'r', object: 'response', status: 'completed', model: 'x', output: [item] };
  const sse = [
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: body },
  ];
  const events = readStream(
    codec,
    sse.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
    request,
  );
  const read = codec.decodeResponse(body, { request });
  for (const response of [folded(events), answerOf(read)]) {
    expect(response.finish.reason).toBe('tool-calls');
    expect(response.parts).toMatchObject([
      { type: 'tool-call', id: 'c1', name: 'bash', input: JSON.stringify({ command }) },
    ]);
  }
});

test.each(others)('A23: an upstream’s own patch and shell calls vanish for no client of %s', (client) => {
  const bodies: Record<(typeof others)[number], JsonObject> = {
    'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
    'anthropic-messages': { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
    gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
  };
  const request = codecs[client].decodeRequest(bodies[client], { model: 'm', stream: false });
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const output = [
    { type: 'apply_patch_call', call_id: 'c1', operation: { type: 'delete_file', path: 'a.txt' } },
    { type: 'shell_call', call_id: 'c2', action: { commands: ['ls'] }, environment: { type: 'local' } },
    {
      type: 'shell_call',
      call_id: 'c3',
      action: { commands: ['pwd'] },
      environment: { type: 'container_reference', container_id: 'k' },
    },
  ];
  const read = answerOf(codec.decodeResponse({ ...answer, output }, { request }));
  const told = JSON.stringify(codecs[client].encodeResponse(read, context));
  expect(told).toContain('apply_patch');
  expect(told).toContain('ls');
  expect(told).not.toContain('pwd');
});

test.each(others)(
  'A23: the output of a local shell that names the item finds its call over %s',
  (upstream) => {
    const input = [
      { role: 'user', content: 'q' },
      {
        type: 'local_shell_call',
        id: 'lsh_1',
        call_id: 'c1',
        status: 'completed',
        action: { type: 'exec', command: ['ls'], env: {} },
      },
      { type: 'local_shell_call_output', id: 'lsh_1', output: 'a.txt' },
    ];
    const request = codec.decodeRequest(
      { tools: [{ type: 'local_shell' }], input },
      { model: 'm', stream: false },
    );
    const sent = JSON.stringify(
      codecs[upstream].encodeRequest(request, { model: 'x', stream: false, report: () => {} }),
    );
    expect(sent).toContain('a.txt');
    expect(sent).not.toContain('lsh_1');
  },
);

test('A23: a shell call that was cut is nothing that a Claude client could run', () => {
  const claude = codecs['anthropic-messages'];
  const said = {
    max_tokens: 9,
    tools: [{ type: 'bash_20250124', name: 'bash' }],
    messages: [{ role: 'user', content: 'hi' }],
  };
  const request = claude.decodeRequest(said, { model: 'm', stream: true });
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const item = {
    type: 'shell_call',
    call_id: 'c1',
    status: 'incomplete',
    action: { commands: ['rm -rf /tmp'] },
  };
  const body = {
    ...{ id: 'r', object: 'response', model: 'x', status: 'incomplete', output: [item] },
    incomplete_details: { reason: 'max_output_tokens' },
  };
  const sse = [
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.incomplete', response: body },
  ];
  const events = readStream(
    codec,
    sse.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
    request,
  );
  const whole = claude.encodeResponse(answerOf(codec.decodeResponse(body, { request })), context);
  for (const told of [JSON.stringify(whole), writeStream(claude, events, context)]) {
    expect(told).not.toContain('tool_use');
    expect(told).toContain('max_tokens');
  }
});
