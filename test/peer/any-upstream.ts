/** An upstream that speaks all four protocols, and what reached it as JSON. */

import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Asked, chatAnswer, claudeAnswer, responsesAnswer, startUpstream } from '../gateway/upstream.ts';
import { clientKey, type TestedGateway } from '../gateway-harness.ts';

export function anyUpstream(headers: Record<string, string> = {}) {
  return startUpstream((asked) => {
    const answer = answerTo(asked);
    for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
    return answer;
  });
}

function answerTo({ path }: Asked): Response {
  if (path.includes('/messages')) return claudeAnswer('hello');
  if (path.includes('/responses')) return responsesAnswer('hello');
  if (!path.includes(':')) return chatAnswer('hello');
  const content = { role: 'model', parts: [{ text: 'hello' }] };
  return Response.json({
    candidates: [{ content, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  });
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
