/** An upstream that speaks all four protocols, and what reached it as JSON. */
import { asObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { type Asked, startUpstream } from '../gateway/upstream.ts';
import { clientKey, type TestedGateway } from '../gateway-harness.ts';

export function anyUpstream(headers: Record<string, string> = {}) {
  return startUpstream((asked) => Response.json(answerTo(asked), { headers }));
}

function answerTo({ path }: Asked): JsonObject {
  if (path.includes('/messages'))
    return {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
  if (path.includes('/responses'))
    return {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'hello', annotations: [] }],
        },
      ],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    };
  if (path.includes(':'))
    return {
      candidates: [
        { content: { role: 'model', parts: [{ text: 'hello' }] }, finishReason: 'STOP', index: 0 },
      ],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

/** The body of the last request that reached it. */
export function lastBody(upstream: { asked: Asked[] }): JsonObject {
  return asObject(parseJson(new TextDecoder().decode(upstream.asked.at(-1)?.body))) ?? {};
}

/** Posts JSON as a client with the tests' key. */
export function post(
  gateway: Pick<TestedGateway, 'url'>,
  path: string,
  body: JsonObject,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...headers },
    body: JSON.stringify(body),
  });
}
