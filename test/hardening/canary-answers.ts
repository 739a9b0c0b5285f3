/** What a provider says that repeats everything it knows: well, and in its errors. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { type Asked, eventStream } from '../gateway/upstream.ts';
import { canary } from './canaries.ts';

function protocolOf({ path }: Asked): Protocol | undefined {
  if (path.includes('/chat/completions')) return 'openai-chat';
  if (/\/responses(?:\?|$)/.test(path)) return 'openai-responses';
  if (/\/messages(?:\?|$)/.test(path)) return 'anthropic-messages';
  return /:(?:streamG|g)enerateContent/.test(path) ? 'gemini' : undefined;
}

const isStream = ({ path, body }: Asked): boolean =>
  path.includes(':streamGenerateContent') || new TextDecoder().decode(body).includes('"stream":true');

const text = canary('answer');
const args = JSON.stringify({ a: canary('answertool') });

const events = (all: readonly JsonObject[], done = ''): Response => {
  const response = eventStream(
    all
      .map(
        (one) =>
          `${typeof one.type === 'string' ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`,
      )
      .join('') + done,
  );
  response.headers.set('x-answer-header', canary('answerheader'));
  return response;
};
const whole = (body: JsonObject): Response =>
  Response.json(body, {
    headers: { 'x-answer-header': canary('answerheader'), 'set-cookie': `a=${canary('answerheader')}` },
  });

const chatUsage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
const usage = { input_tokens: 3, output_tokens: 1, total_tokens: 4 };

/** A good answer with a text, a thought and a call. */
export function canaryAnswer(asked: Asked): Response {
  const stream = isStream(asked);
  switch (protocolOf(asked)) {
    case 'openai-chat': {
      const said = {
        content: text,
        reasoning_content: canary('thought'),
        tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: args } }],
      };
      const head = { id: 'chatcmpl-1', created: 1, model: 'm' };
      return stream
        ? events(
            [
              {
                ...head,
                object: 'chat.completion.chunk',
                choices: [{ index: 0, delta: { role: 'assistant', ...said }, finish_reason: null }],
              },
              {
                ...head,
                object: 'chat.completion.chunk',
                choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
                usage: chatUsage,
              },
            ],
            'data: [DONE]\n\n',
          )
        : whole({
            ...head,
            object: 'chat.completion',
            choices: [{ index: 0, message: { role: 'assistant', ...said }, finish_reason: 'tool_calls' }],
            usage: chatUsage,
          });
    }
    case 'openai-responses': {
      const output = [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text, annotations: [] }],
        },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: args, status: 'completed' },
      ];
      const response = {
        id: `resp_${crypto.randomUUID()}`,
        object: 'response',
        created_at: 1,
        status: 'completed',
        model: 'm',
        output,
        usage,
      };
      return stream
        ? events([
            {
              type: 'response.created',
              sequence_number: 0,
              response: { ...response, status: 'in_progress', output: [] },
            },
            {
              type: 'response.output_item.added',
              sequence_number: 1,
              output_index: 0,
              item: { ...output[0], status: 'in_progress', content: [] },
            },
            {
              type: 'response.output_text.delta',
              sequence_number: 2,
              item_id: 'msg_1',
              output_index: 0,
              content_index: 0,
              delta: text,
            },
            { type: 'response.output_item.done', sequence_number: 3, output_index: 0, item: output[0] ?? {} },
            { type: 'response.completed', sequence_number: 4, response },
          ])
        : whole(response);
    }
    case 'anthropic-messages': {
      const message = {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage,
      };
      return stream
        ? events([
            { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
            { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
            { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
            { type: 'content_block_stop', index: 0 },
            {
              type: 'content_block_start',
              index: 1,
              content_block: { type: 'tool_use', id: 'c1', name: 'f', input: {} },
            },
            {
              type: 'content_block_delta',
              index: 1,
              delta: { type: 'input_json_delta', partial_json: args },
            },
            { type: 'content_block_stop', index: 1 },
            {
              type: 'message_delta',
              delta: { stop_reason: 'tool_use', stop_sequence: null },
              usage: { output_tokens: 1 },
            },
            { type: 'message_stop' },
          ])
        : whole({
            ...message,
            content: [
              { type: 'thinking', thinking: canary('thought'), signature: 'x' },
              { type: 'text', text },
              { type: 'tool_use', id: 'c1', name: 'f', input: { a: canary('answertool') } },
            ],
          });
    }
    case 'gemini': {
      const answer = {
        candidates: [
          {
            index: 0,
            content: {
              role: 'model',
              parts: [
                { text: canary('thought'), thought: true },
                { text },
                { functionCall: { name: 'f', args: { a: canary('answertool') } } },
              ],
            },
            finishReason: 'STOP',
          },
        ],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
        modelVersion: 'm',
        responseId: 'r1',
      };
      return stream ? events([answer]) : whole(answer);
    }
    case undefined:
      return whole({
        object: 'list',
        data: [{ index: 0, embedding: [0.1], url: text, b64_json: 'AAAA' }],
        input_tokens: 3,
        output: [{ type: 'compaction', encrypted_content: text }],
        id: 'x',
        model: 'm',
        usage: chatUsage,
      });
  }
}

/** All that the request had, in an error: in its words, its headers, or behind the beginning of a stream. */
export function canaryRefusal(asked: Asked, how: 'stream-error' | number): Response {
  const { key, headers, body } = asked;
  const own = headers.get('x-own-header') ?? '';
  const repeated = [
    key,
    own,
    encodeURIComponent(key),
    btoa(key),
    Buffer.from(key).toString('hex'),
    headers.get('authorization') ?? '',
  ];
  const message = `refused ${repeated.join(' ')} for ${new TextDecoder().decode(body).slice(0, 3000)}`;
  const error = {
    type: 'error',
    error: { message, type: 'some_error', code: 'some_code', status: 'SOME', details: [{ reason: message }] },
  };
  if (how === 'stream-error') {
    const begun: JsonObject[] = (() => {
      switch (protocolOf(asked)) {
        case 'openai-chat':
          return [
            {
              id: 'c',
              object: 'chat.completion.chunk',
              choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }],
            },
          ];
        case 'openai-responses':
          return [
            {
              type: 'response.created',
              response: { id: 'r', object: 'response', status: 'in_progress', output: [] },
            },
            { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: text },
          ];
        case 'anthropic-messages':
          return [
            {
              type: 'message_start',
              message: { id: 'm', type: 'message', role: 'assistant', content: [], usage },
            },
            { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
            { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
          ];
        case 'gemini':
        case undefined:
          return [{ candidates: [{ index: 0, content: { parts: [{ text }] } }] }];
      }
    })();
    return isStream(asked) ? events([...begun, error]) : whole(error);
  }
  const echoed = {
    'x-echo': repeated.join(' '),
    'x-request-id': key,
    'www-authenticate': `Bearer realm="${key.replaceAll('"', '')}"`,
    'x-answer-header': canary('answerheader'),
  };
  return Response.json(error, { status: how, headers: echoed });
}
