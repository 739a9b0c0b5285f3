/** The legacy `/v1/completions`: a chat request with one user message, answered in the older shape. */
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { scanEnvelope } from '../gateway/body-scan.ts';
import { errorAnswer, invalid } from '../gateway/error-answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { parseBody } from '../gateway/json-body.ts';
import { emptyLine, signOfLife } from '../gateway/stream/heartbeat.ts';
import { InvalidRequest, isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import {
  chatChunkToCompletion,
  chatToCompletion,
  completionToChat,
} from '../protocols/openai-chat/legacy-completions.ts';
import { sseReader, sseText } from '../protocols/sse.ts';

/** Answers a legacy completion through the gateway's chat path, whatever the upstream speaks. */
export async function completions(gateway: Gateway, request: ClientRequest): Promise<Answer> {
  let chat: JsonObject;
  try {
    chat = completionToChat(parseBody(request.body));
  } catch (error) {
    if (error instanceof InvalidRequest) return errorAnswer('openai-chat', invalid(error));
    throw error;
  }
  const body = new TextEncoder().encode(JSON.stringify({ model: request.model, ...chat }));
  const scanned = scanEnvelope(body);
  const answer = await gateway.handle({
    ...request,
    body,
    modelSpan: scanned?.modelSpan,
    streamOptions: scanned?.streamOptions,
  });
  if (answer.status >= 400) return answer;
  if (answer.body instanceof ReadableStream)
    return {
      ...answer,
      body: answer.body.pipeThrough(request.stream ? completionStream() : lateCompletion()),
    };
  const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body);
  if (request.stream) return { ...answer, body: completionEvents(text) };
  return { ...answer, body: completionText(text) };
}

/** Text that is not a chat answer stays as it is. */
function completionText(text: string): string {
  const value = parseJson(text);
  return isObject(value) ? JSON.stringify(chatToCompletion(value)) : text;
}

/** An answer that does not stream and that signs of life go before. */
function lateCompletion(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let text = '';
  return new TransformStream({
    transform(bytes, controller) {
      if (sameBytes(bytes, emptyLine)) controller.enqueue(bytes);
      else text += decoder.decode(bytes, { stream: true });
    },
    flush(controller) {
      controller.enqueue(new TextEncoder().encode(completionText(text + decoder.decode())));
    },
  });
}

function sameBytes(bytes: Uint8Array, others: Uint8Array | undefined): boolean {
  return others !== undefined && Buffer.compare(bytes, others) === 0;
}

function completionEvents(text: string): string {
  let out = '';
  const events = sseReader(({ data }) => {
    out += completionEvent(data);
  });
  events.push(new TextEncoder().encode(text));
  events.end();
  return out;
}

function completionEvent(data: string): string {
  const chunk = parseJson(data);
  if (!isObject(chunk) || chunk.error !== undefined) return sseText(data);
  const completion = chatChunkToCompletion(chunk);
  return completion === undefined ? '' : sseText(JSON.stringify(completion));
}

function completionStream(): TransformStream<Uint8Array, Uint8Array> {
  const sign = signOfLife('openai-chat');
  const encoder = new TextEncoder();
  let out = '';
  const events = sseReader(({ data }) => {
    out += completionEvent(data);
  });
  const take = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (out.length > 0) controller.enqueue(encoder.encode(out));
    out = '';
  };
  return new TransformStream({
    transform(bytes, controller) {
      // Signs of life come between events, each in a piece of its own.
      if (sameBytes(bytes, sign)) controller.enqueue(bytes);
      else events.push(bytes);
      take(controller);
    },
    flush(controller) {
      events.end();
      take(controller);
    },
  });
}
