/** Requests and answers of each wire protocol, of a chosen size, made once and sent many times. */
import type { JsonObject } from '../src/protocols/json.ts';
import type { Protocol } from '../src/protocols/model.ts';
import { sseText } from '../src/protocols/sse.ts';

/** How the upstream answers; the first segment of its paths says it. */
export type Mode =
  /** A whole answer of about 1 KB. */
  | 'json'
  /** The same; of the accounts at the gateway a third answers 429. */
  | 'failing'
  /** 100 events as fast as the connection takes them. */
  | 'sse'
  /** 100 events, one every millisecond, each written alone. */
  | 'paced'
  /** The first event, then silence until the client leaves. */
  | 'held';

/** Whether the answer is a stream. */
export function streams(mode: Mode): boolean {
  return mode !== 'json' && mode !== 'failing';
}

/** Events of one streamed answer. */
export const eventCount = 100;

const prose =
  'The quick brown fox jumps over the lazy dog, and the gateway carries every word of it across. ';
// Prompts of coding clients are full of quotes and line ends: what costs most to scan and to parse.
const code =
  'const answer = { "id": 7, name: "seven" };\n\tif (answer.id > 6) {\n\t\tprint("more\\n");\n\t}\n';

/** Turns of a conversation, about `bytes` long as JSON, half prose and half code. */
function turns(bytes: number): string[] {
  if (bytes < 4096) return [prose.repeat(Math.ceil(bytes / prose.length)).slice(0, bytes)];
  const list: string[] = [];
  let size = 0;
  while (size < bytes) {
    const text = list.length % 2 === 0 ? prose.repeat(30) : code.repeat(25);
    list.push(text);
    size += JSON.stringify(text).length + 40;
  }
  // The last word is the user's.
  if (list.length % 2 === 0) list.push('Go on.');
  return list;
}

/** A client's request: its path behind the address and its body. */
export function requestOf(protocol: Protocol, model: string, stream: boolean, bytes: number) {
  const messages = (assistant: string, write: (role: string, text: string) => JsonObject): JsonObject[] =>
    turns(bytes).map((text, index) => write(index % 2 === 0 ? 'user' : assistant, text));
  const plain = (role: string, content: string): JsonObject => ({ role, content });
  switch (protocol) {
    case 'openai-chat':
      return {
        path: '/v1/chat/completions',
        body: { model, messages: messages('assistant', plain), stream },
      };
    case 'openai-responses':
      return { path: '/v1/responses', body: { model, input: messages('assistant', plain), stream } };
    case 'anthropic-messages':
      return {
        path: '/v1/messages',
        body: { model, max_tokens: 1024, messages: messages('assistant', plain), stream },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: { contents: messages('model', (role, text) => ({ role, parts: [{ text }] })) },
      };
  }
}

/** What a complete streamed answer of the protocol holds near its end, and a whole one anywhere. */
export function completionMark(protocol: Protocol, stream: boolean): string {
  switch (protocol) {
    case 'openai-chat':
      return stream ? '[DONE]' : '"finish_reason"';
    case 'openai-responses':
      return stream ? 'response.completed' : '"output_text"';
    case 'anthropic-messages':
      return stream ? 'message_stop' : '"stop_reason"';
    case 'gemini':
      return '"finishReason"';
  }
}

/** A whole answer of about 1 KB. */
export function wholeAnswer(protocol: Protocol): JsonObject {
  const text = prose.repeat(7);
  switch (protocol) {
    case 'openai-chat':
      return {
        id: 'chatcmpl-bench',
        object: 'chat.completion',
        created: 1764000000,
        model: 'bench',
        choices: [
          { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 210, completion_tokens: 130, total_tokens: 340 },
      };
    case 'openai-responses':
      return responsesObject('completed', [
        {
          id: 'msg_bench',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text, annotations: [] }],
        },
      ]);
    case 'anthropic-messages':
      return {
        id: 'msg_bench',
        type: 'message',
        role: 'assistant',
        model: 'bench',
        content: [{ type: 'text', text }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 210, output_tokens: 130 },
      };
    case 'gemini':
      return {
        candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 210, candidatesTokenCount: 130, totalTokenCount: 340 },
        modelVersion: 'bench',
        responseId: 'bench',
      };
  }
}

