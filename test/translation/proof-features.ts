/** Proofs of thinking that a provider wants back: each in an answer, as its provider gives it. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { FactsName } from '../facts.ts';

export interface Proof {
  name: string;
  /** The upstream that gave it and wants it back. */
  family: FactsName;
  /** Occurs in the answer, must occur in the next request. */
  value: string;
  /** The maker's model, where not every model wants it back. */
  model?: string;
  answer: JsonObject;
  /** Why it does not come back through a client, where that is so. */
  lost?: Partial<Record<FactsName, string>>;
}

const call = { id: 'call_1', name: 'weather' };
const value = btoa('a proof that only its maker can read, of any length at all');

export const proofs: readonly Proof[] = [
  {
    name: 'Anthropic: signed thinking',
    family: 'anthropic',
    value,
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'Hmm', signature: value },
        { type: 'tool_use', ...call, input: {} },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  {
    name: 'Anthropic: redacted thinking',
    family: 'anthropic',
    value,
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'redacted_thinking', data: value },
        { type: 'tool_use', ...call, input: {} },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  {
    name: 'OpenAI: encrypted reasoning',
    family: 'responses',
    value,
    answer: {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model: 'm',
      output: [
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: value },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'weather',
          arguments: '{}',
          status: 'completed',
        },
      ],
    },
  },
  {
    name: 'chat: thinking as plain text (`reasoning_content`)',
    family: 'chat',
    model: 'deepseek-reasoner',
    value: 'First the weather, then the answer.',
    answer: {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            reasoning_content: 'First the weather, then the answer.',
            tool_calls: [{ id: call.id, type: 'function', function: { name: 'weather', arguments: '{}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
    },
  },
  {
    name: 'Gemini: a signed call',
    family: 'gemini',
    value,
    answer: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [{ functionCall: { name: 'weather', args: {} }, thoughtSignature: value }],
          },
          finishReason: 'STOP',
        },
      ],
    },
  },
  {
    name: 'Gemini: signed text',
    lost: {
      anthropic:
        'behind the last text of a stream, where clients would show an empty block as the answer; Gemini does not demand it of text',
    },
    family: 'gemini',
    value,
    answer: {
      candidates: [
        {
          content: { role: 'model', parts: [{ text: 'Hello', thoughtSignature: value }] },
          finishReason: 'STOP',
        },
      ],
    },
  },
  {
    name: 'OpenAI: the `phase` of a message',
    lost: {
      anthropic: 'clients that ask for no thinking have no place for it; through others it comes back',
    },
    family: 'responses',
    value: 'commentary',
    answer: {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model: 'm',
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          phase: 'commentary',
          content: [{ type: 'output_text', text: 'Hm.', annotations: [] }],
        },
        { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{}' },
      ],
    },
  },
];
