import { beforeEach, describe, expect, test } from 'bun:test';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { people } from '../../sandbox/account-servers/people.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { AccountFacts } from '../../src/providers/account-provider.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import { apiToken } from '../sandbox-apis.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { ask, gatewayWith, jsonIn, scriptedSource, textOf } from './accounts.ts';
import { callOf } from './calls.ts';

const sandbox = sandboxOfTests();
beforeEach(() => sandbox.reset());

const [ada] = people;
const vertex: AccountFacts = { serviceAccount: { project_id: 'sandbox-project' }, location: 'us-central1' };
const accounts: readonly {
  kind: AccountKind;
  model: string;
  facts: AccountFacts;
  over: 'HTTP' | 'WebSocket';
}[] = [
  { kind: 'gemini', model: 'gemini-2.5-pro', facts: { projects: ['ada-main'] }, over: 'HTTP' },
  { kind: 'antigravity', model: 'gemini-3-flash', facts: { projects: ['ada-main'] }, over: 'HTTP' },
  { kind: 'antigravity', model: 'claude-sonnet-4-5', facts: { projects: ['ada-main'] }, over: 'HTTP' },
  { kind: 'claude', model: 'claude-sonnet-5', facts: {}, over: 'HTTP' },
  { kind: 'codex', model: 'gpt-5.1-codex', facts: { accountId: ada?.workspace.accountId }, over: 'HTTP' },
  {
    kind: 'codex',
    model: 'gpt-5.1-codex',
    facts: { accountId: ada?.workspace.accountId },
    over: 'WebSocket',
  },
  { kind: 'qwen', model: 'qwen3-coder-plus', facts: {}, over: 'HTTP' },
  { kind: 'iflow', model: 'glm-4.6', facts: {}, over: 'HTTP' },
  { kind: 'kimi', model: 'kimi-k2.5', facts: {}, over: 'HTTP' },
  { kind: 'xai', model: 'grok-4', facts: {}, over: 'HTTP' },
  { kind: 'vertex', model: 'gemini-2.5-pro', facts: vertex, over: 'HTTP' },
  { kind: 'vertex', model: 'claude-sonnet-4-5-20250929', facts: vertex, over: 'HTTP' },
];

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const call = { name: 'weather', arguments: '{"city":"Ulm"}' };
const conversations: readonly { protocol: Protocol; body: JsonObject }[] = [
  {
    protocol: 'openai-chat',
    body: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'How is the weather?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: call }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        { role: 'user', content: 'repeat: as it was said' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', parameters } }],
      temperature: 0.5,
      max_tokens: 500,
      user: 'me',
      safety_identifier: 'me',
    },
  },
  {
    protocol: 'anthropic-messages',
    body: {
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'How is the weather?' },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ulm' } }],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' }] },
        { role: 'assistant', content: 'It is sunny.' },
        { role: 'user', content: 'repeat: as it was said' },
      ],
      tools: [{ name: 'weather', description: 'Tells it.', input_schema: parameters }],
      max_tokens: 500,
      metadata: { user_id: 'me' },
    },
  },
  {
    protocol: 'openai-responses',
    body: {
      instructions: 'Be brief.',
      input: [
        { role: 'system', content: 'Truly.' },
        { role: 'user', content: 'How is the weather?' },
        { type: 'function_call', call_id: 'call_1', ...call },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
        { role: 'user', content: [{ type: 'input_text', text: 'repeat: as it was said' }] },
      ],
      tools: [{ type: 'function', name: 'weather', parameters, strict: false }],
      max_output_tokens: 500,
      temperature: 0.5,
      metadata: { a: 'b' },
    },
  },
  {
    protocol: 'gemini',
    body: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'How is the weather?' }] },
        { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: 'Ulm' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { result: 'sunny' } } }] },
        { role: 'model', parts: [{ text: 'It is sunny.' }] },
        { role: 'user', parts: [{ text: 'repeat: as it was said' }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'weather', description: 'Tells it.', parameters }] }],
      generationConfig: { temperature: 0.5, maxOutputTokens: 500 },
      safetySettings: [],
    },
  },
];

// The sandbox checks every field against the provider's own rules, and shares no code with what writes the requests.
describe.each(accounts)('the sandbox of $kind, $model, over $over', (account) => {
  const { kind, model, facts, over } = account;
  const gateway = async () => {
    const source = scriptedSource(await apiToken(sandbox, kind));
    const url = sandboxProviders(sandbox.url)[kind]['base-url'];
    return gatewayWith([{ kind, facts, url, source, more: { websockets: over === 'WebSocket' } }]);
  };

  test.each(protocols)('takes what %s clients ask, whole and streamed', async (protocol) => {
    const asked = await gateway();
    const body = callOf(protocol).body(model, 'repeat: as it was said', false);
    const whole = await ask(asked, { protocol, model, body });
    expect(callOf(protocol).textOf(await jsonIn(whole))).toBe('as it was said');
    const streams = callOf(protocol).body(model, 'repeat: as it was said', true);
    const streamed = await ask(asked, { protocol, model, body: streams, stream: true });
    expect(streamed.status).toBe(200);
    expect(await textOf(streamed)).toContain('said');
  });

  test.each(conversations)(
    'takes a conversation of $protocol with system text, tools, results and settings',
    async ({ protocol, body }) => {
      const answered = await ask(await gateway(), {
        protocol,
        model,
        body: protocol === 'gemini' ? body : { model, ...body },
      });
      expect(await textOf(answered)).toContain('as it was said');
      expect(answered.status).toBe(200);
    },
  );

  test.each(protocols)('counts for %s clients', async (protocol) => {
    // Anthropic's counting takes no settings of answers.
    const { max_tokens: _limit, stream: _stream, ...body } = callOf(protocol).body(model, 'Hello', false);
    const counted = await ask(await gateway(), { protocol, model, body, operation: 'count-tokens' });
    expect(counted.status).toBe(200);
    expect(await textOf(counted)).toMatch(/"(?:input_tokens|totalTokens)":\d+/);
  });
});