/** A streamed answer: {@link eventCount} events as wire text. */
export function streamedAnswer(protocol: Protocol): string[] {
  const word = (index: number): string => ` token${index}`;
  switch (protocol) {
    case 'openai-chat': {
      const chunk = (delta: JsonObject, finish: string | null): string =>
        sseText(
          JSON.stringify({
            id: 'chatcmpl-bench',
            object: 'chat.completion.chunk',
            created: 1764000000,
            model: 'bench',
            choices: [{ index: 0, delta, finish_reason: finish }],
          }),
        );
      const deltas = count(eventCount - 3).map((index) => chunk({ content: word(index) }, null));
      return [
        chunk({ role: 'assistant', content: '' }, null),
        ...deltas,
        chunk({}, 'stop'),
        sseText('[DONE]'),
      ];
    }
    case 'openai-responses': {
      let sequence = 0;
      const event = (type: string, fields: JsonObject): string =>
        sseText(JSON.stringify({ type, sequence_number: sequence++, ...fields }), type);
      const place = { item_id: 'msg_bench', output_index: 0, content_index: 0 };
      const item = (status: string, content: JsonObject[]): JsonObject => ({
        id: 'msg_bench',
        type: 'message',
        status,
        role: 'assistant',
        content,
      });
      const words = count(eventCount - 8).map(word);
      const part = { type: 'output_text', text: words.join(''), annotations: [] };
      return [
        event('response.created', { response: responsesObject('in_progress', []) }),
        event('response.in_progress', { response: responsesObject('in_progress', []) }),
        event('response.output_item.added', { output_index: 0, item: item('in_progress', []) }),
        event('response.content_part.added', { ...place, part: { ...part, text: '' } }),
        ...words.map((delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] })),
        event('response.output_text.done', { ...place, text: part.text, logprobs: [] }),
        event('response.content_part.done', { ...place, part }),
        event('response.output_item.done', { output_index: 0, item: item('completed', [part]) }),
        event('response.completed', { response: responsesObject('completed', [item('completed', [part])]) }),
      ];
    }
    case 'anthropic-messages': {
      const event = (type: string, fields: JsonObject): string =>
        sseText(JSON.stringify({ type, ...fields }), type);
      return [
        event('message_start', {
          message: {
            id: 'msg_bench',
            type: 'message',
            role: 'assistant',
            model: 'bench',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: 210, output_tokens: 1 },
          },
        }),
        event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
        ...count(eventCount - 5).map((index) =>
          event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word(index) } }),
        ),
        event('content_block_stop', { index: 0 }),
        event('message_delta', {
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: 130 },
        }),
        event('message_stop', {}),
      ];
    }
    case 'gemini':
      return count(eventCount).map((index) =>
        sseText(
          JSON.stringify({
            candidates: [
              {
                content: { parts: [{ text: word(index) }], role: 'model' },
                ...(index === eventCount - 1 ? { finishReason: 'STOP' } : {}),
                index: 0,
              },
            ],
            usageMetadata: { promptTokenCount: 210, candidatesTokenCount: index + 1, totalTokenCount: 340 },
            modelVersion: 'bench',
            responseId: 'bench',
          }),
        ),
      );
  }
}

function count(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index);
}

function responsesObject(status: string, output: JsonObject[]): JsonObject {
  return {
    id: 'resp_bench',
    object: 'response',
    created_at: 1764000000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: 'bench',
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    usage:
      status === 'completed'
        ? {
            input_tokens: 210,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 130,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 340,
          }
        : null,
  };
}
