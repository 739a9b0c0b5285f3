/** Answers with a given usage, in the words of each protocol, whole and as a stream, which may break off before its end. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { eventStream } from '../gateway/upstream.ts';

export interface BilledAnswer {
  over: Protocol;
  model: string;
  /** The provider's own words. */
  usage: JsonObject;
  /** The tier that stands beside them. */
  tier?: string | undefined;
  /** The stream ends behind the first text. */
  aborted?: boolean;
}

const event = (type: string, data: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

export function billedAnswer(bill: BilledAnswer, streams: boolean): Response {
  if (!streams) return Response.json(whole(bill));
  const [begun, rest] = streamed(bill);
  return eventStream(bill.aborted ? begun : begun + rest);
}

const message = {
  ...{ id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' },
  content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
};

/** What stands at the head of each answer and each chunk of one. */
function headOf({ over, model, tier }: BilledAnswer): JsonObject {
  const beside = tier === undefined ? {} : { service_tier: tier };
  switch (over) {
    case 'openai-chat':
      return { id: 'chatcmpl-1', created: 1, model, ...beside };
    case 'openai-responses':
      return { id: 'resp_1', object: 'response', created_at: 1, model, ...beside };
    case 'anthropic-messages':
      return { id: 'msg_1', type: 'message', role: 'assistant', model };
    case 'gemini':
      return { modelVersion: model, responseId: 'r1' };
  }
}

function whole(bill: BilledAnswer): JsonObject {
  const { over, usage } = bill;
  const head = headOf(bill);
  switch (over) {
    case 'openai-chat': {
      const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } };
      return { ...head, object: 'chat.completion', choices: [choice], usage };
    }
    case 'openai-responses':
      return { ...head, status: 'completed', output: [message], usage };
    case 'anthropic-messages': {
      const end = { stop_reason: 'end_turn', stop_sequence: null };
      return { ...head, content: [{ type: 'text', text: 'Hi' }], ...end, usage };
    }
    case 'gemini':
      return { candidates: [geminiCandidate(true)], usageMetadata: usage, ...head };
  }
}

function geminiCandidate(isLast: boolean): JsonObject {
  return {
    content: { role: 'model', parts: [{ text: 'Hi' }] },
    ...(isLast && { finishReason: 'STOP' }),
    index: 0,
  };
}

/** Up to the first text, and what comes behind it. */
function streamed(bill: BilledAnswer): [begun: string, rest: string] {
  const { over, usage } = bill;
  const head = headOf(bill);
  switch (over) {
    case 'openai-chat': {
      const chunk = { ...head, object: 'chat.completion.chunk' };
      const choice = { index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null };
      const last = { index: 0, delta: {}, finish_reason: 'stop' };
      return [
        data({ ...chunk, choices: [choice] }),
        `${data({ ...chunk, choices: [last] })}${data({ ...chunk, choices: [], usage })}data: [DONE]\n\n`,
      ];
    }
    case 'openai-responses': {
      const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
      const begun = { ...head, status: 'in_progress', output: [], usage: null };
      const item = { ...message, status: 'in_progress', content: [] };
      const part = { type: 'output_text', text: '', annotations: [] };
      return [
        event('response.created', { sequence_number: 0, response: begun }) +
          event('response.output_item.added', { sequence_number: 1, output_index: 0, item }) +
          event('response.content_part.added', { sequence_number: 2, ...at, part }) +
          event('response.output_text.delta', { sequence_number: 3, ...at, delta: 'Hi' }),
        event('response.output_text.done', { sequence_number: 4, ...at, text: 'Hi' }) +
          event('response.content_part.done', { sequence_number: 5, ...at, part: message.content[0] }) +
          event('response.output_item.done', { sequence_number: 6, output_index: 0, item: message }) +
          event('response.completed', { sequence_number: 7, response: whole(bill) }),
      ];
    }
    case 'anthropic-messages': {
      const begun = {
        ...{ ...head, content: [], stop_reason: null, stop_sequence: null },
        usage: { ...usage, output_tokens: 1, output_tokens_details: null },
      };
      return [
        event('message_start', { message: begun }) +
          event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
          event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
        event('content_block_stop', { index: 0 }) +
          event('message_delta', {
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: {
              output_tokens: usage.output_tokens ?? 0,
              output_tokens_details: usage.output_tokens_details ?? null,
            },
          }) +
          event('message_stop', {}),
      ];
    }
    case 'gemini':
      return bill.aborted
        ? [data({ candidates: [geminiCandidate(false)], usageMetadata: usage, ...head }), '']
        : ['', data(whole(bill))];
  }
}
