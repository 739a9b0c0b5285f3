/** The same small request in each protocol, as bytes on the wire: for what official clients would hide. */

import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asObject, asString } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { clientKey } from '../gateway-harness.ts';

export interface Call {
  protocol: Protocol;
  path(model: string, stream: boolean): string;
  body(model: string, text: string, stream: boolean): JsonObject;
  /** The text of a whole answer. */
  textOf(answer: Json): string;
  /** The error's message and its word for what kind it is. */
  errorOf(answer: Json): { message: string | undefined; kind: string | undefined };
}

const at = (value: Json | undefined, ...path: (string | number)[]): Json | undefined => {
  let found = value;
  for (const step of path) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else found = asObject(found)?.[step];
  }
  return found;
};
const textAt = (value: Json | undefined, ...path: (string | number)[]) => asString(at(value, ...path));

export const calls: readonly Call[] = [
  {
    protocol: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: (model, text, stream) => ({ model, stream, messages: [{ role: 'user', content: text }] }),
    textOf: (answer) => textAt(answer, 'choices', 0, 'message', 'content') ?? '',
    errorOf: (answer) => ({
      message: textAt(answer, 'error', 'message'),
      kind: textAt(answer, 'error', 'type'),
    }),
  },
  {
    protocol: 'openai-responses',
    path: () => '/v1/responses',
    body: (model, text, stream) => ({ model, stream, input: text }),
    textOf: (answer) => {
      const items = at(answer, 'output');
      const message = Array.isArray(items)
        ? items.find((item) => textAt(item, 'type') === 'message')
        : undefined;
      return textAt(message, 'content', 0, 'text') ?? '';
    },
    errorOf: (answer) => ({
      message: textAt(answer, 'error', 'message'),
      kind: textAt(answer, 'error', 'type'),
    }),
  },
  {
    protocol: 'anthropic-messages',
    path: () => '/v1/messages',
    body: (model, text, stream) => ({
      model,
      stream,
      max_tokens: 1000,
      messages: [{ role: 'user', content: text }],
    }),
    textOf: (answer) => textAt(answer, 'content', 0, 'text') ?? '',
    errorOf: (answer) => ({
      message: textAt(answer, 'type') === 'error' ? textAt(answer, 'error', 'message') : undefined,
      kind: textAt(answer, 'error', 'type'),
    }),
  },
  {
    protocol: 'gemini',
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_model, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    textOf: (answer) => textAt(answer, 'candidates', 0, 'content', 'parts', 0, 'text') ?? '',
    errorOf: (answer) => ({
      message: textAt(answer, 'error', 'message'),
      kind: textAt(answer, 'error', 'status'),
    }),
  },
];

/** The call of a protocol. */
export function callOf(protocol: Protocol): Call {
  const call = calls.find((candidate) => candidate.protocol === protocol);
  if (call === undefined) throw new Error(`no call for ${protocol}`);
  return call;
}

/** Sends a JSON body as a client with the right key. */
export function post(url: string, body: JsonObject | string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...init.headers },
  });
}

/** Sends the small request. */
export function send(
  url: string,
  call: Call,
  {
    model,
    text = 'Hello',
    stream = false,
    ...init
  }: { model: string; text?: string; stream?: boolean } & RequestInit,
): Promise<Response> {
  return post(`${url}${call.path(model, stream)}`, call.body(model, text, stream), init);
}

/** The JSON of an answer. */
export async function jsonOf(response: Response): Promise<Json> {
  const value: Json = JSON.parse(await response.text());
  return value;
}
