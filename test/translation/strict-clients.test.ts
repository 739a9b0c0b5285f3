/** Requests that current agents send, recorded: `translation.strict` refuses none of them. */
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRequest } from '../../src/gateway/read-request.ts';
import { upstreamBody } from '../../src/gateway/upstream/request.ts';
import { pairToolResults } from '../../src/protocols/conversation.ts';
import { isObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { sides, translated } from './coverage.ts';
import { greeting } from './feature.ts';

const shared = join(import.meta.dir, '../../../shared/reference/captures');
const folder = existsSync(shared) ? shared : join(import.meta.dir, '../fixtures/captures');

function recorded(client: string): JsonObject[] {
  const calls: unknown = JSON.parse(readFileSync(join(folder, `${client}.json`), 'utf8'));
  return (Array.isArray(calls) ? calls : []).flatMap(({ body }) => {
    const value = typeof body === 'string' ? parseJson(body) : body;
    return isObject(value) && (value.input !== undefined || value.messages !== undefined) ? [value] : [];
  });
}

const models: Record<Protocol, string[]> = {
  'openai-chat': ['gpt-5.1', 'deepseek-chat'],
  'openai-responses': ['gpt-5.4'],
  'anthropic-messages': ['claude-opus-4-8'],
  gemini: ['gemini-3-pro-preview', 'gemini-2.5-pro'],
};
const clients = [
  { client: 'codex', protocol: 'openai-responses' },
  { client: 'claude', protocol: 'anthropic-messages' },
] as const;

function losses(protocol: Protocol, upstream: Protocol, model: string, body: JsonObject) {
  const request = {
    protocol,
    operation: 'generate' as const,
    model,
    modelSpan: undefined,
    stream: true,
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
  return upstreamBody(request, readRequest(request), { protocol: upstream, model, stream: true }).losses;
}

describe('A14: nothing of a recorded request is told as dropped', () => {
  const cases = clients.flatMap(({ client, protocol }) =>
    protocols
      .filter((upstream) => upstream !== protocol)
      .flatMap((upstream) => models[upstream].map((model) => ({ client, protocol, upstream, model }))),
  );
  test.each(cases)('$client over $upstream with $model', ({ client, protocol, upstream, model }) => {
    const requests = recorded(client);
    expect(requests.length).toBeGreaterThan(0);
    for (const body of requests)
      expect(losses(protocol, upstream, model, body).filter(({ kind }) => kind === 'dropped')).toEqual([]);
  });
});

describe('A14: hints that find no place are reported as hints', () => {
  test.each(['client_metadata', 'prompt_cache_key', 'metadata', 'user'])('%s', (field) => {
    const said = field.endsWith('metadata') ? { a: 'b' } : 'x';
    const found = losses('openai-responses', 'gemini', 'gemini-3-pro-preview', {
      input: 'Hi',
      [field]: said,
    });
    expect(found).toMatchObject([{ kind: 'hint', field }]);
  });

  test('the names under which Google bills a request', () => {
    const body = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], labels: { team: 'a' } };
    const found = losses('gemini', 'anthropic-messages', 'claude-opus-4-8', body);
    expect(found).toMatchObject([{ kind: 'hint', field: 'labels' }]);
  });

  const oneAtATime: [Protocol, JsonObject][] = [
    [
      'openai-responses',
      { input: 'Hi', tools: [{ type: 'function', name: 'f' }], parallel_tool_calls: false },
    ],
    [
      'openai-chat',
      {
        ...greeting.chat,
        tools: [{ type: 'function', function: { name: 'f' } }],
        parallel_tool_calls: false,
      },
    ],
    [
      'anthropic-messages',
      {
        ...greeting.anthropic,
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      },
    ],
  ];
  test.each(oneAtATime)('one call at a time over Gemini, from %s', (protocol, body) => {
    const found = losses(protocol, 'gemini', 'gemini-3-pro-preview', body);
    expect(found.filter(({ kind }) => kind !== 'approximated')).toMatchObject([
      { kind: 'hint', field: 'parallel_tool_calls' },
    ]);
  });

  test('Codex, which says so of models that it does not know', () => {
    for (const body of recorded('codex')) {
      const found = losses('openai-responses', 'gemini', 'gemini-3-pro-preview', {
        ...body,
        parallel_tool_calls: false,
      });
      expect(found.filter(({ kind }) => kind === 'dropped')).toEqual([]);
    }
  });

  test('the size and the freshness of a web search', () => {
    const tools = [{ type: 'web_search', search_context_size: 'low', external_web_access: true }];
    const found = losses('openai-responses', 'anthropic-messages', 'claude-opus-4-8', { input: 'Hi', tools });
    expect(found.map(({ kind, field }) => `${kind}:${field}`)).toEqual([
      'hint:tools.web_search.search_context_size',
      'hint:tools.web_search.external_web_access',
    ]);
  });

  test.each(sides.filter((side) => side !== 'responses'))(
    'a search of the provider’s index alone, over %s',
    (side) => {
      const tools = [{ type: 'web_search', external_web_access: false }];
      const { losses: found } = translated('responses', side, { ...greeting.responses, tools });
      expect(found).toMatchObject([{ kind: 'hint', field: 'tools.web_search' }]);
    },
  );

  test.each(sides.filter((side) => side !== 'responses'))(
    'a grammar, said in the description, over %s',
    (side) => {
      const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
      const tools = [{ type: 'custom', name: 'patch', description: 'A patch', format }];
      const { body, losses: found } = translated('responses', side, { ...greeting.responses, tools });
      expect(JSON.stringify(asObject(body))).toContain('start: ');
      expect(found).toContainEqual(expect.objectContaining({ kind: 'hint', field: 'tools.patch.format' }));
      expect(found.filter(({ kind }) => kind === 'dropped')).toEqual([]);
    },
  );
});

test('A14: the failure that the gateway writes itself is no loss', () => {
  const call = { type: 'tool-call', id: 'a', name: 'f', kind: 'function', input: '{}' } as const;
  const [, answered] = pairToolResults(
    [
      { role: 'assistant', parts: [call] },
      { role: 'user', parts: [{ type: 'text', text: 'go on' }] },
    ],
    () => {},
  );
  expect(answered?.parts[0]).toMatchObject({ type: 'tool-result', placeholder: true });
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
    { role: 'user', content: 'go on' },
  ];
  for (const side of ['chat', 'responses', 'gemini'] as const)
    expect(
      translated('anthropic', side, { ...greeting.anthropic, messages }).losses.map(({ field }) => field),
    ).toEqual(['messages.tool-call']);
});

test.each(sides.filter((side) => side !== 'chat'))(
  'A25: a grammar of a Chat client is told over %s',
  (side) => {
    const grammar = { syntax: 'lark', definition: 'start: "x"' };
    const tools = [{ type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar } } }];
    const { body, losses: found } = translated('chat', side, { ...greeting.chat, tools });
    const sent = asObject(body)?.tools;
    if (side === 'responses')
      expect(sent).toEqual([{ type: 'custom', name: 'patch', format: { type: 'grammar', ...grammar } }]);
    else {
      expect(JSON.stringify(sent)).toContain('start: ');
      expect(found).toContainEqual(expect.objectContaining({ kind: 'hint', field: 'tools.patch.format' }));
    }
  },
);
