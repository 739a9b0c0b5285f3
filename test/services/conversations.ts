/**
 * The same conversation from clients of all four protocols: thoughts, a call that another provider's model made, its result,
 * and a person who says more. What a strict service takes of it, it takes of every client.
 */
import type { JsonObject } from '../../src/protocols/json.ts';
import { post } from '../gateway/calls.ts';

export type ConversationClient = 'chat' | 'responses' | 'claude' | 'gemini';
export const conversationClients: readonly ConversationClient[] = ['chat', 'responses', 'claude', 'gemini'];

const schema = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] };
const longId = 'call_PTLP8xhu3uwZk4l3nlnrrJha';

interface Conversation {
  path: string;
  body: JsonObject;
}

function conversationsWith(model: string): Record<ConversationClient, Conversation> {
  return {
    chat: {
      path: '/v1/chat/completions',
      body: {
        model,
        seed: 7,
        max_completion_tokens: 500,
        stream_options: { include_usage: true },
        store: false,
        user: 'u-1',
        logprobs: false,
        service_tier: 'auto',
        reasoning_effort: 'medium',
        tools: [{ type: 'function', function: { name: 'look_up', parameters: schema, strict: true } }],
        messages: [
          { role: 'developer', content: 'Be short.' },
          { role: 'user', name: 'ada', content: 'When is high tide?' },
          {
            role: 'assistant',
            content: null,
            refusal: null,
            reasoning_content: 'I must look.',
            tool_calls: [
              { id: longId, type: 'function', function: { name: 'look_up', arguments: '{"word":"tide"}' } },
            ],
          },
          { role: 'tool', tool_call_id: longId, content: 'noon' },
          { role: 'user', content: 'In words.' },
        ],
      },
    },
    responses: {
      path: '/v1/responses',
      body: {
        model,
        store: false,
        include: ['reasoning.encrypted_content'],
        reasoning: { effort: 'low', summary: 'auto' },
        max_output_tokens: 500,
        tools: [{ type: 'function', name: 'look_up', parameters: schema, strict: true }],
        input: [
          { role: 'user', content: 'When is high tide?' },
          { type: 'function_call', call_id: longId, name: 'look_up', arguments: '{"word":"tide"}' },
          { type: 'function_call_output', call_id: longId, output: 'noon' },
          { role: 'user', content: 'In words.' },
        ],
      },
    },
    claude: {
      path: '/v1/messages',
      body: {
        model,
        max_tokens: 2000,
        thinking: { type: 'enabled', budget_tokens: 1024 },
        metadata: { user_id: 'u-1' },
        tools: [{ name: 'look_up', input_schema: schema }],
        messages: [
          { role: 'user', content: 'When is high tide?' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'I must look.', signature: 'c2ln' },
              {
                type: 'tool_use',
                id: 'toolu_01A09q90qw90lq917835lq9',
                name: 'look_up',
                input: { word: 'tide' },
              },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_01A09q90qw90lq917835lq9', content: 'noon' },
              { type: 'text', text: 'In words.' },
            ],
          },
        ],
      },
    },
    gemini: {
      path: `/v1beta/models/${model}:generateContent`,
      body: {
        generationConfig: {
          seed: 7,
          topK: 40,
          thinkingConfig: { thinkingBudget: 512, includeThoughts: true },
        },
        tools: [{ functionDeclarations: [{ name: 'look_up', parameters: schema }] }],
        contents: [
          { role: 'user', parts: [{ text: 'When is high tide?' }] },
          { role: 'model', parts: [{ functionCall: { name: 'look_up', args: { word: 'tide' } } }] },
          {
            role: 'user',
            parts: [
              { functionResponse: { name: 'look_up', response: { result: 'noon' } } },
              { text: 'In words.' },
            ],
          },
        ],
      },
    },
  };
}

/** Sends the conversation of one of the clients, whole or streamed. */
export function converse(
  gateway: string,
  model: string,
  client: ConversationClient,
  stream: boolean,
): Promise<Response> {
  const { path, body } = conversationsWith(model)[client];
  if (client !== 'gemini') return post(gateway + path, { ...body, stream });
  const at = stream ? `${path.replace(':generate', ':streamGenerate')}?alt=sse` : path;
  return post(gateway + at, body);
}
